"""A share that is sent many times at once, a link that is opened many times at once: each counts once."""

import uuid

import pytest

from guides.actions import shares
from guides.models import LinkOpen, Share
from tests import serving, sharing, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 8


@pytest.fixture(autouse=True)
def shop(brand):
    serving.shops()
    sharing.material()


@pytest.mark.parametrize("count", [COUNT, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_share_sent_many_times_at_once_is_one(brand, count):
    ref = uuid.uuid4()
    outcomes = race(brand, count, lambda _: sharing.share(ref=ref).pk)
    assert errors(outcomes) == []
    assert (len(set(outcomes)), Share.objects.count()) == (1, 1)


@pytest.mark.parametrize("count", [COUNT, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_visitor_who_opens_it_many_times_at_once_counts_once(brand, count):
    shared = sharing.share()
    outcomes = race(brand, count, lambda _: sharing.opened(shared))
    assert errors(outcomes) == []
    assert sum(each is not None for each in outcomes) == LinkOpen.objects.count() == 1


def test_without_the_key_of_a_visit_each_of_them_counts(brand, monkeypatch):
    shared = sharing.share()
    monkeypatch.setattr(shares, "_digest", lambda *_parts: uuid.uuid4().hex)
    race(brand, COUNT, lambda _: sharing.opened(shared, at=world.NOW))
    assert LinkOpen.objects.count() == COUNT
