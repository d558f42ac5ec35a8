"""How far each place has come this month: actual, target to date, what remains for each day, where it is going."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.models import StoreRepeat
from analytics.queries import seasons, standing
from analytics.queries.forecasts import HISTORY_DAYS, Forecast, Table, forecast
from analytics.queries.seasons import Span
from newretail.kernel import money, sql
from newretail.kernel.festivals import SPRING, Festival
from stores.models import Metric, Target
from stores.models.targets import EVEN
from stores.queries.chain import BRAND, ONLINE, Chain, Kind, Place
from stores.queries.targets import month_end
from stores.queries.weights import DayKind, Weights, day_kinds, festivals_around

NET = "sales_cents - refunded_cents"
VALUES = {Metric.SALES: NET, Metric.RECRUITS: "recruits", Metric.REACH: "touches"}
# The days of stores, and beside them those of guides' posts, each place in one row.
SERIES = """
SELECT '{kind}', {key}, array_agg((day - %(first)s)::int) FILTER (WHERE day >= %(first)s AND day < %(until)s),
  array_agg({value}) FILTER (WHERE day >= %(first)s AND day < %(until)s),
  sum({value}) FILTER (WHERE day >= %(then)s AND day < %(then_until)s)::bigint
FROM {table} WHERE ((day >= %(first)s AND day < %(until)s) OR (day >= %(then)s AND day < %(then_until)s)) {only}
GROUP BY 2
"""
# The contacts of a store are those of its guides.
CONTACTS = """(SELECT g.day, p.store_id, g.touches FROM analytics_guideday g JOIN stores_post p ON p.id = g.post_id
  WHERE p.store_id IS NOT NULL) contacts"""
OF_STORE = {"kind": Kind.STORE, "key": "store_id", "table": "analytics_storeday"}
OF_GUIDE = {"kind": Kind.GUIDE, "key": "post_id", "table": "analytics_guideday"}
ONLY_STORES = "AND store_id = ANY(%(only)s)"
ONLY_GUIDES = "AND post_id IN (SELECT id FROM stores_post WHERE store_id = ANY(%(only)s))"


@dataclass(frozen=True)
class Days:
    """The days looked at: of history and month before `as_of`, of the month, of a year earlier; what they are."""

    as_of: date
    first: date
    month: Span
    then: Span
    kinds: list[DayKind]
    festivals: list[Festival]

    @property
    def gone(self) -> int:
        """Count the days of the month that are counted already."""
        return min(max((self.as_of - self.month.first).days, 0), self.length)

    @property
    def length(self) -> int:
        """Count the days of the month."""
        return (self.month.until - self.month.first).days


@dataclass(frozen=True)
class Progress:
    """How far one place has come in its metric's unit; None is not measured, or not told yet.

    `to_date`: the target of the days gone by; `gap`: the actual less that; `needed`: what each day to come must bring
    so that the month's target is met, by the weight of the plan. A rate has neither.
    """

    target: int | None
    actual: int | None
    to_date: int | None = None
    needed: tuple[int, ...] = ()
    forecast: Forecast | None = None
    year_before: int | None = None
    recent: int | None = None

    @property
    def gap(self) -> int | None:
        """Give how far the actual lies above (or, negative, below) the target to date."""
        return None if self.actual is None or self.to_date is None else self.actual - self.to_date

    @property
    def reached(self) -> float | None:
        """Give the share of the month's target that is reached."""
        return self.actual / self.target if self.target and self.actual is not None else None


@dataclass(frozen=True)
class Series:
    """Amounts of places by day since `Days.first`, and what each brought a year earlier."""

    amounts: dict[Place, Table]
    year_before: dict[Place, int]


def days_of(month: date, as_of: date) -> Days:
    """Choose the days to look at for a month as of a day: at least 56 before it; one query."""
    span = Span(month, month_end(month))
    until = min(as_of, span.until)
    first = min(until - timedelta(days=HISTORY_DAYS), span.first)
    festivals = festivals_around(first, span.until)
    springs = {each.year: each.day for each in festivals if each.family == SPRING}
    then = seasons.year_earlier(span, springs).then
    return Days(until, first, span, then, day_kinds(first, span.until, festivals), festivals)


def series(
    metric: str, days: Days, chain: Chain, *, stores: Iterable[int] | None = None, guides: bool = True
) -> Series:
    """Read the days of stores and guides, and sum stores up to the regions and the brand of the chain; one query.

    With `stores` only those and their guides are read; guides are left out where nobody asks for them.
    """
    if metric not in VALUES:
        return Series({}, {})
    found = _read(Metric(metric), days, None if stores is None else list(stores), guides=guides)
    for place in [place for place in reversed(list(chain.nodes)) if place.kind in (Kind.REGION, Kind.BRAND)]:
        below = chain.below.get(place, [])
        found.amounts[place] = np.zeros(_width(days))
        for each in below:
            found.amounts[place] = found.amounts[place] + found.amounts.get(each, 0)
        found.year_before[place] = sum(found.year_before.get(each, 0) for each in below)
    return found


def _width(days: Days) -> int:
    return max((days.as_of - days.first).days, 0)


def _read(metric: Metric, days: Days, stores: list[int] | None, *, guides: bool) -> Series:
    value = VALUES[metric]
    of_store = {**OF_STORE, "table": CONTACTS} if metric == Metric.REACH else OF_STORE
    parts = [SERIES.format(**of_store, value=value, only="" if stores is None else ONLY_STORES)]
    if guides:
        parts.append(SERIES.format(**OF_GUIDE, value=value, only="" if stores is None else ONLY_GUIDES))
    bounds = {"first": days.first, "until": days.as_of, "then": days.then.first, "then_until": days.then.until}
    found = Series({}, {})
    for kind, pk, at, amounts, before in sql.rows(" UNION ALL ".join(parts), {**bounds, "only": stores}):
        place = ONLINE if pk is None else Place(kind, pk)
        found.amounts[place] = np.zeros(_width(days))
        if at:
            found.amounts[place][at] = amounts
        if before is not None:
            found.year_before[place] = before
    return found


def progress(
    metric: str, days: Days, chain: Chain, targets: Mapping[Place, Target], found: Series, weights: Weights
) -> dict[Place, Progress]:
    """Tell for each place how far it has come; no query."""
    if metric not in VALUES:
        return {place: Progress(target.amount, None) for place, target in targets.items()}
    places = [place for place in chain.nodes if place in targets or place in found.amounts]
    rows = [found.amounts.get(place, np.zeros(_width(days))) for place in places]
    if not places:
        return {}
    since = (days.month.first - days.first).days
    so_far = np.array([row[since:].sum() for row in rows])
    going = _forecasts(days, chain, places, rows, so_far, weights)
    return {
        place: _progress(days, targets.get(place), round(so_far[n]), going[n], found, place)
        for n, place in enumerate(places)
    }


def _progress(
    days: Days, target: Target | None, actual: int, going: Forecast | None, found: Series, place: Place
) -> Progress:
    recent = found.amounts.get(place)
    return Progress(
        target=target.amount if target else None,
        actual=actual if days.gone else None,
        to_date=sum(target.days[: days.gone]) if target and days.gone else None,
        needed=tuple(needed(target, actual, days.gone)) if target else (),
        forecast=going,
        year_before=found.year_before.get(place),
        recent=round(max(recent[-HISTORY_DAYS:].sum(), 0)) if recent is not None else None,
    )


def needed(target: Target, actual: int, gone: int) -> list[int]:
    """Split what is still missing over the days to come as the plan weighs them; nothing when the target is met."""
    ahead = target.days[gone:]
    missing = max(target.amount - actual, 0)
    return money.split(missing, ahead if sum(ahead) else [1] * len(ahead)) if ahead else []


def _weigh(weights: Weights, days: Days, stores: Sequence[int | None]) -> tuple[Table, Table]:
    """Weigh the days before and those to come, a row for each store (None: the brand)."""
    known = {store: weights.of_days(store, days.kinds) for store in set(stores)}
    whole = np.array([known[store] for store in stores], dtype=float) / EVEN
    return whole[:, : _width(days)], whole[:, _width(days) :]


def _forecasts(
    days: Days, chain: Chain, places: list[Place], rows: list[Table], so_far: Table, weights: Weights
) -> list[Forecast | None]:
    if days.as_of < days.month.first or days.gone == days.length:
        return [None] * len(places)
    behind, ahead = _weigh(weights, days, [chain.nodes[place].store_id for place in places])
    whole = np.array(rows)
    begun = np.maximum.accumulate(whole > 0, axis=1)  # a store tells nothing before it trades
    history = slice(-HISTORY_DAYS, None)
    return forecast(whole[:, history], np.where(begun, behind, 0)[:, history], ahead, so_far)


def repeat_rates(chain: Chain) -> dict[Place, int]:
    """Give the repeat rate of 365 days in basis points: of the brand, of regions, of stores; two queries.

    A region's is that of its stores' buyers: who buys in two of its stores counts in each.
    """
    counted: dict[Place, list[int]] = {}
    for store_id, buyers, repeaters in StoreRepeat.objects.values_list("store_id", "buyers", "repeaters"):
        place = Place(Kind.STORE, store_id)
        for each in (place, chain.nodes[place].above):
            if each is not None and each != BRAND:
                both = counted.setdefault(each, [0, 0])
                both[0], both[1] = both[0] + buyers, both[1] + repeaters
    rates = {place: round(10_000 * twice / once) for place, (once, twice) in counted.items() if once}
    whole = standing.standing()
    if whole and whole.repeat_rate is not None:
        rates[BRAND] = round(10_000 * whole.repeat_rate)
    return rates
