"""Write journal lines; called inside the verb that did the work."""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from newretail.kernel import sql
from newretail.kernel.guard import IN_VERB
from newretail.kernel.models import JournalEntry, User
from newretail.kernel.registry import TABLES

NEXT = "nextval(pg_get_serial_sequence('kernel_journalentry', 'id'))"
# The line and what hears it, in one round trip.
WRITE = f"""
WITH line AS (
  INSERT INTO kernel_journalentry (id, name, subject, facts, effective_at, written_at, by_id)
  VALUES (coalesce(%(id)s, {NEXT}), %(name)s, %(subject)s, %(facts)s::jsonb, %(at)s, %(written_at)s, %(by)s)
  RETURNING id),
waiting AS (
  INSERT INTO kernel_pending (entry_id, handler, subject, attempts, due_at, error)
  SELECT line.id, handler, %(subject)s, 0, %(at)s::timestamptz, '' FROM line, unnest(%(handlers)s::text[]) AS handler)
SELECT id FROM line
"""


WRITTEN_AT = JournalEntry._meta.get_field("written_at")


class OutsideVerb(RuntimeError):
    """A line was written while no verb was under way."""


def reserve() -> int:
    """Take the id of a line that is written at the end of the verb, when its counts are known."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NEXT}")
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
    entry = JournalEntry(name=name, subject=subject, facts=facts, effective_at=at, by=by)
    given = {
        "id": entry_id, "name": name, "subject": subject, "facts": json.dumps(facts), "at": at,
        "by": by.pk if by else None, "written_at": WRITTEN_AT.pre_save(entry, add=True),
        "handlers": list(TABLES.hears.get(name, ())),
    }  # fmt: skip
    entry.pk = int(sql.prepared(given, WRITE)[0][0])
    entry._state.adding = False
    return entry
