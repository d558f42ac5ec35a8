"""Let a month's targets fall on its days, for the verbs that write a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from stores.models import Metric
from stores.queries import spreading, weights
from stores.queries import targets as aims
from stores.queries.chain import Chain, Kind, Node, Place


@dataclass(frozen=True)
class Fall:
    """The amounts of a month by place, those whose sum below differs among them."""

    chain: Chain
    metric: str
    month: date
    amounts: Mapping[Place, int]
    apart: set[Place]


Days = dict[Place, list[int]]


def columns(node: Node) -> dict[str, int | None]:
    """Give the columns of a target's row that name its place, and where the place stands now."""
    if node.place.kind == Kind.REGION:
        return {"region_id": node.place.pk}
    if node.place.kind == Kind.STORE:
        return {"store_id": node.place.pk, "region_id": node.region_id}
    return {"post_id": node.place.pk, "store_id": node.store_id} if node.place.kind == Kind.GUIDE else {}


def fall(given: Fall, *, past: Mapping[Place, Sequence[int]]) -> Days:
    """Give each place's amount by day; rates have no days. Two queries, whatever the number of places.

    Stores (and orders of no store) fall by their own weights; a place above that sums to those below it is the sum of
    their days, else it falls by the brand's weights; guides share their store's days out. Days gone by stay.
    """
    if not Metric(given.metric).additive:
        return {}
    known = weights.weights_of(given.metric)
    kinds = weights.day_kinds(given.month, aims.month_end(given.month))
    days: Days = {}
    for place in reversed(list(given.chain.nodes)):
        if place.kind == Kind.GUIDE or place not in given.amounts:
            continue
        weighed = known.of_days(given.chain.nodes[place].store_id, kinds)
        below = [days[each] for each in given.chain.below.get(place, []) if each in days]
        if below and place.kind != Kind.STORE and place not in given.apart:
            days[place] = [sum(column) for column in zip(*below, strict=True)]
        else:
            days[place] = spreading.spread(given.amounts[place], weighed, past.get(place, ()))
        if place.kind == Kind.STORE:
            days.update(_guides(given, place, days[place], past, weighed))
    return days


def _guides(
    given: Fall, store: Place, days: list[int], past: Mapping[Place, Sequence[int]], weighed: list[int]
) -> Days:
    below = {each.pk: given.amounts[each] for each in given.chain.below.get(store, []) if each in given.amounts}
    if not below:
        return {}
    were = {pk: past.get(Place(Kind.GUIDE, pk), ()) for pk in below}
    if store in given.apart:
        return {Place(Kind.GUIDE, pk): spreading.spread(amount, weighed, were[pk]) for pk, amount in below.items()}
    return {Place(Kind.GUIDE, pk): row for pk, row in spreading.share_out_rest(days, below, were, weighed).items()}
