"""Clocks and workers that meet: one run per due time, each performed once; one scoring at a time."""

import threading
from collections import Counter
from datetime import date, timedelta

import pytest

from analytics.actions import scores
from members.actions import portraits
from members.models import Portrait, ScoreCut
from newretail.kernel import sql
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb
from newretail.schedule import NIGHT as TABLE
from newretail.schedule import ONLY
from tests import world
from tests.races.race import Beside, Once, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 6, 15)
NIGHT = {name for name, _ in TABLE} - ONLY.keys()
FIRST = TABLE[0][0]  # the first of the night


@pytest.fixture
def done(monkeypatch):
    """The night's jobs only say that they were done."""
    told = []
    for name in NIGHT:
        monkeypatch.setitem(TABLES.jobs, name, lambda run, _as_of: told.append(run.name) or {})
    return told


def test_three_beats_enter_one_run_per_due_time(brand):
    entered = race(brand, 3, lambda _: jobs.enter_due(at=world.NOW))
    assert errors(entered) == []
    assert sum(entered) == len(NIGHT)
    assert Counter(JobRun.objects.values_list("name", flat=True)) == dict.fromkeys(NIGHT, 1)


@verb
def enter_if_absent(*, name, as_of, at, due_at, together):
    """Look, then write: the mistake. Without its due time no constraint sees the run."""
    found = JobRun.objects.filter(name=name, as_of=as_of).exists()
    together.wait(20)
    return None if found else JobRun.objects.create(name=name, as_of=as_of)


def test_beats_that_look_before_they_write_enter_a_run_each(brand, monkeypatch):
    together = threading.Barrier(3)
    monkeypatch.setattr(jobs, "enter", lambda **given: enter_if_absent(**given, together=together))
    race(brand, 3, lambda _: jobs.enter_due(at=world.NOW))
    assert Counter(JobRun.objects.values_list("name", flat=True)) == dict.fromkeys(NIGHT, 3)


def perform_all(_number):
    while jobs.perform_next():
        pass


def test_three_workers_perform_each_run_once(brand, done):
    jobs.enter_due(at=world.NOW)
    assert errors(race(brand, 3, perform_all)) == []
    perform_all(0)
    assert Counter(done) == dict.fromkeys(NIGHT, 1)
    assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_comes_while_a_run_is_under_way_leaves_it_alone(brand, done, monkeypatch):
    jobs.enter_due(at=world.NOW)
    other = Beside(brand, jobs.perform_next)
    monkeypatch.setitem(TABLES.jobs, FIRST, lambda _run, _as_of: {"other": other.start(20).answer})
    assert jobs.perform_next()
    assert JobRun.objects.get(state="done").counts == {"other": False}
    assert done == []


def test_runs_taken_without_their_lock_are_performed_by_every_worker(brand, done, monkeypatch):
    together = threading.Barrier(3)

    def claim(lane):
        first = JobRun.objects.filter(state="waiting").order_by("due_at", "queued_at", "id").first()
        together.wait(20)
        return first

    jobs.enter_due(at=world.NOW)
    monkeypatch.setattr(jobs, "_claim", claim)
    race(brand, 3, lambda _: jobs.perform_next())
    assert Counter(done) == {FIRST: 3}


@pytest.fixture
def queued(brand, done):
    """Four runs that people wait for."""
    for _ in range(4):
        jobs.queue(name="score_rfm", at=world.NOW)
    return done


def perform_all_queued(_number):
    while jobs.perform_next(jobs.QUEUED):
        pass


def test_three_workers_perform_each_queued_run_once(brand, queued):
    assert errors(race(brand, 3, perform_all_queued)) == []
    perform_all_queued(0)
    assert Counter(queued) == {"score_rfm": 4}
    assert set(JobRun.objects.values_list("state", "attempts")) == {("done", 1)}


def test_queued_runs_taken_without_their_lock_are_performed_by_every_worker(brand, queued, monkeypatch):
    together = threading.Barrier(3)

    def claim(lane):
        first = JobRun.objects.filter(jobs.LANES[lane], state="waiting").order_by("id").first()
        together.wait(20)
        return first

    monkeypatch.setattr(jobs, "_claim", claim)
    race(brand, 3, lambda _: jobs.perform_next(jobs.QUEUED))
    assert Counter(queued) == {"score_rfm": 3}
    assert JobRun.objects.filter(state="done").count() == 1


def test_a_queued_run_does_not_wait_for_another_nor_for_the_night(brand, queued, monkeypatch):
    jobs.enter_due(at=world.NOW)
    monkeypatch.setitem(TABLES.jobs, "move_lifecycle", lambda _run, _as_of: {})
    beside = Beside(brand, lambda: jobs.perform_next(jobs.QUEUED))
    other = Beside(brand, jobs.perform_next)
    first = Once(lambda: (beside.start(20), other.start(20)))
    monkeypatch.setitem(TABLES.jobs, "score_rfm", lambda _run, _as_of: first() or {})
    assert jobs.perform_next(jobs.QUEUED)
    assert (beside.answer, other.answer) == (True, True)
    assert JobRun.objects.filter(state="done").count() == 3


def test_a_night_run_under_way_does_not_keep_queued_ones_waiting(brand, queued, monkeypatch):
    jobs.enter_due(at=world.NOW)
    beside = Beside(brand, lambda: jobs.perform_next(jobs.QUEUED))
    meanwhile = Once(lambda: beside.start(20))
    monkeypatch.setitem(TABLES.jobs, FIRST, lambda _run, _as_of: meanwhile() or {})
    assert jobs.perform_next()
    assert beside.answer is True


def test_a_run_cancelled_and_taken_at_once_is_either(brand, queued):
    def act(number):
        return perform_all_queued(0) if number else [jobs.cancel(run=run, by=None, at=world.NOW) for run in runs]

    runs = list(JobRun.objects.order_by("-id"))
    found = race(brand, 2, act)
    assert {type(error) for error in errors(found)} <= {jobs.HasEnded}
    perform_all_queued(0)
    states = Counter(JobRun.objects.values_list("state", flat=True))
    assert states["done"] + states["cancelled"] == 4
    assert states["done"] == len(queued)


@pytest.fixture
def bought(brand):
    world.people(*({"member_no": f"P{i}", "joined_at": "2025-01-01"} for i in range(20)))
    world.buy(*(world.order(f"A{i}", 10 + i, f"2026-06-{10 + i % 5}", member_no=f"P{i % 20}") for i in range(60)))
    return brand


def test_scorings_of_one_day_at_once_leave_one_portrait(bought):
    found = race(bought, 3, lambda _: scores.score(as_of=TODAY, at=world.NOW))
    assert sorted(counts["changed"] for counts in found) == [0, 0, 20]
    assert (Portrait.objects.count(), ScoreCut.objects.count()) == (20, 3)


def test_scorings_of_different_days_at_once_end_with_the_newest(bought):
    found = race(bought, 4, lambda number: scores.rescore(as_of=TODAY - timedelta(days=number), at=world.NOW))
    assert {type(error) for error in errors(found)} <= {scores.EarlierThanLive}
    assert scores.live_day() == TODAY
    assert sum(Portrait.objects.values_list("frequency", flat=True)) == 60


def test_the_last_cuts_are_read_when_nobody_else_can_write_newer_ones(bought, monkeypatch):
    scores.score(as_of=TODAY, at=world.NOW)
    real, was = scores._begin, ScoreCut.objects.get()

    def begin(as_of):
        real(as_of)
        kept = {"as_of": TODAY, "super_cents": was.super_cents, "scored": was.scored, "changed": 0}
        portraits.keep_cuts(**kept, cuts={**was.cuts, "rules": ["others"]}, at=world.NOW)

    monkeypatch.setattr(scores, "_begin", begin)
    assert scores.rescore(as_of=TODAY, at=world.NOW)["looked_at"] == 20


@pytest.mark.books_may_break
def test_a_scoring_without_its_lock_takes_the_portrait_back(bought, monkeypatch):
    newer = Beside(bought, lambda: scores.score(as_of=TODAY, at=world.NOW))
    meanwhile = Once(lambda: newer.start(20))

    def begin(as_of):
        scores._not_back(as_of)
        meanwhile()
        sql.temporary("tmp_stale", "SELECT NULL::bigint AS member_id WHERE false")

    monkeypatch.setattr(scores, "_begin", begin)
    scores.score(as_of=TODAY - timedelta(days=2), at=world.NOW)
    assert newer.answer["changed"] == 20
    assert scores.live_day() == TODAY - timedelta(days=2)
