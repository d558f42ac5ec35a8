"""A store's week: each figure beside its target, the week before and the year before, and the words said about it."""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics.models import StoreDay
from analytics.queries import seasons, trades
from analytics.queries.freshness import Freshness, freshness
from analytics.queries.goals import Goal, goal
from analytics.queries.seasons import Span
from analytics.queries.trades import Trade
from stores.models import Metric, Store
from stores.queries.of_store import aims
from stores.queries.reviews import Review, review

DAYS = 7


@dataclass(frozen=True)
class WeekDay:
    """One day of the week: what came in, and its plan in cents, None without a target."""

    day: date
    trade: Trade
    plan: int | None


@dataclass(frozen=True)
class Week:
    """A store's week; of the running week the days that are over, and today as far as it has come."""

    store: Store
    span: Span
    now: Trade
    before: Trade | None
    then: Trade | None
    compared: Span
    sales_goal: Goal | None
    recruits_goal: Goal | None
    days: list[WeekDay]
    review: Review
    freshness: Freshness


def week(store: Store, monday: date, *, today: date) -> Week:
    """Gather a store's week; five queries."""
    span = Span(monday, monday + timedelta(days=DAYS))
    compared = seasons.year_earlier(span)
    if not compared.by_festival:
        compared = seasons.Compared(span, span.moved(-seasons.SAME_WEEKDAY), by_festival=False)
    before = span.moved(-timedelta(days=DAYS))
    wanted = [each.first + timedelta(days=n) for each in (span, before, compared.then) for n in range(DAYS)]
    days = {row["day"]: row for row in StoreDay.objects.filter(store=store, day__in=wanted).values()}
    aimed = aims(store, since=span.first, until=span.until).store
    now = trades.of_span(days, span) or Trade()
    own = trades.of_span(days, Span(today, today + timedelta(days=1))) or Trade()
    running = own if span.first <= today < span.until else Trade()
    plan = aimed.get(Metric.SALES, {})
    shown = [monday + timedelta(days=n) for n in range(DAYS)]
    return Week(
        store=store, span=span, now=now, before=trades.of_span(days, before),
        then=trades.of_span(days, compared.then), compared=compared.then,
        sales_goal=goal(plan, day=today, before=now.cents - running.cents, today=running.cents),
        recruits_goal=goal(aimed.get(Metric.RECRUITS, {}), day=today, before=now.recruits - running.recruits,
                           today=running.recruits),
        days=[WeekDay(day, trades.of_rows([days[day]]) if day in days else Trade(), plan.get(day)) for day in shown],
        review=review(store, monday), freshness=freshness(),
    )  # fmt: skip
