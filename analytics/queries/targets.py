"""Targets beside what was done: the grid of a month."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.queries import home, progress
from analytics.queries.progress import Days, Progress
from stores.models import Metric, Target, TargetPlan
from stores.models.places import sight_of
from stores.queries import targets as aims
from stores.queries import weights
from stores.queries.chain import Chain, Node, Place, beneath, chain, within

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
