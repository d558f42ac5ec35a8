"""What guides' work does by the clock: tasks expire, touches that can no longer be undone are settled."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.actions import tasks
from newretail.kernel import clock
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job


@after_relay
def settle(at: datetime) -> None:
    """Settle what guides sent and cannot take back any more."""
    tasks.settle(at=at)


@job("expire_tasks", does=gettext_noop("ends the tasks of guides whose time is over"), by_hand=True)
def expire_tasks(_run: JobRun, as_of: date) -> Counts:
    """End the tasks whose time was over before a business day began; none that may be done now."""
    return {"expired": tasks.expire(at=min(clock.day_start(as_of), clock.now()))}
