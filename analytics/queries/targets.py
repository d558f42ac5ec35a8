"""Targets beside what was done: the grid of a month, one store's standing today."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from analytics.queries import home, progress
from analytics.queries.forecasts import Forecast
from analytics.queries.progress import Days, Progress
from stores.models import Metric, Store, Target, TargetPlan
from stores.models.places import sight_of
from stores.queries import targets as aims
from stores.queries import weights
from stores.queries.chain import Chain, Kind, Node, Place, beneath, chain, place_of, within

MOST_VERSIONS = 50


@dataclass(frozen=True)
class Line:
    """One place of the grid: its target, how far it has come, whether this person may set it."""

    node: Node
    target: Target | None
    progress: Progress | None
    may_set: bool


@dataclass(frozen=True)
class Grid:
    """A month's targets in one metric, as far as a person sees; `versions` newest first."""

    metric: Metric
    days: Days
    versions: list[TargetPlan]
    chain: Chain
    lines: list[Line]

    @property
    def version(self) -> int:
        """Give the number of the version in force, 0 before the first."""
        return self.versions[0].version if self.versions else 0


def grid(user: Any, *, metric: str, month: date, today: date) -> Grid:
    """Gather the grid of a month that begins on a day; the same number of queries at any size of the chain."""
    sees, sets = sight_of(user, "targets", "view"), sight_of(user, "targets", "change")
    whole = chain()
    versions = list(aims.versions(month, metric)[:MOST_VERSIONS])
    targets = aims.targets_of(versions[0] if versions else None)
    days = progress.days_of(month, home.facts_until(today))
    come = _progress(metric, days, whole, targets)
    open_still = aims.month_end(month) > today
    lines = [
        Line(node, targets.get(place), come.get(place), open_still and beneath(sets, node))
        for place, node in whole.nodes.items()
        if within(sees, node)
    ]
    return Grid(Metric(metric), days, versions, whole, lines)


def _progress(metric: str, days: Days, whole: Chain, targets: dict[Place, Target]) -> dict[Place, Progress]:
    if metric == Metric.REPEAT_RATE:
        rates = progress.repeat_rates(whole) if days.gone < days.length else {}
        return {
            place: Progress(targets[place].amount if place in targets else None, rates.get(place))
            for place in whole.nodes
        }
    found = progress.series(metric, days, whole)
    return progress.progress(metric, days, whole, targets, found, weights.weights_of(metric))


@dataclass(frozen=True)
class Standing:
    """How a place stands on a day in one metric: what that day brought and should, what each day to come must bring.

    `actual` and `target` are of the day itself; `month` is what came before it. `needed` begins with the day.
    """

    day: date
    actual: int | None
    target: int | None
    month: Progress
    needed: dict[date, int]

    @property
    def needed_today(self) -> int | None:
        """Give what the day must bring so that the month's target is met."""
        return self.needed.get(self.day)

    @property
    def forecast(self) -> Forecast | None:
        """Give where the month is going."""
        return self.month.forecast


def standing_of(store: Store, *, metric: str, day: date) -> Standing:
    """Tell how a store stands on a day; the days before it count as done. A fixed number of queries."""
    return standings_of(store, metric=metric, day=day)[place_of(store)]


def standings_of(store: Store, *, metric: str, day: date) -> dict[Place, Standing]:
    """Tell how a store and each of its guides stand on a day; guides by their posts' places."""
    month = aims.month_of(day)
    own = Node(place_of(store), store.code, store.name, None, store.pk, store.region_id)
    targets = _targets_in(store, metric, month)
    nodes = {own.place: own}
    for place in targets:
        nodes.setdefault(place, Node(place, "", "", own.place, store.pk))
    days = progress.days_of(month, day + timedelta(days=1))
    found = progress.series(metric, days, Chain(nodes), stores=[store.pk])
    for place in found.amounts:
        nodes.setdefault(place, Node(place, "", "", own.place, store.pk))
    today = {place: round(row[-1]) for place, row in found.amounts.items()}
    before = replace(days, as_of=day)
    until = progress.Series({place: row[:-1] for place, row in found.amounts.items()}, found.year_before)
    come = progress.progress(metric, before, Chain(nodes), targets, until, weights.weights_of(metric))
    measured = metric in progress.VALUES
    return {
        place: _standing(before, targets.get(place), come.get(place), today.get(place, 0) if measured else None)
        for place in nodes
    }


def _targets_in(store: Store, metric: str, month: date) -> dict[Place, Target]:
    plan = aims.in_force(month, metric)
    rows = Target.objects.filter(plan=plan, store=store, kind__in=[Kind.STORE, Kind.GUIDE]) if plan else []
    return {aims.place_at(row): row for row in rows}


def _standing(days: Days, target: Target | None, come: Progress | None, actual: int | None) -> Standing:
    month = come or Progress(target.amount if target else None, None)
    needed = {days.as_of + timedelta(days=n): amount for n, amount in enumerate(month.needed)}
    due = None if target is None else (target.days[days.gone] if target.days else target.amount)
    return Standing(day=days.as_of, actual=actual, target=due, month=month, needed=needed)
