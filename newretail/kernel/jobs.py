"""What a worker does when it is woken inside a brand; the work itself is rows."""

from celery import shared_task

from newretail.kernel import clock
from newretail.kernel.actions import jobs, relay

MOST_LINES = 500


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
