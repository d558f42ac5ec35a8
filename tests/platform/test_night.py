"""The night's jobs: entered when they fall due, one after another, a failure on its row, a dead worker's run again."""

from datetime import UTC, date, datetime, time, timedelta

import psycopg2
import pytest
import time_machine

from members.models import Portrait, ScoreCut
from newretail.kernel.actions import jobs
from newretail.kernel.guard import writing
from newretail.kernel.jobs import perform_due
from newretail.kernel.models import JobRun, JournalEntry
from newretail.kernel.registry import TABLES
from newretail.settings.base import NIGHT_JOBS, NIGHT_ONLY
from tests import world

MORNING = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)  # eight in Shanghai
NIGHT = [name for name, _ in NIGHT_JOBS if name not in NIGHT_ONLY]
LOCK = "SELECT pg_advisory_lock(hashtext('kernel.jobrun:acme'), %s)"


@pytest.fixture
def morning(brand):
    with time_machine.travel(MORNING, tick=False):
        yield brand


@pytest.fixture
def told(monkeypatch):
    """The jobs say their names, in the order in which they are done."""
    names = []
    for name in NIGHT:
        monkeypatch.setitem(TABLES.jobs, name, lambda run, as_of: names.append((run.name, as_of)) or {"done": 1})
    return names


def states():
    return dict(JobRun.objects.values_list("name", "state"))


def test_the_night_is_done_in_its_order_as_of_its_day(morning, told):
    assert perform_due() == len(NIGHT)
    assert told == [(name, date(2026, 6, 15)) for name in NIGHT]
    assert [hour for _, hour in NIGHT_JOBS] == sorted(hour for _, hour in NIGHT_JOBS)


def test_a_night_that_was_done_is_not_done_again(morning, told):
    perform_due()
    assert perform_due() == 0
    assert len(told) == len(NIGHT)


def test_the_next_night_is_another(morning, told):
    perform_due()
    with time_machine.travel(MORNING + timedelta(days=1), tick=False):
        assert perform_due() == len(NIGHT)
    assert [day.day for _, day in told] == [15] * len(NIGHT) + [16] * len(NIGHT)


@pytest.mark.parametrize("minute", [4, 5, 59, 60, 89, 90, 150, 180, 195, 200, 210, 240])
def test_a_job_falls_due_by_the_brands_own_clock(brand, told, minute):
    yesterday = datetime(2026, 6, 13, 20, 0, tzinfo=UTC)  # four in the morning of the 14th
    with time_machine.travel(yesterday, tick=False):
        perform_due()
    told.clear()
    due = [name for name, hour in NIGHT_JOBS if name in NIGHT and hour <= time(minute // 60, minute % 60)]
    midnight = datetime(2026, 6, 14, 16, 0, tzinfo=UTC)
    with time_machine.travel(midnight + timedelta(minutes=minute), tick=False):
        assert perform_due() == len(due)
    assert [name for name, day in told if day == date(2026, 6, 15)] == due


def fail(_run, _as_of):
    raise ValueError("the shelf fell down")


def test_a_job_that_fails_leaves_its_error_on_its_row_and_the_next_goes_on(morning, told, monkeypatch):
    monkeypatch.setitem(TABLES.jobs, "move_lifecycle", fail)
    assert perform_due() == len(NIGHT)
    assert states() == dict.fromkeys(NIGHT, "done") | {"move_lifecycle": "failed"}
    row = JobRun.objects.get(state="failed")
    assert row.error == "ValueError: the shelf fell down"
    assert "in fail" in row.log
    assert (row.started_at, row.ended_at) == (MORNING, MORNING)
    assert JournalEntry.objects.filter(name="kernel.job.failed", subject="move_lifecycle").count() == 1


def test_the_real_night_scores_the_brand(morning):
    world.chain()
    world.buy(world.order("A", "9", "2026-06-10", member_no="V1"))
    assert perform_due() == len(NIGHT)
    assert states() == dict.fromkeys(NIGHT, "done")
    assert Portrait.objects.get(member__member_no="V1").frequency == 1
    assert ScoreCut.objects.latest("id").as_of == date(2026, 6, 15)


def leave_running(name):
    """Leave a run as a worker leaves it that is killed."""
    with writing("tests"):
        JobRun.objects.filter(name=name).update(state="running", started_at=MORNING)


def test_a_run_whose_worker_died_is_taken_up_again(morning, told):
    jobs.enter_due(at=MORNING)
    leave_running("score_rfm")
    assert perform_due() == len(NIGHT)
    assert states() == dict.fromkeys(NIGHT, "done")


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_worker_lives_is_left_to_it(morning, told, database_urls):
    jobs.enter_due(at=MORNING)
    leave_running(NIGHT[0])
    worker = psycopg2.connect(database_urls.app_url)
    worker.cursor().execute(LOCK, [JobRun.objects.get(name=NIGHT[0]).pk])
    assert perform_due() == 0
    worker.close()
    assert perform_due() == len(NIGHT)
    assert [name for name, _ in told] == NIGHT


def test_a_run_by_hand_is_left_to_the_hand(morning, told):
    jobs.enter(name="score_rfm", as_of=date(2026, 6, 15), at=MORNING)
    assert not jobs.perform_next()
    assert states() == {"score_rfm": "waiting"}


@pytest.mark.django_db(transaction=True)
def test_a_run_under_way_in_one_brand_does_not_keep_another_waiting(brand, other_brand, told, monkeypatch):
    found = []

    def visit(_run, _as_of):
        with other_brand:
            found.append(jobs.perform_next())
        return {}

    jobs.enter_due(at=MORNING)
    with other_brand:
        jobs.enter_due(at=MORNING)
    monkeypatch.setitem(TABLES.jobs, NIGHT[0], lambda run, as_of: visit(run, as_of) if not found else {})
    assert jobs.perform_next()
    assert found[0] is True
