"""Show a guide her own customer's number, to call her for a task: by the members' verb, past the gate of consent."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from guides.actions import tasks
from members.actions import contacts, phones
from members.models import PhoneReveal
from newretail.kernel import brand
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


class CallsForbidden(Refused):
    """The brand shows guides no numbers."""

    code = "calls_forbidden"
    sentence = gettext_noop("Your brand shows guides no numbers of customers.")


@verb
def show(*, task: UUID, within: list[int], at: datetime, by: User) -> str:
    """Give the number of the member of an open task of these posts, as often a day as the brand's setting allows.

    Refuses: UnknownTask, NotToBeDone, TaskExpired, CallsForbidden, MayNotBeTouched, NoPhone, RevealsUsedUp.
    Writes: members.phone.revealed.
    """
    found = tasks.open_one(task, within, at)
    if brand.setting("guide_calls") != "on":
        raise CallsForbidden
    if found.member is None:
        raise phones.NoPhone
    contacts.judge(member=found.member, channel="call", purpose=found.brief.purpose, at=at)
    whose = found.member.merged_into or found.member
    return phones.reveal(member=whose, reason=PhoneReveal.Reason.TASK, note="", at=at, by=by)
