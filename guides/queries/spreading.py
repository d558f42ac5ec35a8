"""Who gets whom: customers spread over guides evenly, or to who has fewest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from newretail.kernel import sql

EVENLY, LOAD = "evenly", "load"
RULES = (EVENLY, LOAD)
# A guide's places stand one above the other, on top of what she has; the lowest places are filled first.
PLACES = """
SELECT h.id AS post_id, row_number() OVER (ORDER BY h.load + k, h.id) AS n
FROM (SELECT x.id, CASE WHEN %(rule)s = 'load' THEN (
        SELECT count(*) FROM guides_bond b WHERE b.post_id = x.id AND b.ended_at IS NULL) ELSE 0 END AS load
      FROM unnest(%(heirs)s::bigint[]) x(id)) h
CROSS JOIN generate_series(1, (SELECT count(*) FROM leaving)) k
"""
HANDING = f"""
WITH leaving AS (
  SELECT root, row_number() OVER (ORDER BY root) AS n FROM (
    SELECT DISTINCT coalesce(m.merged_into_id, m.id) AS root FROM guides_bond b
    JOIN members_member m ON m.id = b.member_id WHERE b.post_id = %(post)s AND b.ended_at IS NULL) l),
places AS ({PLACES})
SELECT l.root, p.post_id FROM leaving l JOIN places p USING (n)
"""


@dataclass(frozen=True)
class Share:
    """How many customers a guide would get, and how many she has."""

    post_id: int
    has: int
    gets: int


def preview(post_id: int, heirs: Sequence[int], rule: str) -> list[Share]:
    """Tell what a hand-over would give each of these guides."""
    rows = sql.rows(
        "SELECT x.id, (SELECT count(*) FROM guides_bond b WHERE b.post_id = x.id AND b.ended_at IS NULL),"
        f" count(h.root) FROM unnest(%(heirs)s::bigint[]) x(id) LEFT JOIN ({HANDING}) h ON h.post_id = x.id"
        " GROUP BY x.id ORDER BY x.id",
        {"post": post_id, "heirs": list(heirs), "rule": rule},
    )
    return [Share(*row) for row in rows]
