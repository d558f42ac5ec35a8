"""Give the same answer to the same request: it commits with the effect, and is found by the caller's own key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError
from django.utils.translation import gettext_noop
from psycopg2.errors import LockNotAvailable

from newretail.kernel import sql
from newretail.kernel.models import KeptAnswer, User
from newretail.kernel.verbs import Refused, verb

KEPT_FOR = timedelta(hours=24)
TWIN_WAITS = "10s"
# Waits for a twin in flight: its row is there once it commits, and was never there when it failed. One without a status
# is seen by nobody but who has just begun it.
BEGIN = """
INSERT INTO kernel_keptanswer AS k (account_id, key, asked, status, body, made_at)
VALUES (%(account)s, %(key)s, %(asked)s, 0, '', %(at)s)
ON CONFLICT (account_id, key) DO UPDATE SET asked = excluded.asked, status = 0, body = '', made_at = excluded.made_at
WHERE k.made_at <= %(forgotten)s
"""
BEGUN = "SELECT id, asked, status, body FROM kernel_keptanswer WHERE account_id = %(account)s AND key = %(key)s"
KEEP = "UPDATE kernel_keptanswer SET status = %(status)s, body = %(body)s WHERE id = %(id)s RETURNING id"


class InFlight(Refused):
    """The same request is being worked on."""

    code = "in_flight"
    sentence = gettext_noop("The same request is still being worked on; ask again in a moment.")


class AnotherRequest(Refused):
    """The key was given with another request."""

    code = "idempotency_key_reused"
    sentence = gettext_noop("This Idempotency-Key was given with another request before.")


@dataclass(frozen=True)
class Answer:
    """An answer as it goes out: status and body; `again` where it was given before."""

    status: int
    body: str
    again: bool = False


@verb
def once(*, account: User, key: str, asked: str, at: datetime, act: Callable[[], Answer]) -> Answer:
    """Act and keep the answer, or give the one that is kept; `asked` is a digest of the request.

    All in one transaction: after a crash there is either effect and answer, or neither. An answer of 500 and above is
    never kept. Refuses: InFlight, AnotherRequest.
    Writes no line: what `act` does writes its own.
    """
    wait, wait_no_more = f"SET LOCAL lock_timeout = '{TWIN_WAITS}'", "SET LOCAL lock_timeout TO DEFAULT"
    given = {"account": account.pk, "key": key, "asked": asked, "at": at, "forgotten": at - KEPT_FOR}
    try:
        pk, first_asked, status, body = sql.prepared(given, wait, BEGIN, wait_no_more, BEGUN)[0]
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise InFlight from None
        raise
    if status and first_asked != asked:
        raise AnotherRequest
    if status:
        return Answer(status, body, again=True)
    answer = act()
    sql.prepared({"id": pk, "status": answer.status, "body": answer.body}, KEEP)
    return answer


@verb
def forget(*, at: datetime) -> int:
    """Remove answers older than a day; return how many.

    Writes no line: they are copies of what was sent.
    """
    return KeptAnswer.objects.filter(made_at__lte=at - KEPT_FOR).delete()[0]
