"""Errands given to one guide at the same moment: one form gives one, two managers give two, a reminder is one a day."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError

from guides.actions import errands, tasks
from guides.actions.errands import RemindedToday
from guides.models import Brief, Task
from stores.models import Post
from tests import serving, world
from tests.races.race import RACERS, Beside, Once, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 4


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()


def given(brand, refs):
    """Let 王店长 give 小美 an errand by so many taps at once, each of a form with one of these numbers."""
    post, by, due = serving.post("G1"), serving.guide("M1"), world.NOW + timedelta(days=1)
    act = lambda n: errands.give(post=post, title="整理橱窗", due_at=due, ref=refs[n], at=world.NOW, by=by)  # noqa: E731
    return race(brand, len(refs), act)


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_one_form_sent_many_times_at_once_gives_one_errand(brand, count):
    found = given(brand, [uuid.uuid4()] * count)
    assert errors(found) == []
    assert (sum(found), Task.objects.count(), Brief.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_as_many_forms_as_are_sent_at_once_give_as_many_errands_of_one_brief(brand, count):
    found = given(brand, [uuid.uuid4() for _ in range(count)])
    assert errors(found) == []
    assert (sum(found), Task.objects.count(), Brief.objects.count()) == (count, count, 1)


def test_without_its_key_an_errand_sent_again_is_refused_by_the_database(brand, monkeypatch):
    monkeypatch.setattr(tasks, "ASSIGN_PLAIN", tasks.ASSIGN_PLAIN.replace("ON CONFLICT DO NOTHING", ""))
    found = given(brand, [uuid.uuid4()] * 2)
    assert [type(error) for error in errors(found)] == [IntegrityError]
    assert Task.objects.count() == 1


def remind(_number=0):
    wording = tasks.Wording(title="补做逾期任务", reason=Brief.Reason.OTHER, purpose="service")
    return errands.remind(post=serving.post("G1"), wording=wording, at=world.NOW, by=serving.guide("M1"))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_reminded_by_many_at_once_she_is_reminded_once(brand, count):
    serving.give("V1", "G1", due=-timedelta(hours=1))
    found = race(brand, count, remind)
    assert ({type(error) for error in errors(found)}, len(errors(found))) == ({RemindedToday}, count - 1)
    assert Task.objects.filter(member=None).count() == 1


def left_while_given(brand, monkeypatch):
    """Let 小美 leave while an errand is being given to her; gives what stood of her post before it was given."""
    begun, stood, post = [], [], serving.post("G1")

    def leave():
        return world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"}).refusals

    def beside():
        begun.append(Beside(brand, leave).start())
        stood.append(Post.objects.get(pk=post.pk).until is None)

    inside = Once(beside)
    monkeypatch.setattr(tasks, "failpoint", lambda _name: inside())
    given_now = errands.give(
        post=post, title="整理橱窗", due_at=world.NOW + timedelta(days=1), ref=uuid.uuid4(), at=world.NOW,
        by=serving.guide("M1"),
    )  # fmt: skip
    assert (given_now, begun[0].answer) == (1, [])
    return stood[0]


def test_who_is_being_given_an_errand_leaves_afterwards(brand, monkeypatch):
    assert left_while_given(brand, monkeypatch)


def test_not_held_she_leaves_meanwhile(brand, monkeypatch):
    monkeypatch.setattr(errands, "_held", lambda post: post)
    assert not left_while_given(brand, monkeypatch)
