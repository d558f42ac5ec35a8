"""A file issues coupons: each row once for its occasion, up to stock and limit; a row that gets none says why."""

import pytest

from members.actions import coupon_plans, coupons, merges
from members.importers import COUPONS
from members.models import Coupon, CouponPlan
from newretail.kernel import books
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JournalEntry
from tests import coupons as cast
from tests import world
from tests.coupons import plan


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    world.people({"member_no": "V3"}, {"member_no": "V4"})


def row(number, of="FIVE", occasion="双十一"):
    return {"plan": of, "member_no": number, "occasion": occasion}


def record(*rows):
    return coupons.record(batch=batch_of(COUPONS, list(rows)), at=world.NOW)


def why(outcome):
    return [(each.line, each.column, each.code) for each in outcome.refusals]


def held(of="FIVE"):
    return list(Coupon.objects.filter(plan__code=of).order_by("id").values_list("member__member_no", flat=True))


def test_each_row_is_issued_its_coupon_with_one_line_of_the_journal():
    plan()
    plan("TEN", amount_cents=1_000)
    outcome = record(row("V2"), row("V1"), row("V1", "TEN"))
    assert (outcome.created, outcome.refusals) == (3, [])
    assert (held(), held("TEN")) == (["V1", "V2"], ["V1"])
    line = JournalEntry.objects.get(name="members.coupon.issued")
    assert line.facts["count"] == Coupon.objects.filter(entry_id=line.pk).count() == 3
    assert books.verify() == []


def test_the_file_taken_again_and_an_occasion_served_elsewhere_give_nothing_more():
    of = plan(per_member=9)
    cast.coupons.issue(plan=of, members=[world.member("V1").pk], source="hand", key="双十一", at=world.NOW)
    outcomes = [record(row("V1"), row("V2"), row("V2")) for _ in range(2)]
    assert [(each.created, each.skipped) for each in outcomes] == [(1, 2), (0, 3)]
    assert record(row("V2", occasion=None)).created == 1
    assert (held(), CouponPlan.objects.get().issued) == (["V1", "V2", "V2"], 3)


def test_a_row_that_gets_nothing_says_why_and_the_others_are_served():
    of = plan(stock=3, per_member=1)
    coupon_plans.pause(plan=plan("REST"), at=world.NOW)
    cast.coupon(of, "V2", key="earlier")
    outcome = record(row("V4"), row("V3"), row("V2"), row("V1"), row("V9"), row("V1", "NONE"), row("V1", "REST"))
    assert why(outcome) == [
        (1, "member_no", "no_stock"), (3, "member_no", "over_limit"), (5, "member_no", "unknown_member"),
        (6, "plan", "unknown_plan"), (7, "plan", "coupon_plan_stopped"),
    ]  # fmt: skip
    assert (held(), CouponPlan.objects.get(code="FIVE").issued) == (["V2", "V1", "V3"], 3)


def test_two_numbers_of_one_person_are_one_wish():
    plan(per_member=9)
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    outcome = record(row("V1"), row("V2"))
    assert (outcome.created, outcome.skipped, held()) == (1, 1, ["V1"])


def test_an_import_is_taken_back_whole_and_not_once_a_coupon_was_used():
    of = plan(per_member=9)
    line = record(row("V1"), row("V2")).entry_id
    cast.redeem(Coupon.objects.get(member__member_no="V1").code)
    with pytest.raises(coupons.CouponsUsed):
        coupons.take_back(entry_id=line, at=world.NOW)
    assert cast.states() == {"issued": 1, "redeemed": 1}
    other = record(row("V3"), row("V4")).entry_id
    coupons.take_back(entry_id=other, at=world.NOW)
    assert cast.states() == {"issued": 1, "redeemed": 1, "void": 2}
    assert CouponPlan.objects.get(pk=of.pk).issued == 4
