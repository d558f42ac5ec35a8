"""Another system saw a member open a shared link: it counts as opened, by her."""

from guides.actions import shares
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears("members.event.recorded")
def hear_of_openings(entry: JournalEntry) -> None:
    """Take the openings among the line's events."""
    shares.hear(entry_id=entry.pk, at=entry.effective_at)
