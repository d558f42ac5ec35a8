"""Jobs of the members floor: each for any day, by hand or by night."""

from datetime import date

from django.utils.translation import gettext_noop

from members.actions import tags
from newretail.kernel import clock
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, job


@job("expire_tags", does=gettext_noop("takes off tags whose time has run out"), by_hand=True)
def expire_tags(_run: JobRun, as_of: date) -> Counts:
    """Take off the tags that hold no longer at the start of the day."""
    return {"expired": tags.expire(as_of=as_of, at=clock.now())}
