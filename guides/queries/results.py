"""What a guide achieves in a month: sales and her rank in the store, recruits, repeat rate, tasks done on time.

Sales are net of refunds, of the orders she sold in her store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from guides.queries.serving import SERVES
from guides.queries.sop import ADDED
from newretail.kernel import clock, sql
from stores.models import Post

SALES = """
SELECT p.id, coalesce(s.cents, 0) AS cents, coalesce(s.orders, 0) AS orders,
  rank() OVER (PARTITION BY p.store_id ORDER BY coalesce(s.cents, 0) DESC) AS rank,
  count(*) OVER (PARTITION BY p.store_id) AS of
FROM stores_post p LEFT JOIN (
  SELECT o.sold_by_id, sum(o.amount_cents - o.refunded_cents)::bigint AS cents,
    count(*) FILTER (WHERE o.refunded_cents < o.amount_cents) AS orders
  FROM members_order o WHERE o.store_id = ANY(%(stores)s) AND o.paid_at >= %(first)s AND o.paid_at < %(until)s
  GROUP BY 1) s ON s.sold_by_id = p.id
WHERE p.store_id = ANY(%(stores)s) AND p.until IS NULL AND p.role = ANY(%(serves)s)
"""
OWN = """
SELECT count(*) AS served, count(*) FILTER (WHERE q.frequency >= 1) AS buyers,
  count(*) FILTER (WHERE q.frequency >= 2) AS repeated,
  (SELECT count(*) FROM guides_bond w WHERE w.post_id = ANY(%(posts)s) AND w.began_at >= %(first)s
     AND w.began_at < %(until)s AND w.source = ANY(%(added)s)) AS recruits
FROM guides_bond b JOIN members_member m ON m.id = b.member_id
LEFT JOIN members_portrait q ON q.member_id = coalesce(m.merged_into_id, m.id)
WHERE b.post_id = ANY(%(posts)s) AND b.ended_at IS NULL
"""
TASKS = """
SELECT count(*) FILTER (WHERE ended_at <= due_at AND state IN ('done', 'checking')) AS on_time,
  count(*) FILTER (WHERE ended_at > due_at AND state IN ('done', 'checking')) AS late,
  count(*) FILTER (WHERE state = 'expired' OR state = 'open' AND due_at <= %(at)s) AS missed
FROM guides_task WHERE post_id = ANY(%(posts)s) AND assigned_at >= %(first)s AND assigned_at < %(until)s
"""


@dataclass(frozen=True)
class Results:
    """A guide's month: cents, orders, whom she serves, tasks given in it; by sales `rank` among `of` of her store."""

    month: date
    cents: int
    orders: int
    rank: int | None
    of: int
    served: int
    buyers: int
    repeated: int
    recruits: int
    on_time: int
    late: int
    missed: int

    @property
    def average_cents(self) -> int | None:
        """Give the average order value, None without an order."""
        return round(self.cents / self.orders) if self.orders else None

    @property
    def repeat_rate(self) -> float | None:
        """Give the share of those of her customers who bought within a year and bought twice or more."""
        return self.repeated / self.buyers if self.buyers else None

    @property
    def tasks_on_time(self) -> float | None:
        """Give the share of tasks done on time, of those done or overdue."""
        ended = self.on_time + self.late + self.missed
        return self.on_time / ended if ended else None


def span(month: date) -> tuple[datetime, datetime]:
    """Give the half-open span of a calendar month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return clock.day_start(month.replace(day=1)), clock.day_start(following)


def results(posts: Sequence[Post], *, month: date, at: datetime) -> Results:
    """Give the month of a guide by her posts, in one round trip; her rank is the best of them."""
    first, until = span(month)
    given: sql.Params = {
        "posts": [post.pk for post in posts], "stores": [post.store_id for post in posts], "first": first,
        "until": until, "at": at, "serves": sorted(SERVES), "added": list(ADDED),
    }  # fmt: skip
    found = sql.together({"sales": SALES, "own": OWN, "tasks": TASKS}, given)
    mine: list[dict[str, Any]] = [row for row in found["sales"] if row["id"] in given["posts"]]
    best = min(mine, key=lambda row: int(row["rank"]), default=None)
    return Results(
        month=first.astimezone(clock.brand_zone()).date(), cents=sum(row["cents"] for row in mine),
        orders=sum(row["orders"] for row in mine), rank=best["rank"] if best else None, of=best["of"] if best else 0,
        **found["own"][0], **found["tasks"][0],
    )  # fmt: skip
