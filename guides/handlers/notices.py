"""Who gets a post receives the notices that are in force, and the one that was just being sent."""

from guides.actions import notices
from newretail.kernel import clock
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears("stores.post.recorded", "stores.post.admitted", "guides.notice.sent")
def deliver_notices(_entry: JournalEntry) -> None:
    """Deliver what is in force to the posts that are there now."""
    notices.deliver(at=clock.now())
