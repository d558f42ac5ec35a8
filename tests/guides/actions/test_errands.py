"""Errands: what a manager gives a guide to do, once for its form, whoever does it in the end."""

import uuid
from datetime import timedelta

import pytest

from guides.actions import errands, tasks
from guides.models import Task
from tests import serving, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def given(ref):
    post, by, due = serving.post("G1"), serving.guide("M1"), world.NOW + timedelta(days=1)
    return errands.give(post=post, title="整理橱窗", due_at=due, ref=ref, at=world.NOW, by=by)


def test_an_errand_is_given_once_for_its_form():
    ref = uuid.uuid4()
    assert [given(ref), given(ref), given(uuid.uuid4())] == [1, 0, 1]


def test_an_errand_that_was_handed_on_is_not_given_again_by_the_same_form():
    ref = uuid.uuid4()
    given(ref)
    found = Task.objects.get()
    tasks.transfer(task=found.ref, within=[found.post_id], to=serving.post("G2"), reason="她在", at=world.NOW,
                   by=serving.guide("G1"))  # fmt: skip
    assert given(ref) == 0
    assert Task.objects.count() == 1
