"""A supervisor's board: the stores of a region, or the regions of the brand, side by side; from facts, at one cost."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from analytics.queries import gates, seasons, trades
from analytics.queries.boards import ONE, TREND_DAYS
from analytics.queries.freshness import Freshness, freshness
from analytics.queries.seasons import Compared, Span
from analytics.queries.trades import COLUMNS, Trade
from newretail.kernel import brand, clock, sql
from stores.models import Region

SHOWN = 50
SUMMED = (*COLUMNS, "known_cents")
SPANS = ("today", "month", "whole", "then", "recent")
# Of each store the sums of five spans of days, and what the last night counted: repeat buyers, members, who lapses.
STORES = """
SELECT s.id, s.code, s.name, r.name AS region, p.buyers, p.repeaters, m.members, m.lapsing, {sums}
FROM stores_store s LEFT JOIN stores_region r ON r.id = s.region_id
LEFT JOIN analytics_storerepeat p ON p.store_id = s.id
LEFT JOIN (SELECT store_id, sum(members) AS members, sum(lapsing) AS lapsing FROM analytics_storestanding
  WHERE store_id IS NOT NULL GROUP BY 1) m ON m.store_id = s.id
LEFT JOIN analytics_storeday d ON d.store_id = s.id
  AND (d.day >= %(first)s AND d.day < %(until)s OR d.day >= %(then_first)s AND d.day < %(then_until)s)
WHERE {of_region} GROUP BY s.id, r.id, p.store_id, m.members, m.lapsing ORDER BY s.code
"""
SPARKS = """
SELECT d.store_id, d.day, d.sales_cents - d.refunded_cents FROM analytics_storeday d
WHERE d.store_id = ANY (%(stores)s) AND d.day >= %(first)s AND d.day < %(until)s
"""


@dataclass(frozen=True)
class Line:
    """One store (or region, or the total of them) in figures; `recent` is the last thirty whole days."""

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
    ids: tuple[int, ...] = ()
    spark: list[int] = field(default_factory=list)

    @property
    def change(self) -> float | None:
        """Give the change of the month's whole days against the year before."""
        return trades.change(self.whole, self.then)

    @property
    def repeat_rate(self) -> float | None:
        """Give the share of the year's buyers who bought there twice or more."""
        return self.repeaters / self.buyers if self.buyers else None


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.code,
    "today": lambda line: line.today.cents,
    "sales": lambda line: line.month.cents,
    "change": lambda line: line.change,
    "orders": lambda line: line.month.orders,
    "per_buyer": lambda line: line.month.per_buyer_cents,
    "per_order": lambda line: line.month.per_order_cents,
    "upt": lambda line: line.month.upt,
    "recruits": lambda line: line.month.recruits,
    "rate": lambda line: line.month.recruit_rate,
    "repeat": lambda line: line.repeat_rate,
    "members": lambda line: line.members,
    "lapsing": lambda line: line.lapsing,
    "step": lambda line: line.step,
}


@dataclass(frozen=True)
class Comparison:
    """The lines of a board in the order asked for, their total, and which page of how many it is."""

    day: date
    month: Span
    compared: Compared | None
    lines: list[Line]
    total: Line
    page: int
    pages: int
    freshness: Freshness


def stores_of(region: Region | None, *, at: datetime, sort: str, falling: bool, page: int) -> Comparison:
    """Compare the stores of a region (None: those of no region); five queries."""
    return _comparison(_lines(region, at), at, sort=sort, falling=falling, page=page)


def by_region(*, at: datetime, sort: str, falling: bool, page: int) -> Comparison:
    """Compare the regions of the brand, each summed over its stores; five queries."""
    found: dict[str, list[Line]] = {}
    spans, lines = _lines("all", at)
    for region, line in lines:
        found.setdefault(region, []).append(line)
    regions = [(name, _sum_up(name, name, group)) for name, group in found.items()]
    return _comparison((spans, regions), at, sort=sort, falling=falling, page=page)


@dataclass(frozen=True)
class _Spans:
    day: date
    month: Span
    compared: Compared | None
    rules: Mapping[str, Any]

    @property
    def recent(self) -> Span:
        return Span(self.day - timedelta(days=TREND_DAYS), self.day)

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
    rules = brand.in_force("month_first_day", *gates.RULES)
    month = Span(seasons.month_until(day + ONE, int(rules["month_first_day"])).first, day + ONE)
    whole = Span(month.first, day)
    known = seasons.new_years(day.year - 1, day.year)
    return _Spans(day, month, seasons.year_earlier(whole, known) if whole.first < whole.until else None, rules)


def _lines(region: Region | str | None, at: datetime) -> tuple[_Spans, list[tuple[str, Line]]]:
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
    rows = sql.rows(STORES.format(sums=sums, of_region=of_region), params)
    return spans, [(row[3] or "", _line(spans, row)) for row in rows]


def _line(spans: _Spans, row: tuple[Any, ...]) -> Line:
    pk, code, name, _region, buyers, repeaters, members, lapsing, *sums = row
    size = len(SUMMED)
    parts = [
        trades.of_rows([dict(zip(SUMMED, sums[n * size : (n + 1) * size], strict=True))]) for n in range(len(SPANS))
    ]
    stage = gates.stage(spans.rules, members=int(members or 0), recent=parts[4], repeaters=repeaters or 0)
    return Line(
        code, name, today=parts[0], month=parts[1], whole=parts[2], then=parts[3], recent=parts[4],
        buyers=buyers or 0, repeaters=repeaters or 0, members=int(members or 0), lapsing=int(lapsing or 0),
        step=stage.number, ids=(pk,),
    )  # fmt: skip


def _sum_up(code: str, name: str, lines: Iterable[Line]) -> Line:
    """Add lines up."""
    rows = list(lines)

    def added(of: Callable[[Line], Trade]) -> Trade:
        parts = [vars(of(row)) for row in rows]
        return Trade(**{key: sum(part[key] for part in parts) for key in vars(Trade())})

    return Line(
        code, name, added(lambda r: r.today), added(lambda r: r.month), added(lambda r: r.whole),
        added(lambda r: r.then), added(lambda r: r.recent), buyers=sum(r.buyers for r in rows),
        repeaters=sum(r.repeaters for r in rows), members=sum(r.members for r in rows),
        lapsing=sum(r.lapsing for r in rows), ids=tuple(pk for r in rows for pk in r.ids),
    )  # fmt: skip


def _comparison(
    found: tuple[_Spans, list[tuple[str, Line]]], at: datetime, *, sort: str, falling: bool, page: int
) -> Comparison:
    spans, named = found
    lines = [line for _name, line in named]
    key = SORTS.get(sort, SORTS["sales"])
    known = sorted((line for line in lines if key(line) is not None), key=key, reverse=falling)
    ordered = known + [line for line in lines if key(line) is None]
    pages = max(1, -(-len(ordered) // SHOWN))
    page = min(max(page, 1), pages)
    return Comparison(
        day=spans.day, month=spans.month, compared=spans.compared,
        lines=_with_sparks(ordered[(page - 1) * SHOWN : page * SHOWN], spans), total=_sum_up("", "", lines),
        page=page, pages=pages, freshness=freshness(),
    )  # fmt: skip


def _with_sparks(lines: list[Line], spans: _Spans) -> list[Line]:
    """Put the last thirty whole days beside each line that is shown; one query."""
    of_line = {pk: n for n, line in enumerate(lines) for pk in line.ids}
    drawn = [[0] * TREND_DAYS for _ in lines]
    params: sql.Params = {"stores": list(of_line), "first": spans.recent.first, "until": spans.recent.until}
    for pk, day, cents in sql.rows(SPARKS, params):
        drawn[of_line[pk]][(day - spans.recent.first).days] += cents
    return [replace(line, spark=spark) for line, spark in zip(lines, drawn, strict=True)]
