"""Show a member's whole phone: with a reason, counted, written down."""

import re
from datetime import date, datetime

from django.utils.translation import gettext_noop

from members.models import Member, PhoneReveal
from newretail.kernel import brand, clock
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LONGEST_NOTE = 200
# A number as long as a phone's last digits has no place in a note that is kept.
TELLS_A_NUMBER = re.compile(r"(?:\d[\s-]?){7}")


class ReasonMissing(Refused):
    """Nobody said what for."""

    code = "reason_missing"
    sentence = gettext_noop("Choose a reason; for something else, write what for in at most 200 characters.")


class NumberInNote(Refused):
    """The note holds a number."""

    code = "number_in_note"
    sentence = gettext_noop("Leave phones and other long numbers out of the note: it is kept.")


class NoPhone(Refused):
    """She has none."""

    code = "no_phone"
    sentence = gettext_noop("This member has no phone.")


class RevealsUsedUp(Refused):
    """So many were shown today already."""

    code = "reveals_used_up"
    sentence = gettext_noop("You have seen %(most)s whole phones today, as many as the brand allows a person in a day.")


def next_of_day(*, by: User, day: date) -> int:
    """Give the number of a person's next reveal of a business day, under a lock on her row: two at once queue."""
    User.objects.select_for_update().get(pk=by.pk)
    return PhoneReveal.objects.filter(by=by, day=day).count() + 1


@verb
def reveal(*, member: Member, reason: str, note: str, at: datetime, by: User) -> str:
    """Give a member's whole phone to somebody who says what for, as often a day as the brand's setting allows.

    Refuses: ReasonMissing, NumberInNote, NoPhone, RevealsUsedUp.
    Writes: members.phone.revealed.
    """
    note, day = note.strip(), clock.business_day(at)
    if reason not in PhoneReveal.Reason.values or (reason == "other" and not note) or len(note) > LONGEST_NOTE:
        raise ReasonMissing
    if TELLS_A_NUMBER.search(note):
        raise NumberInNote
    if not member.phone:
        raise NoPhone
    most, nth = brand.setting("phone_reveals_each_day"), next_of_day(by=by, day=day)
    if nth > most:
        raise RevealsUsedUp(most=most)
    line = journal.write(
        "members.phone.revealed", at=at, by=by, subject=f"member:{member.pk}", reason=reason, member_no=member.member_no
    )
    PhoneReveal.objects.create(
        member=member, by=by, reason=reason, note=note, revealed_at=at, day=day, nth=nth, entry_id=line.pk
    )
    return member.phone
