"""Coupons handed out at the same moment: never more than the guide's month, never one number twice."""

import threading

import pytest

from guides.actions import handouts
from guides.actions.handouts import AlreadyHanded, QuotaUsedUp
from guides.models import Bond, CouponHandout
from guides.queries import quotas
from guides.queries.quotas import Quota
from members.models import Coupon
from newretail.kernel.actions import settings
from tests import coupons, serving, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
MOST, FEW = 3, 4


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


def tapped(brand, count):
    """Let so many taps hand out the coupon of one task's card; gives the errors met."""
    serving.shops()
    brief = serving.brief(coupon_plan_id=coupons.plan(per_member=0).pk)
    task, bond, by = serving.give("V1", "G1", brief=brief), Bond.objects.get(), serving.guide("G1")
    tap = lambda _: handouts.give(bond=bond, plan="FIVE", task=task, at=world.NOW, by=by)  # noqa: E731
    return errors(race(brand, count, tap))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_one_task_and_many_taps_hand_out_one_coupon(brand, count):
    refused = tapped(brand, count)
    assert ({type(error) for error in refused}, len(refused)) == ({AlreadyHanded}, count - 1)
    assert CouponHandout.objects.count() == Coupon.objects.count() == 1


def test_judged_without_the_lock_two_taps_hand_out_and_the_database_refuses_one(brand, monkeypatch):
    together = threading.Barrier(2)
    monkeypatch.setattr(handouts, "HOLD", "SELECT 1 WHERE %(post)s > 0")
    monkeypatch.setattr(Bond.objects, "select_for_update", lambda **_: Bond.objects.get_queryset(), raising=False)
    monkeypatch.setattr(handouts, "failpoint", lambda _name: together.wait(20))
    assert [type(error).__name__ for error in tapped(brand, 2)] == ["IntegrityError"]
    assert CouponHandout.objects.count() == Coupon.objects.count() == 1
