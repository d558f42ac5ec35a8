"""Take a member's code at a till: whose it is, once for one purchase."""

from datetime import datetime

from django.utils.translation import gettext_noop

from members.models import Member, MemberCodeUse
from members.queries import member_codes
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


class UnknownCode(Refused):
    """It is no code that counts now: nobody learns why."""

    code = "unknown_member_code"
    sentence = gettext_noop("This member code does not count, or no longer. Ask for the one shown now.")


class CodeTaken(Refused):
    """It was taken for another purchase."""

    code = "member_code_taken"
    sentence = gettext_noop("This member code was taken already. Wait for the next one.")


ENTER = """
INSERT INTO members_membercodeuse (member_id, step, source, source_no, by_id, at, entry_id)
VALUES (%(member)s, %(step)s, %(source)s, %(number)s, %(by)s, %(at)s, %(entry)s)
ON CONFLICT (member_id, step) DO NOTHING
"""


@verb
def take(*, code: str, source: str, source_no: str, at: datetime, by: User | None = None) -> Member:
    """Take a code for a purchase and tell whose it is; taken for the same purchase again, the answer is the same.

    Refuses: UnknownCode, CodeTaken.
    Writes: members.member_code.taken.
    """
    found = member_codes.whose(code, at)
    if found is None:
        raise UnknownCode
    member, step = found
    entry = journal.reserve()
    new = sql.execute(
        ENTER,
        {"member": member.pk, "step": step, "source": source, "number": source_no, "by": by.pk if by else None,
         "at": at, "entry": entry},
    )  # fmt: skip
    if new:
        journal.write("members.member_code.taken", at=at, by=by, subject=f"member:{member.pk}", entry_id=entry)
    elif not MemberCodeUse.objects.filter(
        member=member, step=step, source=source, source_no=source_no, by=by
    ).exists():  # fmt: skip
        raise CodeTaken
    return member
