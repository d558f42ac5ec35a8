"""How the stores trade: this month, the last thirty days, the best stores; each beside the year before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from analytics.models import StoreDay
from analytics.queries import seasons
from analytics.queries.seasons import Compared, Span
from stores.models import Store

TREND_DAYS = 30
TOP = 8


@dataclass(frozen=True)
class Figure:
    """A figure of a span, and of the span it is compared with (None when nothing was counted then)."""

    now: int
    then: int | None

    @property
    def change(self) -> float | None:
        """Give the relative change, None without something to compare with."""
        return (self.now - self.then) / self.then if self.then else None


@dataclass(frozen=True)
class TrendDay:
    """Net sales of a day and of the same weekday a year earlier (364 days before), in cents."""

    day: date
    cents: int
    then_cents: int | None


@dataclass(frozen=True)
class TopStore:
    """A store's net sales of the month to date and a year earlier; no store stands for online orders."""

    store_id: int | None
    name: str
    sales: Figure


@dataclass(frozen=True)
class Trading:
    """Sales are net of refunds, in cents; a late refund corrects the day its order was paid."""

    month: Compared
    sales: Figure
    orders: Figure
    recruits: Figure
    trend: list[TrendDay]
    top: list[TopStore]


Days = Mapping[date, Mapping[str, Any]]
NET = F("sales_cents") - F("refunded_cents")


def within(span: Span) -> Q:
    """Write that a fact's day lies in a span."""
    return Q(day__gte=span.first, day__lt=span.until)


def days_of(store_ids: list[int] | None) -> QuerySet[StoreDay]:
    """Give the facts of these stores; None means the whole brand, online orders included."""
    rows = StoreDay.objects.order_by()
    return rows if store_ids is None else rows.filter(store_id__in=store_ids)


def trading(*, until: date, store_ids: list[int] | None, month_begins: int | None = None) -> Trading | None:
    """Read the facts of the days before `until`; two queries. None when no day in sight was counted."""
    month = seasons.year_earlier(seasons.month_until(until, month_begins))
    recent = Span(until - timedelta(days=TREND_DAYS), until)
    rows = days_of(store_ids)
    spans = within(month.now) | within(month.then) | within(recent) | within(recent.moved(-seasons.SAME_WEEKDAY))
    days: Days = {
        row["day"]: row
        for row in rows.filter(spans).values("day").annotate(net=Sum(NET), n=Sum("orders"), joined=Sum("recruits"))
    }
    if not days:
        return None
    return Trading(
        month=month,
        sales=_figure(days, month, "net"),
        orders=_figure(days, month, "n"),
        recruits=_figure(days, month, "joined"),
        trend=[_trend_day(days, recent.first + timedelta(days=i)) for i in range(TREND_DAYS)],
        top=_top(rows, month),
    )


def _sum(days: Days, span: Span, column: str) -> int | None:
    counted = [row[column] for day, row in days.items() if span.first <= day < span.until]
    return sum(counted) if counted else None


def _figure(days: Days, month: Compared, column: str) -> Figure:
    return Figure(now=_sum(days, month.now, column) or 0, then=_sum(days, month.then, column))


def _trend_day(days: Days, day: date) -> TrendDay:
    then = days.get(day - seasons.SAME_WEEKDAY)
    return TrendDay(day=day, cents=days[day]["net"] if day in days else 0, then_cents=then["net"] if then else None)


def _top(rows: QuerySet[StoreDay], month: Compared) -> list[TopStore]:
    found = (
        rows.filter(within(month.now) | within(month.then))
        .values("store_id", "store__name")
        .annotate(now=Sum(NET, filter=within(month.now)), then=Sum(NET, filter=within(month.then)))
        .filter(now__gt=0)
        .order_by("-now", "store_id")[:TOP]
    )
    return [TopStore(row["store_id"], row["store__name"] or "", Figure(row["now"], row["then"])) for row in found]


def stores_with_month(stores: QuerySet[Store], until: date) -> QuerySet[Store]:
    """Annotate stores with `month_cents`, `month_then_cents`, `month_orders`, `month_recruits`, beside its bounds."""
    month = seasons.year_earlier(seasons.month_until(until))

    def summed(expression: Any, span: Span) -> Any:
        of_store = StoreDay.objects.filter(within(span), store=OuterRef("pk")).order_by().values("store")
        return Coalesce(Subquery(of_store.annotate(total=Sum(expression)).values("total")), 0)

    return stores.annotate(
        month_cents=summed(NET, month.now),
        month_then_cents=summed(NET, month.then),
        month_orders=summed("orders", month.now),
        month_recruits=summed("recruits", month.now),
        month_first=Value(month.now.first, DateField()),
        month_until=Value(month.now.until, DateField()),
    )
