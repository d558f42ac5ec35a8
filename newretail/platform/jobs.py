"""Beat stands in the public schema and wakes every brand."""

import contextlib

from celery import shared_task
from redis import RedisError

from newretail.kernel import clock
from newretail.kernel.jobs import perform_due, perform_queued, relay_lines
from newretail.platform import pulse
from newretail.platform.models import Brand


@shared_task(name="platform.wake_brands")
def wake_brands() -> int:
    """Let every brand enter and perform what has fallen due; return how many brands were woken."""
    brands = list(Brand.objects.order_by("pk"))
    for brand in brands:
        with brand:
            perform_due.delay()
    return len(brands)


@shared_task(name="platform.sweep_brands")
def sweep_brands() -> int:
    """Let every brand perform queued runs that nobody was woken for; return how many brands were woken."""
    brands = list(Brand.objects.order_by("pk"))
    for brand in brands:
        with brand:
            perform_queued.delay()
    return len(brands)


@shared_task(name="platform.relay_brands")
def relay_brands() -> int:
    """Let every brand carry its journal lines; return how many brands were woken. It is the workers' pulse too."""
    with contextlib.suppress(RedisError):  # the missing pulse tells
        pulse.leave(at=clock.now())
    brands = list(Brand.objects.order_by("pk"))
    for brand in brands:
        with brand:
            relay_lines.delay()
    return len(brands)
