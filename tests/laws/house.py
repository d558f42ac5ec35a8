"""A small house that has traded: a row in every ledger, made by the product's own verbs."""

from datetime import date, time

from members.actions import (
    benefits,
    caps,
    code_batches,
    consents,
    level_schemes,
    leveling,
    links,
    merges,
    parked,
    points,
    receipts,
    redemptions,
    refunds,
    touch_contents,
    touches,
)
from members.actions.points import Name
from members.actions.touch_contents import Words
from members.actions.touches import Settlement
from members.importers import REFUNDS
from members.models import Coupon
from newretail.kernel.actions import relay
from newretail.kernel.files import importing
from newretail.kernel.files.rows import batch_of
from stores.actions import targets
from stores.models import Post, Store
from stores.queries.chain import place_of
from tests import coupons as cast
from tests import gifts as gift_cast
from tests import world
from tests.kernel.files import desk
from tests.laws import of_guides, of_levels, of_notices, of_pay, of_segments
from tests.members import consenting, purse
from tests.members.levels import ladder

TODAY = date(2026, 6, 15)
TASTING = {"name": "品鉴", "kind": "vip", "per_year": 1}


def trade(folder):
    """Everything a brand does, in small."""
    bought()
    levelled()
    merged()
    aimed()
    couponed()
    pointed()
    gifted()
    consented()
    touched()
    refunded_early()
    of_notices.told()
    of_guides.told()
    of_pay.told()
    of_levels.told()
    of_segments.told()
    path = desk.write(folder, "order_no,source,paid_at,amount\nA9,pos,2026-06-01,-1\n")
    importing.take_file("orders", path, at=world.NOW)


def bought():
    """Orders of two members, one with a line and its refund, and an event."""
    world.chain()
    world.people({"member_no": "V1", "tags": "茶客"})
    world.buy(
        world.order("A1", "100", "2026-06-02T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"),
        world.order("A2", "50", "2026-06-10T10:00:00", member_no="V1"),
        world.order("A3", "30", "2026-06-05T10:00:00", member_no="V2", store_code="GZ01"),
    )
    world.people({"member_no": "V3", "joined_at": "2026-01-02"}, {"member_no": "V4", "joined_at": "2026-01-02"})
    world.people({"member_no": "V2", "phone": "13800000001"})
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100"})
    world.refund({"order_no": "A1", "line_no": 1, "refund_no": "R1", "amount": "20", "refunded_at": "2026-06-11"})
    world.saw({"event_no": "E1", "member_no": "V1"})


def levelled():
    """A scheme in force, growth adjusted, a benefit used and given back."""
    ladder.steps()
    ladder.publish(window_months=0, growth={"per_yuan": 0, "joining": 10}, levels={"C": {"privileges": [TASTING]}})
    v1 = world.member("V1")
    level_schemes.adjust(member=v1, growth=5, reason="补", key="k", at=world.NOW)
    leveling.assess_all(as_of=TODAY, at=world.NOW)
    benefits.give_back(use=benefits.book(member=v1, name="品鉴", key="k", at=world.NOW), at=world.NOW)


def merged():
    """A merge that stands, and one that was undone."""
    _kept, undone = (
        merges.merge(member=world.member(no), into=world.member("V1"), reason="一个人", at=world.NOW)
        for no in ("V3", "V4")
    )
    merges.undo(merge=undone, reason="两个人", at=world.NOW)


def aimed():
    """The month's target of a store and its guide."""
    aims = {place_of(Store.objects.get(code="SH01")): 90000, place_of(Post.objects.get(user__staff_no="G1")): 90000}
    targets.plan(draft=targets.Draft(date(2026, 6, 1), "sales", aims, reason="六月"), at=world.NOW)


def couponed():
    """Two coupons redeemed in one purchase, one given back, and a batch of codes."""
    plan = cast.plan(per_member=3, stacks="any")
    for key in "abc":
        cast.redeem(cast.coupon(plan, key=key).code, "C" if key == "c" else "AB", amount=1_000)
    back = Coupon.objects.get(source_no="C")
    redemptions.roll_back(code=back.code, source="pos", source_no="C", at=world.NOW)
    code_batches.make(plan=plan, key="flyer", size=2, at=world.NOW)


def pointed():
    """P1 and P2: points that wait, partly taken back; spent twice of one lot, put back in part, all spent, a gift."""
    relay.drain(at=world.NOW)
    purse.rule()
    world.people(*({"member_no": number, "joined_at": "2026-01-02"} for number in ("P1", "P2", "P3")))
    for number in ("P1", "P2"):
        purse.buy(world.order(f"O{number}", "40", "2026-06-12", member_no=number))
        purse.refund("10", f"B{number}", f"O{number}")
        purse.give(7, f"{number}:first", to=number)
        purse.spend(7, f"{number}:first", by=number)
        for lot in ("a", "b"):
            purse.give(100, f"{number}:{lot}", to=number)
        purse.spend(30, f"{number}:much", by=number)
        purse.spend(10, f"{number}:little", by=number)
        purse.reverse(f"{number}:much", f"{number}:back", points=20)
    points.gift(member=purse.member("P1"), to=purse.member("P2"), points=5, name=Name("app", "1"), at=world.NOW)
    purse.give(3, "P3", to="P3")
    purse.spend(3, "P3", by="P3")


def gifted():
    """A gift that waits to be picked up, one handed over, taken back and handed over again, one order cancelled."""
    gift_cast.gift()
    gift_cast.purse(300)
    _waits, handed, _cancelled = (gift_cast.place(number).order for number in ("O1", "O2", "O3"))
    gift_cast.hand_over(handed.code)
    gift_cast.take_back("O2")
    gift_cast.hand_over(handed.code, "H2")
    gift_cast.cancel("O3")


def consented():
    """Wordings of every purpose, a consent given, a guardian's word, a link."""
    consenting.texts()
    consenting.say(consenting.row("V1"), consenting.row("V2"), consenting.row("P1"))
    v2 = world.member("V2")
    consents.guard(member=v2, given=True, relation="parent", source="till", proof="T-1", at=world.NOW)
    links.issue(member=v2, at=world.NOW)


def touched():
    """A touch that was sent and opened, one on its way, one that the gate stopped, one that waits; what limits them."""
    consenting.plan(numbers=["V1", "V2", "P2"])
    sent, _on_its_way = consenting.claim()
    touches.settle(results=[Settlement(sent.ref, "sent")], at=world.NOW)
    receipts.record(heard=[receipts.Heard(sent.ref, "opened", world.NOW)], at=world.NOW)
    consenting.plan(numbers=["P1"])
    caps.keep(code="year", name="年度", limit=caps.Limit(span="year", most=99), at=world.NOW)
    caps.keep_quiet(channel="email", starts=time(21), ends=time(9), at=world.NOW)
    touch_contents.keep(source="campaigns.wave:9", version=1, words=[Words("sms", "你好")], at=world.NOW)


def refunded_early():
    """A refund that waited for its order."""
    row = {
        "source": "pos",
        "order_no": "L1",
        "line_no": 0,
        "refund_no": "RL",
        "amount": "2",
        "refunded_at": "2026-06-11",
    }
    refunds.record(batch=batch_of(REFUNDS, [row]), at=world.NOW, park=True)
    world.buy(world.order("L1", "9", "2026-06-10", member_no="V2"))
    parked.apply(at=world.NOW)
