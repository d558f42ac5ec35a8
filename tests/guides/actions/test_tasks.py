"""Tasks: assigned once, done once, taken back for a moment; whoever is touched stands in the ledger of touches."""

from datetime import timedelta

import pytest

from guides.actions import calls, evidence, tasks
from guides.models import Task, TaskMove
from members.actions import merges, persons
from members.actions.contacts import MayNotBeTouched
from members.models import Touch
from tests import serving, sharing, world
from tests.members import consenting

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care", decision="given"))


@pytest.fixture
def task(_shops):
    return serving.give("V1", "G1")


def by(staff_no="G1"):
    return {"within": [serving.post(staff_no).pk], "by": serving.guide(staff_no)}


def refused(sentence, verb, **given):
    with pytest.raises(sentence):
        verb(**given)


def test_a_source_gives_a_member_one_task_ever(task):
    row = {"member_no": "V1", "staff_no": "G1", "source": "tests:1"}
    assert serving.assign(brief=task.brief, rows=[row]) == 0
    serving.complete(task)
    assert serving.assign(brief=task.brief, rows=[row]) == 0
    assert Task.objects.count() == 1


def test_who_is_erased_is_assigned_to_nobody():
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)
    assert serving.assign(brief=serving.brief(), rows=[{"member_no": "V1", "staff_no": "G1", "source": "a"}]) == 0


def test_a_task_without_a_member_is_given_once_to_each_guide():
    rows = [{"member_no": None, "staff_no": number, "source": "display"} for number in ("G1", "G2")]
    assert serving.assign(brief=serving.brief(), rows=rows) == 2
    assert serving.assign(brief=serving.brief(), rows=rows) == 0


def test_done_it_stands_as_done_and_she_as_touched_once_nothing_can_be_undone(task):
    done = serving.complete(task, note="聊得很好")
    assert (done.state, done.outcome, done.note) == ("done", "sent", "聊得很好")
    touch = Touch.objects.get()
    assert (touch.state, touch.purpose, touch.member) == ("claimed", "care", world.member("V1"))
    assert tasks.settle(at=world.NOW + timedelta(seconds=5)) == 0
    assert tasks.settle(at=world.NOW + timedelta(minutes=1)) == 1
    touch.refresh_from_db()
    assert touch.state == "sent"


def test_undone_at_once_it_is_to_be_done_again_and_the_touch_never_was(task):
    serving.complete(task)
    tasks.undo(task=task.ref, at=world.NOW + timedelta(seconds=9), **by())
    task.refresh_from_db()
    assert (task.state, task.outcome, task.ended_at) == ("open", "", None)
    assert (Touch.objects.get().state, Touch.objects.get().reason) == ("failed", "taken_back")
    serving.complete(task, at=world.NOW + timedelta(seconds=12))
    assert [move.kind for move in TaskMove.objects.order_by("nth")] == ["done", "undone", "done"]
    assert sorted(Touch.objects.values_list("state", flat=True)) == ["claimed", "failed"]


def test_after_a_minute_it_is_too_late_to_undo(task):
    serving.complete(task)
    refused(tasks.TooLateToUndo, tasks.undo, task=task.ref, at=world.NOW + timedelta(minutes=1), **by())
    task.refresh_from_db()
    assert task.state == "done"


def test_without_consent_nothing_that_says_she_was_touched_is_kept(task):
    consenting.say(consenting.row("V1", channel="wecom", purpose="care", decision="withdrawn"))
    with pytest.raises(MayNotBeTouched):
        serving.complete(task)
    task.refresh_from_db()
    assert (task.state, TaskMove.objects.count(), Touch.objects.count()) == ("open", 0, 0)
    assert serving.complete(task, "refused").outcome == "refused"
    assert not Touch.objects.exists()


def test_a_task_is_done_once(task):
    serving.complete(task)
    refused(tasks.NotToBeDone, serving.complete, task=task)
    assert TaskMove.objects.count() == 1


def test_put_off_it_keeps_its_due_and_never_outlives_itself(task):
    until = world.NOW + timedelta(hours=3)
    assert tasks.snooze(task=task.ref, until=until, at=world.NOW, **by()).snoozed_until == until
    for wrong in (world.NOW, world.NOW + 7 * DAY, world.NOW + 31 * DAY):
        refused(tasks.BadDay, tasks.snooze, task=task.ref, until=wrong, at=world.NOW, **by())


def test_it_is_handed_on_within_the_store_for_a_reason(task):
    given = {"task": task.ref, "at": world.NOW, **by()}
    refused(merges.WhyMissing, tasks.transfer, to=serving.post("G2"), reason=" ", **given)
    refused(tasks.WrongColleague, tasks.transfer, to=serving.post("G9"), reason="休假", **given)
    assert TaskMove.objects.count() == 0
    assert tasks.transfer(to=serving.post("G2"), reason="休假", **given).post == serving.post("G2")
    refused(tasks.UnknownTask, tasks.complete, task=task.ref, result=tasks.Result("sent"), at=world.NOW, **by())
    serving.complete(Task.objects.get())


def test_another_guides_task_is_not_there(task):
    for verb, more in (
        (tasks.undo, {}),
        (tasks.complete, {"result": tasks.Result("sent")}),
        (tasks.cancel, {"reason": "x"}),
    ):
        refused(tasks.UnknownTask, verb, task=task.ref, at=world.NOW, **more, **by("G2"))
    assert tasks.cancel(task=task.ref, reason="活动取消", at=world.NOW, **by()).state == "cancelled"


def test_when_its_time_is_over_it_expires(task):
    assert tasks.expire(at=world.NOW + 6 * DAY) == 0
    assert tasks.expire(at=world.NOW + 7 * DAY) == 1
    refused(tasks.NotToBeDone, serving.complete, task=task)


def test_past_its_expiry_nothing_is_recorded_though_the_night_has_not_ended_it(task):
    over, ahead = world.NOW + 7 * DAY, timedelta(seconds=1)
    given = {"task": task.ref, "at": over, **by()}
    refused(tasks.TaskExpired, tasks.complete, result=tasks.Result("refused"), **given)
    refused(tasks.TaskExpired, tasks.snooze, until=over + DAY, **given)
    refused(tasks.TaskExpired, tasks.transfer, to=serving.post("G2"), reason="休假", **given)
    refused(tasks.TaskExpired, calls.show, **given)
    refused(tasks.TaskExpired, evidence.add, photo=sharing.picture(), **given)
    assert TaskMove.objects.count() == 0
    assert serving.complete(task, "refused", at=over - ahead).state == "done"


def test_past_its_expiry_it_can_still_be_cancelled(task):
    assert tasks.cancel(task=task.ref, reason="活动取消", at=world.NOW + 8 * DAY, **by()).state == "cancelled"


def test_what_was_settled_meanwhile_cannot_be_taken_back(task):
    serving.complete(task)
    later = world.NOW + tasks.UNDO_TAKEN
    assert tasks.settle(at=later) == 1
    refused(tasks.TooLateToUndo, tasks.undo, task=task.ref, at=later, **by())
    task.refresh_from_db()
    assert (task.state, task.moves, Touch.objects.get().state) == ("done", 1, "sent")


def test_handed_to_a_colleague_who_has_hers_it_stays_where_it_is():
    rows = [{"member_no": None, "staff_no": number, "source": "display"} for number in ("G1", "G2")]
    serving.assign(brief=serving.brief(), rows=rows)
    task = Task.objects.get(post=serving.post("G1"))
    given = {"task": task.ref, "to": serving.post("G2"), "reason": "休假", "at": world.NOW, **by()}
    refused(tasks.GivenAlready, tasks.transfer, **given)
