"""Points follow orders: whatever is recorded or taken back, what was earned is brought to what it should be."""

from members.actions import earnings
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears(
    "members.order.recorded",
    "members.order_line.recorded",
    "members.refund.recorded",
    "members.order.withdrawn",
    "members.order_line.withdrawn",
    "members.refund.withdrawn",
)
def settle_points(entry: JournalEntry) -> None:
    """Bring the points of the line's orders to what they should be."""
    earnings.settle(line=entry.pk, facts=entry.facts, at=entry.effective_at)
