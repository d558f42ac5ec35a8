"""Coupons given by themselves: once for a joining, a birthday of either calendar, a level, a day of the month; returned."""

from datetime import UTC, date, datetime

import pytest

from members.actions import coupon_plans, levels
from members.importers import LEVELS
from members.jobs import give_coupons
from members.models import Coupon, CouponPlan, Level, Member
from newretail.kernel import clock
from newretail.kernel.actions import relay
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from tests import coupons as cast
from tests import sights, world
from tests.coupons import plan


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def night(noon, day):
    noon.move_to(datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
    return give_coupons(None, day)


def born(member_no, birthday, **more):
    world.people({"member_no": member_no, "birthday": birthday, "joined_at": "2025-01-01", **more})


def owners():
    return sorted(Coupon.objects.values_list("member__member_no", flat=True))


@pytest.mark.parametrize(("birthday", "calendar", "day"), [
    ("06-15", "solar", date(2026, 6, 15)), ("1992-02-29", "solar", date(2026, 2, 28)), ("02-29", "solar", date(2028, 2, 29)),
    ("08-15", "lunar", date(2026, 9, 25)),
])  # fmt: skip
def test_a_birthday_coupon_is_given_on_the_day_once_a_year(noon, birthday, calendar, day):
    plan(given_on="birthday", per_member=0)
    born("B1", birthday, birthday_calendar=calendar)
    noon.move_to(datetime(2026, 1, 1, tzinfo=UTC))
    assert [night(noon, day)["issued"] for _ in range(2)] == [1, 0]
    assert owners() == ["B1"]


def test_29_february_is_kept_on_the_28th_of_other_years_and_on_the_day_itself_in_a_leap_year(noon):
    plan(given_on="birthday", per_member=0, days_valid=9)
    born("B1", "02-29")
    given = [
        night(noon, day)["issued"]
        for day in (date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1))
    ]
    assert given == [1, 0, 1, 0]


def test_a_past_day_is_counted_aside_and_gives_nothing(noon):
    plan(given_on="birthday")
    born("B1", "06-14")
    assert give_coupons(None, date(2026, 6, 14)) == {"aside": True, "rules": 1}
    assert not Coupon.objects.exists()


def test_the_member_day_gives_on_the_18th_of_each_month_to_who_bought_within_a_year(noon):
    world.buy(
        world.order("A1", "50", "2026-06-01", member_no="V1"), world.order("A2", "50", "2024-06-01", member_no="V2")
    )
    made = coupon_plans.add_examples(at=world.NOW)
    assert (len(made), coupon_plans.add_examples(at=world.NOW)) == (3, [])
    coupon_plans.open_up(plan=CouponPlan.objects.get(code="MEMBER-DAY"), at=world.NOW)
    assert [
        night(noon, date(2026, month, day)).get("issued") for month, day in ((6, 17), (6, 18), (6, 18), (7, 18))
    ] == [0, 1, 0, 1]
    assert owners() == ["V1", "V1"]


def test_who_joins_is_given_a_coupon_once_and_who_had_joined_before_the_plan_is_not(noon):
    plan(given_on="joined")
    world.people(
        {"member_no": "N1", "joined_at": "2026-06-15T13:00:00"}, {"member_no": "N2", "joined_at": "2026-06-01"}
    )
    noon.move_to(clock.day_start(date(2026, 6, 15)).replace(hour=14))
    for _ in range(2):
        relay.drain(at=clock.now())
        world.people({"member_no": "N1", "name": "新"})
    assert owners() == ["N1"]


def test_who_has_reached_a_level_is_given_a_coupon_once_in_the_night(noon):
    steps = [{"code": "S", "name": "银", "rank": 1}, {"code": "G", "name": "金", "rank": 2}]
    levels.record(batch=batch_of(LEVELS, steps), at=world.NOW)
    plan(given_on="level_up", for_level=Level.objects.get(code="G"))
    for code, issued in (("S", 0), ("G", 1), ("S", 0), ("G", 0)):
        with writing("tests"):
            Member.objects.filter(member_no="V1").update(level=Level.objects.get(code=code))
        assert give_coupons(None, sights.TODAY)["issued"] == issued
    assert owners() == ["V1"]


def test_what_happened_days_ago_gives_nothing(noon):
    plan(given_on="joined")
    world.people({"member_no": "N1", "joined_at": "2026-06-15T13:00:00"})
    noon.move_to(datetime(2026, 6, 18, 4, tzinfo=UTC))
    relay.drain(at=clock.now())
    assert not Coupon.objects.exists()


@pytest.mark.parametrize(
    ("comes_back", "amount", "state"),
    [(True, "100", "issued"), (True, "99.99", "redeemed"), (False, "100", "redeemed")],
)
def test_a_refund_of_the_whole_order_gives_the_coupon_back_where_the_plan_says_so(noon, comes_back, amount, state):
    row = cast.coupon(plan(comes_back=comes_back))
    world.buy(world.order("A1", "100", "2026-06-15", member_no="V1"))
    cast.redeem(row.code, "A1")
    world.refund({"refund_no": "R1", "order_no": "A1", "line_no": 0, "amount": amount, "refunded_at": "2026-06-15"})
    relay.drain(at=world.NOW)
    relay.drain(at=world.NOW)
    assert cast.states() == {state: 1}
    assert JournalEntry.objects.filter(name="members.coupon.rolled_back").count() == (state == "issued")


def test_the_examples_are_added_from_the_list_by_hq_alone(noon):
    hq, auditor = sights.browser("hq", "en"), sights.browser("auditor", "en")
    assert auditor.post("/admin/members/couponplan/examples/").status_code == 403
    assert not CouponPlan.objects.exists()
    for _ in range(2):
        hq.post("/admin/members/couponplan/examples/")
    assert CouponPlan.objects.count() == 3
