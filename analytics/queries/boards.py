"""What a store's board shows: today from the facts, beside the same day a year earlier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.models import StoreDay
from analytics.queries import seasons
from stores.models import Store

NOTHING = {"orders": 0, "buyers": 0, "sales_cents": 0, "refunded_cents": 0, "recruits": 0, "member_orders": 0}


@dataclass(frozen=True)
class Trade:
    """What a store sold in a span of days; money net of refunds, in cents."""

    cents: int
    orders: int
    buyers: int
    recruits: int

    @property
    def per_order_cents(self) -> int | None:
        """Give the amount per order (笔单价), None without orders."""
        return round(self.cents / self.orders) if self.orders else None

    @property
    def per_buyer_cents(self) -> int | None:
        """Give the amount per buyer (客单价), None without buyers."""
        return round(self.cents / self.buyers) if self.buyers else None


@dataclass(frozen=True)
class Board:
    """The board of one store on one business day."""

    store: Store
    day: date
    today: Trade
    then: Trade | None


def _trade(row: Mapping[str, Any]) -> Trade:
    """Sum one day up; an order without a member has a buyer nobody knows."""
    return Trade(
        cents=row["sales_cents"] - row["refunded_cents"],
        orders=row["orders"],
        buyers=row["buyers"] + row["orders"] - row["member_orders"],
        recruits=row["recruits"],
    )


def board(store: Store, *, today: date) -> Board:
    """Gather the board of a store as of a business day; one query."""
    then = today - seasons.SAME_WEEKDAY
    rows = {row["day"]: row for row in StoreDay.objects.filter(store=store, day__in=(today, then)).values()}
    return Board(
        store=store,
        day=today,
        today=_trade(rows.get(today, NOTHING)),
        then=_trade(rows[then]) if then in rows else None,
    )
