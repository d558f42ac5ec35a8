"""What is aimed at: the version in force, the targets of places, whether they sum up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from newretail.kernel import brand
from stores.models import Metric, Target, TargetPlan
from stores.queries.chain import Chain, Kind, Place


def month_of(day: date) -> date:
    """Give the first day of the business month of a day."""
    first_day = int(brand.setting("month_first_day"))
    inside = day if day.day >= first_day else day.replace(day=1) - timedelta(days=1)
    return inside.replace(day=first_day)


def month_end(month: date) -> date:
    """Give the first day after a month that begins on this day."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=month.day)


def versions(month: date, metric: str) -> QuerySet[TargetPlan]:
    """Give the versions of a month in a metric, newest first."""
    return TargetPlan.objects.filter(month=month, metric=metric).select_related("by").order_by("-version")


def in_force(month: date, metric: str) -> TargetPlan | None:
    """Find the version that counts, None when nothing was planned."""
    return versions(month, metric).first()


def place_at(target: Target) -> Place:
    """Name the place a target is set for."""
    row = {Kind.REGION: target.region_id, Kind.STORE: target.store_id, Kind.GUIDE: target.post_id}
    return Place(target.kind, row.get(Kind(target.kind)) or 0)


def targets_of(plan: TargetPlan | None) -> dict[Place, Target]:
    """Read the targets of a version by place; one query."""
    return {place_at(target): target for target in Target.objects.filter(plan=plan)} if plan else {}


def newest_of(month: date, metrics: Iterable[str]) -> QuerySet[Target]:
    """Give the targets in force of a month in several metrics, each with its plan."""
    plans = TargetPlan.objects.filter(month=month, metric__in=metrics).order_by("metric", "-version").distinct("metric")
    return Target.objects.filter(plan__in=plans).select_related("plan")


def set_amounts(targets: Mapping[Place, Target]) -> dict[Place, int]:
    """Pick the amounts that were set, without those summed up."""
    return {place: target.amount for place, target in targets.items() if not target.implied}


@dataclass(frozen=True)
class Difference:
    """A place whose target is not the sum of those below it: amount and sum in the metric's unit."""

    place: Place
    amount: int
    below: int


def with_sums(chain: Chain, amounts: Mapping[Place, int], metric: str) -> dict[Place, int]:
    """Add to the amounts that were set, for each place without one, the sum of those below it; rates have no sums."""
    whole = dict(amounts)
    if not Metric(metric).additive:
        return whole
    for place in reversed(list(chain.nodes)):
        below = [whole[each] for each in chain.below.get(place, []) if each in whole]
        if below and place not in whole:
            whole[place] = sum(below)
    return whole


def differences(chain: Chain, whole: Mapping[Place, int], metric: str) -> list[Difference]:
    """List the places whose target is not the sum of those below them; where nothing below has one, nothing differs."""
    if not Metric(metric).additive:
        return []
    found = []
    for place, children in chain.below.items():
        below = [whole[each] for each in children if each in whole]
        if below and place in whole and whole[place] != sum(below):
            found.append(Difference(place, whole[place], sum(below)))
    return found
