"""A manager approves what her guides did or gives it back, and hands what is overdue to another; guides may not."""

import uuid
from datetime import timedelta

import pytest

from guides.actions import tasks
from guides.models import Task, TaskMove
from tests import serving, sights, world

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def waiting(number=1):
    """A task that waits for approval."""
    task = serving.give("V1", "G1", f"tests:{number}", brief=serving.brief(wants_approval=True))
    return serving.complete(task, "refused", note="她不需要")


def tap(client, task, do, **given):
    return client.post("/g/team/tasks/do/", {"task": task.ref, "ref": uuid.uuid4(), "do": do, **given})


def state(task):
    return Task.objects.values_list("state", flat=True).get(pk=task.pk)


def test_what_wants_approval_waits_and_is_approved_once():
    task, manager = waiting(), serving.phone("M1")
    assert state(task) == "checking"
    said = sights.text(manager.get("/g/team/tasks/"))
    for words in ("生日关怀", "小美", "她不需要"):
        assert words in said
    assert tap(manager, task, "approve").status_code == 302
    assert state(task) == "done"
    assert tap(manager, task, "approve").status_code == 422
    assert list(TaskMove.objects.order_by("nth").values_list("kind", flat=True)) == ["done", "approved"]
    with pytest.raises(tasks.TooLateToUndo):
        tasks.undo(task=task.ref, within=[task.post_id], at=world.NOW, by=serving.guide("G1"))


def test_what_is_given_back_is_to_be_done_again_for_a_reason():
    task, manager = waiting(), serving.phone("M1")
    assert tap(manager, task, "give_back", reason=" ").status_code == 422
    assert state(task) == "checking"
    assert tap(manager, task, "give_back", reason="请再打一次电话").status_code == 302
    assert state(task) == "open"
    assert "请再打一次电话" in sights.text(serving.phone("G1").get(f"/g/tasks/{task.ref}/"))
    serving.complete(task, "refused")
    assert state(task) == "checking"


def test_what_is_given_back_late_can_still_be_done():
    task = waiting()
    late = task.expires_at + DAY
    given = {"task": task.ref, "within": [task.post_id], "at": late, "by": serving.guide("M1")}
    assert tasks.give_back(**given, reason="补照片").expires_at == late + 2 * DAY


def test_what_is_overdue_is_handed_to_a_colleague_of_the_store(noon):
    task, manager = serving.give("V1", "G1"), serving.phone("M1")
    noon.shift(2 * DAY)
    assert "生日关怀" in sights.text(manager.get("/g/team/tasks/"))
    assert tap(manager, task, "hand_on", to="G9", reason="请假").status_code == 422
    assert tap(manager, task, "hand_on", to="G2", reason="请假").status_code == 302
    task.refresh_from_db()
    assert task.post == serving.post("G2")


def test_tasks_of_another_store_and_guides_themselves_are_kept_out():
    foreign = serving.give("V2", "G9", "tests:2", brief=serving.brief(wants_approval=True))
    serving.complete(foreign, "refused")
    task, manager, guide = waiting(), serving.phone("M1"), serving.phone("G1")
    assert "阿强" not in sights.text(manager.get("/g/team/tasks/"))
    assert tap(manager, foreign, "approve").status_code == 422
    assert state(foreign) == "checking"
    assert guide.get("/g/team/tasks/").status_code == 403
    assert tap(guide, task, "approve").status_code == 403
    assert tap(manager, task, "burn").status_code == 422
    assert state(task) == "checking"


def test_the_page_asks_as_much_however_many_wait_and_speaks_english():
    manager = serving.phone("M1", "en")
    with sights.asked() as few:
        assert "Nothing waits for you." in sights.text(manager.get("/g/team/tasks/"))
    for number in range(9):
        waiting(number)
    with sights.asked() as many:
        assert "Give it back" in sights.text(manager.get("/g/team/tasks/"))
    assert len(many) <= len(few) + 1 <= sights.MOST_QUERIES
