"""Gives the demo brand targets for the month at work: its own last year, with a little more."""

from datetime import date, datetime
from typing import Any

from analytics.queries import home, progress
from analytics.queries.progress import Series
from newretail.kernel import money
from stores.actions import targets
from stores.actions.targets import Draft
from stores.models import Metric
from stores.queries import targets as aims
from stores.queries.chain import BRAND, Chain, Kind, Place, chain

MORE = 104  # percent of a year before
STEP = {Metric.SALES: 100_00, Metric.RECRUITS: 1}
REPEAT_MORE_BP = 50
REASONS = {Metric.REPEAT_RATE: "现值加 0.5 个百分点"}
REASON = "去年同期加 4%"


def plan(*, today: date, at: datetime) -> int:
    """Plan the month of a day where nothing is planned yet; how many plans were made."""
    month, whole = aims.month_of(today), chain()
    days = progress.days_of(month, home.facts_until(today))
    made = 0
    for metric in (Metric.SALES, Metric.RECRUITS, Metric.REPEAT_RATE):
        if aims.in_force(month, metric):
            continue
        if metric is Metric.REPEAT_RATE:
            rates = progress.repeat_rates(whole)
            amounts: dict[Place, Any] = {
                place: rate + REPEAT_MORE_BP for place, rate in rates.items() if place == BRAND and rate < 9_950
            }
        else:
            amounts = _amounts(whole, progress.series(metric, days, whole), STEP[metric])
        if amounts:
            targets.plan(draft=Draft(month, metric, amounts, reason=REASONS.get(metric, REASON)), at=at)
            made += 1
    return made


def _amounts(whole: Chain, found: Series, step: int) -> dict[Place, Any]:
    """Aim each store at its year before, and share it out among its guides by what they sold of late."""
    amounts: dict[Place, Any] = {}
    for place in whole.nodes:
        if place.kind not in (Kind.STORE, Kind.ONLINE):
            continue
        amount = round(max(found.year_before.get(place, 0), 0) * MORE / 100 / step) * step
        if amount:
            amounts[place] = amount
            guides = [each for each in whole.below.get(place, []) if not whole.nodes[each].ended]
            sold = [round(max(found.amounts[each].sum(), 0)) if each in found.amounts else 0 for each in guides]
            if guides:
                parts = money.split(amount // step, sold if sum(sold) else [1] * len(guides))
                amounts |= {each: part * step for each, part in zip(guides, parts, strict=True)}
    return amounts
