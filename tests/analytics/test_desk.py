"""What a manager does from her board: a task is given once, a reminder once a day, and only within her sight."""

import uuid
from datetime import timedelta

import pytest

from analytics.actions import facts
from analytics.queries import boards, service
from guides.models import Task
from newretail.kernel.actions import relay
from stores.actions import targets
from stores.models import Store
from stores.queries.chain import place_of
from tests import moments, serving, sights, world

pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)
DO = "/stores/SH01/guides/do/"


def given(**more):
    """Ask for a task for 小美, unless said otherwise."""
    return {"do": "give", "to": "G1", "title": "盘点茶叶", "due": "2026-06-16", "ref": str(uuid.uuid4()), **more}


def said(answer, client):
    """What the board says after an action."""
    assert answer.status_code == 302
    return sights.text(client.get(answer["Location"]))


def test_a_task_is_given_once_however_often_it_is_tapped():
    serving.shops()
    manager, form = sights.browser("manager"), given()
    assert "任务已布置给小美" in said(manager.post(DO, form), manager)
    manager.post(DO, form)
    task = Task.objects.get()
    assert (task.brief.title, task.post.user.staff_no, task.due_at.isoformat()) == (
        "盘点茶叶", "G1", "2026-06-16T15:59:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"title": "长" * 61}, {"title": "打 13800000001"}, {"due": "2026-06-14"}, {"due": "2027-01-01"},
     {"due": "bad"}, {"due": "9999-12-31"}, {"to": "G9"}, {"to": ""}, {"to": "\0"}],
)  # fmt: skip
def test_what_is_no_task_is_refused_and_nothing_given(wrong):
    serving.shops()
    manager = sights.browser("manager")
    text = said(manager.post(DO, given(**wrong)), manager)
    assert "pg-error" in text
    assert not Task.objects.exists()


def test_a_guide_is_reminded_of_what_is_overdue_once_a_day():
    serving.shops()
    manager, form = sights.browser("manager"), {"do": "remind", "to": "G1"}
    assert "没有逾期" in said(manager.post(DO, form), manager)
    serving.give("V1", "G1", at=world.NOW - 3 * DAY, due=DAY)
    assert "1 项任务逾期" in said(manager.post(DO, form), manager)
    assert "今天已经提醒过" in said(manager.post(DO, form), manager)
    told = Task.objects.get(source__startswith="guides.overdue:")
    assert (told.facts, told.member_id, told.brief.priority) == ({"n": 1}, None, 1)


def test_only_who_leads_the_store_gives_tasks_in_it():
    serving.shops()
    for role, path, status in (("guide", DO, 403), ("auditor", DO, 403), ("manager", "/stores/GZ01/guides/do/", 404)):
        assert sights.browser(role).post(path, given()).status_code == status
    assert not Task.objects.exists()
    assert sights.browser("supervisor").post(DO, given()).status_code == 302
    assert Task.objects.count() == 1


def test_contacts_of_the_week_stand_beside_their_target_and_the_sop_beside_them():
    serving.shops()
    store = Store.objects.get(code="SH01")
    targets.plan(draft=targets.Draft(sights.TODAY.replace(day=1), "reach", {place_of(store): 300}), at=world.NOW)
    serving.complete(serving.give("V1", "G1", brief=serving.brief(purpose="service")))
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    found = boards.board(store, at=world.NOW)
    assert found.reach_goal
    assert (found.reach_goal.actual, found.reach_goal.target) == (1, 70)
    assert {step.step: step.on_time for step in found.sop} == {"greeted": 1, "reminded": 0, "in_touch": 0}
    text = sights.text(sights.browser("manager").get("/stores/SH01/"))
    assert "本周触达" in text
    assert "移交顾客" in text
    assert "布置任务" in text
    assert "布置任务" not in sights.text(sights.browser("auditor").get("/stores/SH01/"))


def test_the_board_tells_how_far_the_plan_of_moments_is_kept():
    serving.shops()
    moments.stocked()
    moments.propose()
    moments.record(moments.slot(1))
    manager = sights.browser("manager")
    with sights.asked() as queries:
        text = sights.text(manager.get("/stores/SH01/"))
    assert len(queries) <= sights.MOST_QUERIES
    line = service.total(boards.board(Store.objects.get(code="SH01"), at=world.NOW).service)
    assert line.posted == 1
    assert f"应发 {line.planned} · 已发 1 · 按时段 {line.posted_in_time}" in text
