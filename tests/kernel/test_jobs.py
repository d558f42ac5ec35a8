"""Job runs: entered once per due time, performed with a row before, during and after."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun, JournalEntry
from newretail.kernel.registry import TABLES
from newretail.schedule import NIGHT as TABLE
from newretail.schedule import ONLY
from tests import world

pytestmark = pytest.mark.usefixtures("brand")
TODAY = date(2026, 6, 15)
NOW = world.NOW
NIGHT = {name for name, _ in TABLE} - ONLY.keys()


@pytest.fixture(autouse=True)
def _noon(brand):
    with time_machine.travel(NOW, tick=False):
        yield


def enter(name="score_rfm", **given):
    return jobs.enter(**{"name": name, "as_of": TODAY, "at": NOW, **given})


def let(monkeypatch, act):
    """Let the job be something else."""
    monkeypatch.setitem(TABLES.jobs, "score_rfm", act)


def lines(name):
    return list(JournalEntry.objects.filter(name=name).order_by("id").values_list("subject", "facts"))


def test_a_run_that_is_entered_waits_and_is_told():
    run = enter(params={"full": True})
    kept = JobRun.objects.get()
    assert (kept.state, kept.params, kept.as_of, kept.progress) == ("waiting", {"full": True}, TODAY, 0)
    assert lines("kernel.job.entered") == [("score_rfm", {"run": run.pk})]


def test_a_job_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(jobs.UnknownJob) as refused:
        enter("dance")
    assert "dance" in str(refused.value)
    assert "score_rfm" in str(refused.value)


def test_a_day_that_has_not_begun_is_refused():
    with pytest.raises(jobs.FutureDay):
        enter(as_of=TODAY + timedelta(days=1))
    assert not JobRun.objects.exists()


def test_a_due_time_has_one_run_and_a_hand_has_many():
    assert enter(due_at=NOW) is not None
    assert enter(due_at=NOW) is None
    assert enter(due_at=NOW + timedelta(days=1)) is not None
    assert enter() is not None
    assert enter() is not None
    assert len(lines("kernel.job.entered")) == 4


@pytest.mark.parametrize(("at", "due"), [
    ("2026-06-15T16:59:59+00:00", "2026-06-14T17:00:00+00:00"), ("2026-06-15T17:00:00+00:00", "2026-06-15T17:00:00+00:00"),
    ("2026-06-16T16:00:00+00:00", "2026-06-15T17:00:00+00:00"),
])  # fmt: skip
def test_a_job_was_last_due_at_its_hour_by_the_brands_clock(at, due):
    assert jobs.last_due(datetime.fromisoformat(at), time(1, 0)) == datetime.fromisoformat(due)


@pytest.mark.parametrize("at", ["2026-03-08T07:30:00+00:00", "2026-11-01T05:30:00+00:00", "2026-11-01T06:30:00+00:00"])
def test_a_job_falls_due_once_on_a_night_on_which_the_clocks_change(monkeypatch, at):
    monkeypatch.setattr(connection.tenant, "time_zone", "America/New_York")
    at = datetime.fromisoformat(at)
    due = jobs.last_due(at, time(1, 30))
    assert at - timedelta(days=1, hours=1) <= due <= at
    assert due.utcoffset() is not None


def test_the_night_falls_due_once_however_often_the_clock_ticks():
    found = [jobs.enter_due(at=NOW + timedelta(minutes=minute)) for minute in range(0, 180, 30)]
    assert found == [len(NIGHT), 0, 0, 0, 0, 0]
    assert set(JobRun.objects.values_list("name", "as_of")) == {(name, TODAY) for name in NIGHT}


def test_a_job_of_one_brand_is_entered_there_alone(settings):
    settings.NIGHT_ONLY = {"score_rfm": "acme", "refresh_facts": "beta", "replay_day": "beta"}
    jobs.enter_due(at=NOW)
    names = set(JobRun.objects.values_list("name", flat=True))
    assert names == NIGHT - {"refresh_facts"}


def test_a_night_nobody_was_awake_for_is_made_up_for_once():
    with time_machine.travel(NOW - timedelta(days=3), tick=False):
        jobs.enter_due(at=NOW - timedelta(days=3))
    jobs.enter_due(at=NOW)
    days = JobRun.objects.filter(name="score_rfm").order_by("id").values_list("as_of", flat=True)
    assert list(days) == [TODAY - timedelta(days=3), TODAY]


def test_a_run_is_performed_with_its_row_before_during_and_after(monkeypatch):
    seen = []
    let(monkeypatch, lambda run, as_of: seen.append((JobRun.objects.get().state, run.pk, as_of)) or {"scored": 3})
    run = jobs.perform(run=enter())
    kept = JobRun.objects.get()
    assert seen == [("running", run.pk, TODAY)]
    assert (kept.state, kept.counts, kept.progress, kept.error) == ("done", {"scored": 3}, 100, "")
    assert (kept.started_at, kept.ended_at) == (NOW, NOW)
    assert lines("kernel.job.done") == [("score_rfm", {"run": run.pk})]


def fail(_run, _as_of):
    raise ValueError("x" * 5000)


def test_a_run_that_fails_keeps_its_error_short_and_raises_it(monkeypatch):
    let(monkeypatch, fail)
    with pytest.raises(ValueError, match=r"^x+$"):
        jobs.perform(run=enter())
    kept = JobRun.objects.get()
    assert (kept.state, len(kept.error), kept.counts) == ("failed", 500, {})
    assert "in fail" in kept.log
    assert len(lines("kernel.job.failed")) == 1


def test_runs_are_performed_in_the_order_in_which_they_fell_due(monkeypatch):
    done = []
    let(monkeypatch, lambda run, _as_of: done.append(run.due_at) or {})
    for hours in (2, 1, 3):
        enter(due_at=NOW - timedelta(hours=hours))
    while jobs.perform_next():
        pass
    assert done == [NOW - timedelta(hours=hours) for hours in (3, 2, 1)]


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_run_that_has_ended_is_not_performed(monkeypatch, state):
    run = enter(due_at=NOW)
    jobs._mark(run=run, at=NOW, state=JobRun.State(state))
    assert not jobs.perform_next()


def test_a_run_by_hand_whose_worker_died_is_failed_when_the_next_is_entered():
    run = enter()
    jobs._mark(run=run, at=NOW, state=JobRun.State.RUNNING)
    enter()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "its worker died")


def test_a_run_by_hand_that_enters_another_is_not_taken_for_dead(monkeypatch):
    let(monkeypatch, lambda _run, _as_of: {"entered": enter("refresh_facts").pk})
    run = jobs.perform(run=enter())
    assert run.state == "done"
    assert not lines("kernel.job.failed")


def test_no_lock_is_left_behind(monkeypatch):
    let(monkeypatch, lambda _run, _as_of: {})
    enter(due_at=NOW)
    jobs.perform_next()
    jobs.perform(run=enter())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                       " AND objsubid = 2 AND classid = hashtext('kernel.jobrun:acme')::oid")  # fmt: skip
        assert cursor.fetchone()[0] == 0


def test_a_due_time_is_an_instant_whatever_zone_says_it():
    assert enter(due_at=datetime(2026, 6, 15, 1, 0, tzinfo=UTC)) is not None
    assert enter(due_at=datetime.fromisoformat("2026-06-15T09:00:00+08:00")) is None
