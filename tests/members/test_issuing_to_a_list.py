"""Coupons are issued to the members of a list: up to stock and limit, once for an occasion, by a worker where it is long."""

import pytest
from django.urls import reverse

from members.actions import coupon_plans
from members.admin import listed
from members.models import Coupon, CouponPlan, Member
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from tests import coupons as cast
from tests import sights, world
from tests.coupons import plan

PATH = reverse("admin:members_member_issue")


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    world.people({"member_no": "V3", "store_code": "SH01"}, {"member_no": "V4"})


def send(client, query="", code="FIVE", occasion="双十一"):
    of = CouponPlan.objects.filter(code=code).first()
    return client.post(f"{PATH}{query}", {"plan": of.pk if of else 0, "occasion": occasion}, follow=True)


def held():
    return list(Coupon.objects.order_by("member__member_no").values_list("member__member_no", flat=True))


def test_those_whom_the_filters_leave_are_issued_one_each_once_for_an_occasion():
    plan(per_member=2)
    hq = sights.browser("hq")
    assert f'href="{PATH}?q=V3"' in sights.text(hq.get(reverse("admin:members_member_changelist"), {"q": "V3"}))
    assert "已发 1" in sights.text(send(hq, "?q=V3"))
    assert "已发 3；此前已发 1" in sights.text(send(hq))
    assert held() == ["V1", "V2", "V3", "V4"]
    assert "已发 4；此前已发 0" in sights.text(send(hq, occasion="双十二"))
    assert "超出每人限额 4" in sights.text(send(hq, occasion="元旦"))
    assert Coupon.objects.count() == CouponPlan.objects.get().issued == 8


def test_ticked_members_alone_are_issued_theirs():
    plan()
    ids = ".".join(str(pk) for pk in Member.objects.filter(member_no__in=("V1", "V4")).values_list("pk", flat=True))
    send(sights.browser("hq"), f"?ticked={ids}")
    assert held() == ["V1", "V4"]


def test_the_stock_is_issued_to_the_last_by_member_number_and_who_has_enough_is_left_out():
    of = plan(stock=3)
    cast.coupon(of, "V2", key="earlier")
    assert "超出每人限额 1；库存不足 1" in sights.text(send(sights.browser("hq")))
    assert (held(), CouponPlan.objects.get().issued) == (["V1", "V2", "V3"], 3)


def test_a_long_list_is_issued_by_a_worker_and_once_however_often_it_runs(monkeypatch):
    monkeypatch.setattr(listed, "AT_ONCE", 2)
    plan(stock=3)
    send(sights.browser("hq"))
    assert held() == []
    assert jobs.perform_next(jobs.QUEUED)
    run = JobRun.objects.latest("pk")
    assert run.counts == {"issued": 3, "given_before": 0, "over_limit": 0, "out_of_stock": 1}
    assert held() == ["V1", "V2", "V3"]
    jobs.run_again(run=run, by=run.by, at=world.NOW)
    assert jobs.perform_next(jobs.QUEUED)
    assert JobRun.objects.latest("pk").counts == {"issued": 0, "given_before": 3, "over_limit": 0, "out_of_stock": 1}


@pytest.mark.parametrize("role", ["manager", "supervisor", "auditor"])
def test_only_hq_issues_to_lists(role):
    plan()
    assert send(sights.browser(role)).status_code == 403
    assert held() == []
    assert send(sights.browser("hq")).status_code == 200
    assert held()


@pytest.mark.parametrize(
    ("code", "occasion"), [("NONE", "x"), ("FIVE", ""), ("FIVE", "x" * 65), ("FIVE", "a\0b"), ("REST", "x")]
)
def test_a_wish_that_makes_no_sense_is_told_so_and_nothing_is_issued(code, occasion):
    plan()
    coupon_plans.pause(plan=plan("REST"), at=world.NOW)
    answer = send(sights.browser("hq"), code=code, occasion=occasion)
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert held() == []


def test_a_plan_that_stops_while_the_list_waits_fails_the_run_in_words(monkeypatch):
    monkeypatch.setattr(listed, "AT_ONCE", 2)
    of = plan()
    send(sights.browser("hq"))
    coupon_plans.pause(plan=of, at=world.NOW)
    jobs.perform_next(jobs.QUEUED)
    run = JobRun.objects.latest("pk")
    assert (run.state, run.failure["code"], held()) == ("failed", "coupon_plan_stopped", [])
