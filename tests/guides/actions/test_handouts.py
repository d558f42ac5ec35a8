"""A guide hands out coupons within her month: what is left is counted, and no tap takes more."""

from datetime import timedelta

import pytest

from guides.actions import handouts
from guides.actions.handouts import BadQuota, NotYours, QuotaUsedUp
from guides.models import Bond, CouponHandout, CouponQuota
from guides.queries import quotas
from members.actions.coupons import LimitReached
from members.models import Coupon
from newretail.kernel.actions import settings
from tests import coupons, serving, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def hand(plan="FIVE", member_no="V1", at=world.NOW):
    bond = Bond.objects.filter(member__member_no=member_no).latest("pk")
    return handouts.give(bond=bond, plan=plan, at=at, by=serving.guide("G1"))


def allow(count, staff_no="G1"):
    return handouts.allow(post=serving.post(staff_no), a_month=count, at=world.NOW, by=serving.guide("M1"))


def left():
    return quotas.quota_of(serving.post("G1").pk, world.NOW).left


def test_a_coupon_is_issued_and_counted():
    coupons.plan()
    given = hand()
    assert (given.nth, given.most, left()) == (1, 20, 19)
    assert Coupon.objects.get().member.member_no == "V1"


def test_when_the_month_is_used_up_nothing_more_is_handed_out_until_the_next():
    coupons.plan(per_member=0)
    settings.put(key="guide_coupons_a_month", value=2, at=world.NOW)
    hand()
    hand()
    with pytest.raises(QuotaUsedUp):
        hand()
    assert (Coupon.objects.count(), left()) == (2, 0)
    assert hand(at=world.NOW + timedelta(days=20)).nth == 1


def test_a_number_set_for_her_counts_before_the_usual_one():
    coupons.plan(per_member=0)
    allow(1)
    allow(0)
    assert CouponQuota.objects.get().a_month == 0
    with pytest.raises(QuotaUsedUp):
        hand()
    allow(1)
    assert hand().nth == 1


@pytest.mark.parametrize("count", [-1, 10_001])
def test_a_quota_is_a_number_a_month_can_have(count):
    with pytest.raises(BadQuota):
        allow(count)
    assert not CouponQuota.objects.exists()


def test_a_refused_coupon_takes_nothing_of_the_month():
    coupons.plan()
    hand()
    with pytest.raises(LimitReached):
        hand()
    assert (CouponHandout.objects.count(), left()) == (1, 19)


def test_a_plan_of_another_store_or_given_by_itself_is_not_hers_to_hand_out():
    coupons.plan("GZ", stores=[serving.post("G9").store_id])
    coupons.plan("SELF", given_on="joined")
    for plan in ("GZ", "SELF", "none", "\0"):
        with pytest.raises(NotYours):
            hand(plan)
    assert not Coupon.objects.exists()
