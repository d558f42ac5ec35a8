"""A leave taken while her task is being done, and by two at once: a task has one owner, a leave is taken once."""

import threading

import pytest
from django.db import IntegrityError

from guides.actions import handovers, leaves, tasks
from guides.actions.leaves import AwayAlready
from guides.models import Leave, Task, TaskMove
from guides.queries import covering
from newretail.kernel import books
from tests import rostering, serving, world
from tests.races.race import PATIENCE, RACERS, Beside, Once, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 4


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()


def kinds():
    return list(TaskMove.objects.order_by("id").values_list("kind", flat=True))


def done(task):
    """Let 小美 do it."""
    given = {"within": [serving.post("G1").pk], "at": world.NOW, "by": serving.guide("G1")}
    return tasks.complete(task=task.ref, result=tasks.Result("refused"), **given)


def done_while_leave_is_taken(brand, monkeypatch):
    """Let 小美 do her task while it is on its way to who covers; gives what she was told."""
    task, begun = serving.give("V1", "G1"), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: done(task)).start()))
    monkeypatch.setattr(leaves, "failpoint", lambda name: inside() if name == "leave.handed" else None)
    assert rostering.away("G1", covers="G2").tasks == 1
    return begun[0].answer


def test_what_is_being_handed_to_who_covers_is_hers_no_more(brand, monkeypatch):
    assert isinstance(done_while_leave_is_taken(brand, monkeypatch), tasks.UnknownTask)
    assert (Task.objects.get().post, kinds()) == (serving.post("G2"), ["covered"])


def test_read_without_the_lock_the_number_of_the_move_stops_her(brand, monkeypatch):
    monkeypatch.setattr(
        tasks, "_locked", lambda task, within: Task.objects.select_related("brief").get(ref=task, post_id__in=within)
    )
    assert isinstance(done_while_leave_is_taken(brand, monkeypatch), IntegrityError)


def leave_taken_while_done(brand, monkeypatch):
    """Take the leave while she is doing her task; gives how many tasks went to who covers."""
    task, begun = serving.give("V1", "G1"), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: rostering.away("G1", covers="G2")).start()))
    monkeypatch.setattr(tasks, "failpoint", lambda name: inside() if name == "task.moved" else None)
    done(task)
    return begun[0].answer.tasks


def test_what_is_being_done_is_not_handed_to_who_covers(brand, monkeypatch):
    assert leave_taken_while_done(brand, monkeypatch) == 0
    assert (Task.objects.get().post, kinds()) == (serving.post("G1"), ["done"])
    assert books.verify() == []


@pytest.mark.books_may_break
def test_chosen_without_the_lock_what_she_did_stands_with_another(brand, monkeypatch):
    monkeypatch.setattr(covering, "HANDED", covering.HANDED.replace("ORDER BY id FOR NO KEY UPDATE", ""))
    assert leave_taken_while_done(brand, monkeypatch) == 1
    assert (Task.objects.get().state, Task.objects.get().post) == ("done", serving.post("G2"))


def give():
    """Give 小美 a task for a customer; who has it in the end is seen later."""
    row = {"member_no": "V1", "staff_no": "G1", "source": "tests:1", "facts": {}}
    return serving.assign(brief=serving.brief(), rows=[row])


def given_while_leave_is_taken(brand, monkeypatch):
    """Give her a task while her leave is being taken; gives whose it is."""
    begun = []
    inside = Once(lambda: begun.append(Beside(brand, give).start()))
    monkeypatch.setattr(leaves, "failpoint", lambda name: inside() if name == "leave.handed" else None)
    rostering.away("G1", covers="G2")
    assert begun[0].answer == 1
    return Task.objects.get().post


def test_what_is_given_while_a_leave_is_being_taken_goes_to_who_covers(brand, monkeypatch):
    assert given_while_leave_is_taken(brand, monkeypatch) == serving.post("G2")
    assert books.verify() == []


def test_not_waiting_what_is_given_stays_with_who_is_away(brand, monkeypatch):
    monkeypatch.setattr(leaves, "ALONE", "SELECT 1 WHERE %(post)s > 0")
    assert given_while_leave_is_taken(brand, monkeypatch) == serving.post("G1")


def leave_taken_while_given(brand, monkeypatch):
    """Take her leave while a task is being given to her; gives how many tasks went to who covers."""
    begun = []
    inside = Once(lambda: begun.append(Beside(brand, lambda: rostering.away("G1", covers="G2")).start()))
    monkeypatch.setattr(tasks, "failpoint", lambda name: inside() if name == "tasks.assigned" else None)
    assert give() == 1
    return begun[0].answer.tasks


def test_a_leave_waits_for_what_is_being_given(brand, monkeypatch):
    assert leave_taken_while_given(brand, monkeypatch) == 1
    assert Task.objects.get().post == serving.post("G2")


def test_not_waiting_a_leave_overlooks_what_is_being_given(brand, monkeypatch):
    monkeypatch.setattr(leaves, "ALONE", "SELECT 1 WHERE %(post)s > 0")
    assert leave_taken_while_given(brand, monkeypatch) == 0
    assert Task.objects.get().post == serving.post("G1")


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_leave_taken_by_many_at_once_is_taken_once(brand, count):
    serving.give("V1", "G1")
    refused = errors(race(brand, count, lambda _: rostering.away("G1", covers="G2")))
    assert ({type(error) for error in refused}, len(refused)) == ({AwayAlready}, count - 1)
    assert (Leave.objects.count(), kinds()) == (1, ["covered"])


@pytest.mark.books_may_break
def test_without_the_lock_she_is_away_twice(brand, monkeypatch):
    together = threading.Barrier(2)
    for where, name in ((handovers, "HOLD_POSTS"), (leaves, "ALONE")):
        monkeypatch.setattr(where, name, "SELECT 1 WHERE %(post)s > 0")
    monkeypatch.setattr(leaves, "failpoint", lambda _name: together.wait(PATIENCE))
    assert errors(race(brand, 2, lambda _: rostering.away("G1", covers="G2"))) == []
    assert Leave.objects.count() == 2
