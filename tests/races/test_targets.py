"""Two who plan one month at the same moment make two versions, one after the other; without the lock they collide."""

from datetime import date

import pytest
from django.db import IntegrityError

from stores.actions import targets
from stores.actions.targets import Draft, Stale
from stores.models import Store, Target, TargetPlan
from stores.queries.chain import place_of
from tests import world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
JUNE = date(2026, 6, 1)


@pytest.fixture
def places(brand):
    world.stores(*({"code": f"S{n:02d}", "name": f"店{n}", "region": "华东"} for n in range(RACERS)))
    return [place_of(store) for store in Store.objects.order_by("code")]


def plan(place, amount=100, base=None):
    draft = Draft(JUNE, "sales", {place: amount}, reason="同时", base=base)
    return targets.plan(draft=draft, at=world.NOW)


def test_each_of_many_planners_of_one_month_gets_a_version_and_none_loses_a_target(brand, places):
    found = race(brand, RACERS, lambda number: plan(places[number]))
    assert errors(found) == []
    assert sorted(made.version for made in found) == list(range(1, RACERS + 1))
    assert Target.objects.filter(plan__version=RACERS, kind="store").count() == RACERS


def test_of_many_who_change_the_same_target_one_saves_and_the_others_are_told(brand, places):
    plan(places[0])
    found = race(brand, RACERS, lambda number: plan(places[0], 200 + number, base=1))
    assert [type(error) for error in errors(found)] == [Stale] * (RACERS - 1)
    assert TargetPlan.objects.count() == 2


def test_without_the_lock_planners_collide(brand, places, monkeypatch):
    monkeypatch.setattr(targets, "lock", lambda: None)
    found = race(brand, RACERS, lambda number: plan(places[number]))
    assert any(isinstance(error, IntegrityError) for error in errors(found))
