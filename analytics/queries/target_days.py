"""One place's month day by day: weight, target, actual, what remains; and what changed from version to version."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from analytics.queries import home, progress
from analytics.queries.progress import Days, Progress
from newretail.kernel.festivals import Festival
from stores.models import Metric, Store, TargetPlan
from stores.models.places import sight_of
from stores.queries import targets as aims
from stores.queries import weights
from stores.queries.chain import BRAND, Chain, Node, Place, chain, place_of, within
from stores.queries.weights import SEASON, WEEKDAYS, DayKind, Weights


@dataclass(frozen=True)
class DayLine:
    """One day of a month at one place; None is not set, or not counted yet."""

    day: date
    kind: DayKind
    weight_bp: int
    target: int | None
    actual: int | None
    needed: int | None


@dataclass(frozen=True)
class Month:
    """A month of one place (no store: the brand), its kinds of days and their weights in force."""

    metric: Metric
    days: Days
    store: Store | None
    lines: list[DayLine]
    progress: Progress
    weights: Weights
    kinds: list[str]
    festivals: dict[str, Festival]


def month_of(store: Store | None, *, metric: str, month: date, today: date) -> Month:
    """Gather a month of a store, or of the brand, day by day; a fixed number of queries."""
    place = place_of(store)
    days = progress.days_of(month, home.facts_until(today))
    nodes = chain() if store is None else Chain({place: Node(place, store.code, store.name, None, store.pk)})
    targets = aims.targets_of(aims.in_force(month, metric))
    found = progress.series(metric, days, nodes, stores=None if store is None else [store.pk])
    known = weights.weights_of(metric)
    own = {place: targets[place]} if place in targets else {}
    come = progress.progress(metric, days, nodes, own, found, known).get(place, Progress(None, None))
    kinds = days.kinds[-days.length :]
    row = found.amounts.get(place)
    since = (days.month.first - days.first).days
    actual = [round(each) for each in row[since:]] if row is not None else [0] * days.gone
    weighed = known.of_days(store.pk if store else None, kinds)
    per_day = own[place].days if own else []
    lines = [
        DayLine(
            days.month.first + timedelta(days=n), kinds[n], weighed[n], per_day[n] if per_day else None,
            actual[n] if n < days.gone and metric in progress.VALUES else None,
            come.needed[n - days.gone] if n >= days.gone and come.needed else None,
        )
        for n in range(days.length)
    ]  # fmt: skip
    festivals = {each.family: each for each in days.festivals}
    return Month(Metric(metric), days, store, lines, come, known, _listed(known, kinds), festivals)


def _listed(known: Weights, kinds: list[DayKind]) -> list[str]:
    """List the kinds of days of the month, and those somebody set a weight for: weekdays first."""
    occasions = {kind.occasion for kind in kinds if kind.occasion}
    return [*WEEKDAYS, *sorted(occasions | {kind for _, kind, source in known.rows if source == "set"} - set(WEEKDAYS))]


def family_of(kind: str) -> str:
    """Name the family of a festival or of its season."""
    return kind.removesuffix(SEASON)


@dataclass(frozen=True)
class Change:
    """A target that one version set otherwise than another; None is not set."""

    node: Node
    before: int | None
    after: int | None


def changes(user: Any, plan: TargetPlan, *, beside: int) -> list[Change]:
    """List what a version sets otherwise than another (0: none), as far as a person sees; the sum comes along."""
    sees, whole = sight_of(user, "targets", "view"), chain()
    was = TargetPlan.objects.filter(month=plan.month, metric=plan.metric, version=beside).first()
    both = [aims.targets_of(each) for each in (was, plan)]
    before, after = (
        {place: row.amount for place, row in rows.items() if not row.implied or place == BRAND} for rows in both
    )
    places: list[Place] = [
        place for place, node in whole.nodes.items() if before.get(place) != after.get(place) and within(sees, node)
    ]
    return [Change(whole.nodes[place], before.get(place), after.get(place)) for place in places]
