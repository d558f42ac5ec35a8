"""Whose orders, refunds, rows or growth changed stands anew: up at once."""

from members.actions import leveling
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears(
    "members.order.recorded",
    "members.order.withdrawn",
    "members.refund.recorded",
    "members.refund.withdrawn",
    "members.member.recorded",
    "members.member.merged",
    "members.merge.undone",
    "members.growth.adjusted",
)
def reassess(entry: JournalEntry) -> None:
    """Derive the growth of the line's members anew."""
    leveling.reassess(entry_id=entry.pk, line=entry.name, facts=entry.facts, at=entry.effective_at)
