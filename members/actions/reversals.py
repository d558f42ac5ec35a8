"""Many spendings put back at once, each under its own name."""

from collections.abc import Sequence
from datetime import datetime

from members.actions import points, postings
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

SPENDS = f"""
SELECT s.id, s.account_id FROM members_pointsentry s WHERE s.source = %(source)s AND s.kind = 'spend'
  AND s.source_no IN (SELECT {postings.NUMBER.format("u.number")} FROM unnest(%(numbers)s::text[]) u(number))
"""
# All that is left of each spending: what it used less what was put back of it before.
PUT_BACK = """
INSERT INTO tmp_points_draws
SELECT t.spend_id, u.lot_id, -sum(u.points) FROM (
  SELECT unnest(%(spends)s::bigint[]) AS spend_id, unnest(%(spends)s::bigint[]) AS points_entry_id
  UNION ALL SELECT reverses_id, id FROM members_pointsentry WHERE reverses_id = ANY(%(spends)s)) t
JOIN members_pointsuse u ON u.points_entry_id = t.points_entry_id
GROUP BY t.spend_id, u.lot_id HAVING sum(u.points) > 0
"""
PUT_BACK_BY = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, nth, reverses_id)
SELECT {postings.NEXT_ENTRY}, s.account_id, s.member_id, 'reverse', d.points, s.source, s.source_no,
  row_number() OVER (PARTITION BY s.source_no ORDER BY s.account_id) - 1, s.id
FROM (SELECT move_id, -sum(points) AS points FROM tmp_points_draws GROUP BY move_id) d
JOIN members_pointsentry s ON s.id = d.move_id ORDER BY s.source_no, s.account_id
"""


@verb
def reverse_all(*, source: str, numbers: Sequence[str], at: datetime, by: User | None = None) -> int:
    """Put back all that is left of spendings of a source, into the lots they came from, under their own numbers.

    Return how many accounts' spendings were put back. What has expired meanwhile expires again.
    Writes: members.points.reversed.
    """
    given = {**postings.params(entry=journal.reserve(), at=at, by=by), "source": source, "numbers": list(numbers),
             "reason": ""}  # fmt: skip
    stated = sql.rows(SPENDS, given)
    given |= {"spends": [row[0] for row in stated], "accounts": [row[1] for row in stated]}
    postings.lock("SELECT unnest(%(accounts)s::bigint[])", given)
    postings.begin()
    sql.execute(PUT_BACK, given)
    count = sql.execute(PUT_BACK_BY, given)
    if count:
        sql.execute(points.BACK_TO_MOVES)
        postings.book_draws(points.REVERSED, given)
        postings.settle_up(given)
        journal.write("members.points.reversed", at=at, by=by, entry_id=given["entry"], spendings=count)
    return count
