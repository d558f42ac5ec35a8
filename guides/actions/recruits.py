"""Recruit by a code: who scans it becomes a member, says what she allows, and is the guide's customer."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_noop

from guides.actions import bonds
from guides.models import Bond, RecruitCode
from guides.queries import recruiting, serving
from members.actions import consents, members
from members.models import Member
from members.queries import families
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files import phones
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

BITS = 15  # bytes of a token: nobody finds a code by trying
NUMBER = 9  # digits of the number of a member who joins by a code
MAKE = """
INSERT INTO guides_recruitcode (post_id, scene, token, made_at, by_id, entry_id)
VALUES (%(post)s, %(scene)s, %(token)s, %(at)s, %(by)s, %(entry)s) ON CONFLICT (post_id, scene) DO NOTHING
"""


class CodeOver(Refused):
    """The guide of the code serves no more."""

    code = "recruit_code_over"
    sentence = gettext_noop("The guide of this code is no longer here. Ask a colleague in the store for hers.")


class NoPhone(Refused):
    """What was typed is no phone number."""

    code = "no_phone"
    sentence = gettext_noop("Type your mobile number, 11 digits.")


class OtherWording(Refused):
    """The wording she agreed to is not the one in force."""

    code = "other_wording"
    sentence = gettext_noop("The wording has changed in the meantime; read it again and choose anew.")


class NotEnrolled(Refused):
    """She cannot join this way."""

    code = "not_enrolled"
    sentence = gettext_noop("You cannot join this way; ask in the store.")


@dataclass(frozen=True)
class Joining:
    """What she typed: her phone, her name, and under which version of its wording she allows each purpose."""

    phone: str
    name: str = ""
    allows: Mapping[str, int] = field(default_factory=dict)


@verb
def make(*, post: Post, scene: str, at: datetime, by: User) -> RecruitCode:
    """Make a guide's code for a scene; the one she has stays hers.

    Writes: guides.recruit_code.made.
    """
    entry = journal.reserve()
    given = {"post": post.pk, "scene": scene, "token": secrets.token_urlsafe(BITS), "at": at, "by": by.pk}
    if sql.execute(MAKE, {**given, "entry": entry}):
        journal.write("guides.recruit_code.made", at=at, by=by, entry_id=entry, subject=f"post:{post.pk}", scene=scene)
    return RecruitCode.objects.get(post=post, scene=scene)


@verb
def join(*, code: RecruitCode, joining: Joining, at: datetime) -> Member:
    """Let somebody join by a code: she becomes a member, and the guide's customer where she is nobody's.

    A phone that is typed proves nothing: of a member who is known neither her name nor her consents are changed, and
    no guide is taken from her, whatever the brand's mode of bonds. Sent again, she is the same member.
    Refuses: CodeOver, NoPhone, OtherWording, NotEnrolled.
    Writes: members.member.recorded, members.consent.recorded, guides.bond.made.
    """
    phone = phones.normalise(joining.phone)
    if not recruiting.serves(code):
        raise CodeOver
    if phone is None:
        raise NoPhone
    members.take_seats(0)  # whoever joins queues here: the same phone typed twice at once is one member
    failpoint("recruit.queued")
    member = families.identified("phone", phone) or _enrol(code, phone, joining, at)
    if serving.guide_of(member) is None:
        bonds.bind_one(member=member, post=code.post, source=Bond.Source.SCAN, at=at)
    return member


def _enrol(code: RecruitCode, phone: str, joining: Joining, at: datetime) -> Member:
    if not recruiting.in_force(joining.allows, at):
        raise OtherWording
    number = f"J{secrets.randbelow(10**NUMBER):0{NUMBER}}"
    row = {
        "member_no": number, "phone": phone, "name": joining.name or None, "joined_at": at,
        "store_code": code.post.store.code if code.post.store else None, "source": f"recruit:{code.scene}",
    }  # fmt: skip
    if members.record(batch=batch_of(IMPORTERS["members"].sheet, [row]), at=at).refusals:
        raise NotEnrolled
    said = recruiting.statements(number, joining.allows, proof=f"code:{code.pk}")
    if said and consents.record(batch=batch_of(IMPORTERS["consents"].sheet, said), at=at).refusals:
        raise NotEnrolled
    return Member.objects.get(member_no=number)
