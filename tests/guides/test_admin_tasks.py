"""Tasks and their rules in the admin: lists within sight, a form with a preview, completion by region and store."""

from dataclasses import fields
from html.parser import HTMLParser

import pytest

from guides.actions import materials, task_rules
from guides.actions.task_rules import Ruling
from guides.actions.tasks import Wording
from guides.models import Brief, Task, TaskRule
from members.actions import coupon_plans
from tests import coupons, serving, sharing, sights, surveying, world

RULE = {
    "code": "tea", "name": "茶客回访", "trigger": "purchase", "categories": "茶；零食", "due_days": "2", "kept_days": "5",
    "title": "回访", "reason": "after_purchase", "purpose": "service", "why": "{day} 买了{product}", "words": "{name}，好喝吗？",
    "priority": "5", "seen": "0",
}  # fmt: skip
KEEP = "/admin/guides/taskrule/keep/"


class Filled(HTMLParser):
    """What a browser sends of the form that keeps a rule when nothing in it is changed."""

    def __init__(self, page):
        super().__init__()
        self.sent, self.name, self.inside = {}, "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inside = self.inside or given.get("class") == "hq-form"
        if not self.inside or (given.get("type") == "checkbox" and "checked" not in given):
            return
        if tag == "input":
            self.sent[given["name"]] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        if tag in ("select", "textarea"):
            self.name = given["name"]
        if tag == "option" and "selected" in given:
            self.sent.setdefault(self.name, []).append(given["value"])

    def handle_data(self, data):
        if self.name == "words":
            self.sent["words"] = data.lstrip("\n")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"
        self.name = "" if tag in ("select", "textarea") else self.name


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def test_the_list_shows_the_tasks_within_sight_and_takes_them_out():
    serving.give("V1", "G1")
    serving.give("V2", "G9", "tests:2")
    hq, manager = sights.browser("hq"), sights.browser("manager")
    both, own = (sights.text(each.get("/admin/guides/task/")) for each in (hq, manager))
    assert "小美" in both
    assert "阿强" in both
    assert "小美" in own
    assert "阿强" not in own
    assert "阿强" not in sights.text(hq.get("/admin/guides/task/?guide=G1"))
    file = sights.text(manager.post("/admin/guides/task/export/", {"format": "csv"}))
    assert "G1" in file
    assert "G9" not in file


def test_a_task_tells_what_happened_to_it():
    task = serving.complete(serving.give("V1", "G1"), "refused", note="不需要")
    said = sights.text(sights.browser("hq").get(f"/admin/guides/task/{task.pk}/change/"))
    assert "不需要" in said
    assert "完成" in said


def test_a_rule_is_written_previewed_and_switched_by_hq_alone():
    hq, manager = sights.browser("hq"), sights.browser("manager")
    assert manager.post(KEEP, RULE).status_code == 403
    world.buy(world.order("A1", "88.00", "2026-06-15T11:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "88.00"})
    assert "今天会得到任务的顾客：1" in sights.text(hq.post(KEEP, {**RULE, "preview": "1"}))
    assert not TaskRule.objects.exists()
    assert not Brief.objects.exists()
    assert hq.post(KEEP, RULE).status_code == 302
    rule = TaskRule.objects.get()
    assert (rule.terms, rule.brief.words) == ({"after": 0, "categories": ["茶", "零食"]}, "{name}，好喝吗？")
    assert "茶; 零食" in sights.text(hq.get(f"{KEEP}?code=tea"))
    hq.post("/admin/guides/taskrule/switch/", {"code": "tea", "active": "0"})
    rule.refresh_from_db()
    assert not rule.active
    assert "茶客回访" in sights.text(manager.get("/admin/guides/taskrule/"))


def test_what_does_not_fit_is_told_and_nothing_is_kept():
    hq = sights.browser("hq")
    for wrong in ({"code": "Tea!"}, {"trigger": "stage"}, {"due_days": "9"}, {"trigger": "moon"}, {"days": "-1"}):
        assert hq.post(KEEP, {**RULE, **wrong}).status_code == 422
    assert not TaskRule.objects.exists()
    assert hq.post(KEEP, RULE).status_code == 302
    assert "此规" in sights.text(hq.post(KEEP, {**RULE, "name": "别的"}))
    assert TaskRule.objects.get().name == "茶客回访"


def test_examples_are_added_by_a_tap_and_said_in_both_languages():
    hq = sights.browser("hq")
    hq.post("/admin/guides/taskrule/examples/")
    assert TaskRule.objects.count() == len(task_rules.EXAMPLES)
    assert "流失挽回" in sights.text(hq.get("/admin/guides/taskrule/"))
    hq.cookies["django_language"] = "en"
    said = sights.text(hq.get(f"{KEEP}?code=wake"))
    for words in ("How rules give tasks", "Customers who would be given a task today: 0", "Switch it off"):
        assert words in said


def test_completion_counts_regions_and_stores_within_sight():
    serving.complete(serving.give("V1", "G1"), "refused")
    serving.give("V2", "G9", "tests:2")
    hq, manager = sights.browser("hq"), sights.browser("manager")
    assert Task.objects.count() == 2
    with sights.asked() as queries:
        whole = sights.text(hq.get("/admin/guides/task/completion/"))
    assert len(queries) <= sights.MOST_QUERIES
    for words in ("华东", "华南", "广州天河店", "100.0%", "派发 2 个"):
        assert words in whole
    own = sights.text(manager.get("/admin/guides/task/completion/?month=last"))
    assert "上海南京西路店" in own
    assert "广州天河店" not in own


def whole():
    """A rule each field of whose wording says something else than is usual."""
    plan, survey, material = coupons.plan(), surveying.survey(), sharing.material()
    wording = Wording(
        "回访", "survey", "service", "{day} 购买", "{name}，好喝吗？", 1, plan.pk, material.pk, survey.pk, True, True,
    )  # fmt: skip
    usual = {each.name: each.default for each in fields(Wording)}
    assert all(value != usual[name] for name, value in vars(wording).items())
    return task_rules.keep(ruling=Ruling("tea", "茶客回访", "bond_made", wording), at=world.NOW), wording


def kept_again(hq, **changed):
    """Keep the rule by its form as it was shown, but for what is changed."""
    path = f"{KEEP}?code=tea"
    answer = hq.post(path, {**Filled(sights.text(hq.get(path))).sent, **changed})
    assert answer.status_code == 302
    return TaskRule.objects.get().brief


def test_a_rule_kept_as_it_was_shown_keeps_its_whole_brief():
    rule, _wording = whole()
    hq = sights.browser("hq")
    assert kept_again(hq) == rule.brief
    assert TaskRule.objects.get().terms == rule.terms
    materials.withdraw(material=rule.brief.material, at=world.NOW)
    coupon_plans.pause(plan=rule.brief.coupon_plan, at=world.NOW)
    assert kept_again(hq) == rule.brief
    changed = kept_again(hq, words="{name}，还要吗？")
    assert (changed.material, changed.coupon_plan, changed.survey) == (
        rule.brief.material, rule.brief.coupon_plan, rule.brief.survey,
    )  # fmt: skip


def test_a_rule_is_given_a_material_in_its_form_and_shares_its_published_version():
    whole()
    sharing.material("POT", title="茶壶")
    hq = sights.browser("hq")
    assert kept_again(hq, material="POT").material.code == "POT"
    newer = sharing.material("POT", title="新茶壶")
    assert kept_again(hq).material == newer
    assert kept_again(hq, material="").material is None
    assert hq.post(f"{KEEP}?code=tea", {**RULE, "material": "nonsense"}).status_code == 422
