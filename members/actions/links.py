"""Issue and revoke the links by which members come to their own page."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import ConsentLink, Member
from newretail.kernel import brand
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LONGEST_TOKEN = 64
KEPT = timedelta(days=30)  # so long a link that leads nowhere any more is still told of


class Erased(Refused):
    """There is nobody to come."""

    code = "erased"
    sentence = gettext_noop("This person was erased.")


def digest_of(token: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def found(token: str, at: datetime) -> ConsentLink | None:
    """Find the open link of a token; None for one that is unknown, revoked, run out, or of somebody erased."""
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        return None
    rows = ConsentLink.objects.open(at).select_related("member").filter(member__erased_at__isnull=True)
    return rows.filter(digest=digest_of(token)).first()


@verb
def issue(*, member: Member, at: datetime, by: User | None = None) -> str:
    """Issue a link to a member's own page, for as many days as the brand's setting says; returns its token.

    The token is told once: only its digest is kept. Links issued before hold until they run out or are revoked.
    Refuses: Erased.
    Writes: members.consent_link.issued.
    """
    held = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if held.erased_at:
        raise Erased
    token = secrets.token_urlsafe(32)
    line = journal.write("members.consent_link.issued", at=at, by=by, subject=f"member:{held.pk}")
    ConsentLink.objects.create(
        member=held, digest=digest_of(token), issued_at=at,
        expires_at=at + timedelta(days=brand.setting("consent_link_days")), by=by, entry_id=line.pk,
    )  # fmt: skip
    return token


@verb
def revoke(*, member: Member, at: datetime, by: User | None = None) -> int:
    """Revoke the open links of a member; returns how many there were.

    Writes: members.consent_link.revoked.
    """
    revoked: int = ConsentLink.objects.open(at).filter(member=member).update(revoked_at=at)
    if revoked:
        journal.write("members.consent_link.revoked", at=at, by=by, subject=f"member:{member.pk}", links=revoked)
    return revoked


@verb
def forget(*, at: datetime) -> int:
    """Forget links that ran out or were revoked a month ago; returns how many.

    Writes: members.consent_link.forgotten.
    """
    ended = ConsentLink.objects.filter(expires_at__lte=at - KEPT) | ConsentLink.objects.filter(
        revoked_at__lte=at - KEPT
    )
    forgotten, _ = ended.delete()
    if forgotten:
        journal.write("members.consent_link.forgotten", at=at, links=forgotten)
    return forgotten
