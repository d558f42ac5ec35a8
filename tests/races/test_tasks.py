"""A guide's task that is done, handed on and taken back at the same moment: one end, one touch, one owner."""

import threading
import uuid

import pytest
from django.db import IntegrityError

from guides.actions import bonds, deeds, tasks
from guides.models import Bond, Task, TaskMove
from members.actions import touches
from members.models import Touch
from newretail.kernel import books
from tests import serving, world
from tests.members import consenting
from tests.races.race import PATIENCE, RACERS, Beside, Once, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 8


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care"))


def kinds():
    return list(TaskMove.objects.order_by("id").values_list("kind", flat=True))


def done_once(brand, clients):
    """Let the same task be done by so many at once; gives the errors met."""
    task, post, by = serving.give("V1", "G1"), serving.post("G1").pk, serving.guide("G1")
    given = {"task": task.ref, "within": [post], "result": tasks.Result("sent"), "at": world.NOW, "by": by}
    return errors(race(brand, clients, lambda _: tasks.complete(**given)))


def judge(refused, clients):
    assert {type(error) for error in refused} == {tasks.NotToBeDone}
    assert (len(refused), kinds(), Touch.objects.count()) == (clients - 1, ["done"], 1)


def test_a_task_done_by_many_at_once_is_done_once(brand):
    judge(done_once(brand, FEW), FEW)


@pytest.mark.prove
def test_a_task_done_by_sixty_four_at_once_is_done_once(brand):
    judge(done_once(brand, RACERS), RACERS)


def unlock(monkeypatch):
    """Let whoever changes a task read it without its lock."""

    def read(task, within):
        return Task.objects.select_related("brief", "member", "post").get(ref=task, post_id__in=within)

    monkeypatch.setattr(tasks, "_locked", read)


def test_without_the_lock_two_meet_and_the_number_of_the_move_stops_the_second(brand, monkeypatch):
    unlock(monkeypatch)
    make, meeting = tasks.contacts.make, threading.Barrier(2)

    def meet(**given):
        """Let both have read the task before either changes it."""
        meeting.wait(timeout=PATIENCE)
        return make(**given)

    monkeypatch.setattr(tasks.contacts, "make", meet)
    assert [type(error) for error in done_once(brand, 2)] == [IntegrityError]


def test_done_and_handed_on_at_once_it_has_one_owner_who_did_it_or_has_it_to_do(brand):
    for turn in range(FEW):
        task, post, by = serving.give("V1", "G1", f"tests:{turn}"), serving.post("G1"), serving.guide("G1")
        given = {"task": task.ref, "within": [post.pk], "at": world.NOW, "by": by}
        outcomes = each(brand, [
            lambda given=given: tasks.complete(result=tasks.Result("refused"), **given),
            lambda given=given: tasks.transfer(to=serving.post("G2"), reason="休假", **given),
        ])  # fmt: skip
        task.refresh_from_db()
        assert len(errors(outcomes)) == 1
        assert (task.state, task.post) in (("done", post), ("open", serving.post("G2")))
        assert task.moves == 1


def test_one_tap_sent_many_times_at_once_is_taken_once(brand):
    task, post, by, ref = serving.give("V1", "G1"), serving.post("G1").pk, serving.guide("G1"), uuid.uuid4()
    given = {"task": task.ref, "within": [post], "result": tasks.Result("sent"), "at": world.NOW, "by": by}

    def tap(_):
        return deeds.once(
            ref=ref, kind="task.complete", subject="task", act=lambda: tasks.complete(**given), at=world.NOW, by=by
        )

    outcomes = race(brand, FEW, tap)
    assert errors(outcomes) == []
    assert (sum(outcomes), kinds(), Touch.objects.count()) == (1, ["done"], 1)


def checking():
    """A task of 小美 that waits for approval; gives what its manager says of it."""
    task = serving.give("V1", "G1", brief=serving.brief(wants_approval=True))
    serving.complete(task, "refused")
    return {"task": task.ref, "within": [task.post_id], "at": world.NOW, "by": serving.guide("M1")}


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_approved_by_many_at_once_it_is_approved_once(brand, count):
    given = checking()
    refused = errors(race(brand, count, lambda _: tasks.approve(**given)))
    assert ({type(error) for error in refused}, len(refused)) == ({tasks.NotWaiting}, count - 1)
    assert kinds() == ["done", "approved"]


def test_approved_and_given_back_at_once_one_of_both_happened(brand):
    given = checking()
    found = each(brand, [lambda: tasks.approve(**given), lambda: tasks.give_back(reason="照片不清楚", **given)])
    assert [type(error) for error in errors(found)] == [tasks.NotWaiting]
    assert kinds()[1:] in (["approved"], ["returned"])


def test_approved_without_the_lock_the_number_of_the_move_stops_the_second(brand, monkeypatch):
    given, meeting = checking(), threading.Barrier(2)

    def read(task, within):
        """Let both have read the task before either changes it."""
        found = Task.objects.select_related("brief").get(ref=task, post_id__in=within)
        meeting.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(tasks, "_locked", read)
    refused = errors(race(brand, 2, lambda _: tasks.approve(**given)))
    assert [type(error) for error in refused] == [IntegrityError]


def settled_while_taken_back(brand, monkeypatch):
    """Settle what was sent while she takes it back, in the last moment she can; gives what the settling told."""
    task = serving.complete(serving.give("V1", "G1"))
    last, begun = world.NOW + tasks.UNDO_TAKEN, []
    inside = Once(lambda: begun.append(Beside(brand, lambda: tasks.settle(at=last)).start()))
    monkeypatch.setattr(tasks, "failpoint", lambda name: inside() if name == "task.moved" else None)
    tasks.undo(task=task.ref, within=[task.post_id], at=last, by=serving.guide("G1"))
    return begun[0].answer


def test_what_is_being_taken_back_is_not_settled_as_sent(brand, monkeypatch):
    assert settled_while_taken_back(brand, monkeypatch) == 0
    assert (kinds(), Touch.objects.get().state) == (["done", "undone"], "failed")


def test_without_waiting_the_settling_of_all_fails_for_one(brand, monkeypatch):
    monkeypatch.setattr(tasks, "DUE_TO_SETTLE", tasks.DUE_TO_SETTLE.replace("FOR UPDATE", ""))
    assert isinstance(settled_while_taken_back(brand, monkeypatch), touches.SettledOtherwise)


def test_what_is_being_settled_is_not_taken_back(brand, monkeypatch):
    task, begun = serving.complete(serving.give("V1", "G1")), []
    last = world.NOW + tasks.UNDO_TAKEN
    given = {"task": task.ref, "within": [task.post_id], "at": last, "by": serving.guide("G1")}
    inside = Once(lambda: begun.append(Beside(brand, lambda: tasks.undo(**given)).start()))
    monkeypatch.setattr(touches, "failpoint", lambda name: inside() if name == "touch.settled" else None)
    assert tasks.settle(at=last) == 1
    assert isinstance(begun[0].answer, tasks.TooLateToUndo)
    assert (kinds(), Touch.objects.get().state) == (["done"], "sent")


def test_a_member_who_adds_many_guides_at_once_has_one(brand):
    posts, member = [serving.post(number) for number in ("G1", "G2", "G9")], world.member("V2")
    outcomes = race(brand, 3, lambda n: bonds.bind_one(member=member, post=posts[n], source="scan", at=world.NOW))
    assert errors(outcomes) == []
    assert (sum(told.made for told in outcomes), Bond.objects.open().filter(member=member).count()) == (1, 1)
    assert books.verify() == []
