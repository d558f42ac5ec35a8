"""The demo's coupons are given and redeemed once, with purchases that were made."""

from datetime import date

from members.models import Coupon, CouponPlan
from newretail.demo import coupons
from tests import world


def test_coupons_of_the_last_weeks_are_given_redeemed_and_expired_once(noon):
    world.chain()
    world.people({"member_no": "V1", "birthday": "1990-05-20"})
    world.buy(
        world.order("A1", "250.00", "2026-05-19T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "80.00", "2026-05-21T10:00:00", member_no="V1", store_code="SH01"),
    )
    assert coupons.give(today=date(2026, 6, 15)) > 0
    assert coupons.give(today=date(2026, 6, 15)) == 0
    states = set(Coupon.objects.values_list("state", flat=True))
    assert {"redeemed", "issued"} <= states
    assert CouponPlan.objects.get(code="GRAND").state == "awaiting"
    assert set(Coupon.objects.filter(state="redeemed").values_list("source_no", flat=True)) <= {"A1", "A2"}
