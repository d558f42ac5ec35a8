"""Points against a small model: whatever members do in whatever order, books and model agree; broken books are found."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from members.actions import earnings, orders, points, postings, refunds
from members.actions.points import Name
from members.importers import ORDERS, REFUNDS
from members.models import Member, PointsLot
from newretail.kernel import books, clock
from newretail.kernel.actions import relay
from newretail.kernel.files.rows import batch_of
from newretail.kernel.verbs import Refused
from tests import world
from tests.members import purse, stories

WHO = st.sampled_from(["V1", "V2"])
SOME = st.integers(1, 120)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), WHO, SOME, st.integers(0, 364)),
        st.tuples(st.just("spend"), WHO, SOME),
        st.tuples(st.just("reverse"), st.integers(0, 9), SOME),
        st.tuples(st.just("give"), WHO, SOME),
        st.tuples(st.just("buy"), WHO, SOME, st.sampled_from([1, 20])),
        st.tuples(st.just("refund"), st.integers(0, 9), SOME),
        st.tuples(st.just("sleep"), st.integers(1, 5)),
    ),
    min_size=4, max_size=20,
)  # fmt: skip


@dataclass
class Lot:
    """Points of somebody."""

    who: str
    earned: object
    ends: object
    left: int
    opens: object = None


@dataclass
class Model:
    """Points as anybody would keep them on paper."""

    lots: list[Lot] = field(default_factory=list)
    debt: dict[str, int] = field(default_factory=lambda: {"V1": 0, "V2": 0})
    spends: list[tuple[str, list[tuple[Lot, int]]]] = field(default_factory=list)
    orders: list[list] = field(default_factory=list)

    def open(self, who):
        return sorted(
            (lot for lot in self.lots if lot.who == who and lot.left and not lot.opens), key=lambda x: x.earned
        )

    def take(self, who, n, first=None):
        drawn = []
        for lot in ([first] if first else []) + self.open(who):
            part = min(lot.left, n - sum(p for _, p in drawn))
            lot.left -= part
            drawn += [(lot, part)] if part else []
        return drawn

    def add(self, lot):
        self.lots.append(lot)
        self.pay(lot.who)

    def pay(self, who):
        paid = self.take(who, self.debt[who])
        self.debt[who] -= sum(part for _, part in paid)

    def held(self, who):
        mine = [lot for lot in self.lots if lot.who == who]
        return (sum(x.left for x in mine if not x.opens), sum(x.left for x in mine if x.opens), self.debt[who])


class World:
    """Does each deed in the books and on paper."""

    def __init__(self):
        self.model, self.now, self.count = Model(), world.NOW, 0

    def name(self):
        self.count += 1
        self.now += timedelta(seconds=1)
        return Name("pos", f"{self.count}")

    def row(self, who):
        return Member.objects.get(member_no=who)

    def ends(self, at):
        return clock.business_day(at) + timedelta(days=365)

    def earn(self, who, n, age):
        name, at = self.name(), self.now - timedelta(days=age)
        points.earn(member=self.row(who), points=n, name=name, at=at)
        self.model.add(Lot(who, at, self.ends(at), n))
        self.wake()

    def spend(self, who, n):
        enough = self.model.held(who)[0] >= n
        name = self.name()
        try:
            points.spend(member=self.row(who), points=n, name=name, at=self.now)
        except Refused:
            assert not enough
            return
        assert enough
        self.model.spends.append((name.number, self.model.take(who, n)))

    def reverse(self, which, n):
        if which >= len(self.model.spends):
            return
        number, drawn = self.model.spends[which]
        fits = sum(part for _, part in drawn) >= n
        try:
            points.reverse(spending=Name("pos", number), name=self.name(), points=n, at=self.now)
        except Refused:
            assert not fits
            return
        assert fits
        while n:
            lot, part = drawn.pop()
            back = min(part, n)
            lot.left, n = lot.left + back, n - back
            drawn += [(lot, part - back)] if part > back else []
        self.model.pay(lot.who)
        self.wake()

    def give(self, who, n):
        other, enough = {"V1": "V2", "V2": "V1"}[who], self.model.held(who)[0] >= n
        try:
            points.gift(member=self.row(who), to=self.row(other), points=n, name=self.name(), at=self.now)
        except Refused:
            assert not enough
            return
        assert enough
        for lot, part in self.model.take(who, n):
            self.model.lots.append(Lot(other, lot.earned, lot.ends, part))
        self.model.pay(other)

    def buy(self, who, yuan, age):
        number, at = self.name().number, self.now - timedelta(days=age)
        row = {"source": "pos", **world.order(number, str(yuan), at.isoformat(), member_no=who)}
        orders.record(batch=batch_of(ORDERS, [row]), at=self.now)
        relay.drain(at=self.now)
        opens = clock.business_day(at) + timedelta(days=7)
        lot = Lot(who, at, self.ends(at), yuan, opens if opens > clock.business_day(self.now) else None)
        self.model.add(lot)
        self.model.orders.append([number, who, yuan * 100, 0, lot])

    def refund(self, which, n):
        if which >= len(self.model.orders):
            return
        order = self.model.orders[which]
        number, who, cents, back, lot = order
        n = min(n * 70, cents - back)
        if not n:
            return
        row = {"source": "pos", "order_no": number, "refund_no": self.name().number, "line_no": 0,
               "amount": f"{n // 100}.{n % 100:02}", "refunded_at": (self.now - timedelta(hours=1)).isoformat()}  # fmt: skip
        refunds.record(batch=batch_of(REFUNDS, [row]), at=self.now)
        relay.drain(at=self.now)
        order[3] = back + n
        need = (cents // 100) * (back + n) // cents - (cents // 100) * back // cents
        got = sum(part for _, part in self.model.take(who, need, first=lot))
        self.model.debt[who] += need - got

    def sleep(self, days):
        self.now += timedelta(days=days)
        self.wake()

    def wake(self):
        """Let the night pass: what is due opens and ends."""
        today = clock.business_day(self.now)
        points.expire(as_of=today, at=self.now)
        for lot in self.model.lots:
            if not lot.opens and lot.ends <= today:
                lot.left = 0
        earnings.release(as_of=today, at=self.now)
        for lot in self.model.lots:
            if lot.opens and lot.opens <= today:
                lot.opens = None
        for who in ("V1", "V2"):
            self.model.pay(who)

    def agree(self):
        assert books.verify() == []
        for who in ("V1", "V2"):
            assert purse.held(who) == self.model.held(who)
        rows = PointsLot.objects.filter(remaining__gt=0).order_by("account__member__member_no", "earned_at")
        told = sorted((lot.who, str(lot.ends), lot.left) for lot in self.model.lots if lot.left)
        assert sorted((r.account.member.member_no, str(r.expires_on), r.remaining) for r in rows) == told


@pytest.fixture
def chain(brand):
    world.chain()
    purse.rule()


@pytest.mark.prove
def test_books_and_model_agree_whatever_members_do(chain):
    stories.live(World, DEEDS, short=3, long=300)


# Short lives that each tell one thing; a ledger broken in that thing cannot live all of them.
STORIES = (
    [("earn", "V1", 30, 9), ("earn", "V1", 30, 2), ("spend", "V1", 40), ("reverse", 0, 15)],
    [("earn", "V1", 30, 100), ("give", "V1", 20), ("spend", "V2", 5)],
    [("buy", "V1", 50, 20), ("spend", "V1", 40), ("refund", 0, 120), ("earn", "V1", 30, 0), ("earn", "V1", 30, 1)],
    [("earn", "V1", 30, 200), ("buy", "V1", 50, 20), ("refund", 0, 30), ("refund", 0, 30)],
    [("buy", "V1", 50, 1), ("sleep", 5), ("buy", "V1", 40, 1), ("sleep", 2), ("spend", "V1", 60)],
    [("earn", "V1", 30, 364), ("earn", "V1", 20, 3), ("sleep", 1), ("spend", "V1", 25)],
)
MUTANTS = {
    "the newest is spent first": [(postings, "USE", "ORDER BY l.earned_at, l.origin_id LIMIT 1) o\n    ORDER",
                                   "ORDER BY l.earned_at DESC, l.origin_id LIMIT 1) o\n    ORDER")],
    "the oldest is filled first again": [(points, "PUT_BACK", "DESC, u.lot_id DESC", ", u.lot_id")],
    "a gift grows younger": [(points, "GIVEN_ON", "l.expires_on\nFROM", "l.expires_on + 1\nFROM")],
    "debts are not paid": [(postings, "OWING", "a.debt > 0", "false")],
    "a refund does not take its own points first": [(postings, "DRAW_OWN", "a.kind = 'refund'", "false")],
    "a line earns a point less": [(earnings, "SHOULD", "(s.points - CASE", "(s.points - 1 - CASE")],
    "what still waits opens": [(earnings, "OPENED", "opens_on <= %(as_of)s AND", "")],
    "points live a day too long": [(points, name, "expires_on <=", "expires_on <") for name in ("EXPIRE", "EXPIRING")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_books_and_model_agree_on_each_story(chain, story):
    stories.lived(World, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_ledger_cannot_live_all_stories(chain, monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(World, story) for story in STORIES)
