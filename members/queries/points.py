"""What members hold of points: what each side of a family made of them, what may be spent, when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from members.models import Member
from members.queries import families
from newretail.kernel import sql

MADE_BY = """
SELECT coalesce(sum(e.points), 0) FROM members_pointsentry e
WHERE e.member_id = ANY(%(ids)s)
  AND e.account_id IN (SELECT id FROM members_pointsaccount WHERE member_id = ANY(%(family)s))
"""
HELD = """
SELECT coalesce(sum(l.remaining) FILTER (WHERE l.state = 'open'), 0), coalesce(sum(l.remaining) FILTER (
  WHERE l.state = 'pending'), 0),
  (SELECT coalesce(sum(debt), 0) FROM members_pointsaccount WHERE member_id = ANY(%(family)s))
FROM members_pointslot l JOIN members_pointsaccount a ON a.id = l.account_id
WHERE a.member_id = ANY(%(family)s) AND l.remaining > 0 AND (l.expires_on IS NULL OR l.expires_on > %(today)s)
"""
ENDING = """
SELECT to_char(l.expires_on, 'YYYY-MM'), sum(l.remaining) FROM members_pointslot l
JOIN members_pointsaccount a ON a.id = l.account_id
WHERE a.member_id = ANY(%(family)s) AND l.remaining > 0 AND l.state = 'open' AND l.expires_on > %(today)s
GROUP BY 1 ORDER BY 1
"""
NEXT_END = """
SELECT l.expires_on, sum(l.remaining) FROM members_pointslot l JOIN members_pointsaccount a ON a.id = l.account_id
WHERE a.member_id = ANY(%(family)s) AND l.remaining > 0 AND l.state = 'open' AND l.expires_on > %(today)s
GROUP BY 1 ORDER BY 1 LIMIT 1
"""


@dataclass(frozen=True)
class Held:
    """What a person may spend, what waits, what she owes, and when what she may spend ends: (month, points)."""

    balance: int
    pending: int
    debt: int
    ending: list[tuple[str, int]]


def held(member: Member, today: date) -> Held:
    """Tell what a person holds on a day, all rows that are she together; what has ended by then does not count."""
    given = {"family": families.ids_of(member), "today": today}
    balance, pending, debt = sql.rows(HELD, given)[0]
    ending = [(month, int(points)) for month, points in sql.rows(ENDING, given)]
    return Held(int(balance), int(pending), int(debt), ending)


def spendable(family: Sequence[int], today: date) -> int:
    """Tell how many points a person may spend on a day, all rows that are she (ids) together."""
    return int(sql.rows(HELD, {"family": list(family), "today": today})[0][0])


def made_by(ids: Sequence[int], family: Sequence[int]) -> int:
    """Sum what these members of a family have made of points, in whosever account."""
    return int(sql.rows(MADE_BY, {"ids": list(ids), "family": list(family)})[0][0])


def short(ids: Sequence[int]) -> int:
    """Tell how many points members would lack if what they made themselves were all they had."""
    family = sorted({one for root in families.roots_of(ids).values() for one in _family_of(root)})
    return max(0, -made_by(ids, family))


def _family_of(root: int) -> list[int]:
    return families.ids_of(Member.objects.get(pk=root))
