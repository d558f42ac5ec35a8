"""What campaigns hear: about whom something changed, and what changes everybody."""

from campaigns.actions import refreshing
from campaigns.queries import changes
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears(*changes.CHANGES)
def mark_changed(entry: JournalEntry) -> None:
    """Note the members a line is about: segments judge them within a minute."""
    select, params = changes.changed(entry)
    refreshing.mark(select=select, params=params)


@hears(*changes.EVERYBODY)
def mark_everybody(_entry: JournalEntry) -> None:
    """Note that everybody is to be judged anew: who is concerned cannot be told from the line."""
    refreshing.mark_everybody()
