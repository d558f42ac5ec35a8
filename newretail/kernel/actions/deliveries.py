"""Carry messages to endpoints: told with the line, claimed, called, recorded; given up in the end, and sent anew."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q

from newretail.kernel import brand, sealing, sql
from newretail.kernel.actions import endpoints, journal
from newretail.kernel.models import Attempt, Delivery, Endpoint, HookMessage, JournalEntry, User
from newretail.kernel.registry import TABLES, News, Rows
from newretail.kernel.verbs import verb
from newretail.kernel.webhooks.calls import Outcome

ROWS_EACH = 100  # rows of a line that one message tells
MESSAGES_AT_ONCE = 50
LEASE = timedelta(seconds=60)  # longer than any call: a claim nobody recorded is taken up again
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
FORGOTTEN_AT_ONCE = 5_000
# Endpoints with something due; another worker's are left to it, so that none is called more often at once than it may.
LOCK = """
SELECT e.id FROM kernel_endpoint e
WHERE e.state = 'active' AND EXISTS (SELECT 1 FROM kernel_delivery d
  WHERE d.endpoint_id = e.id AND d.state IN ('waiting', 'claimed') AND d.due_at <= %(at)s)
ORDER BY e.id FOR NO KEY UPDATE SKIP LOCKED
"""
# Each endpoint's oldest first, and each in turn: the tenth of one waits for the first of another. One that has been
# failing is called one at a time.
CLAIM = """
WITH room AS (
  SELECT e.id, CASE WHEN e.failing_since IS NULL THEN e.at_once ELSE 1 END - (SELECT count(*) FROM kernel_delivery d
    WHERE d.endpoint_id = e.id AND d.state = 'claimed' AND d.due_at > %(at)s) AS free
  FROM kernel_endpoint e WHERE e.id = ANY(%(held)s)),
next AS (
  SELECT d.id FROM room, LATERAL (
    SELECT d.id, row_number() OVER (ORDER BY d.due_at, d.id) AS turn FROM (
      SELECT id, due_at FROM kernel_delivery
      WHERE endpoint_id = room.id AND state IN ('waiting', 'claimed') AND due_at <= %(at)s
      ORDER BY due_at, id LIMIT greatest(room.free, 0)) d) d
  ORDER BY d.turn, d.id LIMIT %(most)s)
UPDATE kernel_delivery d SET state = 'claimed', attempts = d.attempts + 1, due_at = %(lease)s
FROM next WHERE next.id = d.id RETURNING d.id
"""
FORGET = (
    "DELETE FROM kernel_attempt a USING kernel_delivery d WHERE d.id = a.delivery_id AND d.message_id = ANY(%(old)s)",
    "DELETE FROM kernel_delivery WHERE message_id = ANY(%(old)s)",
    "DELETE FROM kernel_hookmessage WHERE id = ANY(%(old)s)",
)


@dataclass(frozen=True)
class Call:
    """A delivery that is claimed: what goes where, signed by which secrets; `number` says which attempt it is."""

    delivery: int
    number: int
    url: str
    secrets: tuple[str, ...]
    ref: str
    body: bytes


def _hearers(entry: JournalEntry, news: News) -> list[Endpoint]:
    """Give the endpoints that stood when the line was written and hear of it."""
    rows = Endpoint.objects.exclude(state=Endpoint.State.CLOSED).filter(entry_id__lt=entry.pk).order_by("pk")
    return list(rows.filter(Q(events=[]) | Q(events__contains=[news.event])))


def _parts(entry: JournalEntry, news: News, rows: Rows, at: datetime) -> Iterator[HookMessage]:
    waiting, part = iter(rows), 0
    while items := list(islice(waiting, ROWS_EACH)):
        part += 1
        body = endpoints.written(news.event, entry.effective_at, {"part": part, "items": items})
        yield HookMessage(
            ref=endpoints.new_ref(at), event=news.event, entry=entry, part=part, body=body, made_at=at
        )  # fmt: skip


@verb
def tell(*, entry: JournalEntry, at: datetime) -> int:
    """Put the rows of a line before every endpoint that hears of it, a hundred to a message; return the deliveries.

    It commits with the receipt of the line: what is rolled back is never told.
    Writes no line: it tells of one.
    """
    count = 0
    for news in TABLES.news.get(entry.name, ()):
        hearers = _hearers(entry, news)
        parts = _parts(entry, news, news.rows(entry) if hearers else (), at)
        while made := HookMessage.objects.bulk_create(islice(parts, MESSAGES_AT_ONCE)):
            rows = [
                Delivery(endpoint=each, message=message, begun_at=at, due_at=at) for each in hearers for message in made
            ]
            count += len(Delivery.objects.bulk_create(rows))
    return count


@verb
def claim(*, at: datetime, most: int) -> list[Call]:
    """Take what is due, at most so many, for one worker; a claim that is not recorded in time is taken up again.

    Writes no line: the deliveries' own states tell.
    """
    held = [row[0] for row in sql.rows(LOCK, {"at": at})]
    if not held:
        return []
    given: dict[str, Any] = {"at": at, "held": held, "most": most, "lease": at + LEASE}
    claimed = [row[0] for row in sql.rows(CLAIM, given)]
    rows = Delivery.objects.filter(pk__in=claimed).select_related("endpoint", "message").order_by("pk")
    return [_call(row, row.endpoint, at) for row in rows]


def _call(row: Delivery, endpoint: Endpoint, at: datetime) -> Call:
    secrets = sealing.at_work(endpoints.SEALED, endpoint, at)
    return Call(row.pk, row.attempts, endpoint.url, secrets, row.message.ref, row.message.body.encode())


def next_wait(*, ref: str, number: int, tried_for: timedelta, asked: int | None = None) -> timedelta:
    """Tell how long to wait: as long again as it has been tried, up to six hours, a quarter more or less.

    So the waits double. The spread comes from the message and the attempt: many that failed at once do not come back
    at once. An endpoint that asks for more time gets it.
    """
    wait = min(max(tried_for, FIRST_WAIT), LONGEST_WAIT)
    spread = 0.75 + zlib.crc32(f"{ref}:{number}".encode()) % 1000 / 2000
    return max(wait * spread, min(timedelta(seconds=asked or 0), LONGEST_WAIT))


@verb
def record(*, call: Call, outcome: Outcome, at: datetime) -> None:
    """Write down what became of a call. What came too late, after its claim ran out, is kept as an attempt only.

    Writes: kernel.endpoint.disabled, kernel.endpoint.warned.
    """
    row = Delivery.objects.select_related("endpoint", "message").get(pk=call.delivery)
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=row.endpoint_id)
    Attempt.objects.create(
        delivery=row, number=call.number, at=at, status=outcome.status, answer=outcome.answer, error=outcome.error,
        millis=outcome.millis,
    )  # fmt: skip
    gone = outcome.status == 410
    given_up = gone or at - row.begun_at >= GIVEN_UP_AFTER
    state = Delivery.State.DEAD if given_up else Delivery.State.WAITING
    changed: dict[str, Any] = {"state": Delivery.State.DELIVERED if outcome.arrived else state}
    if outcome.arrived or given_up:
        changed["ended_at"] = at
    else:
        tried_for = at - row.begun_at
        changed["due_at"] = at + next_wait(
            ref=call.ref, number=call.number, tried_for=tried_for, asked=outcome.retry_after
        )  # fmt: skip
    Delivery.objects.filter(pk=row.pk, state=Delivery.State.CLAIMED, attempts=call.number).update(**changed)
    _judge(endpoint, outcome, gone=gone, at=at)


def _judge(endpoint: Endpoint, outcome: Outcome, *, gone: bool, at: datetime) -> None:
    """Keep since when an endpoint fails; warn in the middle of its time, disable it at the end."""
    if outcome.arrived:
        endpoint.last_success_at, endpoint.failing_since, endpoint.warned_at = at, None, None
        endpoint.save(update_fields=["last_success_at", "failing_since", "warned_at"])
        return
    if endpoint.state != Endpoint.State.ACTIVE:
        return
    endpoint.failing_since = endpoint.failing_since or at
    endpoint.save(update_fields=["failing_since"])
    patience = timedelta(days=int(brand.setting("webhook_failing_days")))
    failing_for = at - endpoint.failing_since
    if gone or failing_for >= patience:
        endpoints.disable(endpoint=endpoint, reason="gone" if gone else "failing", at=at)
    elif failing_for >= patience / 2 and endpoint.warned_at is None:
        endpoint.warned_at = at
        endpoint.save(update_fields=["warned_at"])
        journal.write("kernel.endpoint.warned", at=at, subject=endpoint.ref)


@verb
def replay(
    *, endpoint: Endpoint, refs: Sequence[str] = (), since: datetime | None = None, at: datetime, by: User | None
) -> int:
    """Send messages again under their own ids: those named, or all given up since an instant; return how many.

    Refuses: EndpointClosed.
    Writes: kernel.delivery.replayed.
    """
    held = endpoints.locked(endpoint)
    rows = Delivery.objects.filter(endpoint=held)
    if since is not None:
        rows = rows.filter(state=Delivery.State.DEAD, message__made_at__gte=since)
    else:
        rows = rows.filter(message__ref__in=refs).exclude(state=Delivery.State.CLAIMED)
    count = rows.update(state=Delivery.State.WAITING, begun_at=at, due_at=at, ended_at=None)
    journal.write("kernel.delivery.replayed", at=at, by=by, subject=held.ref, deliveries=count)
    return count


@verb
def forget(*, at: datetime) -> int:
    """Remove messages older than they are kept, with their deliveries; return how many.

    Writes no line: they are copies of what the books say.
    """
    kept_since = at - timedelta(days=int(brand.setting("webhook_kept_days")))
    forgotten = 0
    while True:
        rows = HookMessage.objects.filter(made_at__lt=kept_since).order_by("pk")
        old = list(rows.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        for statement in FORGET if old else ():
            sql.execute(statement, {"old": old})
        forgotten += len(old)
        if len(old) < FORGOTTEN_AT_ONCE:
            return forgotten
