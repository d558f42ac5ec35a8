"""How guides stand in contests: live from the days of guides while one runs, as it ended once it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from analytics.models import Contest
from newretail.kernel import masking, sql

SHOWN_AFTER = timedelta(days=60)
MOST_SHOWN = 20
# Sales are net of refunds; what was due counts whether it was done or not.
SCORED = """
SELECT c.id AS contest_id, c.prizes, p.id AS post_id, p.store_id,
  CASE c.grouping WHEN 'store' THEN s.code WHEN 'region' THEN coalesce(r.name, '') ELSE '' END AS place,
  coalesce(CASE c.metric
    WHEN 'sales' THEN f.cents WHEN 'recruits' THEN f.added WHEN 'reach' THEN f.touches
    WHEN 'on_time' THEN div(10000 * f.on_time, nullif(f.due, 0))
    WHEN 'average' THEN round(f.cents / nullif(f.orders, 0))
  END, 0)::bigint AS score
FROM analytics_contest c
JOIN stores_post p ON p.role = 'guide' AND (p.since IS NULL OR p.since <= c.last_day)
  AND (p.until IS NULL OR p.until > c.first_day)
JOIN stores_store s ON s.id = p.store_id AND (c.region_id IS NULL OR s.region_id = c.region_id)
LEFT JOIN stores_region r ON r.id = s.region_id
LEFT JOIN (
  SELECT k.id AS contest_id, g.post_id, sum(g.sales_cents - g.refunded_cents) AS cents, sum(g.orders) AS orders,
    sum(g.added) AS added, sum(g.touches) AS touches, sum(g.tasks_due) AS due, sum(g.tasks_on_time) AS on_time
  FROM analytics_contest k JOIN analytics_guideday g ON g.day >= k.first_day AND g.day <= k.last_day
  WHERE k.id = ANY(%(contests)s) GROUP BY 1, 2) f ON f.contest_id = c.id AND f.post_id = p.id
WHERE c.id = ANY(%(contests)s)
"""
# Who is equal shares a rank; `above` is the lowest score of those who stand higher.
RANKED = f"""
SELECT w.contest_id, w.post_id, w.store_id, w.place, w.score, w.prizes,
  rank() OVER (PARTITION BY w.contest_id, w.place ORDER BY w.score DESC) AS rank,
  count(*) OVER (PARTITION BY w.contest_id, w.place) AS of,
  min(w.score) OVER (PARTITION BY w.contest_id, w.place ORDER BY w.score RANGE BETWEEN 1 FOLLOWING
    AND UNBOUNDED FOLLOWING) AS above
FROM ({SCORED}) w
"""
PRIZED = f"""
SELECT n.*, CASE WHEN n.score > 0 THEN coalesce(n.prizes[n.rank], '') ELSE '' END AS prize FROM ({RANKED}) n
"""
ENDED = """
SELECT t.contest_id, t.post_id, p.store_id, t.place, t.score, t.rank, t.prize, o.of, NULL::bigint AS above
FROM analytics_conteststanding t JOIN stores_post p ON p.id = t.post_id
JOIN (SELECT contest_id, place, count(*) AS of FROM analytics_conteststanding
      WHERE contest_id = ANY(%(contests)s) GROUP BY 1, 2) o USING (contest_id, place)
WHERE t.contest_id = ANY(%(contests)s)
"""
COLUMNS = "contest_id, post_id, store_id, place, score, rank, prize, of, above"
BOTH = f"""
SELECT b.*, u.name, coalesce(u.staff_no, '') AS staff_no, s.name AS store FROM (
  SELECT {COLUMNS} FROM ({PRIZED.replace("%(contests)s", "%(running)s")}) live
  UNION ALL SELECT {COLUMNS} FROM ({ENDED.replace("%(contests)s", "%(closed)s")}) ended) b
JOIN stores_post p ON p.id = b.post_id JOIN kernel_user u ON u.id = p.user_id JOIN stores_store s ON s.id = p.store_id
WHERE (%(stores)s::bigint[] IS NULL OR b.store_id = ANY(%(stores)s))
  AND (%(posts)s::bigint[] IS NULL OR b.post_id = ANY(%(posts)s))
ORDER BY b.contest_id, b.place, b.rank, b.post_id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Standing:
    """How one guide stands in a contest: `rank` among `of` of her place; `above` is the next higher score, if any."""

    contest_id: int
    post_id: int
    store_id: int
    place: str
    score: int
    rank: int
    prize: str
    of: int
    above: int | None
    name: str
    staff_no: str
    store: str

    @property
    def gap(self) -> int | None:
        """Give what is missing to the next higher score, None where nobody is higher or it is over."""
        return None if self.above is None else self.above - self.score


def standings(
    contests: Sequence[Contest], *, stores: Sequence[int] | None = None, posts: Sequence[int] | None = None,
    most: int = 200,
) -> list[Standing]:  # fmt: skip
    """List how guides stand in contests, the first first; of these stores or posts alone (None: all); one query."""
    given = {
        "running": [each.pk for each in contests if each.state != Contest.State.CLOSED],
        "closed": [each.pk for each in contests if each.state == Contest.State.CLOSED],
        "stores": None if stores is None else list(stores), "posts": None if posts is None else list(posts),
        "most": most,
    }  # fmt: skip
    eyes = masking.eyes()
    rows: list[dict[str, Any]] = sql.together({"rows": BOTH}, given)["rows"]
    return [Standing(**{**row, "name": eyes.staff(row["name"], row["staff_no"])}) for row in rows]


def shown(today: date) -> list[Contest]:
    """List the contests a phone shows: those published, and those closed that ended not long ago."""
    lately = Q(state=Contest.State.CLOSED, last_day__gt=today - SHOWN_AFTER)
    rows = Contest.objects.filter(Q(state=Contest.State.PUBLISHED) | lately)
    return list(rows.order_by("-last_day", "code")[:MOST_SHOWN])
