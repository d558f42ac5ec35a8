"""What a card lets a guide do for her customer: see the number to call, open the chat, hand out the task's coupon."""

import uuid

import pytest

from guides.actions import wecom_apps
from guides.models import CouponHandout, TaskMove
from guides.queries import cards
from members.models import Coupon, PhoneReveal, Touch
from newretail.kernel.actions import settings
from tests import coupons, serving, sights, world
from tests.members import consenting

PHONE = "+8613800000001"
APP = {"corp_id": "ww1234567890abcdef", "agent_id": "1000002", "secret": "s3cret-of-the-app-1234"}


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    consenting.texts()
    allow("call", "wecom")


def allow(*channels, decision="given"):
    consenting.say(*(consenting.row(channel=each, purpose="care", decision=decision) for each in channels))


@pytest.fixture
def task(_shops):
    return serving.give("V1", "G1", brief=serving.brief(coupon_plan_id=coupons.plan().pk))


def tap(task, do, staff_no="G1", ref=None, htmx="true", **given):
    headers = {"hx-request": htmx} if htmx else {}
    path, said = f"/g/tasks/{task.ref}/do/", {"ref": ref or uuid.uuid4(), "do": do, **given}
    return serving.phone(staff_no).post(path, said, headers=headers)


@pytest.mark.parametrize("htmx", ["true", ""])
def test_a_tap_shows_the_number_of_her_own_customer_and_is_kept(task, htmx):
    assert PHONE not in sights.text(serving.phone("G1").get("/g/"))
    assert f"拨打 {PHONE}" in sights.text(tap(task, "call", htmx=htmx))
    kept = PhoneReveal.objects.get()
    assert (kept.member.member_no, kept.by, kept.reason) == ("V1", serving.guide("G1"), "task")


def test_the_same_tap_sent_again_shows_no_number_and_counts_once(task):
    ref = uuid.uuid4()
    tap(task, "call", ref=ref)
    assert PHONE not in sights.text(tap(task, "call", ref=ref))
    assert PhoneReveal.objects.count() == 1


def test_what_is_recorded_after_the_number_was_shown_is_a_call(task):
    assert 'name="channel" value="call"' in sights.text(tap(task, "call"))
    tap(task, "complete", outcome="sent", channel="call")
    assert Touch.objects.get().channel == "call"


def test_where_the_brand_shows_no_numbers_no_card_offers_it_and_no_tap_gets_it(task):
    settings.put(key="guide_calls", value="off", at=world.NOW)
    said = sights.text(tap(task, "call"))
    assert "本品牌不向导购显示顾客手机号" in said
    assert "给她打电话" not in said
    assert PHONE not in said
    assert not PhoneReveal.objects.exists()


def test_who_may_not_be_called_is_not_called(task):
    allow("call", decision="withdrawn")
    said = sights.text(tap(task, "call"))
    assert "已撤回同意" in said
    assert PHONE not in said
    assert not PhoneReveal.objects.exists()


def test_nobody_else_gets_the_number_and_an_ended_task_shows_none(task):
    assert PHONE not in sights.text(tap(task, "call", "G2"))
    assert tap(task, "call", "G2", htmx="").status_code == 404
    serving.complete(task)
    assert PHONE not in sights.text(tap(task, "call"))
    assert not PhoneReveal.objects.exists()


def test_when_her_day_is_used_up_the_guide_is_told_so(task):
    settings.put(key="phone_reveals_each_day", value=1, at=world.NOW)
    assert PHONE in sights.text(tap(task, "call"))
    said = sights.text(tap(task, "call"))
    assert PHONE not in said
    assert PhoneReveal.objects.count() == 1


def test_the_chat_is_offered_where_the_brand_has_an_app_and_she_is_known_there(task):
    assert "打开企微聊天" not in sights.text(serving.phone("G1").get("/g/"))
    wecom_apps.keep(**APP, at=world.NOW)
    assert "打开企微聊天" not in sights.text(serving.phone("G1").get("/g/"))
    world.people({"member_no": "V1", "external_userid": "wmA&B"})
    assert 'href="wxwork://message?username=wmA%26B"' in sights.text(serving.phone("G1").get("/g/"))
    allow("wecom", decision="withdrawn")
    assert "打开企微聊天" not in sights.text(serving.phone("G1").get("/g/"))


def test_the_coupon_of_a_task_is_handed_out_by_one_tap_once(task):
    assert "发券：五元券" in sights.text(serving.phone("G1").get("/g/"))
    said = sights.text(tap(task, "coupon"))
    assert "券已发出：五元券" in said
    assert "已经发过了" in sights.text(tap(task, "coupon"))
    assert Coupon.objects.get().member.member_no == "V1"
    assert CouponHandout.objects.get().task == task
    assert not TaskMove.objects.exists()


def test_what_is_left_of_the_month_stands_on_the_card(task):
    assert "本月还可发 20 张券" in sights.text(serving.phone("G1").get("/g/"))
    settings.put(key="guide_coupons_a_month", value=0, at=world.NOW)
    assert "您本月的发券额度已用完" in sights.text(serving.phone("G1").get("/g/"))
    assert "本月的 0 张发券额度已用完" in sights.text(tap(task, "coupon"))
    assert not Coupon.objects.exists()


def test_a_task_without_a_coupon_and_a_customer_of_another_get_none(task):
    plain = serving.give("V1", "G1", "tests:2")
    tap(plain, "coupon")
    tap(task, "coupon", "G2")
    stray = serving.give("V2", "G1", "tests:3", brief=task.brief)
    assert "不能给她发这张券" in sights.text(tap(stray, "coupon"))
    assert not Coupon.objects.exists()


def test_a_fact_that_nobody_knows_leaves_its_place_empty():
    assert cards.filled("{name}：{days} 天，{amount}", {"days": None}, "小美") == "小美： 天，"
