"""Let a guide in by a code that her manager shows: issued for a few minutes, used once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guides.models import EntryPass
from newretail.kernel import scopes, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import roles_of, sight_of, store_ids_in

LASTS = timedelta(minutes=5)
LONGEST_TOKEN = 64
USE = """
UPDATE guides_entrypass SET used_at = %(at)s
WHERE digest = %(digest)s AND used_at IS NULL AND issued_at <= %(at)s AND expires_at > %(at)s
RETURNING id, user_id
"""
# Whoever else this person may be in the house, a code on a manager's screen must not open it.
FOR = frozenset({"guide"})


class NotHers(Refused):
    """The person is no guide of a store in sight."""

    code = "not_her_guide"
    sentence = gettext_noop("Nobody of this number serves as a guide in your stores.")


class PassOver(Refused):
    """The code leads nowhere any more."""

    code = "pass_over"
    sentence = gettext_noop("This code was used or has run out: ask your manager for a new one.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _may_be_let_in(user: User) -> bool:
    return user.is_active and not user.is_superuser and roles_of(user) == FOR


@verb
def issue(*, staff_no: str, at: datetime, by: User) -> str:
    """Issue a pass for a guide of a store within sight; returns its token, which is told once.

    A pass issued for her before ends. It is for guides alone: nobody who holds another post is let in by it.
    Refuses: NotHers.
    Writes: guides.entry_pass.issued.
    """
    stores = store_ids_in(sight_of(by, "entry_passes", "change"))
    rows = User.objects.select_for_update(no_key=True).filter(staff_no=staff_no)
    user = rows.first()
    held = user.posts.filter(until__isnull=True) if user else None
    if (
        user is None
        or held is None
        or not _may_be_let_in(user)
        or (stores is not None and not held.filter(store_id__in=stores).exists())
    ):
        raise NotHers
    EntryPass.objects.filter(user=user, used_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    token = secrets.token_urlsafe(24)
    line = journal.write("guides.entry_pass.issued", at=at, by=by, subject=f"user:{user.pk}")
    EntryPass.objects.create(
        user=user, digest=_digest(token), by=by, issued_at=at, expires_at=at + LASTS, entry_id=line.pk
    )
    return token


def found(token: str, at: datetime) -> EntryPass | None:
    """Find the pass of a token that may still be used; None for any other."""
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        return None
    rows = EntryPass.objects.select_related("user").filter(used_at__isnull=True, expires_at__gt=at)
    return rows.filter(digest=_digest(token)).first()


@verb
def use(*, token: str, at: datetime) -> User:
    """Use a pass, once: whoever comes second is refused.

    Refuses: PassOver.
    Writes: guides.entry_pass.used.
    """
    used = sql.rows(USE, {"digest": _digest(token), "at": at})
    failpoint("entry_pass.used")
    user: User | None = User.objects.filter(pk=used[0][1]).first() if used else None
    if user is None or not _may_be_let_in(user) or not scopes.may(user, "own_work"):
        raise PassOver
    journal.write("guides.entry_pass.used", at=at, by=user, subject=f"user:{user.pk}")
    return user
