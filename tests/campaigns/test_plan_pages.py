"""Plans on their pages: written, shown with tomorrow, led on by who may; examples that run as they stand."""

import pytest
from django.urls import reverse

from campaigns.actions import plans
from campaigns.models import TouchPlan
from newretail.kernel.models import User
from tests import serving, sights, world
from tests.campaigns import sending
from tests.campaigns.planning import kept, live, planned

FORM = {"code": "june", "name": "六月上新", "kind": "birthday", "days_before": "3", "purpose": "care", "holdout_bp": "0",
        "channels": ["email", "sms"], "title": "生日", "body_a": "{name}，生日快乐", "body_b": "{name}，祝福您",
        "send_at": "10:00", "starts_on": "2026-06-15", "priority": "50", "patience_days": "3",
        "window_days": "14"}  # fmt: skip


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    sending.people("M1", "M2")


@pytest.fixture
def hq():
    return sights.browser("hq")


def keep(client, **form):
    return client.post(reverse("admin:campaigns_touchplan_keep"), {**FORM, **form})


def page(client, plan):
    return sights.text(client.get(reverse("admin:campaigns_touchplan_change", args=[plan.pk])))


def move(client, plan, do):
    return client.post(reverse("admin:campaigns_touchplan_move", args=[plan.pk]), {"do": do})


def test_a_plan_is_written_and_its_draft_is_changed(hq):
    assert keep(hq).status_code == 302
    assert keep(hq, body_b="", name="七月").status_code == 302
    plan = TouchPlan.objects.get()
    assert (plan.version, plan.name, plan.variants, plan.terms, plan.channels) == (
        2, "七月", 1, {"days_before": 3}, ["sms", "email"],
    )  # fmt: skip
    shown = sights.text(hq.get(reverse("admin:campaigns_touchplan_keep"), {"code": "june"}))
    assert "{name}，生日快乐" in shown
    assert "生日快乐" in page(hq, plan)


@pytest.mark.parametrize("wrong", [
    {"days_before": ""}, {"body_a": "{phone}"}, {"channels": []}, {"starts_on": "x"}, {"promised": "on", "holdout_bp": "5"},
    {"ends_on": "2026-06-01"}, {"segment": "none"}, {"code": "a b"},
])  # fmt: skip
def test_a_plan_that_is_not_whole_is_refused_with_a_sentence(hq, wrong):
    answer = keep(hq, **wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not TouchPlan.objects.exists()


def test_the_page_shows_tomorrow_and_what_became_of_it(hq):
    plan = live()
    assert "目前" not in page(hq, plan)
    shown = page(hq, plan)
    assert "共 4 名会员" in shown
    planned(plan)
    assert "待执行" in page(hq, plan) or "已计划" in page(hq, plan)


def test_a_plan_is_led_on_by_who_may_and_two_pairs_of_eyes(hq):
    plan = kept()
    assert move(hq, plan, "submit").status_code == 302
    TouchPlan.objects.get()
    assert move(hq, plan, "pause").status_code == 422
    assert move(hq, plan, "approve").status_code == 302
    assert move(sights.browser("auditor"), plan, "start").status_code == 302
    assert TouchPlan.objects.get().state == "approved"
    assert move(hq, plan, "start").status_code == 302
    assert TouchPlan.objects.get().state == "live"


def test_who_wrote_it_is_told_to_ask_a_colleague(hq):
    keep(hq)
    plan = TouchPlan.objects.get()
    move(hq, plan, "submit")
    answer = move(hq, plan, "approve")
    assert answer.status_code == 422
    assert "请同事审批" in sights.text(answer)
    plans.move(plan=plan, do="approve", at=world.NOW, by=User.objects.exclude(username="hq").first())
    assert TouchPlan.objects.get().state == "approved"


def test_the_examples_are_whole_and_stand_once(hq):
    url = reverse("admin:campaigns_touchplan_examples")
    assert hq.post(url).status_code == 302
    assert hq.post(url).status_code == 302
    assert set(TouchPlan.objects.values_list("kind", flat=True)) == set(TouchPlan.Kind.values)
    assert TouchPlan.objects.count() == len(TouchPlan.Kind)
    for plan in TouchPlan.objects.all():
        assert plan.name in page(hq, plan)


def test_who_may_not_change_plans_gets_no_form():
    auditor = sights.browser("auditor")
    assert auditor.get(reverse("admin:campaigns_touchplan_changelist")).status_code == 200
    assert keep(auditor).status_code == 403
    assert auditor.post(reverse("admin:campaigns_touchplan_examples")).status_code == 403
    assert not TouchPlan.objects.exists()


def test_the_form_says_of_which_kinds_its_terms_are_and_keeps_a_budget_of_money(hq):
    shown = hq.get(reverse("admin:campaigns_touchplan_keep")).content.decode()
    assert 'data-of="kind: birthday replenishment holiday"' in shown
    assert keep(hq, most_money="12.50").status_code == 302
    plan = TouchPlan.objects.get()
    assert plan.most_cents == 1_250
    again = hq.get(reverse("admin:campaigns_touchplan_keep"), {"code": "june"}).content.decode()
    assert 'value="12.5' in again
    assert "12.50" in page(hq, plan)
    assert keep(hq, most_money="0").status_code == 422


def test_on_a_members_page_a_plan_and_a_guides_task_are_named(hq):
    plan = live()
    planned(plan)
    serving.shops()
    done = serving.complete(serving.give("M1", "G1", brief=serving.brief(purpose="service")))
    shown = sights.text(hq.get(reverse("admin:members_member_touches", args=[world.member("M1").pk])))
    assert "六月上新" in shown
    assert done.brief.title in shown
    assert "campaigns.plan:" not in shown
    assert "guides.task:" not in shown
