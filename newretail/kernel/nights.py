"""The night as people see it: what falls due next, and what of the last night failed or did not run."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.conf import settings
from django.db import connection
from django.db.models import Q

from newretail.kernel import clock
from newretail.kernel.actions.jobs import last_due
from newretail.kernel.models import JobRun

LATE = timedelta(hours=1)  # a run that still waits so long after its time has not run
USED_TO = timedelta(days=7)  # a brand that had no scheduled run for so long has no clock yet: nothing is missing


@dataclass(frozen=True)
class Due:
    """A job of the night: when it falls due next, when it was last due, and the run of that time."""

    name: str
    next_at: datetime
    last_at: datetime
    run: JobRun | None


@dataclass(frozen=True)
class Trouble:
    """A job of the last night that has nothing to show: it failed, was cancelled, or did not run."""

    name: str
    due_at: datetime
    kind: Literal["failed", "cancelled", "not_run"]
    run: JobRun | None


def jobs_of_the_night() -> list[tuple[str, time]]:
    """List the jobs that fall due in this brand, each with its hour by the brand's clock."""
    here = connection.schema_name  # type: ignore[attr-defined]
    return [(name, hour) for name, hour in settings.NIGHT_JOBS if settings.NIGHT_ONLY.get(name, here) == here]


def next_due(at: datetime, hour: time) -> datetime:
    """Give the first instant after `at` at which the brand's clock shows this time of day."""
    local = at.astimezone(clock.brand_zone())
    due = local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)


def timetable(at: datetime) -> list[Due]:
    """List the jobs of the night, the next one first."""
    hours = [(name, next_due(at, hour), last_due(at, hour)) for name, hour in jobs_of_the_night()]
    names = [name for name, _, _ in hours]
    times = [last for _, _, last in hours]
    runs = {(run.name, run.due_at): run for run in JobRun.objects.filter(name__in=names, due_at__in=times)}
    found = [Due(name, coming, last, runs.get((name, last))) for name, coming, last in hours]
    return sorted(found, key=lambda due: due.next_at)


def lately(today: date, newest: int = 0) -> list[JobRun]:
    """List what tells of the last nights, oldest first: scheduled runs, runs done, and the `newest` runs of all."""
    first = today - USED_TO
    told = Q(due_at__gte=clock.day_start(first)) | Q(state=JobRun.State.DONE, as_of__gte=first)
    last = JobRun.objects.order_by("-id").values("pk")[:newest]
    runs = JobRun.objects.filter(Q(told, name__in=[name for name, _ in jobs_of_the_night()]) | Q(pk__in=last))
    return list(runs.defer("params", "counts", "log", "error", "failure").order_by("id"))


def troubles(at: datetime, runs: list[JobRun] | None = None) -> list[Trouble]:
    """List what of the last night failed, was cancelled or did not run, unless it was done since for that day.

    `runs`: what `lately` gave, where it was asked already.
    """
    hours = [(name, last_due(at, hour)) for name, hour in jobs_of_the_night()]
    runs = lately(clock.business_day(at)) if runs is None else runs
    if not any(run.due_at for run in runs):
        return []
    done = {(run.name, run.as_of) for run in runs if run.state == JobRun.State.DONE}
    scheduled = {(run.name, run.due_at): run for run in runs if run.due_at}
    found = []
    for name, last in hours:
        if not _done_since(name, clock.business_day(last), done):
            found.append(_judge(name, last, scheduled.get((name, last)), at))
    return [trouble for trouble in found if trouble]


def _done_since(name: str, day: date, done: set[tuple[str, date]]) -> bool:
    return any(other == name and as_of >= day for other, as_of in done)


def _judge(name: str, last: datetime, run: JobRun | None, at: datetime) -> Trouble | None:
    if run and run.state in (JobRun.State.FAILED, JobRun.State.CANCELLED):
        return Trouble(name, last, "failed" if run.state == JobRun.State.FAILED else "cancelled", run)
    waits = run is None or run.state == JobRun.State.WAITING
    return Trouble(name, last, "not_run", run) if waits and at - last >= LATE else None
