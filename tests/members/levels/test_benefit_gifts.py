"""Gifts of levels: given by the handlers, once for their occasion, whatever is sent, refunded or bought again."""

import pytest

from members.actions import benefit_gifts, leveling
from members.models import BenefitGift, Coupon, PointsAccount
from newretail.kernel.actions import jobs
from newretail.kernel.models import JournalEntry
from tests import coupons as cast
from tests import sights, world
from tests.members.levels import ladder
from tests.members.levels.ladder import heard

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def scheme(noon):
    world.chain()
    ladder.steps()
    plan = cast.plan(per_member=3)
    ladder.publish(levels={
        "C": {"joining_gift": {"points": 20}, "birthday": {"points": 8, "days_before": 7}}, "S": {"level_up_gift": {"points": 50, "coupon": plan.code}},
        "G": {"level_up_gift": {"points": 100}},
    })  # fmt: skip
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    heard()


def buy(number, amount, member="V1"):
    world.buy(world.order(number, amount, "2026-06-15T10:00:00", member_no=member))
    heard()


def gifts(number="V1"):
    return list(
        BenefitGift.objects.filter(member__member_no=number).order_by("id").values_list("kind", "occasion", "points")
    )


def test_who_comes_up_gets_the_gift_of_the_level_she_reached():
    buy("A", "100")
    assert gifts() == [("level_up_gift", "S", 50)]
    assert Coupon.objects.filter(member__member_no="V1").count() == 1


def test_the_first_level_of_who_was_there_before_gives_nothing():
    assert not BenefitGift.objects.exists()


def test_a_line_heard_twice_gives_once():
    buy("A", "100")
    for entry in JournalEntry.objects.filter(name="members.level.moved"):
        assert benefit_gifts.give_for_rising(entry_id=entry.pk, at=world.NOW) == 0
    assert gifts() == [("level_up_gift", "S", 50)]
    assert Coupon.objects.count() == 1


def test_falling_and_rising_again_gives_no_second_gift():
    buy("A", "100")
    world.refund({"order_no": "A", "refund_no": "R", "amount": "100", "refunded_at": "2026-06-15"})
    heard()
    leveling.assess_all(as_of=sights.TODAY.replace(month=8), at=world.NOW)
    buy("B", "100")
    leveling.assess_all(as_of=sights.TODAY.replace(month=8), at=world.NOW)
    heard()
    assert gifts() == [("level_up_gift", "S", 50)]


def test_who_joins_gets_the_joining_gift_once_and_who_joined_long_ago_gets_none():
    world.people(
        {"member_no": "N1", "joined_at": "2026-06-15T09:00:00"}, {"member_no": "O1", "joined_at": "2020-01-01"}
    )
    heard()
    world.people({"member_no": "N1", "name": "新"})
    heard()
    assert gifts("N1") == [("joining_gift", "joined", 20)]
    assert gifts("O1") == []
    assert PointsAccount.objects.get(member__member_no="N1").balance == 20


def test_a_birthday_is_feted_once_a_year_as_many_days_before_as_the_level_says():
    world.people({"member_no": "V2", "birthday": "1990-06-22"}, {"member_no": "V1", "birthday": "1990-06-23"})
    runs = [jobs.enter(name="give_birthday_gifts", as_of=sights.TODAY, at=world.NOW) for _ in range(2)]
    assert [jobs.perform(run=run).counts for run in runs] == [{"given": 1}, {"given": 0}]
    assert gifts("V2") == [("birthday", "2026", 8)]
    assert gifts("V1") == []
