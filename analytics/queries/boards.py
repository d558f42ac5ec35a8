"""What a store's board shows: the day, the month, the trend, the guides, the members; from facts, at one cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Window

from analytics.models import StoreDay
from analytics.queries import gates, seasons, selling, service, trades
from analytics.queries.freshness import Freshness
from analytics.queries.gates import Stage
from analytics.queries.goals import Goal, goal
from analytics.queries.lapsing import months_later
from analytics.queries.memberships import Membership, counted
from analytics.queries.seasons import Compared, Span
from analytics.queries.selling import GuideRow, Seller
from analytics.queries.trades import Days, Trade
from guides.queries.sop import Kept
from members.models import Member
from members.queries import birthdays
from newretail.kernel import brand, clock
from stores.models import Metric, Store
from stores.queries.of_store import aims

TREND_DAYS = 30
ONE = timedelta(days=1)
BIRTHDAYS_SHOWN = 6


@dataclass(frozen=True)
class TrendDay:
    """Net sales of a day and of the day it is compared with a year earlier, in cents."""

    day: date
    cents: int
    then_day: date
    then_cents: int | None


@dataclass(frozen=True)
class Board:
    """The board of one store at an instant of one business day.

    `month` runs up to the day itself; `whole_month` ends with yesterday, so that it can be compared with `month_then`.
    """

    store: Store
    at: datetime
    day: date
    month_first: date
    today: Trade
    yesterday: Trade
    today_then: Trade | None
    month: Trade
    compared: Compared | None
    whole_month: Trade
    month_then: Trade | None
    recent: Trade
    trend: list[TrendDay]
    guides: list[GuideRow]
    service: list[service.Line]
    sellers: list[Seller]
    membership: Membership
    birthdays: list[Member]
    birthdays_count: int
    stage: Stage
    freshness: Freshness
    sop: list[Kept]
    reach_goal: Goal | None
    sales_goal: Goal | None
    recruits_goal: Goal | None
    guide_goals: dict[int, Goal | None]

    @property
    def change(self) -> float | None:
        """Give the change of the month's whole days against the year before."""
        return trades.change(self.whole_month, self.month_then)

    @property
    def month_span(self) -> Span:
        """Give the month up to the day itself."""
        return Span(self.month_first, self.day + ONE)

    @property
    def week(self) -> Span:
        """Give the week the day stands in, Monday to Sunday."""
        return week_of(self.day)


def week_of(day: date) -> Span:
    """Give the week of a day, from Monday up to the next Monday."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=7))


def board(store: Store, *, at: datetime) -> Board:
    """Gather the board of a store at an instant; eight queries, over facts and small lists, whatever the size."""
    day = clock.business_day(at)
    known = seasons.new_years(day.year - 1, day.year)
    recent = Span(day - timedelta(days=TREND_DAYS), day)
    rules = brand.in_force("month_first_day", *gates.RULES)
    begun = seasons.month_until(day + ONE, int(rules["month_first_day"])).first
    whole = Span(begun, day)
    compared = seasons.year_earlier(whole, known) if whole.first < whole.until else None
    trend = [recent.first + timedelta(days=n) for n in range(1, TREND_DAYS + 1)]
    then_of = {each: seasons.day_earlier(each, known) for each in trend}
    days = days_of(store, recent, whole, compared, then_of)
    members, fresh = counted(store, monday=week_of(day).first)
    today = Span(day, day + ONE)
    found = list(_birthdays(store, week_of(day)))
    month = trades.of_span(days, Span(whole.first, today.until)) or Trade()
    past = trades.of_span(days, recent) or Trade()
    whole_month, of_today = trades.of_span(days, whole) or Trade(), trades.of_span(days, today) or Trade()
    guides, serving, kept = selling.guides(store, begun, at=at)
    return Board(
        store=store, at=at, day=day, month_first=begun, compared=compared,
        today=of_today,
        yesterday=trades.of_span(days, Span(day - ONE, day)) or Trade(),
        today_then=trades.of_span(days, Span(then_of[day], then_of[day] + ONE)),
        month=month, whole_month=whole_month,
        month_then=trades.of_span(days, compared.then) if compared else None,
        recent=past, trend=[_trend_day(days, each, then_of[each]) for each in trend],
        guides=guides, service=serving, sellers=selling.best(store, day),
        membership=members, birthdays=found, birthdays_count=found[0].total if found else 0,
        stage=gates.stage(rules, members=members.members, recent=past, repeaters=members.repeaters),
        freshness=fresh, sop=kept,
        **_goals(store, day, begun, whole_month, of_today, guides, sum(line.touches for line in serving)),
    )  # fmt: skip


def _goals(
    store: Store, day: date, begun: date, whole: Trade, today: Trade, guides: list[GuideRow], reached: int
) -> dict[str, Any]:
    """Set the month so far beside the targets of store and guides, and the week's contacts; one query."""
    until, week = months_later(begun, 1), week_of(day)
    both = aims(store, since=min(begun, week.first), until=max(until, week.until))
    aimed = both.within(begun, until)
    return {
        "reach_goal": goal(
            both.within(week.first, week.until).store.get(Metric.REACH, {}), day=day, before=reached, today=0
        ),
        "sales_goal": goal(aimed.store.get(Metric.SALES, {}), day=day, before=whole.cents, today=today.cents),
        "recruits_goal": goal(
            aimed.store.get(Metric.RECRUITS, {}), day=day, before=whole.recruits, today=today.recruits
        ),
        "guide_goals": {
            row.post_id: goal(
                aimed.guides.get((Metric.SALES, row.post_id), {}), day=day,
                before=row.month.cents - row.today_cents, today=row.today_cents,
            )
            for row in guides
        },
    }  # fmt: skip


def days_of(store: Store, recent: Span, whole: Span, compared: Compared | None, then_of: Mapping[date, date]) -> Days:
    """Read the store days that a board needs; one query."""
    wanted = {recent.first + timedelta(days=n) for n in range(TREND_DAYS + 1)} | set(then_of.values())
    for span in (whole, compared.then if compared else whole):
        wanted |= {span.first + timedelta(days=n) for n in range((span.until - span.first).days)}
    return {row["day"]: row for row in StoreDay.objects.filter(store=store, day__in=sorted(wanted)).values()}


def _trend_day(days: Days, day: date, then_day: date) -> TrendDay:
    def net(row: Mapping[str, Any]) -> int:
        return int(row["sales_cents"] - row["refunded_cents"])

    then = days.get(then_day)
    return TrendDay(day, net(days[day]) if day in days else 0, then_day, net(then) if then else None)


def _birthdays(store: Store, week: Span) -> Any:
    rows = birthdays.at_home_in([store.pk], week.first, week.until)
    return rows.annotate(total=Window(Count("*"))).order_by("birth_month", "birth_day", "pk")[:BIRTHDAYS_SHOWN]
