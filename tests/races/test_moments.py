"""Posts in Moments made at the same moment: a slot once, brand advertising once a week."""

import threading

import pytest
from django.db import IntegrityError

from guides.actions import moments as posted
from guides.actions.moments import AdvertPosted, PostedAlready
from guides.models import MomentPost
from newretail.kernel.guard import writing
from stores.models import Post
from tests import moments, serving
from tests.races.race import PATIENCE, RACERS, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 8


@pytest.fixture(autouse=True)
def _planned(brand):
    serving.shops()
    moments.stocked()
    moments.propose()


def taps(brand, clients):
    return errors(race(brand, clients, lambda _: moments.record(moments.slot(1))))


def judge(refused, clients):
    assert {type(error) for error in refused} == {PostedAlready}
    assert (len(refused), MomentPost.objects.count()) == (clients - 1, 1)


def test_one_slot_and_many_taps_is_one_post(brand):
    judge(taps(brand, FEW), FEW)


@pytest.mark.prove
def test_one_slot_and_sixty_four_taps_is_one_post(brand):
    judge(taps(brand, RACERS), RACERS)


def adverts(brand):
    """Let a guide of two stores post the brand advertising of both at once; gives the errors met."""
    guide = serving.guide("G1")
    with writing("tests"):
        Post.objects.create(user=guide, role="guide", store=serving.post("G9").store)
    within = list(guide.posts.values_list("pk", flat=True))
    slots = [moments.slot(7, store) for store in ("SH01", "GZ01")]
    acts = [
        lambda planned=planned: posted.record(slot=planned.ref, within=within, at=planned.opens_at, by=guide)
        for planned in slots
    ]
    return errors(each(brand, acts))


def test_two_advertisements_of_one_guide_at_once_are_one(brand):
    assert [type(error) for error in adverts(brand)] == [AdvertPosted]
    assert MomentPost.objects.count() == 1


def test_without_the_lock_two_meet_and_the_database_stops_the_second(brand, monkeypatch):
    look, meeting = posted._advertised, threading.Barrier(2)

    def meet(by, slot):
        """Let both have looked before either posts."""
        found = look(by, slot)
        meeting.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(posted, "HOLD", "SELECT 1 WHERE %(user)s > 0")
    monkeypatch.setattr(posted, "_advertised", meet)
    assert [type(error) for error in adverts(brand)] == [IntegrityError]
    assert MomentPost.objects.count() == 1
