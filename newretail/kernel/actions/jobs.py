"""Run jobs: a row before, a row during, a row after."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_noop

from newretail.kernel import clock, staging
from newretail.kernel.actions import journal
from newretail.kernel.models import JobRun, User
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused, verb

LOG = structlog.get_logger(__name__)
# Held by the session that performs a run; free on a running row, its worker has died.
DIED = "its worker died"
MOST_ATTEMPTS = 3  # a scheduled run whose worker dies is taken up again so often
HELD = """
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid = %(run)s::int::oid
  AND classid = (hashtext('kernel.jobrun:' || current_schema())::bigint & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LOCK = "hashtext('kernel.jobrun:' || current_schema()), %(run)s::int"


class UnknownJob(Refused):
    """There is no such job."""

    code = "unknown_job"
    sentence = gettext_noop("There is no job named %(name)s; known: %(known)s.")


class FutureDay(Refused):
    """The as-of day has not begun."""

    code = "future_day"
    sentence = gettext_noop("The day %(day)s has not begun yet in this brand.")


@verb
def enter(
    *,
    name: str,
    as_of: date,
    at: datetime,
    due_at: datetime | None = None,
    by: User | None = None,
    params: dict[str, object] | None = None,
) -> JobRun | None:
    """Enter a run; None when this due time has its run already.

    Refuses: UnknownJob, FutureDay.
    Writes: kernel.job.entered.
    """
    if name not in TABLES.jobs:
        raise UnknownJob(name=name, known=", ".join(sorted(TABLES.jobs)))
    if as_of > clock.business_day(at):
        raise FutureDay(day=as_of)
    _fail_orphans(at)
    try:
        with transaction.atomic():
            run = JobRun.objects.create(name=name, as_of=as_of, due_at=due_at, by=by, params=params or {})
    except IntegrityError:
        return None
    journal.write("kernel.job.entered", at=at, by=by, subject=name, run=run.pk)
    return run


def _fail_orphans(at: datetime) -> None:
    """Fail runs by hand whose worker died: they stand as running, and nobody holds their lock."""
    for run in JobRun.objects.filter(state=JobRun.State.RUNNING, due_at__isnull=True):
        if not staging.rows(HELD, {"run": run.pk}):
            _mark(run=run, at=at, state=JobRun.State.FAILED, ended_at=at, error=DIED)


@verb
def _mark(*, run: JobRun, at: datetime, state: JobRun.State, **fields: object) -> None:
    """Move a run to a state.

    Writes: kernel.job.done, kernel.job.failed.
    """
    run.state = state
    for name, value in fields.items():
        setattr(run, name, value)
    run.save(update_fields=["state", *fields])
    if state == JobRun.State.DONE:
        journal.write("kernel.job.done", at=at, subject=run.name, run=run.pk)
    elif state == JobRun.State.FAILED:
        journal.write("kernel.job.failed", at=at, subject=run.name, run=run.pk)


def perform(*, run: JobRun) -> JobRun:
    """Do an entered run's work and keep what came of it on its row; a failure is kept and raised again."""
    with _held(run):
        return _perform(run)


def in_short(error: Exception) -> str:
    """Say an error by its type and first line: the lines below may quote a person's row."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]


@contextmanager
def _held(run: JobRun) -> Iterator[None]:
    """Hold the run's lock in this session: as long as it is held, the run's worker lives."""
    staging.rows(f"SELECT pg_advisory_lock({LOCK})", {"run": run.pk})
    try:
        yield
    finally:
        staging.rows(f"SELECT pg_advisory_unlock({LOCK})", {"run": run.pk})


def _perform(run: JobRun) -> JobRun:
    _mark(run=run, at=clock.now(), state=JobRun.State.RUNNING, started_at=clock.now())
    try:
        counts = TABLES.jobs[run.name](run, run.as_of)
    except Exception as error:
        _mark(
            run=run,
            at=clock.now(),
            state=JobRun.State.FAILED,
            ended_at=clock.now(),
            error=in_short(error),
            log="".join(traceback.format_tb(error.__traceback__))[-8000:],
        )
        raise
    _mark(run=run, at=clock.now(), state=JobRun.State.DONE, ended_at=clock.now(), counts=counts, progress=100)
    return run


def last_due(at: datetime, hour: object) -> datetime:
    """Give the latest instant, not after `at`, at which the brand's clock showed this time of day."""
    local = at.astimezone(clock.brand_zone())
    due = local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)  # type: ignore[attr-defined]
    return due if due <= local else due - timedelta(days=1)


@verb
def enter_due(*, at: datetime) -> int:
    """Enter the scheduled runs whose time has come, once each however many clocks tick; return how many were new.

    Writes: kernel.job.entered.
    """
    new = 0
    here = connection.schema_name  # type: ignore[attr-defined]
    for name, hour in settings.NIGHT_JOBS:
        if settings.NIGHT_ONLY.get(name, here) != here:
            continue
        due_at = last_due(at, hour)
        run = enter(name=name, as_of=clock.business_day(due_at), at=at, due_at=due_at)
        new += run is not None
    return new


@verb
def _claim() -> JobRun | None:
    """Take the next waiting scheduled run, or a running one whose worker died; its session lock is held on return.

    One that has cost several workers is failed. Writes no line: the run's own states tell.
    """
    waiting = JobRun.objects.filter(
        state__in=[JobRun.State.WAITING, JobRun.State.RUNNING], due_at__isnull=False
    ).order_by("due_at", "id")
    for run in waiting.select_for_update(skip_locked=True)[:20]:
        if run.attempts >= MOST_ATTEMPTS and not staging.rows(HELD, {"run": run.pk}):
            _mark(run=run, at=clock.now(), state=JobRun.State.FAILED, ended_at=clock.now(), error=DIED)
            continue
        if staging.rows(f"SELECT pg_try_advisory_lock({LOCK})", {"run": run.pk})[0][0]:
            run.attempts += 1
            run.save(update_fields=["attempts"])
            return run
        return None  # an earlier run is under way: the night's jobs go one after another
    return None


def perform_next() -> bool:
    """Perform the next scheduled run of this brand; False when none waits. A failure stays on its row."""
    run = _claim()
    if run is None:
        return False
    try:
        perform(run=run)
    except Exception as error:  # noqa: BLE001 - the row tells the failure, the next job goes on
        LOG.error("job failed", job=run.name, run=run.pk, error=type(error).__name__)
    finally:
        staging.rows(f"SELECT pg_advisory_unlock({LOCK})", {"run": run.pk})
    return True
