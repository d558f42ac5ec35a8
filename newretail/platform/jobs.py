"""Beat stands in the public schema and wakes every brand."""

import contextlib
from typing import Any

from celery import shared_task
from redis import RedisError

from newretail.kernel import clock
from newretail.kernel.jobs import perform_due, perform_queued, relay_lines, send_webhooks, work_inbox
from newretail.platform import pulse
from newretail.platform.models import Brand


def _wake(task: Any) -> int:
    """Send a task to every brand; return how many there are."""
    brands = list(Brand.objects.order_by("pk"))
    for brand in brands:
        with brand:
            task.delay()
    return len(brands)


@shared_task(name="platform.wake_brands")
def wake_brands() -> int:
    """Let every brand enter and perform what has fallen due; return how many brands were woken."""
    return _wake(perform_due)


@shared_task(name="platform.sweep_brands")
def sweep_brands() -> int:
    """Let every brand perform queued runs that nobody was woken for; return how many brands were woken."""
    return _wake(perform_queued)


@shared_task(name="platform.relay_brands")
def relay_brands() -> int:
    """Let every brand carry its journal lines; return how many brands were woken. It is the workers' pulse too."""
    with contextlib.suppress(RedisError):  # the missing pulse tells
        pulse.leave(at=clock.now())
    return _wake(relay_lines)


@shared_task(name="platform.exchange_brands")
def exchange_brands() -> int:
    """Let every brand send what other systems are told, and work off what they sent; return how many were woken."""
    _wake(work_inbox)
    return _wake(send_webhooks)
