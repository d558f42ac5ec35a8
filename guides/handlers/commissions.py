"""Commission follows orders, bonds and tasks: what was earned is brought to what it should be."""

from guides.actions import commission_extras, commissions
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
def settle_commission(entry: JournalEntry) -> None:
    """Bring credits and commission of the line's orders to what they should be."""
    commissions.settle(line=entry.pk, facts=entry.facts, at=entry.effective_at)


@hears("guides.bond.made", "guides.bond.parted")
def settle_bounties(entry: JournalEntry) -> None:
    """Bring the bounties of the line's bonds to what they should be."""
    commission_extras.settle_bonds(line=entry.pk, at=entry.effective_at)


@hears("guides.task.done", "guides.task.undone", "guides.task.approved", "guides.task.returned")
def settle_bonuses(entry: JournalEntry) -> None:
    """Bring the bonuses of the line's tasks to what they should be."""
    commission_extras.settle_tasks(line=entry.pk, at=entry.effective_at)
