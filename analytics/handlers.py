"""What analytics hears: whose orders, joining, bonds, tasks or shares changed is counted anew."""

from analytics.actions import facts, figures
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears(
    "members.order.recorded",
    "members.order_line.recorded",
    "members.refund.recorded",
    "members.member.recorded",
    "members.order.withdrawn",
    "members.order_line.withdrawn",
    "members.refund.withdrawn",
    "members.member.withdrawn",
    "members.member.merged",
    "members.merge.undone",
)
def mark_stale(entry: JournalEntry) -> None:
    """Mark days and members of the line's rows as stale."""
    facts.mark_stale(entry_id=entry.pk, facts=entry.facts)


@hears(
    "guides.bond.made",
    "guides.bond.handed_over",
    "guides.task.assigned",
    "guides.task.done",
    "guides.task.undone",
    "guides.task.approved",
    "guides.task.returned",
    "guides.task.transferred",
    "guides.task.cancelled",
    "guides.leave.taken",
    "guides.leave.ended",
    "guides.leave.closed",
    "guides.material.shared",
)
def mark_served(entry: JournalEntry) -> None:
    """Mark the days of the line's bonds, tasks and shares as stale."""
    facts.mark_served(entry_id=entry.pk)


@hears("guides.material.opened")
def mark_told(entry: JournalEntry) -> None:
    """Mark the days of the openings that another system told of as stale."""
    facts.mark_days(days=entry.facts["days"])


@hears("members.member.withdrawn")
def sum_up_again(entry: JournalEntry) -> None:
    """Sum the portrait up again when some of it went with its members."""
    if entry.facts.get("left_portraits"):
        figures.refresh_cells(at=entry.effective_at)
