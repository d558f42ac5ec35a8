"""A survey recorded by many at the same moment, and written by two: one reply stands, no version is lost."""

import threading

import pytest
from django.db import IntegrityError

from guides.actions import surveys, tasks
from guides.actions.surveys import SurveyChanged
from guides.models import Survey, SurveyAnswer, SurveyReply, Task
from newretail.kernel import books
from tests import serving, surveying
from tests.members import consenting
from tests.races.race import PATIENCE, RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 4


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="service"))


def recorded(brand, count):
    """Let so many taps record what a customer answered; gives the errors met."""
    task = surveying.task()
    return errors(race(brand, count, lambda _: surveying.reply(Task.objects.get(pk=task.pk))))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_recorded_by_many_at_once_one_reply_stands(brand, count):
    refused = recorded(brand, count)
    assert ({type(error) for error in refused}, len(refused)) == ({tasks.NotToBeDone}, count - 1)
    assert (SurveyReply.objects.count(), SurveyAnswer.objects.count()) == (1, len(surveying.ALL))
    assert books.verify() == []


def test_without_the_lock_two_read_the_task_and_the_database_refuses_one_reply(brand, monkeypatch):
    together = threading.Barrier(2)

    def read(task, within):
        """Let both have read the task before either keeps a reply."""
        found = Task.objects.select_related("brief", "member", "post").get(ref=task, post_id__in=within)
        together.wait(PATIENCE)
        return found

    monkeypatch.setattr(tasks, "_locked", read)
    assert [type(error) for error in recorded(brand, 2)] == [IntegrityError]
    assert SurveyReply.objects.count() == 1


def written(brand, count):
    """Let so many write the next version of what they all saw; gives the errors met."""
    surveying.survey()
    return errors(race(brand, count, lambda n: surveying.survey(title=f"回访{n}", seen=1)))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_written_by_many_who_saw_the_same_one_version_follows(brand, count):
    refused = written(brand, count)
    assert ({type(error) for error in refused}, len(refused)) == ({SurveyChanged}, count - 1)
    assert Survey.objects.count() == 2


def test_without_the_queue_two_write_one_version_and_the_database_refuses_one(brand, monkeypatch):
    together, judge = threading.Barrier(2), surveys._judge

    def meet(questions):
        """Let both have seen the same version before either writes."""
        judge(questions)
        together.wait(PATIENCE)

    surveying.survey()
    monkeypatch.setattr(surveys, "LOCK", "SELECT 1 WHERE %(code)s <> ''")
    monkeypatch.setattr(surveys, "_judge", meet)
    found = race(brand, 2, lambda n: surveying.survey(title=f"回访{n}", seen=1))
    assert [type(error) for error in errors(found)] == [IntegrityError]
    assert Survey.objects.count() == 2
