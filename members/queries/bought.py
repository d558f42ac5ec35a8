"""What a person bought, as her page shows it: in all, month by month, and of late by channel and by category.

Sums are read from an index alone; what needs lines and channels looks at the newest orders only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from newretail.kernel import clock, scopes
from stores.models import sight_of, store_ids_in

MONTHS_SHOWN = 24
LATE = 200  # orders
SHOWN = 5
COUNTS = "NOT (o.refunded_cents > 0 AND o.refunded_cents >= o.amount_cents)"
TOTALS = f"""
SELECT count(*) FILTER (WHERE {COUNTS}) AS orders, coalesce(sum(o.amount_cents - o.refunded_cents), 0) AS cents,
  count(*) FILTER (WHERE o.refunded_cents > 0) AS refunds, coalesce(sum(o.refunded_cents), 0) AS refunded_cents,
  min(o.paid_at) AS first, max(o.paid_at) AS last
FROM members_order o WHERE o.member_id = ANY(%(family)s){{seen}}
"""
MONTHS = f"""
SELECT to_char(o.paid_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month, count(*) AS orders,
  sum(o.amount_cents - o.refunded_cents) AS cents
FROM members_order o WHERE o.member_id = ANY(%(family)s) AND o.paid_at >= %(months_since)s AND {COUNTS}{{seen}}
GROUP BY 1
"""
NEWEST = """
(SELECT o.* FROM unnest(%(family)s::bigint[]) f(id) CROSS JOIN LATERAL (
  SELECT o.* FROM members_order o WHERE o.member_id = f.id{seen} ORDER BY o.paid_at DESC, o.id DESC LIMIT %(late)s) o
 ORDER BY o.paid_at DESC, o.id DESC LIMIT %(late)s) o
"""
CHANNELS = f"""
SELECT c.code, c.name, sum(o.amount_cents - o.refunded_cents) AS cents FROM {NEWEST}
JOIN stores_channel c ON c.id = o.channel_id GROUP BY c.id ORDER BY 3 DESC, c.code LIMIT %(shown)s
"""
CATEGORIES = f"""
SELECT k.name AS code, k.name, sum(l.amount_cents) AS cents FROM {NEWEST} JOIN members_orderline l ON l.order_id = o.id
JOIN stores_product p ON p.id = l.product_id JOIN stores_category k ON k.id = p.category_id
GROUP BY k.name ORDER BY 3 DESC, 1 LIMIT %(shown)s
"""
SERVED = f"""
SELECT u.name, coalesce(u.staff_no, '') AS number, u.id AS pk FROM {NEWEST} JOIN stores_post p ON p.id = o.sold_by_id
JOIN kernel_user u ON u.id = p.user_id ORDER BY o.paid_at DESC, o.id DESC LIMIT 1
"""
QUESTIONS = {
    "totals": TOTALS, "months": MONTHS, "channels": CHANNELS, "categories": CATEGORIES, "served": SERVED,
}  # fmt: skip


@dataclass(frozen=True)
class Month:
    """What she bought in one calendar month: orders, and cents net of refunds."""

    first: date
    orders: int
    cents: int


@dataclass(frozen=True)
class Share:
    """A part of what she bought of late, and its share of the largest part, in percent."""

    code: str
    name: str
    cents: int
    percent: int


@dataclass(frozen=True)
class Bought:
    """All her orders, those refunded in full counted in nothing but refunds; money is net."""

    orders: int
    cents: int
    refunds: int
    refunded_cents: int
    first: datetime | None
    last: datetime | None
    months: list[Month]
    channels: list[Share]
    categories: list[Share]
    served: dict[str, Any] | None

    @property
    def average_cents(self) -> int | None:
        """Give the average order value, None without an order."""
        return round(self.cents / self.orders) if self.orders else None


def months_before(day: date, count: int) -> list[date]:
    """List the first days of the last months, the running one included, oldest first."""
    last = day.year * 12 + day.month - 1
    return [date(i // 12, i % 12 + 1, 1) for i in range(last - count + 1, last + 1)]


def asked(user: Any, today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """Write what is asked of the orders within somebody's sight, over the ids `family`, with the parameters."""
    if not scopes.may(user, "orders"):
        return {}, {}
    return asked_in(store_ids_in(sight_of(user, "orders", "view")), today)


def asked_in(stores: list[int] | None, today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """Write the same of the orders of some stores, of all where none are named."""
    seen = "" if stores is None else " AND o.store_id = ANY(%(stores)s)"
    since = clock.day_start(months_before(today, MONTHS_SHOWN)[0])
    params = {"stores": stores, "months_since": since, "late": LATE, "zone": clock.brand_zone().key}
    return {name: select.format(seen=seen) for name, select in QUESTIONS.items()}, params


def read(found: dict[str, list[dict[str, Any]]], today: date) -> Bought | None:
    """Read what was answered, None where nothing was asked."""
    if "totals" not in found:
        return None
    (totals,) = found["totals"]
    ends = {name: totals[name] and datetime.fromisoformat(totals[name]) for name in ("first", "last")}
    by_month = {row["month"]: row for row in found["months"]}
    none = {"orders": 0, "cents": 0}
    months = [(first, by_month.get(f"{first:%Y-%m}", none)) for first in months_before(today, MONTHS_SHOWN)]
    return Bought(
        **{**totals, **ends}, months=[Month(first, row["orders"], row["cents"]) for first, row in months],
        channels=_shares(found["channels"]), categories=_shares(found["categories"]),
        served=next(iter(found["served"]), None),
    )  # fmt: skip


def _shares(rows: list[dict[str, Any]]) -> list[Share]:
    most = max([row["cents"] for row in rows], default=0)
    return [Share(**row, percent=max(1, row["cents"] * 100 // most)) for row in rows if row["cents"] > 0]
