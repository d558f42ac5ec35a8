"""Run jobs: a row before, a row during, a row after."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop
from kombu.exceptions import OperationalError

from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.guard import IN_VERB
from newretail.kernel.models import JobRun, User
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused, verb

LOG = structlog.get_logger(__name__)
DIED = "its worker died"
MOST_ATTEMPTS = 3  # a run whose worker dies is taken up again so often
MOST_LOOKED_AT = 20
UNENDED = JobRun.UNENDED
# The night's runs go one after another in the order in which they fell due; queued ones beside them and each other.
NIGHT, QUEUED = "night", "queued"
LANES = {NIGHT: Q(due_at__isnull=False), QUEUED: Q(queued_at__isnull=False)}
BY_HAND = Q(due_at__isnull=True, queued_at__isnull=True)
WAKE_QUEUED = "kernel.perform_queued"
# Somebody waits for the answer while a worker is woken: one try, then the sweep.
NO_PATIENCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
HELD = """
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND objid = %(run)s::int::oid
  AND classid = (hashtext('kernel.jobrun:' || current_schema())::bigint & 4294967295)::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# Held by the session that performs a run; free on a running row, its worker has died.
LOCK = "hashtext('kernel.jobrun:' || current_schema()), %(run)s::int"


class UnknownJob(Refused):
    """There is no such job."""

    code = "unknown_job"
    sentence = gettext_noop("There is no job named %(name)s; known: %(known)s.")


class FutureDay(Refused):
    """The as-of day has not begun."""

    code = "future_day"
    sentence = gettext_noop("The day %(day)s has not begun yet in this brand.")


class HasEnded(Refused):
    """Nothing is left to cancel."""

    code = "has_ended"
    sentence = gettext_noop("This run has ended already; there is nothing to cancel.")


class NotEnded(Refused):
    """It still waits or runs."""

    code = "not_ended"
    sentence = gettext_noop("This run has not ended yet; wait for its end, or cancel it first.")


class Cancelled(Exception):
    """Somebody asked the run to stop; raised by `report`, kept on the run's row by `perform`."""


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
    _check(name, as_of, at)
    _fail_orphans(at)
    try:
        with transaction.atomic():
            run = JobRun.objects.create(name=name, as_of=as_of, due_at=due_at, by=by, params=params or {})
    except IntegrityError:
        return None
    journal.write("kernel.job.entered", at=at, by=by, subject=name, run=run.pk)
    return run


@verb
def queue(
    *,
    name: str,
    at: datetime,
    by: User | None = None,
    as_of: date | None = None,
    params: dict[str, object] | None = None,
) -> JobRun:
    """Enter a run that a worker performs soon, as of today unless told otherwise; once this transaction stands.

    Refuses: UnknownJob, FutureDay.
    Writes: kernel.job.entered.
    """
    day = as_of or clock.business_day(at)
    _check(name, day, at)
    run = JobRun.objects.create(name=name, as_of=day, queued_at=at, by=by, params=params or {})
    journal.write("kernel.job.entered", at=at, by=by, subject=name, run=run.pk)
    schema = connection.schema_name  # type: ignore[attr-defined]
    transaction.on_commit(lambda: _wake(schema))
    return run


def _check(name: str, as_of: date, at: datetime) -> None:
    if name not in TABLES.jobs:
        raise UnknownJob(name=name, known=", ".join(sorted(TABLES.jobs)))
    if as_of > clock.business_day(at):
        raise FutureDay(day=as_of)


def _wake(schema: str) -> None:
    """Wake a worker; when the queue cannot be reached, the minute's sweep finds the row."""
    options = {**current_app.conf.broker_transport_options, **NO_PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=options) as broker:
            current_app.send_task(WAKE_QUEUED, headers={"_schema_name": schema}, retry=False, connection=broker)
    except (OperationalError, OSError) as error:
        LOG.warning("nobody woken", error=type(error).__name__)


def _fail_orphans(at: datetime) -> None:
    """Fail runs by hand whose worker died: they stand as running, and nobody holds their lock."""
    for run in JobRun.objects.filter(BY_HAND, state=JobRun.State.RUNNING):
        if not sql.rows(HELD, {"run": run.pk}):
            _mark(run=run, at=at, state=JobRun.State.FAILED, ended_at=at, error=DIED, failure={"code": "died"})


@verb
def _mark(*, run: JobRun, at: datetime, state: JobRun.State, by: User | None = None, **fields: object) -> None:
    """Move a run to a state.

    Writes: kernel.job.done, kernel.job.failed, kernel.job.cancelled.
    """
    run.state = state
    for name, value in fields.items():
        setattr(run, name, value)
    run.save(update_fields=["state", *fields])
    if state == JobRun.State.DONE:
        journal.write("kernel.job.done", at=at, subject=run.name, run=run.pk)
    elif state == JobRun.State.FAILED:
        journal.write("kernel.job.failed", at=at, subject=run.name, run=run.pk)
    elif state == JobRun.State.CANCELLED:
        journal.write("kernel.job.cancelled", at=at, by=by, subject=run.name, run=run.pk)


@verb
def cancel(*, run: JobRun, by: User | None, at: datetime) -> JobRun:
    """Cancel a run: one that waits ends now, one that runs is asked to stop and ends at its next `report`.

    Refuses: HasEnded.
    Writes: kernel.job.cancelled, kernel.cancel.asked.
    """
    kept = JobRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if kept.state not in UNENDED:
        raise HasEnded
    if kept.state == JobRun.State.RUNNING and sql.rows(HELD, {"run": kept.pk}):
        kept.cancel_asked = True
        kept.save(update_fields=["cancel_asked"])
        journal.write("kernel.cancel.asked", at=at, by=by, subject=kept.name, run=kept.pk)
    else:
        _mark(run=kept, at=at, by=by, state=JobRun.State.CANCELLED, ended_at=at, cancel_asked=True)
    return kept


@verb
def run_again(*, run: JobRun, by: User | None, at: datetime) -> JobRun:
    """Queue another run of the same job, day and parameters; the ended one stays as it is.

    Refuses: NotEnded, UnknownJob.
    Writes: kernel.job.entered.
    """
    kept = JobRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if kept.state in UNENDED:
        raise NotEnded
    return queue(name=kept.name, at=at, by=by, as_of=kept.as_of, params=kept.params)


def report(*, run: JobRun, done: int, of: int, at: datetime) -> None:
    """Say how far a run is, `done` of `of`; called by the job's function between its steps, as often as it likes.

    The row is written when a whole per cent is new. Inside a verb nothing is written, since a row locked by a long
    transaction could not be cancelled. Raises Cancelled when somebody asked the run to stop.
    """
    if run.pk is None:  # nobody entered it, nobody looks
        return
    percent = min(99, 100 * done // of) if of > 0 else 0
    if percent != run.progress and not IN_VERB.get():
        run.progress, run.reported_at = percent, at
        _keep_progress(run=run)
    if JobRun.objects.filter(pk=run.pk, cancel_asked=True).exists():
        raise Cancelled


@verb
def _keep_progress(*, run: JobRun) -> None:
    """Keep how far a run is. Writes no line: the row tells."""
    run.save(update_fields=["progress", "reported_at"])


def perform(*, run: JobRun) -> JobRun:
    """Do an entered run's work and keep what came of it on its row; a failure is kept and raised again."""
    with _held(run):
        return _perform(run)


def in_short(error: Exception) -> str:
    """Say an error by its type and first line: the lines below may quote a person's row."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]


def failure_of(error: Exception) -> dict[str, object]:
    """Keep a refusal so that it can be said in any language; of anything else only its kind."""
    if isinstance(error, Refused):
        facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in error.facts.items()}
        return {"code": error.code, "sentence": error.sentence, "facts": facts}
    if isinstance(error, FileRefused):
        return {"code": error.code, "file": True, "facts": {name: str(fact) for name, fact in error.facts.items()}}
    return {"code": type(error).__name__}


@contextmanager
def _held(run: JobRun) -> Iterator[None]:
    """Hold the run's lock in this session: as long as it is held, the run's worker lives."""
    sql.rows(f"SELECT pg_advisory_lock({LOCK})", {"run": run.pk})
    try:
        yield
    finally:
        sql.rows(f"SELECT pg_advisory_unlock({LOCK})", {"run": run.pk})


@verb
def _begin(*, run: JobRun, at: datetime) -> bool:
    """Set a run going; False when it was cancelled meanwhile. Writes no line: the run's own states tell."""
    run.state = JobRun.objects.select_for_update(of=("self",)).get(pk=run.pk).state
    if run.state == JobRun.State.CANCELLED:
        return False
    _mark(run=run, at=at, state=JobRun.State.RUNNING, started_at=at, progress=0)
    return True


def _perform(run: JobRun) -> JobRun:
    if not _begin(run=run, at=clock.now()):
        return run
    try:
        counts = TABLES.jobs[run.name](run, run.as_of)
    except Cancelled:
        _mark(run=run, at=clock.now(), state=JobRun.State.CANCELLED, ended_at=clock.now())
        return run
    except Exception as error:
        _mark(
            run=run,
            at=clock.now(),
            state=JobRun.State.FAILED,
            ended_at=clock.now(),
            error=in_short(error),
            failure=failure_of(error),
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
def _claim(*, lane: str) -> JobRun | None:
    """Take the lane's next waiting run, or a running one whose worker died; its session lock is held on return.

    One that has cost several workers is failed, one that was told to stop is not taken up again. In the night's lane
    nothing overtakes a run that is under way. Writes no line: the run's own states tell.
    """
    unended = JobRun.objects.filter(LANES[lane], state__in=UNENDED).order_by("due_at", "queued_at", "id")
    for key in list(unended.values_list("pk", flat=True)[:MOST_LOOKED_AT]):
        run = unended.filter(pk=key).select_for_update(skip_locked=True).first()
        if run and sql.rows(f"SELECT pg_try_advisory_lock({LOCK})", {"run": key})[0][0]:
            if _worth_taking(run, clock.now()):
                return run
            sql.rows(f"SELECT pg_advisory_unlock({LOCK})", {"run": key})
        elif lane == NIGHT:
            return None
    return None


def _worth_taking(run: JobRun, at: datetime) -> bool:
    """Count the attempt; False when the run ends here instead."""
    if run.cancel_asked:
        _mark(run=run, at=at, state=JobRun.State.CANCELLED, ended_at=at)
        return False
    if run.attempts >= MOST_ATTEMPTS:
        _mark(run=run, at=at, state=JobRun.State.FAILED, ended_at=at, error=DIED, failure={"code": "died"})
        return False
    run.attempts += 1
    _mark(run=run, at=at, state=JobRun.State.RUNNING, attempts=run.attempts)
    return True


def perform_next(lane: str = NIGHT) -> bool:
    """Perform the lane's next run in this brand; False when none waits. A failure stays on its row.

    What was queued for somebody and is refused with a sentence is hers to mend: the log tells it apart from a fault.
    """
    run = _claim(lane=lane)
    if run is None:
        return False
    try:
        perform(run=run)
    except Exception as error:  # noqa: BLE001 - the row tells the failure, the next job goes on
        refused = lane == QUEUED and isinstance(error, Refused | FileRefused)
        tell, said = (LOG.info, "job refused") if refused else (LOG.error, "job failed")
        tell(said, job=run.name, run=run.pk, error=type(error).__name__)
    finally:
        sql.rows(f"SELECT pg_advisory_unlock({LOCK})", {"run": run.pk})
    return True
