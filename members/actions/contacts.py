"""A person contacts a member herself: on the one ledger of touches, judged by consent and caps as a machine's are."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from members.models import Member, Touch
from members.queries import consents, gating
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

# Whoever withdraws a consent, or is erased, holds the row she lives on in; what is locked here is judged by the next
# statement, which sees all that was committed before the lock.
HOLD = """
SELECT r.id FROM members_member m JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
WHERE m.id = %(member)s FOR NO KEY UPDATE OF r
"""


class MayNotBeTouched(Refused):
    """The gate is shut for her: by her consents, or because she was contacted often enough."""

    code = "may_not_be_touched"
    sentence = gettext_noop("She may not be contacted this way: %(why)s.")


@dataclass(frozen=True)
class Contact:
    """Whom a person contacts, by what, what for; `source` names what it was done for, once a day and channel."""

    member: Member
    channel: str
    purpose: str
    source: str


def judge(*, member: Member, channel: str, purpose: str, at: datetime) -> None:
    """Hold a member's consents and contacts as they stand, and refuse where they shut the gate.

    Refuses: MayNotBeTouched.
    """
    touch = {"member": member.pk, "channel": channel, "purpose": purpose}
    sql.rows(HOLD, touch)
    if why := gating.why_not_by_hand(touch, at):
        raise MayNotBeTouched(why=gating.reason_word(why))


def may_be_made(*, ref: uuid.UUID, at: datetime) -> bool:
    """Hold a touch and its member, and judge her consent; False where it does not wait for an employee any more.

    It passed its caps when it was claimed.
    Refuses: MayNotBeTouched.
    """
    waits = Touch.objects.filter(ref=ref, state=Touch.State.WAITING)
    if (touch := waits.first()) is None:
        return False
    sql.rows(HOLD, {"member": touch.member_id})
    if not waits.select_for_update(no_key=True).exists():
        return False
    if why := consents.why_not(touch.member_id, channel=touch.channel, purpose=touch.purpose, at=at):
        raise MayNotBeTouched(why=gating.reason_word(why))
    return True


@verb
def make(*, contact: Contact, at: datetime, by: User) -> Touch:
    """Enter a contact that a person makes: planned and claimed at once, if the gate lets it through.

    It is settled when nothing can be taken back any more (`touches.settle`).
    Refuses: MayNotBeTouched.
    Writes: members.touch.made.
    """
    judge(member=contact.member, channel=contact.channel, purpose=contact.purpose, at=at)
    failpoint("contact.judged")
    line = journal.write(
        "members.touch.made", at=at, by=by, subject=f"member:{contact.member.pk}", channel=contact.channel,
        purpose=contact.purpose, source=contact.source, planned=1, claimed=1,
    )  # fmt: skip
    return Touch.objects.create(
        ref=uuid.uuid4(), member=contact.member, channel=contact.channel, purpose=contact.purpose,
        source=contact.source, planned_for=at, day=clock.business_day(at), state=Touch.State.CLAIMED, claimed_at=at,
        entry_id=line.pk,
    )  # fmt: skip
