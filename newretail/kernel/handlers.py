"""What the kernel hears: lines that other systems are told of."""

from newretail.kernel import clock
from newretail.kernel.actions import deliveries
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import TABLES, TELLER


def tell_endpoints(entry: JournalEntry) -> None:
    """Put what a line tells before the endpoints that hear it."""
    deliveries.tell(entry=entry, at=clock.now())


TABLES.handlers[TELLER] = tell_endpoints
