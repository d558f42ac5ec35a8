"""Carry journal lines to their handlers: once each, in order per subject, a poisoned line out of the way."""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from newretail.kernel.actions.jobs import in_short
from newretail.kernel.models import Pending, Receipt
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb

LOG = structlog.get_logger(__name__)
MAX_WAIT = timedelta(hours=6)
MOST_DOUBLINGS = 15  # beyond them the wait stays at its most
# The oldest due line of each subject first; a line waits while an earlier one of its subject does.
NEXT = """
SELECT p.id FROM kernel_pending p
WHERE p.due_at <= %s AND NOT EXISTS (
  SELECT 1 FROM kernel_pending q
  WHERE q.handler = p.handler AND q.subject = p.subject AND p.subject <> '' AND q.id < p.id)
ORDER BY p.due_at, p.id LIMIT 1 FOR UPDATE OF p SKIP LOCKED
"""


@verb
def carry_one(*, at: datetime) -> bool:
    """Let one handler hear one line; True when there was one.

    The handler's writes and its receipt are one transaction. A handler that fails leaves nothing but a later due time.
    Writes no line: it carries those that are written.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [at])
        found = cursor.fetchone()
    if found is None:
        return False
    pending = Pending.objects.select_related("entry").get(pk=found[0])
    try:
        with transaction.atomic():
            TABLES.handlers[pending.handler](pending.entry)
            Receipt.objects.create(entry=pending.entry, handler=pending.handler)
            pending.delete()
    except Exception as error:  # noqa: BLE001 - whatever fails, the others go on
        facts = {"handler": pending.handler, "line": pending.entry_id, "error": type(error).__name__}
        LOG.error("handler failed", **facts)
        pending.attempts += 1
        pending.due_at = at + min(MAX_WAIT, timedelta(seconds=2 ** min(pending.attempts, MOST_DOUBLINGS)))
        pending.error = in_short(error)
        pending.save(update_fields=["attempts", "due_at", "error"])
    return True


def drain(*, at: datetime, most: int = 10_000) -> int:
    """Carry every due line; return how many were carried."""
    carried = 0
    while carried < most and carry_one(at=at):
        carried += 1
    return carried
