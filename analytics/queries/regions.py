"""A supervisor's board: the stores of a region, or the regions of the brand, side by side; from facts, at one cost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from analytics.queries import courses, gates, progress, seasons, trades
from analytics.queries.boards import ONE, TREND_DAYS
from analytics.queries.forecasts import Forecast
from analytics.queries.freshness import Freshness, freshness
from analytics.queries.goals import Goal, goal
from analytics.queries.lapsing import last_days_lapsing
from analytics.queries.progress import Days
from analytics.queries.seasons import Compared, Span
from analytics.queries.trades import COLUMNS, Trade
from newretail.kernel import brand, clock, sql
from newretail.kernel.festivals import SPRING
from stores.models import Metric, Region
from stores.queries.chain import BRAND, ONLINE, Chain, Kind, Node, Place, place_of

SHOWN = 50
NO_REGION = Place(Kind.REGION)  # the stores of no region, as if they were one
SUMMED = (*COLUMNS, "known_cents")
SPANS = ("today", "month", "whole", "then", "recent")
DAYS = """(d.day >= %(first)s AND d.day < %(until)s OR d.day >= %(then_first)s AND d.day < %(then_until)s)"""
STANDING = "SELECT {key} sum(members) AS members, sum(lapsing) AS lapsing FROM analytics_storestanding"
# Of each store the sums of five spans of days, and what the last night counted: repeat buyers, members, who lapses.
STORES = f"""
SELECT s.id, s.code, s.name, r.id, r.name, p.buyers, p.repeaters, m.members, m.lapsing, {{sums}}
FROM stores_store s LEFT JOIN stores_region r ON r.id = s.region_id
LEFT JOIN analytics_storerepeat p ON p.store_id = s.id
LEFT JOIN ({STANDING.format(key="store_id,")} WHERE store_id IS NOT NULL GROUP BY 1) m ON m.store_id = s.id
LEFT JOIN analytics_storeday d ON d.store_id = s.id AND {DAYS}
WHERE {{of_region}} GROUP BY s.id, r.id, p.store_id, m.members, m.lapsing
"""
# The same of orders and members of no store.
OF_NO_STORE = f"""
SELECT NULL, '', '', NULL, NULL, 0, 0, m.members, m.lapsing, {{sums}}
FROM ({STANDING.format(key="")} WHERE store_id IS NULL) m
LEFT JOIN analytics_storeday d ON d.store_id IS NULL AND {DAYS}
GROUP BY m.members, m.lapsing
"""


@dataclass(frozen=True)
class Line:
    """One place in figures: a store, a region, what belongs to no store, or the total; `recent` is thirty whole days.

    `sales_goal` and `recruits_goal` set the month so far beside its targets, as the store's own board does.
    """

    place: Place
    code: str
    name: str
    today: Trade
    month: Trade
    whole: Trade
    then: Trade
    recent: Trade
    buyers: int
    repeaters: int
    members: int
    lapsing: int
    step: int = 0
    sales_goal: Goal | None = None
    recruits_goal: Goal | None = None
    forecast: Forecast | None = None
    spark: list[int] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        """Give the change of the month's whole days against the year before."""
        return trades.change(self.whole, self.then)

    @property
    def repeat_rate(self) -> float | None:
        """Give the share of the year's buyers who bought there twice or more."""
        return self.repeaters / self.buyers if self.buyers else None

    @property
    def is_idle(self) -> bool:
        """Tell whether there is nothing to show: no trade in any span, no member."""
        return not (self.members or any(vars(each) != vars(Trade()) for each in (self.month, self.then, self.recent)))


def _of_goal(of: Callable[[Goal], Any], metric: str = Metric.SALES) -> Callable[[Line], Any]:
    def key(line: Line) -> Any:
        found = line.sales_goal if metric == Metric.SALES else line.recruits_goal
        return of(found) if found else None

    return key


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.code or line.name,
    "today": lambda line: line.today.cents,
    "sales": lambda line: line.month.cents,
    "target": _of_goal(lambda goal: goal.target),
    "reached": _of_goal(lambda goal: goal.reached),
    "gap": _of_goal(lambda goal: goal.gap),
    "each": _of_goal(lambda goal: goal.each),
    "must": _of_goal(lambda goal: goal.needed[0] if goal.needed else None),
    "forecast": lambda line: line.forecast.amount if line.forecast else None,
    "change": lambda line: line.change,
    "orders": lambda line: line.month.orders,
    "per_buyer": lambda line: line.month.per_buyer_cents,
    "per_order": lambda line: line.month.per_order_cents,
    "upt": lambda line: line.month.upt,
    "recruits": lambda line: line.month.recruits,
    "joining": _of_goal(lambda goal: goal.reached, Metric.RECRUITS),
    "joining_target": _of_goal(lambda goal: goal.target, Metric.RECRUITS),
    "rate": lambda line: line.month.recruit_rate,
    "repeat": lambda line: line.repeat_rate,
    "members": lambda line: line.members,
    "lapsing": lambda line: line.lapsing,
    "step": lambda line: line.step,
}


@dataclass(frozen=True)
class Comparison:
    """The lines of a board in the order asked for, their total, and which page of how many it is.

    Who bought last within the days of `lapsing`, both included, is about to lapse.
    """

    day: date
    month: Span
    compared: Compared | None
    lines: list[Line]
    total: Line
    lapsing: tuple[date, date]
    page: int
    pages: int
    freshness: Freshness


@dataclass(frozen=True)
class Asked:
    """In which order the lines are asked for, and which page of them."""

    sort: str = "sales"
    falling: bool = True
    page: int = 1


def stores_of(region: Region | None, *, at: datetime, asked: Asked) -> Comparison:
    """Compare the stores of a region (None: those of no region); seven queries."""
    spans, found = _lines(region, at)
    lines = [line for line, _id, _name in found]
    top = place_of(region) if region else NO_REGION
    return _comparison(spans, {top: lines}, lines, _sum_up(top, region.name if region else "", lines), asked)


def by_region(*, at: datetime, asked: Asked) -> Comparison:
    """Compare the regions of the brand, each summed over its stores, beside orders of no store; seven queries."""
    spans, found = _lines("all", at)
    groups: dict[Place, list[Line]] = {}
    names: dict[Place, str] = {}
    online = [line for line, _id, _name in found if line.place == ONLINE and not line.is_idle]
    for line, region_id, name in found:
        if line.place != ONLINE:
            region = Place(Kind.REGION, region_id or NO_REGION.pk)
            names[region] = name
            groups.setdefault(region, []).append(line)
    lines = [_sum_up(place, names[place], group) for place, group in groups.items()] + online
    return _comparison(spans, {BRAND: lines, **groups}, lines, _sum_up(BRAND, "", lines), asked)


@dataclass(frozen=True)
class _Spans:
    day: date
    days: Days
    month: Span
    compared: Compared | None
    rules: Mapping[str, Any]

    @property
    def recent(self) -> Span:
        return Span(self.day - TREND_DAYS * ONE, self.day)

    def bounds(self) -> dict[str, Span]:
        empty = Span(self.day, self.day)
        return {
            "today": Span(self.day, self.day + ONE),
            "month": self.month,
            "whole": Span(self.month.first, self.day),
            "then": self.compared.then if self.compared else empty,
            "recent": self.recent,
        }


def _spans(at: datetime) -> _Spans:
    day = clock.business_day(at)
    rules = brand.in_force("month_first_day", "lifecycle_months", *gates.RULES)
    month = Span(seasons.month_until(day + ONE, int(rules["month_first_day"])).first, day + ONE)
    whole = Span(month.first, day)
    days = progress.days_of(month.first, day)
    known = {each.year: each.day for each in days.festivals if each.family == SPRING}
    return _Spans(day, days, month, seasons.year_earlier(whole, known) if whole.first < whole.until else None, rules)


def _lines(region: Region | str | None, at: datetime) -> tuple[_Spans, list[tuple[Line, int | None, str]]]:
    """Read the lines of stores, each with its region; of all of them, beside what belongs to no store."""
    spans = _spans(at)
    params: sql.Params = {"region": region.pk if isinstance(region, Region) else None}
    for name, span in spans.bounds().items():
        params |= {f"{name}_first": span.first, f"{name}_until": span.until}
    params |= {"first": min(spans.month.first, spans.recent.first), "until": spans.month.until}
    sums = ", ".join(
        f"coalesce(sum(d.{column}) FILTER (WHERE d.day >= %({span}_first)s AND d.day < %({span}_until)s), 0)::bigint"
        for span in SPANS
        for column in SUMMED
    )
    of_region = (
        "s.region_id = %(region)s" if isinstance(region, Region) else "true" if region else "s.region_id IS NULL"
    )
    asked = STORES.format(sums=sums, of_region=of_region)
    rows = sql.rows(asked + (f" UNION ALL {OF_NO_STORE.format(sums=sums)}" if region == "all" else ""), params)
    found = [(_line(spans, row), row[3], row[4] or "") for row in rows]
    return spans, sorted(found, key=lambda each: (each[2], each[0].code))


def _line(spans: _Spans, row: tuple[Any, ...]) -> Line:
    pk, code, name, _region, _named, buyers, repeaters, members, lapsing, *sums = row
    size = len(SUMMED)
    parts = [
        trades.of_rows([dict(zip(SUMMED, sums[n * size : (n + 1) * size], strict=True))]) for n in range(len(SPANS))
    ]
    stage = gates.stage(spans.rules, members=int(members or 0), recent=parts[4], repeaters=repeaters or 0)
    return Line(
        Place(Kind.STORE, pk) if pk else ONLINE, code, name,
        today=parts[0], month=parts[1], whole=parts[2], then=parts[3], recent=parts[4],
        buyers=buyers or 0, repeaters=repeaters or 0, members=int(members or 0), lapsing=int(lapsing or 0),
        step=stage.number if pk else 0,
    )  # fmt: skip


def _sum_up(place: Place, name: str, lines: Iterable[Line]) -> Line:
    """Add lines up."""
    rows = list(lines)

    def added(of: Callable[[Line], Trade]) -> Trade:
        parts = [vars(of(row)) for row in rows]
        return Trade(**{key: sum(part[key] for part in parts) for key in vars(Trade())})

    return Line(
        place, "", name, added(lambda r: r.today), added(lambda r: r.month), added(lambda r: r.whole),
        added(lambda r: r.then), added(lambda r: r.recent), buyers=sum(r.buyers for r in rows),
        repeaters=sum(r.repeaters for r in rows), members=sum(r.members for r in rows),
        lapsing=sum(r.lapsing for r in rows),
    )  # fmt: skip


def _comparison(
    spans: _Spans, groups: Mapping[Place, list[Line]], lines: list[Line], total: Line, asked: Asked
) -> Comparison:
    found = courses.courses(_chain(groups), spans.days)
    lines = [_on_course(line, found, spans.day) for line in lines]
    key = SORTS.get(asked.sort, SORTS["sales"])
    known = sorted((line for line in lines if key(line) is not None), key=key, reverse=asked.falling)
    ordered = known + [line for line in lines if key(line) is None]
    pages = max(1, -(-len(ordered) // SHOWN))
    page = min(max(asked.page, 1), pages)
    return Comparison(
        day=spans.day, month=spans.month, compared=spans.compared, lines=ordered[(page - 1) * SHOWN : page * SHOWN],
        total=_on_course(total, found, spans.day), page=page, pages=pages, freshness=freshness(),
        lapsing=last_days_lapsing(spans.day, spans.rules["lifecycle_months"]),
    )  # fmt: skip


def _chain(groups: Mapping[Place, list[Line]]) -> Chain:
    """Stand the lines in their order: the one at the top first, below it its groups, below them their stores."""
    below = {top: [line.place for line in lines] for top, lines in groups.items()}
    above = {place: top for top, places in below.items() for place in places}
    nodes = {
        place: Node(place, "", "", above.get(place), place.pk if place.kind == Kind.STORE else None)
        for place in [*groups, *(place for places in below.values() for place in places)]
    }
    return Chain(nodes, below)


def _on_course(line: Line, found: Mapping[Place, courses.Course], day: date) -> Line:
    """Set a line beside its targets of the month."""
    course = found[line.place]
    return replace(
        line, forecast=course.forecast, spark=course.spark,
        sales_goal=goal(course.plans[Metric.SALES], day=day, before=line.whole.cents, today=line.today.cents),
        recruits_goal=goal(
            course.plans[Metric.RECRUITS], day=day, before=line.whole.recruits, today=line.today.recruits
        ),
    )  # fmt: skip
