"""Coupons against a small model: whatever is done with them in whatever order, books and model agree; mutants are found."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from members.actions import code_batches, coupon_plans, coupons, merges, redemptions
from members.models import Coupon
from members.queries import families
from newretail.kernel import books, clock
from newretail.kernel.actions import relay
from tests import coupons as cast
from tests import world
from tests.members import stories

LIMIT, STOCK, OFF, PURCHASE, UNDO = 2, 5, 500, 1_200, timedelta(minutes=20)
MEMBERS = ("V1", "V2", "V3")
WHO = st.sampled_from(MEMBERS)
WHOSE = st.sampled_from([None, None, *MEMBERS])  # a till that does not say who buys
WHICH = st.integers(0, 5)
AT = st.sampled_from(["A1", "A2", "A3"])
KEY = st.sampled_from(["a", "b", "c"])
STEP = st.sampled_from([timedelta(minutes=5), redemptions.USUAL_HOLD, timedelta(days=31)])
PLAN_MOVES = {"pause": (["active"], "paused"), "resume": (["paused"], "active"),
              "close": (["active", "paused"], "closed")}  # fmt: skip
USED = [st.tuples(st.just(deed), WHICH, AT, WHOSE) for deed in ("lock", "redeem", "redeem")]
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("issue"), WHO, KEY),
        st.tuples(st.just("issue"), WHO, KEY),
        st.tuples(st.just("print_codes"), KEY, st.integers(1, 3)),
        st.tuples(st.just("claim"), WHICH, WHO),
        *USED,
        st.tuples(st.just("release"), WHICH, AT),
        st.tuples(st.just("undo"), WHICH, AT),
        st.tuples(st.just("refund"), AT),
        st.tuples(st.just("void"), WHICH),
        st.tuples(st.just("expire")),
        st.tuples(st.just("wait"), STEP),
        st.tuples(st.just("tell_plan"), st.sampled_from(["pause", "resume", "resume", "close"])),
        st.tuples(st.just("stock"), st.integers(0, 2)),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("part"), WHO),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Slip:
    """A coupon as anybody would keep it on paper."""

    code: str
    who: str | None
    key: str | None
    ends: object
    state: str = "issued"
    purchase: str = ""
    off: int = 0
    moves: int = 0
    until: object = None
    redeemed_at: object = None
    spent: set[str] = field(default_factory=set)

    def move(self, state, purchase="", off=0, **more):
        self.state, self.purchase, self.off, self.moves = state, purchase, off, self.moves + 1
        self.until, self.redeemed_at = more.get("until"), more.get("redeemed_at")


class Hands(stories.Tried):
    """One plan, three members, three purchases of twelve yuan, a clock that goes on."""

    def __init__(self):
        self.plan = cast.plan(per_member=LIMIT, stock=STOCK, stacks="any", comes_back=True, undo_minutes=20)
        self.state, self.room, self.at = "active", STOCK, world.NOW
        self.slips, self.batches, self.parent, self.merges, self.refunded = [], {}, {}, {}, {}

    def slip(self, which):
        return self.slips[which] if which < len(self.slips) else None

    def root(self, who):
        while who in self.parent:
            who = self.parent[who]
        return who

    def hers(self, who):
        return [slip for slip in self.slips if slip.who and self.root(slip.who) == self.root(who)]

    def held(self, who):
        return sum(slip.state != "void" for slip in self.hers(who))

    def add(self, rows, key):
        ends = clock.day_start(clock.business_day(self.at) + timedelta(days=31))
        self.slips += [Slip(row.code, row.member and row.member.member_no, key, ends) for row in rows]
        self.room -= len(rows)

    def issue(self, who, key):
        again = any(slip.key == key for slip in self.hers(who))
        new = not again and self.held(who) < LIMIT and self.room > 0
        given = {"plan": self.plan, "members": [world.member(who).pk], "source": "hand", "key": key, "at": self.at}
        told = self.tried(lambda: coupons.issue(**given), self.state == "active" and (again or new))
        if told and new:
            assert (told.issued, told.again) == (1, 0)
            self.add([Coupon.objects.latest("pk")], key)

    def print_codes(self, key, size):
        new = key not in self.batches
        fits = size <= self.room if new else self.batches[key] == size
        act = lambda: code_batches.make(plan=self.plan, key=key, size=size, at=self.at)  # noqa: E731
        told = self.tried(act, self.state == "active" and fits)
        if told and new:
            self.batches[key] = size
            self.add(told.coupons.order_by("pk"), None)

    def claim(self, which, who):
        if not (slip := self.slip(which)):
            return
        already = slip in self.hers(who)
        open_ = not slip.who and slip.state in ("issued", "locked") and not self.holds(slip) and self.at < slip.ends
        free = open_ and self.state == "active" and self.held(who) < LIMIT
        act = lambda: code_batches.claim(code=slip.code, member=world.member(who), at=self.at)  # noqa: E731
        if self.tried(act, already or free) and not already:
            slip.move("issued")
            slip.who = self.root(who)

    def holds(self, slip):
        return slip.state == "locked" and self.at < slip.until

    def left(self, purchase):
        return PURCHASE - sum(slip.off for slip in self.slips if slip.state == "redeemed" and slip.purchase == purchase)

    def usable(self, slip, purchase, by):
        in_time = self.at < slip.ends or self.holds(slip)
        if slip.state in ("redeemed", "void", "expired") or self.state != "active" or not in_time:
            return False
        if (by and slip.who and self.root(by) != self.root(slip.who)) or purchase in slip.spent:
            return False
        return not (self.holds(slip) and slip.purchase != purchase) and self.left(purchase) > 0

    def use(self, verb, which, purchase, by):
        """Use a coupon: give it where the verb acted on it, with what it took off; None where nothing new was done."""
        if not (slip := self.slip(which)):
            return None
        usable, again = self.usable(slip, purchase, by), slip.redeemed_at and slip.purchase == purchase
        buyer = {"member_id": families.root_of(world.member(by)).pk} if by else {}
        shown = cast.use(slip.code, purchase, amount=PURCHASE, **buyer)
        told = self.tried(lambda: verb(use=shown, at=self.at), usable or again)
        if not told or not usable:
            return None
        assert told.discount_cents == min(OFF, self.left(purchase))
        return slip

    def redeem(self, which, purchase, by):
        if slip := self.use(redemptions.redeem, which, purchase, by):
            slip.move("redeemed", purchase, min(OFF, self.left(purchase)), redeemed_at=self.at)
            slip.spent.add(purchase)

    def lock(self, which, purchase, by):
        slip = self.use(redemptions.lock, which, purchase, by)
        if slip and not self.holds(slip):
            slip.move("locked", purchase, until=self.at + redemptions.USUAL_HOLD)

    def release(self, which, purchase):
        if not (slip := self.slip(which)):
            return
        act = lambda: redemptions.release(code=slip.code, source="pos", source_no=purchase, at=self.at)  # noqa: E731
        if self.tried(act, slip.state == "locked" and slip.purchase == purchase):
            slip.move("issued")

    def undo(self, which, purchase):
        if not (slip := self.slip(which)):
            return
        mine = slip.redeemed_at and slip.purchase == purchase
        allowed = self.at <= slip.redeemed_at + UNDO if mine else purchase in slip.spent
        act = lambda: redemptions.roll_back(code=slip.code, source="pos", source_no=purchase, at=self.at)  # noqa: E731
        if self.tried(act, allowed) and mine:
            slip.move("issued")

    def refund(self, purchase):
        """Refund half of a purchase; the second half refunds it whole."""
        half = self.refunded.setdefault(purchase, 0) + 1
        if half > 2:
            return
        self.refunded[purchase] = half
        world.buy(world.order(purchase, PURCHASE // 100, "2026-06-01"))
        world.refund({"order_no": purchase, "refund_no": f"R{half}", "line_no": 0, "amount": PURCHASE // 200,
                      "refunded_at": "2026-06-11"})  # fmt: skip
        relay.drain(at=self.at)
        for slip in self.slips if half == 2 else []:
            if slip.state == "redeemed" and slip.purchase == purchase:
                slip.move("issued")

    def void(self, which):
        if not (slip := self.slip(which)):
            return
        free = slip.state in ("issued", "locked") and not self.holds(slip)
        assert coupons.void(ids=[Coupon.objects.get(code=slip.code).pk], at=self.at) == free
        if free:
            slip.move("void")

    def expire(self):
        coupons.expire(at=self.at)
        for slip in self.slips:
            if slip.state in ("issued", "locked") and not self.holds(slip) and self.at >= slip.ends:
                slip.move("expired")

    def wait(self, step):
        self.at += step

    def tell_plan(self, verb):
        before, after = PLAN_MOVES[verb]
        act = lambda: getattr(coupon_plans, verb)(plan=self.plan, at=self.at)  # noqa: E731
        if self.tried(act, self.state in before):
            self.state = after

    def stock(self, more):
        self.plan.refresh_from_db()
        act = lambda: coupon_plans.raise_stock(plan=self.plan, stock=self.plan.stock + more, at=self.at)  # noqa: E731
        if self.tried(act, self.state == "active" and more > 0):
            self.room += more

    def merge(self, one, other):
        given = {"member": world.member(one), "into": world.member(other), "reason": "一人", "at": self.at}
        allowed = one != other and one not in self.parent and other not in self.parent
        if told := self.tried(lambda: merges.merge(**given), allowed):
            self.parent[one], self.merges[one] = other, told

    def part(self, one):
        if one in self.parent:
            merges.undo(merge=self.merges[one], reason="两人", at=self.at)
            del self.parent[one]

    def agree(self):
        assert books.verify() == []
        self.plan.refresh_from_db()
        redeemed = sum(slip.state == "redeemed" for slip in self.slips)
        assert (self.plan.state, self.plan.issued, self.plan.redeemed) == (self.state, len(self.slips), redeemed)
        assert self.plan.stock - self.plan.issued == self.room
        found = Coupon.objects.values_list("code", "member__member_no", "state", "source_no", "discount_cents", "moves")
        told = [(slip.code, slip.who, slip.state, slip.purchase, slip.off, slip.moves) for slip in self.slips]
        assert list(found.order_by("pk")) == told


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()
    world.people({"member_no": "V3", "joined_at": "2026-01-01"})


@pytest.mark.prove
def test_coupons_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Hands, DEEDS, short=10, long=500)


HOUR, END = timedelta(hours=1), timedelta(days=30, hours=12)
ISSUED = ("issue", "V1", "a")
# Short lives that each tell one thing; a ledger broken in that thing cannot live all of them.
STORIES = (
    [ISSUED, ("lock", 0, "A1", None), ("wait", HOUR), ("lock", 0, "A2", None), ("redeem", 0, "A2", "V1")],
    [ISSUED, ("redeem", 0, "A1", None), ("undo", 0, "A1"), ("redeem", 0, "A1", None), ("redeem", 0, "A2", "V2")],
    [ISSUED, ("wait", END - HOUR / 6), ("lock", 0, "A1", None), ("wait", HOUR / 4), ("expire",),
     ("redeem", 0, "A2", None), ("redeem", 0, "A1", None)],
    [ISSUED, ("lock", 0, "A1", None), ("void", 0), ("release", 0, "A1"), ("void", 0), ("issue", "V1", "a")],
    [ISSUED, ("issue", "V2", "a"), ("issue", "V2", "b"), ("merge", "V2", "V1"), ("issue", "V1", "c"),
     ("part", "V2"), ("issue", "V1", "c")],
    [("print_codes", "a", 3), *(("claim", n, "V1") for n in (0, 1, 1, 2)), ("print_codes", "b", 3), ("stock", 1),
     ("print_codes", "b", 3)],
    [("print_codes", "a", 1), ("lock", 0, "A1", None), ("claim", 0, "V1"), ("wait", HOUR), ("claim", 0, "V1"),
     ("redeem", 0, "A1", "V2"), ("redeem", 0, "A1", "V1")],
    [ISSUED, ("redeem", 0, "A1", None), ("refund", "A1"), ("wait", HOUR), ("undo", 0, "A1"), ("refund", "A1"),
     ("redeem", 0, "A2", None)],
    [ISSUED, ("issue", "V2", "a"), ("issue", "V3", "a"), *(("redeem", n, "A1", None) for n in (0, 1, 2)),
     ("issue", "V1", "b"), ("redeem", 3, "A1", None)],
    [ISSUED, ("tell_plan", "pause"), ("redeem", 0, "A1", None), ("tell_plan", "resume"), ("redeem", 0, "A1", None),
     ("tell_plan", "close"), ("issue", "V2", "a"), ("undo", 0, "A1")],
)  # fmt: skip
MUTANTS = {
    "a lock that is over still holds": [(redemptions, "HOLD", "OR c.state = 'locked' AND c.locked_until <= %(at)s", "")],
    "undoing leaves the plan's count": [(redemptions, "GIVE_BACK", "p.redeemed - n.times", "p.redeemed")],
    "a held coupon expires": [(coupons, "EXPIRE", "AND (state = 'issued' OR locked_until <= %(at)s)", "")],
    "a held coupon is made void": [(coupons, "VOID", "OR state = 'locked' AND locked_until <= %(at)s",
                                    "OR state = 'locked'")],
    "a release is no move": [(redemptions, "RELEASE", "moves = c.moves + 1", "moves = c.moves")],
    "who is one person is allowed twice as many": [(coupons, "JUDGE", families.ids_sql("a.member_id"), "a.member_id")],
    "claimed codes do not count against her limit": [(code_batches, "HELD", "c.state <> 'void'",
                                                      "c.batch_id IS NULL AND c.state <> 'void'")],
    "the stock is not judged": [(coupons, "COUNT", "AND issued + %(count)s <= stock", "")],
    "half a refund gives the coupon back": [(redemptions, "REFUNDED", "AND o.refunded_cents >= o.amount_cents", "")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_coupons_stand_as_their_model_in_each_story(story):
    stories.lived(Hands, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_ledger_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Hands, story) for story in STORIES)
