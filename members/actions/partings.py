"""Settle points between the two sides of a family that part."""

from collections.abc import Sequence
from datetime import datetime

from members.actions import postings
from members.queries import points
from newretail.kernel import sql
from newretail.kernel.models import User

IN_ACCOUNTS = "SELECT coalesce(sum(balance), 0) FROM members_pointsaccount WHERE member_id = ANY(%(ids)s)"
BOTH = "SELECT id FROM members_pointsaccount WHERE member_id = ANY(%(family)s)"
# From the giving side's accounts, one after the other until it is enough; each in the name of the side that owed.
GIVE = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, need, source, source_no, nth)
SELECT {postings.NEXT_ENTRY}, h.id, %(owing)s, 'settle', least(h.balance, %(points)s - h.low), 'points',
  'SETTLE:' || %(entry)s, row_number() OVER (ORDER BY h.id) - 1
FROM (SELECT a.*, sum(a.balance) OVER (ORDER BY a.id) - a.balance AS low FROM members_pointsaccount a
  WHERE a.member_id = ANY(%(givers)s) AND a.balance > 0) h WHERE h.low < %(points)s ORDER BY h.id
"""
TAKE = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, line_no, nth, earned_at,
  expires_on)
SELECT {postings.NEXT_ENTRY}, a.id, %(owing)s, 'settle', u.points, 'points', 'SETTLE:' || %(entry)s, 1,
  row_number() OVER (ORDER BY u.id) - 1, l.earned_at, l.expires_on
FROM members_pointsentry e JOIN members_pointsuse u ON u.points_entry_id = e.id
JOIN members_pointslot l ON l.origin_id = u.lot_id JOIN members_pointsaccount a ON a.member_id = %(taker)s
WHERE e.source = 'points' AND e.source_no = 'SETTLE:' || %(entry)s
"""


def settle_points(*, side: Sequence[int], rest: Sequence[int], entry_id: int, at: datetime, by: User | None) -> None:
    """Let each side's accounts hold what its own members made of points; what one spent of the other goes back.

    Zero-sum. Part of the verb that undoes a merge, which has made sure that neither side made less than nothing.
    """
    family = [*side, *rest]
    given = {**postings.params(entry=entry_id, at=at, by=by), "family": family}
    postings.lock(BOTH, given)
    owed = points.made_by(side, family) - int(sql.rows(IN_ACCOUNTS, {"ids": list(side)})[0][0])
    if not owed:
        return
    givers, takers = (rest, side) if owed > 0 else (side, rest)
    given |= {"givers": list(givers), "taker": takers[0], "owing": givers[0], "points": abs(owed)}
    postings.open_accounts("SELECT %(taker)s::bigint AS member_id", given)
    postings.begin()
    sql.execute(GIVE, given)
    postings.post(given)
    sql.execute(TAKE, given)
    postings.post(given)
