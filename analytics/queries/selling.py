"""Who sells in a store, and what: its guides this month, its best sellers of the last seven days."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from analytics.queries import service, trades
from analytics.queries.seasons import Span
from analytics.queries.trades import COLUMNS, Trade
from guides.queries import sop
from guides.queries.sop import Kept
from newretail.kernel import clock, masking, sql
from stores.models import Store

BEST_DAYS = 7
BEST = 8
SUMS = ", ".join(f"coalesce(sum(g.{name}) FILTER (WHERE g.day >= %(month)s), 0)::bigint AS {name}" for name in COLUMNS)
# One pass over the posts' days: today, the week, the month. Who left is listed as long as her orders count.
GUIDES = f"""
SELECT p.id, u.name, u.staff_no, p.role, coalesce(sum(g.sales_cents - g.refunded_cents)
    FILTER (WHERE g.day = %(today)s), 0)::bigint AS today_cents,
  coalesce(sum(g.orders) FILTER (WHERE g.day >= %(week)s), 0) AS week_orders, {SUMS}
FROM stores_post p JOIN kernel_user u ON u.id = p.user_id
LEFT JOIN analytics_guideday g ON g.post_id = p.id AND g.day >= %(first)s AND g.day <= %(today)s
WHERE p.store_id = %(store)s AND p.role IN ('guide', 'manager')
GROUP BY p.id, u.id HAVING p.until IS NULL AND p.role = 'guide' OR sum(g.orders) > 0
ORDER BY sum(g.sales_cents - g.refunded_cents) FILTER (WHERE g.day >= %(month)s) DESC NULLS LAST, p.id
"""
# The orders of a week by the store's index, their lines in one walk along the order's: it grows with the store's week
# alone.
SELLERS = """
SELECT x.product_id, p.sku, p.name, x.units, x.cents
FROM (SELECT l.product_id, sum(l.quantity) AS units, sum(l.amount_cents) AS cents
  FROM members_orderline l WHERE l.order_id = ANY (ARRAY(
    SELECT o.id FROM members_order o WHERE o.store_id = %(store)s AND o.paid_at >= %(from)s AND o.paid_at < %(to)s
      AND (o.refunded_cents = 0 OR o.amount_cents > o.refunded_cents)))
  GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(most)s) x
JOIN stores_product p ON p.id = x.product_id ORDER BY x.units DESC, x.cents DESC, x.product_id
"""
# As the facts of guides count them.
RECRUITED = """
SELECT f.id FROM (SELECT DISTINCT ON (m.id) m.id, o.sold_by_id FROM members_member m JOIN members_order o
    ON o.member_id = m.id AND (o.paid_at AT TIME ZONE %(zone)s)::date = (m.joined_at AT TIME ZONE %(zone)s)::date
  WHERE m.joined_at >= %(from)s AND m.joined_at < %(to)s AND o.paid_at >= %(from)s AND o.paid_at < %(to)s
  ORDER BY m.id, o.paid_at, o.id) f
JOIN stores_post p ON p.id = f.sold_by_id AND p.store_id = ANY (%(stores)s)
JOIN kernel_user u ON u.id = p.user_id AND u.staff_no = %(staff)s
"""


@dataclass(frozen=True)
class GuideRow:
    """One guide's month: `best` names the figures in which nobody of the store is above her."""

    post_id: int
    name: str
    staff_no: str
    is_guide: bool
    today_cents: int
    week_orders: int
    month: Trade
    best: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seller:
    """A product with its units and its money of the last seven days."""

    sku: str
    name: str
    units: int
    cents: int


def guides(store: Store, month_first: date, *, at: datetime) -> tuple[list[GuideRow], list[service.Line], list[Kept]]:
    """Give the guides of a store, the highest sales of the month first, how they serve and keep the SOP this week.

    One query.
    """
    day = clock.business_day(at)
    params: sql.Params = {"store": store.pk, "week": day - timedelta(days=6), "month": month_first}
    params["first"] = min(month_first, day - timedelta(days=6))
    week = service.week(at)
    params |= service.asking([store.pk], week, at)
    params |= sop.asking(
        first=clock.day_start(week.first), until=clock.day_start(week.until), at=at, stores=[store.pk]
    )  # fmt: skip
    found = sql.together({"guides": GUIDES, "service": service.statement(service.GUIDE), "sop": sop.COUNTED}, params)
    kept = sop.together(sop.by_post(found["sop"]).values())
    return _ranked(found["guides"]), service.named(found["service"]), kept


def _ranked(found: Iterable[Mapping[str, Any]]) -> list[GuideRow]:
    """Read the rows of guides, with a star where nobody is higher."""
    rows, eyes = [], masking.eyes()
    for row in found:
        staff_no = row["staff_no"] or ""
        rows.append(
            GuideRow(
                row["id"],
                eyes.staff(row["name"], staff_no),
                staff_no,
                row["role"] == "guide",
                int(row["today_cents"]),
                int(row["week_orders"]),
                trades.of_rows([{name: row[name] for name in COLUMNS}]),
            )
        )
    highest = {figure: max((of(row) for row in rows), default=0) for figure, of in THREE.items()}
    return [
        replace(row, best=frozenset(figure for figure, of in THREE.items() if 0 < of(row) == highest[figure]))
        for row in rows
    ]


def recruited_by(stores: list[int], staff_no: str, span: Span) -> list[int]:
    """List the members who joined within a span and whose first order on that day somebody of these stores sold."""
    params: sql.Params = {
        "zone": clock.brand_zone().key, "from": clock.day_start(span.first), "to": clock.day_start(span.until),
        "staff": staff_no, "stores": stores,
    }  # fmt: skip
    return [pk for (pk,) in sql.rows(RECRUITED, params)]


# 三高: the three figures in which a guide can be the highest.
THREE: dict[str, Callable[[GuideRow], float]] = {
    "sales": lambda row: row.month.cents,
    "aov": lambda row: row.month.per_order_cents or 0,
    "recruits": lambda row: row.month.recruit_rate or 0,
}


def best(store: Store, day: date) -> list[Seller]:
    """Give the products with most units in the seven days up to and including a day; one query."""
    params = {
        "store": store.pk, "from": clock.day_start(day - timedelta(days=BEST_DAYS - 1)),
        "to": clock.day_start(day + timedelta(days=1)), "most": BEST,
    }  # fmt: skip
    return [Seller(sku, name, int(units), int(cents)) for _pk, sku, name, units, cents in sql.rows(SELLERS, params)]
