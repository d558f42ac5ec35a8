"""A contest closed by two people at the same moment ends once."""

import threading
from datetime import timedelta

import pytest

from analytics.actions import contests
from analytics.models import Contest, ContestStanding
from tests import contesting, serving, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
JULY = world.NOW + timedelta(days=16)


def closed(brand, count):
    serving.shops()
    contesting.published()
    return race(brand, count, lambda _: contests.close(code="june", at=JULY))


def test_closed_at_once_it_ends_once(brand):
    outcomes = closed(brand, min(RACERS, 8))
    assert {type(error) for error in errors(outcomes)} == {contests.NotRunning}
    assert ContestStanding.objects.count() == 3


def test_without_the_lock_two_would_close_it_and_the_database_refuses_one(brand, monkeypatch):
    together = threading.Barrier(2)
    guarded = contests._locked

    def stale(code):
        if not Contest.objects.filter(code=code, state="published").exists():
            return guarded(code)
        contest = Contest.objects.get(code=code)
        together.wait(20)
        return contest

    monkeypatch.setattr(contests, "_locked", stale)
    outcomes = closed(brand, 2)
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert ContestStanding.objects.count() == 3
