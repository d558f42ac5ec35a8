"""Queued runs: performed by a worker soon; they say how far they are, are cancelled, are run again."""

from datetime import date, timedelta

import pytest
import time_machine

from newretail.kernel.actions import jobs
from newretail.kernel.guard import writing
from newretail.kernel.models import JobRun, JournalEntry
from newretail.kernel.registry import TABLES
from tests import world

pytestmark = pytest.mark.usefixtures("brand")
TODAY = date(2026, 6, 15)
NOW = world.NOW


@pytest.fixture(autouse=True)
def _noon(brand):
    with time_machine.travel(NOW, tick=False):
        yield


def queue(**given):
    return jobs.queue(**{"name": "score_rfm", "at": NOW, **given})


def let(monkeypatch, act):
    """Let the job be something else."""
    monkeypatch.setitem(TABLES.jobs, "score_rfm", act)


def lines(name):
    return list(JournalEntry.objects.filter(name=name).order_by("id").values_list("subject", "facts"))


def leave_running(run, **fields):
    """Leave a run as a worker leaves it that is killed."""
    with writing("tests"):
        JobRun.objects.filter(pk=run.pk).update(state="running", **fields)


def kept(run):
    return JobRun.objects.get(pk=run.pk)


def test_a_queued_run_is_performed_by_the_next_worker_as_of_today(monkeypatch):
    let(monkeypatch, lambda run, as_of: {"full": run.params["full"], "day": as_of.day})
    run = queue(params={"full": 1})
    assert (run.state, run.queued_at, run.due_at, run.as_of) == ("waiting", NOW, None, TODAY)
    assert jobs.perform_next(jobs.QUEUED)
    assert (kept(run).state, kept(run).counts, kept(run).attempts) == ("done", {"full": 1, "day": 15}, 1)
    assert lines("kernel.job.entered") == lines("kernel.job.done") == [("score_rfm", {"run": run.pk})]


def test_the_nights_lane_leaves_queued_runs_alone_and_the_other_way_round(monkeypatch):
    let(monkeypatch, lambda _run, _as_of: {})
    run = queue()
    assert not jobs.perform_next()
    assert jobs.perform_next(jobs.QUEUED)
    jobs.enter(name="score_rfm", as_of=TODAY, at=NOW, due_at=NOW)
    assert not jobs.perform_next(jobs.QUEUED)
    assert kept(run).state == "done"


def test_queued_runs_are_performed_oldest_first(monkeypatch):
    told = []
    let(monkeypatch, lambda run, _as_of: told.append(run.pk) or {})
    runs = [queue(at=NOW - timedelta(minutes=minutes)) for minutes in (1, 3, 2)]
    while jobs.perform_next(jobs.QUEUED):
        pass
    assert told == [runs[1].pk, runs[2].pk, runs[0].pk]


def test_an_unknown_job_and_a_day_to_come_are_not_queued():
    with pytest.raises(jobs.UnknownJob):
        queue(name="dance")
    with pytest.raises(jobs.FutureDay):
        queue(as_of=TODAY + timedelta(days=1))
    assert not JobRun.objects.exists()


def test_a_queued_run_whose_worker_died_is_taken_up_again_but_not_for_ever(monkeypatch):
    let(monkeypatch, lambda _run, _as_of: {})
    run = queue()
    leave_running(run, attempts=2)
    assert jobs.perform_next(jobs.QUEUED)
    assert kept(run).state == "done"
    other = queue()
    leave_running(other, attempts=jobs.MOST_ATTEMPTS)
    assert not jobs.perform_next(jobs.QUEUED)
    assert (kept(other).state, kept(other).error, kept(other).failure) == ("failed", jobs.DIED, {"code": "died"})


def test_entering_a_run_by_hand_does_not_take_a_queued_one_for_its_orphan():
    run = queue()
    leave_running(run)
    jobs.enter(name="score_rfm", as_of=TODAY, at=NOW)
    assert kept(run).state == "running"


def test_a_run_says_how_far_it_is_and_its_row_is_written_once_per_per_cent(monkeypatch, django_assert_max_num_queries):
    seen = []

    def work(run, _as_of):
        with django_assert_max_num_queries(1000 + 4 * 100 + 10):
            for done in range(1000):
                jobs.report(run=run, done=done, of=1000, at=NOW)
                seen.append(kept(run).progress) if done % 250 == 0 else None
        jobs.report(run=run, done=1000, of=1000, at=NOW)
        seen.append(kept(run).progress)
        return {}

    let(monkeypatch, work)
    run = queue()
    jobs.perform_next(jobs.QUEUED)
    assert seen == [0, 25, 50, 75, 99]
    assert (kept(run).progress, kept(run).reported_at) == (100, NOW)


def test_inside_a_verb_a_report_writes_nothing(monkeypatch):
    run = queue()
    with writing("tests"):
        jobs.report(run=run, done=1, of=2, at=NOW)
    assert kept(run).progress == 0
    jobs.report(run=run, done=1, of=2, at=NOW)
    assert kept(run).progress == 50


def test_a_run_that_waits_is_cancelled_at_once_and_never_performed(monkeypatch):
    told = []
    let(monkeypatch, lambda run, _as_of: told.append(run.pk) or {})
    run = jobs.cancel(run=queue(), by=None, at=NOW)
    assert not jobs.perform_next(jobs.QUEUED)
    jobs.perform(run=run)
    assert (kept(run).state, kept(run).ended_at, told) == ("cancelled", NOW, [])
    assert lines("kernel.job.cancelled") == [("score_rfm", {"run": run.pk})]


def test_a_run_under_way_stops_at_its_next_report(monkeypatch):
    done = []

    def work(run, _as_of):
        for step in range(5):
            jobs.report(run=run, done=step, of=5, at=NOW)
            done.append(step)
            if step == 2:
                jobs.cancel(run=run, by=None, at=NOW)
        return {}

    let(monkeypatch, work)
    run = queue()
    assert jobs.perform_next(jobs.QUEUED)
    assert done == [0, 1, 2]
    assert (kept(run).state, kept(run).progress, kept(run).error) == ("cancelled", 60, "")
    assert len(lines("kernel.cancel.asked")) == len(lines("kernel.job.cancelled")) == 1


def test_a_run_whose_worker_died_is_cancelled_at_once():
    run = queue()
    leave_running(run)
    jobs.cancel(run=run, by=None, at=NOW)
    assert kept(run).state == "cancelled"


def test_a_run_told_to_stop_whose_worker_died_is_not_taken_up_again(monkeypatch):
    let(monkeypatch, lambda _run, _as_of: {})
    run = queue()
    leave_running(run, cancel_asked=True)
    assert not jobs.perform_next(jobs.QUEUED)
    assert kept(run).state == "cancelled"


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_run_that_has_ended_is_not_cancelled_but_can_be_run_again(state):
    run = queue(params={"full": True}, as_of=TODAY - timedelta(days=2))
    jobs._mark(run=run, at=NOW, state=JobRun.State(state))
    with pytest.raises(jobs.HasEnded):
        jobs.cancel(run=run, by=None, at=NOW)
    assert kept(run).state == state
    again = jobs.run_again(run=run, by=None, at=NOW)
    assert (again.name, again.as_of, again.params, again.state) == (run.name, run.as_of, run.params, "waiting")
    assert again.queued_at == NOW


def test_a_run_that_has_not_ended_is_not_run_again():
    run = queue()
    with pytest.raises(jobs.NotEnded):
        jobs.run_again(run=run, by=None, at=NOW)
    assert JobRun.objects.count() == 1


def test_a_refusal_is_kept_so_that_it_can_be_said_in_any_language(monkeypatch):
    def refuse(_run, _as_of):
        raise jobs.FutureDay(day=TODAY)

    let(monkeypatch, refuse)
    run = queue()
    jobs.perform_next(jobs.QUEUED)
    assert kept(run).failure == {
        "code": "future_day", "sentence": jobs.FutureDay.sentence, "facts": {"day": "2026-06-15"},
    }  # fmt: skip
