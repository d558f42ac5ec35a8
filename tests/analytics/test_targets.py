"""Targets beside what was done: weights learned, forecasts that keep their word, what each day to come must bring."""

from datetime import date, timedelta

import numpy as np
import pytest
import time_machine

from analytics.models import StoreDay
from analytics.queries import learning
from analytics.queries import targets as boards
from analytics.queries.forecasts import LEVEL, forecast
from newretail.kernel.actions import jobs
from newretail.kernel.guard import writing
from stores.actions import targets, weights
from stores.actions.targets import Draft
from stores.models import DayWeight, Store
from stores.queries.chain import BRAND, place_of
from stores.queries.weights import WEEKDAYS
from tests import sights, world

JUNE = date(2026, 6, 1)
START = world.NOW - timedelta(days=20)


def simulated(places, noise, months=40):
    """Days of places with a weekly rhythm, and the sum of each place's sixteen days to come."""
    rng = np.random.default_rng(7)
    rhythm = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.3, 1.0])
    weight = np.tile(rhythm, 11)[:72]
    level = rng.uniform(50, 5000, (places * months, 1))
    days = np.maximum(level * weight * noise(rng, (places * months, 72)), 0)
    whole = np.broadcast_to(weight, days.shape)
    return days[:, :56], whole[:, :56], whole[:, 56:], days[:, 56:].sum(axis=1)


@pytest.mark.parametrize(
    "noise",
    [
        lambda rng, shape: rng.normal(1, 0.3, shape),
        lambda rng, shape: rng.gamma(2, 0.5, shape),
        lambda rng, shape: 1 + np.apply_along_axis(
            lambda e: np.convolve(e, [1, 0.5, 0.25], "same"), 1, rng.normal(0, 0.2, shape)),
    ],
    ids=["even", "skewed", "carried over"],
)  # fmt: skip
def test_eight_months_in_ten_end_within_the_interval(noise):
    days, behind, ahead, truth = simulated(50, noise)
    found = forecast(days, behind, ahead, np.zeros(len(days)))
    within = np.mean([each.low <= end <= each.high for each, end in zip(found, truth, strict=True)])
    assert abs(100 * within - LEVEL) < 5


def test_nothing_is_forecast_from_too_little():
    few, behind = np.ones((2, 56)), np.ones((2, 56))
    few[1] = 0
    behind[0, :45] = 0
    assert forecast(few, behind, np.ones((2, 3)), np.zeros(2)) == [None, None]


def days(store, amounts, until=sights.TODAY, orders=100):
    """Write facts of a store behind the house's back: so much each day before a day, by weekday."""
    with writing("tests"):
        StoreDay.objects.bulk_create(
            StoreDay(store=store, day=day, sales_cents=amounts(day), orders=orders, recruits=1)
            for n in range(1, 400)
            for day in [until - timedelta(days=n)]
        )


@pytest.fixture
def shops(brand):
    world.chain()
    return Store.objects.get(code="SH01"), Store.objects.get(code="GZ01")


def saturdays(day):
    return 30_000 if day.weekday() == 5 else 10_000


@pytest.mark.books_may_break  # the facts are made up
def test_weekdays_are_learned_and_small_stores_lean_on_the_brand(shops):
    large, small = shops
    days(large, saturdays)
    days(small, lambda _day: 100, orders=1)
    found = {(each.store_id, each.kind): each.weight_bp for each in learning.learned("sales", sights.TODAY)}
    assert abs(found[None, "sat"] - 3 * found[None, "mon"]) < 500
    assert found[large.pk, "sat"] > found[small.pk, "sat"] > found[small.pk, "mon"]
    assert abs(sum(found[None, kind] for kind in WEEKDAYS) - 70_000) <= 7


@pytest.mark.books_may_break
def test_a_festival_is_learned_beyond_its_weekday(shops):
    days(shops[0], lambda day: saturdays(day) * (4 if (day.month, day.day) == (11, 11) else 1))
    found = {each.kind: each.weight_bp for each in learning.learned("sales", sights.TODAY) if each.store_id is None}
    assert 15_000 < found["double_11"] < 40_000  # one day of four times as much, leaning on three ordinary ones
    assert 9_500 < found["double_11.season"] < 10_500


@pytest.mark.books_may_break
def test_the_night_learns_once_a_month_and_a_past_day_moves_nothing(shops):
    days(shops[0], saturdays)
    with time_machine.travel(world.NOW, tick=False):
        assert learn(sights.TODAY - timedelta(days=1))["sales"] > 0
        assert DayWeight.objects.count() == 0
        assert learn(sights.TODAY)["sales"] == DayWeight.objects.filter(metric="sales").count() > 0
        assert learn(sights.TODAY) == {}


def learn(as_of):
    run = jobs.enter(name="learn_weights", as_of=as_of, at=world.NOW)
    jobs.perform(run=run)
    run.refresh_from_db()
    return run.counts


def plan(amounts, metric="sales"):
    targets.plan(draft=Draft(JUNE, metric, amounts, "起步"), at=START)


def test_the_grid_tells_actual_target_to_date_and_what_remains(brand):
    sights.trade()
    sights.night()
    shanghai = Store.objects.get(code="SH01")
    plan({place_of(shanghai): 300_00})
    lines = {line.node.place: line for line in grid("hq").lines}
    own = lines[place_of(shanghai)].progress
    assert (own.actual, own.to_date, own.gap) == (130_00, 140_00, -10_00)
    assert sum(own.needed) == 170_00
    assert len(own.needed) == 16
    assert own.year_before == 120_00
    assert lines[BRAND].progress.actual == 170_00  # online orders too
    assert not lines[BRAND].target.differs


def grid(role, metric="sales", month=JUNE):
    return boards.grid(sights.person(role), metric=metric, month=month, today=sights.TODAY)


def test_each_sees_her_places_and_may_set_those_beneath(brand):
    sights.trade()
    seen = {role: {line.node.key: line.may_set for line in grid(role).lines} for role in ("supervisor", "manager")}
    assert seen["supervisor"] == {"region:华东": False, "store:SH01": True, "guide:SH01/G1": True}
    assert seen["manager"] == {"store:SH01": False, "guide:SH01/G1": True}
    assert grid("guide").lines == []
    assert not any(line.may_set for line in grid("auditor").lines)
    assert not any(line.may_set for line in grid("hq", month=date(2026, 5, 1)).lines)


def test_weights_shape_what_remains(brand):
    sights.trade()
    sights.night()
    shanghai = Store.objects.get(code="SH01")
    plan({place_of(shanghai): 300_00})
    weights.put(metric="sales", store=shanghai, weights={"sun": 0}, reason="周日店休", at=world.NOW)
    needed = {line.node.place: line for line in grid("hq").lines}[place_of(shanghai)].progress.needed
    assert needed[21 - sights.TODAY.day] == 0
    assert sum(needed) == 170_00


@pytest.mark.parametrize("metric", ["sales", "recruits", "reach", "repeat_rate"])
def test_the_grid_costs_the_same_at_any_size(brand, metric, django_assert_max_num_queries):
    sights.trade()
    sights.night()
    hq = sights.person("hq")
    with django_assert_max_num_queries(10):
        boards.grid(hq, metric=metric, month=JUNE, today=sights.TODAY)
