"""Issue, renew and revoke the keys by which other systems come in."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_noop

from newretail.kernel import scopes
from newretail.kernel.actions import journal
from newretail.kernel.models import ApiKey, User
from newretail.kernel.verbs import Refused, verb

SECRET_BYTES = 32  # 256 random bits: nothing that is guessed, so a plain digest keeps it
PREFIX_BYTES = 6
USUAL_PER_MINUTE = 600
MOST_PER_MINUTE = 60_000
SEEN_EVERY = timedelta(minutes=1)
# No key holds these unless somebody names them for it.
PERSONAL = frozenset({"personal_data:view", "phones:reveal"})


class UnknownRight(Refused):
    """The table of rights gives an integrator no such right."""

    code = "unknown_right"
    sentence = gettext_noop("A key cannot hold this right: %(right)s.")


class TooFast(Refused):
    """So many requests a minute no key may make."""

    code = "too_fast"
    sentence = gettext_noop("A key may make between 1 and %(most)s requests a minute.")


class KeyEnded(Refused):
    """The key is revoked or has run out."""

    code = "key_ended"
    sentence = gettext_noop("This key is revoked or has run out: issue a new one.")


class Issued(NamedTuple):
    """A new key, and the text that is shown once and kept nowhere."""

    key: ApiKey
    text: str


def on_offer() -> list[str]:
    """List the rights a key can hold."""
    return [f"{row.resource}:{row.action}" for row in scopes.TABLE if row.integrator]


def usual() -> list[str]:
    """List the rights a key holds when nobody says which: all but those to personal data."""
    return [right for right in on_offer() if right not in PERSONAL]


def digest_of(secret: str) -> str:
    """Give what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _judge(rights: Collection[str], per_minute: int) -> list[str]:
    for right in rights:
        resource, _, action = right.partition(":")
        if not scopes.reach_of("integrator", resource, action):
            raise UnknownRight(right=right[:80])
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise TooFast(most=MOST_PER_MINUTE)
    return sorted(set(rights))


@verb
def issue(
    *,
    account: User,
    rights: Collection[str],
    at: datetime,
    per_minute: int = USUAL_PER_MINUTE,
    expires_at: datetime | None = None,
    by: User | None = None,
) -> Issued:
    """Give an account a key that holds these rights ("resource:action"); its text is returned once.

    Refuses: UnknownRight, TooFast.
    Writes: kernel.api_key.issued.
    """
    held = _judge(rights, per_minute)
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    line = journal.write(
        "kernel.api_key.issued", at=at, by=by, subject=f"key:{prefix}", account=account.username, rights=held
    )
    key = ApiKey.objects.create(
        account=account, prefix=prefix, digest=digest_of(secret), rights=held, per_minute=per_minute,
        issued_at=at, expires_at=expires_at, entry_id=line.pk,
    )  # fmt: skip
    return Issued(key, f"nr_{prefix}_{secret}")


@verb
def renew(*, key: ApiKey, grace: timedelta, at: datetime, by: User | None = None) -> Issued:
    """Issue a successor with the same rights; the key itself goes on for so long, so that nobody stands still.

    Refuses: KeyEnded.
    Writes: kernel.api_key.issued, kernel.api_key.renewed.
    """
    held = ApiKey.objects.select_for_update().get(pk=key.pk)
    if held.revoked_at or (held.expires_at and held.expires_at <= at):
        raise KeyEnded
    issued = issue(account=held.account, rights=held.rights, per_minute=held.per_minute, at=at, by=by)
    held.expires_at = min(held.expires_at or at + grace, at + grace)
    held.save(update_fields=["expires_at"])
    journal.write("kernel.api_key.renewed", at=at, by=by, subject=f"key:{held.prefix}", by_key=issued.key.prefix)
    return issued


@verb
def revoke(*, key: ApiKey, at: datetime, by: User | None = None) -> None:
    """End a key at once: its next request is refused.

    Refuses: KeyEnded.
    Writes: kernel.api_key.revoked.
    """
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at):
        raise KeyEnded
    journal.write("kernel.api_key.revoked", at=at, by=by, subject=f"key:{key.prefix}")


def is_use_due(key: ApiKey, at: datetime) -> bool:
    """Tell whether the use of a key is to be noted: the last one was noted a minute ago or more."""
    return key.last_used_at is None or at - key.last_used_at >= SEEN_EVERY


@verb
def note_use(*, key: ApiKey, at: datetime) -> None:
    """Note that a key was used, where that is due.

    Writes no line: when a key was last used is no deed.
    """
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
