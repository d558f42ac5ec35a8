"""What a worker does when it is woken inside a brand; the work itself is rows."""

from datetime import date

from celery import shared_task

from newretail.kernel import clock
from newretail.kernel.actions import holidays, jobs, relay
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, job

MOST_LINES = 500
YEARS_BACK = 3  # of the calendar that are kept filled, beside the running year and the next


@shared_task(name="kernel.perform_due")
def perform_due() -> int:
    """Enter what has fallen due by the brand's clock, then perform what waits; return how many ran.

    Beat comes every minute: a worker that is ended in the middle leaves the rest to the next one.
    """
    jobs.enter_due(at=clock.now())
    ran = 0
    while jobs.perform_next():
        ran += 1
    return ran


@shared_task(name="kernel.perform_queued")
def perform_queued() -> int:
    """Perform what was queued, the oldest first; return how many ran.

    Sent when something is queued, and every minute for what no message came for.
    """
    ran = 0
    while jobs.perform_next(jobs.QUEUED):
        ran += 1
    return ran


@shared_task(name="kernel.relay_lines")
def relay_lines() -> int:
    """Carry journal lines to their handlers; return how many were carried."""
    return relay.drain(at=clock.now(), most=MOST_LINES)


@job("fill_holidays")
def fill_holidays(_run: JobRun, as_of: date) -> Counts:
    """Keep the calendar filled up to the end of next year; what was edited stays."""
    return dict(holidays.fill(first_year=as_of.year - YEARS_BACK, last_year=as_of.year + 1, at=clock.now()))
