"""Gives the demo brand targets for the month at work and those before it: its own last year, with a little more."""

from datetime import date, datetime
from typing import Any

from analytics.queries import home, progress
from analytics.queries.lapsing import months_later
from analytics.queries.progress import Series
from newretail.kernel import clock, money
from stores.actions import targets
from stores.actions.targets import Draft
from stores.models import Metric
from stores.queries import targets as aims
from stores.queries.chain import BRAND, Chain, Kind, Place, chain

MONTHS_BEFORE = 11
MORE = 104  # percent of a year before
STEP = {Metric.SALES: 100_00, Metric.RECRUITS: 1}
REPEAT_MORE_BP = 50
REASONS = {Metric.REPEAT_RATE: "现值加 0.5 个百分点"}
REASON = "去年同期加 4%"
YEARLY = "年度预算分解"
CLOSE = (97, 102, 99, 104, 96, 101, 105)  # percent of what then came in, month by month


def plan(*, today: date, at: datetime) -> int:
    """Plan the month of a day, and the sales of the months before it, where nothing is planned; how many plans.

    A month that is over was planned on its first day. Guides have targets in this month and the one before.
    """
    month, whole = aims.month_of(today), chain()
    made = sum(_plan(metric, month, whole, today, at) for metric in (Metric.SALES, Metric.RECRUITS, Metric.REPEAT_RATE))
    for n in range(1, MONTHS_BEFORE + 1):
        before = months_later(month, -n)
        places = whole if n == 1 else Chain({p: node for p, node in whole.nodes.items() if p.kind != Kind.GUIDE})
        made += _plan_past(before, places, CLOSE[n % len(CLOSE)])
    return made


def _plan_past(month: date, whole: Chain, part: int) -> int:
    """Plan the sales of a month that is over, on its first day: so that it came in near to what was aimed at."""
    if aims.in_force(month, Metric.SALES):
        return 0
    days = progress.days_of(month, aims.month_end(month))
    found = progress.series(Metric.SALES, days, whole)
    came = {place: round(row[-days.length :].sum()) for place, row in found.amounts.items()}
    amounts = _amounts(whole, Series(found.amounts, came), STEP[Metric.SALES], part)
    if amounts:
        draft = Draft(month, Metric.SALES, amounts, reason=YEARLY)
        targets.plan(draft=draft, at=clock.day_start(month))
    return int(bool(amounts))


def _plan(metric: Metric, month: date, whole: Chain, today: date, at: datetime) -> int:
    if aims.in_force(month, metric):
        return 0
    if metric is Metric.REPEAT_RATE:
        amounts = _rate(progress.repeat_rates(whole).get(BRAND))
    else:
        days = progress.days_of(month, home.facts_until(today))
        amounts = _amounts(whole, progress.series(metric, days, whole), STEP[metric])
    if amounts:
        targets.plan(draft=Draft(month, metric, amounts, reason=REASONS.get(metric, REASON)), at=at)
    return int(bool(amounts))


def _rate(of_brand: int | None) -> dict[Place, Any]:
    """Aim the brand a little above its repeat rate, in basis points, where there is room above it."""
    return {} if of_brand is None or of_brand >= 10_000 - REPEAT_MORE_BP else {BRAND: of_brand + REPEAT_MORE_BP}


def _amounts(whole: Chain, found: Series, step: int, part: int = MORE) -> dict[Place, Any]:
    """Aim each store at a part of its year before, and share it out among its guides by what they sold of late."""
    amounts: dict[Place, Any] = {}
    for place in (each for each in whole.nodes if each.kind in (Kind.STORE, Kind.ONLINE)):
        steps = round(max(found.year_before.get(place, 0), 0) * part / 100 / step)
        if not steps:
            continue
        amounts[place] = steps * step
        guides = [each for each in whole.below.get(place, []) if not whole.nodes[each].ended]
        sold = [round(max(found.amounts[each].sum(), 0)) if each in found.amounts else 0 for each in guides]
        parts = money.split(steps, sold if sum(sold) else [1] * len(guides)) if guides else []
        amounts |= {each: part * step for each, part in zip(guides, parts, strict=True)}
    return amounts
