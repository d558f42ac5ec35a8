"""Add and change the sources whose signed messages are taken; renew their secrets."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_noop

from newretail.kernel import sealing
from newretail.kernel.actions import journal
from newretail.kernel.actions.endpoints import LONGEST_GRACE, BadGrace
from newretail.kernel.models import InboxSource, User
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused, verb
from newretail.kernel.webhooks import signatures

SEALED = "inbox"
CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
KIND = re.compile(r"[A-Za-z0-9_.:/-]{1,80}", re.ASCII)
MOST_KINDS = 40


class BadCode(Refused):
    """The code names nothing, or another source."""

    code = "bad_code"
    sentence = gettext_noop("A source needs a code of its own: small letters, digits and hyphens, at most 40.")


class BadKinds(Refused):
    """The types are taken as nothing there is."""

    code = "bad_kinds"
    sentence = gettext_noop("Each type of message is taken as one of: %(known)s.")


class NotAMachine(Refused):
    """The account is a person's."""

    code = "not_a_machine"
    sentence = gettext_noop("Messages come in by the account of another system.")


class Added(NamedTuple):
    """A source, and its secret, which is shown once."""

    source: InboxSource
    secret: str


def _judged(kinds: Mapping[str, str]) -> dict[str, str]:
    good = 0 < len(kinds) <= MOST_KINDS and all(KIND.fullmatch(kind) for kind in kinds)
    if not good or set(kinds.values()) - set(TABLES.takers):
        raise BadKinds(known=", ".join(sorted(TABLES.takers)))
    return dict(sorted(kinds.items()))


@verb
def add(
    *, code: str, account: User, kinds: Mapping[str, str], description: str = "", at: datetime, by: User | None
) -> Added:
    """Let a source send messages by the right of this account; `kinds` says which type is taken as what.

    Refuses: BadCode, BadKinds, NotAMachine.
    Writes: kernel.inbox_source.added.
    """
    if account.is_staff or account.is_superuser:
        raise NotAMachine
    if not CODE.fullmatch(code):
        raise BadCode
    secret, judged = signatures.new_secret(), _judged(kinds)
    line = journal.write("kernel.inbox_source.added", at=at, by=by, subject=code, account=account.username)
    row, new = InboxSource.objects.get_or_create(
        code=code,
        defaults={
            "account": account, "kinds": judged, "description": description[:120], "opened_at": at,
            "secret": sealing.seal(SEALED, secret), "entry_id": line.pk,
        },
    )  # fmt: skip
    if not new:
        raise BadCode
    return Added(row, secret)


@verb
def change(
    *, source: InboxSource, kinds: Mapping[str, str], description: str, active: bool, at: datetime, by: User | None
) -> InboxSource:
    """Say anew what a source's types are taken as, and whether it is listened to.

    Refuses: BadKinds.
    Writes: kernel.inbox_source.changed.
    """
    held = InboxSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    held.kinds, held.description = _judged(kinds), description[:120]
    held.state = InboxSource.State.ACTIVE if active else InboxSource.State.DISABLED
    held.save(update_fields=["kinds", "description", "state"])
    journal.write("kernel.inbox_source.changed", at=at, by=by, subject=held.code, state=held.state)
    return held


@verb
def rotate(*, source: InboxSource, grace: timedelta, at: datetime, by: User | None) -> Added:
    """Give a source a new secret; for so long the former is known too.

    Refuses: BadGrace.
    Writes: kernel.inbox_secret.renewed.
    """
    if not timedelta() <= grace <= LONGEST_GRACE:
        raise BadGrace
    held = InboxSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    secret = signatures.new_secret()
    held.former_secret, held.former_until = held.secret, at + grace
    held.secret = sealing.seal(SEALED, secret)
    held.save(update_fields=["secret", "former_secret", "former_until"])
    journal.write("kernel.inbox_secret.renewed", at=at, by=by, subject=held.code)
    return Added(held, secret)
