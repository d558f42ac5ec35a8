"""Accept what a phone sends, once: an action that is sent again is answered, not done again."""

import uuid
from collections.abc import Callable
from datetime import datetime

from newretail.kernel import sql
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

KEEP = """
INSERT INTO guides_deed (ref, by_id, kind, subject, done_at) VALUES (%(ref)s, %(by)s, %(kind)s, %(subject)s, %(at)s)
ON CONFLICT (ref) DO NOTHING RETURNING id
"""


@verb
def once(*, ref: uuid.UUID, kind: str, subject: str, act: Callable[[], object], at: datetime, by: User) -> bool:
    """Do what `act` does (it calls verbs) and keep the number of the action with it; returns whether it was done now.

    A twin on its way is waited for. What is refused keeps no number: it may be sent again.
    Writes no line: what `act` does writes its own.
    """
    given = {"ref": str(ref), "by": by.pk, "kind": kind, "subject": subject[:80], "at": at}
    if not sql.rows(KEEP, given):
        return False
    act()
    return True
