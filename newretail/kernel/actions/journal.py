"""Write journal lines; called inside the verb that did the work."""

from datetime import datetime
from typing import Any

from django.db import connection

from newretail.kernel.guard import IN_VERB
from newretail.kernel.models import JournalEntry, Pending, User
from newretail.kernel.registry import TABLES


class OutsideVerb(RuntimeError):
    """A line was written while no verb was under way."""


def reserve() -> int:
    """Take the id of a line that is written at the end of the verb, when its counts are known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('kernel_journalentry', 'id'))")
        return int(cursor.fetchone()[0])


def write(
    name: str,
    *,
    at: datetime,
    subject: str = "",
    by: User | None = None,
    entry_id: int | None = None,
    **facts: Any,
) -> JournalEntry:
    """Write one line and put it before each handler that hears its name.

    `facts` hold keys, field names and counts, never personal values; `entry_id` comes from `reserve`.
    Writes: the line itself.
    """
    if not IN_VERB.get():
        raise OutsideVerb(name)
    entry = JournalEntry.objects.create(pk=entry_id, name=name, subject=subject, facts=facts, effective_at=at, by=by)
    Pending.objects.bulk_create(
        [Pending(entry=entry, handler=handler, subject=subject, due_at=at) for handler in TABLES.hears.get(name, ())]
    )
    return entry
