"""The days of one guide in one store: what she sold, whom she won and contacted, her tasks, what she shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.queries import openings
from analytics.queries.seasons import Span
from newretail.kernel import sql

FIGURES = ("cents", "orders", "added", "due", "done", "on_time", "touches", "shares", "opens")
DAYS = f"""
SELECT to_char(d.day, 'YYYY-MM-DD') AS day, coalesce(g.cents, 0) AS cents, coalesce(g.orders, 0) AS orders,
  coalesce(g.added, 0) AS added, coalesce(g.due, 0) AS due, coalesce(g.done, 0) AS done,
  coalesce(g.on_time, 0) AS on_time, coalesce(g.touches, 0) AS touches, coalesce(g.shares, 0) AS shares,
  coalesce(g.opens, 0) + coalesce(o.opens, 0) AS opens
FROM (SELECT %(first)s::date + n AS day FROM generate_series(0, %(until)s::date - %(first)s::date - 1) n) d
LEFT JOIN (
  SELECT day, sum(sales_cents - refunded_cents) AS cents, sum(orders) AS orders, sum(added) AS added,
    sum(tasks_due) AS due, sum(tasks_done) AS done, sum(tasks_on_time) AS on_time, sum(touches) AS touches,
    sum(shares) AS shares, sum({openings.of_facts("f")}) AS opens
  FROM analytics_guideday f WHERE post_id = ANY(%(posts)s) AND day >= %(first)s AND day < %(until)s GROUP BY 1) g
  ON g.day = d.day
LEFT JOIN (
  SELECT day, sum(opens) AS opens FROM ({openings.SINCE.format(posts="%(posts)s")}) l GROUP BY 1) o ON o.day = d.day
ORDER BY d.day DESC
"""


@dataclass(frozen=True)
class GuideDayLine:
    """One day of a guide; None is the sum of several."""

    day: date | None
    cents: int
    orders: int
    added: int
    due: int
    done: int
    on_time: int
    touches: int
    shares: int
    opens: int


def days(posts: Sequence[int], span: Span) -> list[GuideDayLine]:
    """List the days of a guide's posts, the newest first; one query."""
    given = {"posts": list(posts), "first": span.first, "until": span.until, **openings.asking(span)}
    rows: list[dict[str, Any]] = sql.together({"days": DAYS}, given)["days"]
    return [GuideDayLine(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]


def total(found: Sequence[GuideDayLine]) -> GuideDayLine:
    """Sum days up."""
    return GuideDayLine(None, *(sum(getattr(line, name) for line in found) for name in FIGURES))
