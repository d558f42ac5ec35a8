"""Coupons handed out at the same moment: never more than the guide's month, never one number twice."""

import threading

import pytest

from guides.actions import handouts
from guides.actions.handouts import QuotaUsedUp
from guides.models import Bond, CouponHandout
from guides.queries import quotas
from guides.queries.quotas import Quota
from members.models import Coupon
from newretail.kernel.actions import settings
from tests import coupons, serving, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 3


def handed(brand, count):
    serving.shops()
    coupons.plan(per_member=0)
    settings.put(key="guide_coupons_a_month", value=MOST, at=world.NOW)
    bond, by = Bond.objects.get(), serving.guide("G1")
    return race(brand, count, lambda _: handouts.give(bond=bond, plan="FIVE", at=world.NOW, by=by))


@pytest.mark.prove
def test_many_taps_at_once_hand_out_no_more_than_the_month_allows(brand):
    outcomes = handed(brand, RACERS)
    assert {type(error) for error in errors(outcomes)} == {QuotaUsedUp}
    assert sorted(CouponHandout.objects.values_list("nth", flat=True)) == [1, 2, 3]
    assert Coupon.objects.count() == MOST


def test_counted_without_the_lock_two_take_one_number_and_the_database_refuses_one(brand, monkeypatch):
    together = threading.Barrier(2)

    def look(post_id, at):
        used = CouponHandout.objects.filter(post=post_id).count()
        together.wait(20)
        return Quota(MOST, used)

    monkeypatch.setattr(handouts, "HOLD", "SELECT 1 WHERE %(post)s > 0")
    monkeypatch.setattr(Bond.objects, "select_for_update", lambda **_: Bond.objects.get_queryset(), raising=False)
    monkeypatch.setattr(quotas, "quota_of", look)
    outcomes = handed(brand, 2)
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert CouponHandout.objects.count() == Coupon.objects.count() == 1
