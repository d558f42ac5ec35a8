"""What a store, or a guide, sold in a span of days: sums of facts, and the rates that follow from the sums."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.queries.seasons import Span

# The columns of a fact that may be summed over days.
COLUMNS = (
    "orders", "member_orders", "buyers", "sales_cents", "refunded_cents", "recruits", "units", "lined_orders",
)  # fmt: skip
LOW_RECRUIT_RATE, HIGH_RECRUIT_RATE = 0.17, 0.20  # of a store's buyers who become members: the trade's benchmark


@dataclass(frozen=True)
class Trade:
    """Sums of days: money net of refunds, in cents; buyers of each day added up.

    An order without a member has a buyer of its own, whom nobody knows. `known_cents` are of orders with a member.
    """

    orders: int = 0
    buyers: int = 0
    cents: int = 0
    refunded_cents: int = 0
    recruits: int = 0
    units: int = 0
    lined_orders: int = 0
    known_cents: int = 0

    @property
    def per_order_cents(self) -> int | None:
        """Give the amount per order (笔单价), None without orders."""
        return round(self.cents / self.orders) if self.orders else None

    @property
    def per_buyer_cents(self) -> int | None:
        """Give the amount per buyer (客单价), None without buyers."""
        return round(self.cents / self.buyers) if self.buyers else None

    @property
    def upt(self) -> float | None:
        """Give the units per transaction (连带率) of the orders whose lines are known, None without such."""
        return self.units / self.lined_orders if self.lined_orders else None

    @property
    def recruit_rate(self) -> float | None:
        """Give the recruits per buyer, None without buyers: members = buyers × recruit rate."""
        return self.recruits / self.buyers if self.buyers else None

    @property
    def refund_rate(self) -> float | None:
        """Give the share of the money that went back, None without any."""
        paid = self.cents + self.refunded_cents
        return self.refunded_cents / paid if paid else None


Row = Mapping[str, Any]
Days = Mapping[date, Row]


def of_rows(rows: Iterable[Row]) -> Trade:
    """Sum rows of facts up."""
    sums: dict[str, int] = dict.fromkeys((*COLUMNS, "known_cents"), 0)
    for row in rows:
        for name in sums:
            sums[name] += row.get(name) or 0
    return Trade(
        orders=sums["orders"],
        buyers=sums["buyers"] + sums["orders"] - sums["member_orders"],
        cents=sums["sales_cents"] - sums["refunded_cents"],
        **{name: sums[name] for name in ("refunded_cents", "recruits", "units", "lined_orders", "known_cents")},
    )


def of_span(days: Days, span: Span) -> Trade | None:
    """Sum the days of a span up, None when none of them was counted."""
    rows = [row for day, row in days.items() if span.first <= day < span.until]
    return of_rows(rows) if rows else None


def change(now: Trade, then: Trade | None) -> float | None:
    """Give the relative change of the money, None without something to compare with."""
    return (now.cents - then.cents) / then.cents if then and then.cents else None
