"""How many places have come towards the month's targets, and where they are going; at one cost for any number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from analytics.queries import progress
from analytics.queries.forecasts import Forecast
from analytics.queries.progress import Days
from stores.models import Metric, Target
from stores.queries import targets as aims
from stores.queries import weights
from stores.queries.chain import BRAND, Chain, Kind, Place

METRICS = (Metric.SALES, Metric.RECRUITS)
SPARK_DAYS = 30


@dataclass(frozen=True)
class Course:
    """One place's month: the targets of its days by metric, where its sales are going, its last thirty whole days."""

    plans: Mapping[str, dict[date, int]] = field(default_factory=dict)
    forecast: Forecast | None = None
    spark: list[int] = field(default_factory=list)


def courses(chain: Chain, days: Days) -> dict[Place, Course]:
    """Tell of each place of a chain without guides what it aims at and where it is going; three queries.

    The days of `days` before its as-of day count as done. A place without a target of its own, but with some below it,
    aims at their sum.
    """
    stores = None if BRAND in chain.nodes else [place.pk for place in chain.nodes if place.kind == Kind.STORE]
    found = progress.series(Metric.SALES, days, chain, stores=stores, guides=False)
    come = progress.progress(Metric.SALES, days, chain, {}, found, weights.weights_of(Metric.SALES))
    plans = _plans(chain, days, stores)
    return {
        place: Course(
            plans={metric: plans[metric].get(place, {}) for metric in METRICS},
            forecast=come[place].forecast if place in come else None,
            spark=[round(each) for each in found.amounts[place][-SPARK_DAYS:]] if place in found.amounts else [],
        )
        for place in chain.nodes
    }


def _plans(chain: Chain, days: Days, stores: list[int] | None) -> dict[str, dict[Place, dict[date, int]]]:
    rows = aims.newest_of(days.month.first, METRICS).exclude(kind=Kind.GUIDE)
    if stores is not None:
        regions = [place.pk for place in chain.nodes if place.kind == Kind.REGION]
        rows = rows.filter(Q(store__in=stores) | Q(kind=Kind.REGION, region__in=regions))
    plans: dict[str, dict[Place, dict[date, int]]] = {metric: {} for metric in METRICS}
    for row in rows:
        plans[row.plan.metric][aims.place_at(row)] = _by_day(row, days)
    for place in reversed(list(chain.nodes)):
        for plan in plans.values():
            below = [plan[each] for each in chain.below.get(place, []) if each in plan]
            if below and place not in plan:
                plan[place] = {day: sum(each.get(day, 0) for each in below) for day in below[0]}
    return plans


def _by_day(row: Target, days: Days) -> dict[date, int]:
    return {days.month.first + timedelta(days=n): amount for n, amount in enumerate(row.days)}
