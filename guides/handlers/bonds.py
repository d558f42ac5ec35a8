"""A post that ends leaves customers behind: the managers of the store are asked to hand them over."""

from guides.actions import handovers
from newretail.kernel import clock
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears("stores.post.recorded")
def ask_for_hand_over(entry: JournalEntry) -> None:
    """Ask for the customers of those whose posts the line ended."""
    handovers.ask(line=entry.pk, at=clock.now())
