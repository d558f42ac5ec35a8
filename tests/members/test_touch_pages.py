"""The pages of the ledger: a touch, a member's touches, caps with whom their target is missed of, quiet hours."""

from datetime import time

import pytest
from django.urls import reverse

from members.actions import caps, receipts, touches
from members.actions.caps import Limit
from members.models import QuietHours, Touch, TouchCap
from tests import sights, world
from tests.members.consenting import claim, plan, row, say, texts

FORM = {"code": "week", "name": "一周一次", "span": "days", "days": "7", "most": "1"}


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    texts()
    say(row())


@pytest.fixture
def hq():
    return sights.browser("hq")


def page(client, name, *args, **asked):
    return sights.text(client.get(reverse(f"admin:members_{name}", args=args), asked))


def post(client, to, **form):
    return client.post(reverse(f"admin:members_{to}"), form)


def test_a_touch_tells_how_far_it_came_and_what_was_heard_of_it(hq):
    plan(numbers=["V1"])
    claim()
    touch = Touch.objects.get()
    touches.settle(results=[touches.Settlement(touch.ref, "sent", cost_cents=5)], at=world.NOW)
    receipts.record(heard=[receipts.Heard(touch.ref, "opened", world.NOW)], at=world.NOW)
    shown = page(hq, "touch_change", touch.pk)
    assert "已打开" in shown
    assert "0.05" in shown


def test_a_members_page_tells_what_went_out_what_waits_and_why(hq):
    caps.keep(code="week", name="一周一次", limit=Limit(span="days", days=7, most=1), at=world.NOW)
    plan(numbers=["V1", "V2"])
    claim()
    plan(numbers=["V1"], source="campaigns.wave:2")
    claim()
    shown = page(hq, "member_touches", world.member("V1").pk)
    assert "近期联系已达上限" in shown
    assert '一周一次</td><td class="hq-num hq-bad">1</td>' in shown
    assert "未授权" in page(hq, "member_touches", world.member("V2").pk)


def test_a_cap_is_written_changed_and_ended_on_its_page(hq):
    assert post(hq, "touchcap_keep", **FORM).status_code == 302
    assert post(hq, "touchcap_keep", **{**FORM, "most": "3"}).status_code == 302
    assert TouchCap.objects.get().most == 3
    assert "一周一次" in page(hq, "touchcap_keep", code="week")
    post(hq, "touchcap_end", code="week")
    assert not TouchCap.objects.get().active
    assert "一周一次" in page(hq, "touchcap_changelist")


@pytest.mark.parametrize("wrong", [{"days": ""}, {"target": "2"}, {"most": "x"}, {"stage": "x"}, {"code": "a b"}])
def test_a_cap_that_says_nothing_clear_is_refused_with_a_sentence(hq, wrong):
    answer = post(hq, "touchcap_keep", **{**FORM, **wrong})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not TouchCap.objects.exists()


def test_whom_the_target_is_missed_of_stands_in_a_list(hq):
    cap = caps.keep(code="year", name="年度", limit=Limit(span="year", most=9, target=1), at=world.NOW)
    plan(numbers=["V1"])
    claim()
    shown = page(hq, "touchcap_under", cap.pk)
    assert ("V2" in shown, "V1" in shown) == (True, False)


def test_quiet_hours_are_set_and_lifted(hq):
    assert post(hq, "quiethours_keep", channel="sms", starts="21:00", ends="21:00").status_code == 422
    assert post(hq, "quiethours_keep", channel="sms", starts="21:00", ends="09:00").status_code == 302
    assert QuietHours.objects.get().ends == time(9)
    assert "21:00" in page(hq, "quiethours_changelist")
    hq.post(reverse("admin:members_quiethours_keep") + "?channel=sms", {"lift": "1"})
    assert not QuietHours.objects.exists()


def test_who_may_not_change_caps_gets_no_form():
    client = sights.browser("auditor")
    assert client.get(reverse("admin:members_touchcap_changelist")).status_code == 200
    assert client.get(reverse("admin:members_touchcap_keep")).status_code == 403
    assert post(client, "touchcap_keep", **FORM).status_code == 403
    assert not TouchCap.objects.exists()
