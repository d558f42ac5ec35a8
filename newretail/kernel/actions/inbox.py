"""Take messages of other systems in: kept before they are answered, worked off once each, tried again while refused."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_noop

from newretail.kernel import brand, scopes, sql
from newretail.kernel.actions import journal
from newretail.kernel.actions.deliveries import next_wait
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import RowRefusal
from newretail.kernel.models import InboxMessage, InboxSource, User
from newretail.kernel.registry import TABLES, Intake
from newretail.kernel.verbs import Refused, verb

LOG = structlog.get_logger(__name__)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_FAULTS = 20
State = InboxMessage.State
KEEP = """
INSERT INTO kernel_inboxmessage (source_id, message_id, digest, kind, body, size, state, attempts, received_at,
  begun_at, due_at, faults)
VALUES (%(source)s, %(ref)s, %(digest)s, %(kind)s, %(body)s, %(size)s, 'waiting', 0, %(at)s::timestamptz,
  %(at)s::timestamptz, %(at)s::timestamptz, '[]')
ON CONFLICT (source_id, message_id) DO NOTHING RETURNING id
"""
NEXT = """
SELECT m.id FROM kernel_inboxmessage m JOIN kernel_inboxsource s ON s.id = m.source_id AND s.state = 'active'
WHERE m.state = 'waiting' AND m.due_at <= %(at)s ORDER BY m.due_at, m.id LIMIT 1 FOR UPDATE OF m SKIP LOCKED
"""


class AnotherBody(Refused):
    """The id came with other words before."""

    code = "another_body"
    sentence = gettext_noop("A message with this id and another body came before.")


class NotFailed(Refused):
    """The message needs no other try."""

    code = "not_failed"
    sentence = gettext_noop("This message is done: there is nothing to try again.")


@verb
def receive(*, source: InboxSource, ref: str, kind: str, body: bytes, at: datetime) -> bool:
    """Keep a message of a source; False when it came before. It is answered once this is committed.

    Refuses: AnotherBody.
    Writes no line: what the message brings writes its own.
    """
    digest = hashlib.sha256(body).hexdigest()
    given: sql.Params = {
        "source": source.pk, "ref": ref, "digest": digest, "kind": kind, "body": body.decode(), "size": len(body),
        "at": at,
    }  # fmt: skip
    kept = sql.prepared(given, KEEP)
    if not kept and not InboxMessage.objects.filter(source=source, message_id=ref, digest=digest).exists():
        raise AnotherBody
    return bool(kept)


@verb
def work_one(*, at: datetime, read: Any) -> bool:
    """Work the next message off, its effect and its end in one transaction; True when there was one.

    `read` makes items of a body. What is refused, or fails, is tried again later and later, a day long; the others
    go on. Writes no line: what the message brings writes its own.
    """
    found = sql.rows(NEXT, {"at": at})
    if not found:
        return False
    message = InboxMessage.objects.select_related("source__account").get(pk=found[0][0])
    message.attempts += 1
    taken_as = message.source.kinds.get(message.kind)
    if taken_as is None:
        _end(message, State.IGNORED, at)
        return True
    message.faults = _take(message, taken_as, at, read)
    failpoint("inbox.taken")
    if not message.faults:
        _end(message, State.DONE, at)
    elif at - message.begun_at >= GIVEN_UP_AFTER:
        _end(message, State.FAILED, at)
    else:
        tried_for = at - message.begun_at
        message.due_at = at + next_wait(ref=message.message_id, number=message.attempts, tried_for=tried_for)
        message.save(update_fields=["attempts", "faults", "due_at"])
    return True


def _take(message: InboxMessage, taken_as: str, at: datetime, read: Any) -> list[dict[str, Any]]:
    """Hand the items to who takes them; give what is wrong, of a fault of ours its kind alone."""
    taker = TABLES.takers[taken_as]
    account = message.source.account
    if not (account.is_active and scopes.may(account, taker.resource, "change")):  # type: ignore[arg-type]
        return _shown([RowRefusal(0, "", "no_right")])
    try:
        with transaction.atomic():
            refusals = taker.take(Intake(account, at), read(message.body))
    except Refused as refusal:
        refusals = [RowRefusal(0, "", refusal.code)]
    except Exception as error:  # noqa: BLE001 - whatever fails, the others go on
        LOG.error("message failed", source=message.source.code, message=message.pk, error=type(error).__name__)
        refusals = [RowRefusal(0, "", "fault", {"kind": type(error).__name__})]
    return _shown(refusals)


def _shown(refusals: Sequence[RowRefusal]) -> list[dict[str, Any]]:
    facts = [{name: str(fact) for name, fact in each.facts.items()} for each in refusals[:MOST_FAULTS]]
    return [
        {"row": each.line, "field": each.column, "code": each.code, "facts": told}
        for each, told in zip(refusals, facts, strict=False)
    ]


def _end(message: InboxMessage, state: str, at: datetime) -> None:
    """Close a message; of one that is done nothing but its digest is kept."""
    message.state, message.ended_at = state, at
    if state == State.DONE:
        message.body = ""
    message.save(update_fields=["state", "ended_at", "body", "attempts", "faults"])


@verb
def replay(*, messages: Sequence[InboxMessage], at: datetime, by: User | None) -> int:
    """Try messages again that were given up, not taken, or wait for another try; return how many.

    Refuses: NotFailed.
    Writes: kernel.inbox_message.replayed.
    """
    rows = InboxMessage.objects.filter(pk__in=[each.pk for each in messages]).exclude(state=State.DONE)
    count = rows.update(state=State.WAITING, begun_at=at, due_at=at, ended_at=None)
    if not count:
        raise NotFailed
    journal.write("kernel.inbox_message.replayed", at=at, by=by, messages=count)
    return count


@verb
def forget(*, at: datetime) -> int:
    """Remove messages older than they are kept; return how many.

    Writes no line: what they brought stands in the books.
    """
    kept_since = at - timedelta(days=int(brand.setting("webhook_kept_days")))
    return InboxMessage.objects.filter(received_at__lt=kept_since).delete()[0]
