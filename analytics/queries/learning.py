"""What history tells of the weight of a day: by weekday, by festival, small stores leaning on the brand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from newretail.kernel import sql
from stores.models.targets import EVEN
from stores.queries.weights import WEEKDAYS, Learned, day_kinds

HISTORY_DAYS = 730
LEAST_DAYS = 56  # with less history nothing is learned
LEAN = 500  # orders (or recruits): so many of a store's own weigh as much as the whole brand's pattern
LEAST_SEEN = 30  # a store with fewer has no weight of its own
AROUND = 35  # days to either side of a festival that tell what a day would have brought without it
LEAN_DAYS = 3  # ordinary days that a festival of the brand leans on
LEAST, MOST = 100, 100_000  # a hundredth, ten times
VALUES = {"sales": ("sales_cents - refunded_cents", "orders"), "recruits": ("recruits", "recruits")}
HISTORY = """
SELECT store_id, array_agg(day - %(first)s::date), array_agg({value}), array_agg({seen})
FROM analytics_storeday WHERE day >= %(first)s AND day < %(until)s GROUP BY store_id ORDER BY store_id NULLS FIRST
"""
Row = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _History:
    """Days of one place: amounts, how many orders or recruits, whether it traded yet; each day's kinds."""

    amounts: Row
    seen: Row
    weekday: npt.NDArray[np.int64]
    occasions: dict[str, npt.NDArray[np.int64]]
    plain: npt.NDArray[np.bool_]

    @property
    def open(self) -> npt.NDArray[np.bool_]:
        """Tell from which day on it traded."""
        trading = np.flatnonzero(self.seen > 0)
        return np.arange(len(self.seen)) >= (trading[0] if len(trading) else len(self.seen))


def learned(metric: str, as_of: date) -> list[Learned]:
    """Learn the weights of a metric (sales or recruits) from the 730 days before a day; three queries.

    Weekdays: the mean of each weekday's ordinary days over the mean of all seven; a store's share q of a weekday
    leans on the brand's P: (n q + 500 P) / (n + 500), n its orders (or recruits). Festivals: what their days brought
    over what was to be expected, the mean of ordinary days within 35 days times the weekday's weight; the brand leans
    on three ordinary days, a store on the brand as if it had seen 500 more orders. Weights stay within 1 % and 1000 %.
    """
    first = as_of - timedelta(days=HISTORY_DAYS)
    histories = _read(metric, first, as_of)
    if not histories:
        return []
    brand = _summed(list(histories.values()))
    if brand.open.sum() < LEAST_DAYS:
        return []
    weekdays = _weekdays(brand)
    occasions = {kind: _occasion(brand, days, weekdays, None) for kind, days in brand.occasions.items()}
    found = list(_rows(None, brand, weekdays, occasions))
    for store_id, own in histories.items():
        if store_id is not None and own.seen.sum() >= LEAST_SEEN:
            leaning = _weekdays(own, weekdays)
            mine = {k: _occasion(own, days, leaning, occasions.get(k)) for k, days in own.occasions.items()}
            found += _rows(store_id, own, leaning, mine)
    return found


def _read(metric: str, first: date, until: date) -> dict[int | None, _History]:
    value, seen = VALUES[metric]
    rows = sql.rows(HISTORY.format(value=value, seen=seen), {"first": first, "until": until})
    kinds = day_kinds(first, until)
    weekday = np.array([WEEKDAYS.index(kind.weekday) for kind in kinds])
    plain = np.array([not kind.occasion for kind in kinds])
    names = sorted({kind.occasion for kind in kinds if kind.occasion})
    occasions = {name: np.array([n for n, kind in enumerate(kinds) if kind.occasion == name]) for name in names}
    found: dict[int | None, _History] = {}
    for store_id, at, amounts, orders in rows:
        table = np.zeros((2, len(kinds)))
        table[0, at], table[1, at] = amounts, orders
        found[store_id] = _History(table[0], table[1], weekday, occasions, plain)
    return found


def _summed(histories: list[_History]) -> _History:
    one = histories[0]
    amounts, seen = sum(each.amounts for each in histories), sum(each.seen for each in histories)
    return _History(np.asarray(amounts), np.asarray(seen), one.weekday, one.occasions, one.plain)


def _weekdays(own: _History, brand: Row | None = None) -> Row:
    """Give seven weights with mean 1."""
    days = own.plain & own.open
    count = np.array([(days & (own.weekday == k)).sum() for k in range(7)])
    sums = np.array([own.amounts[days & (own.weekday == k)].clip(0).sum() for k in range(7)])
    means = sums / np.maximum(count, 1)
    if means.sum() <= 0 or count.min() == 0:
        return np.ones(7) if brand is None else brand
    share: Row = means / means.sum()
    if brand is not None:
        seen = own.seen[days].sum()
        share = (seen * share + LEAN * brand / 7) / (seen + LEAN)
    weights: Row = share * 7
    return weights


def _occasion(own: _History, days: npt.NDArray[np.int64], weekdays: Row, brand: float | None) -> float | None:
    """Give what days of a festival bring over what is to be expected of them, None when none can be told."""
    trading = own.open
    brought = expected = 0.0
    for day in days[trading[days]]:
        near = slice(max(day - AROUND, 0), day + AROUND + 1)
        usual = own.plain[near] & trading[near]
        if usual.sum() >= 7:
            level = own.amounts[near][usual].sum() / weekdays[own.weekday[near][usual]].sum()
            expected += max(level, 0) * weekdays[own.weekday[day]]
            brought += own.amounts[day]
    if expected <= 0:
        return None
    if brand is None:
        lean = LEAN_DAYS * expected / len(days)
        return float((brought + lean) / (expected + lean))
    lean = LEAN * own.amounts[trading].sum() / max(own.seen.sum(), 1)
    return float((brought + lean * brand) / (expected + lean))


def _rows(store_id: int | None, own: _History, weekdays: Row, occasions: dict[str, float | None]) -> Iterator[Learned]:
    ordinary = own.plain & own.open
    for k, name in enumerate(WEEKDAYS):
        yield Learned(store_id, name, _bp(weekdays[k]), int(own.seen[ordinary & (own.weekday == k)].sum()))
    for kind, factor in occasions.items():
        seen = int(own.seen[own.occasions[kind]].sum())
        if factor is not None and (store_id is None or seen >= LEAST_SEEN):
            yield Learned(store_id, kind, _bp(factor), seen)


def _bp(weight: float) -> int:
    return int(min(max(round(weight * EVEN), LEAST), MOST))
