"""How far regions and stores have come with their tasks and the SOP in a month, within somebody's sight."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from guides.queries import sop
from guides.queries.results import span
from guides.queries.sop import Kept
from newretail.kernel import clock, sql
from stores.models import Post, Store

TASKS = """
SELECT p.store_id, count(*), count(*) FILTER (WHERE t.state IN ('done', 'checking') AND t.ended_at <= t.due_at),
  count(*) FILTER (WHERE t.state IN ('done', 'checking') AND t.ended_at > t.due_at),
  count(*) FILTER (WHERE t.state = 'expired' OR t.state = 'open' AND t.due_at <= %(at)s)
FROM guides_task t JOIN stores_post p ON p.id = t.post_id
WHERE p.store_id = ANY(%(stores)s) AND t.assigned_at >= %(first)s AND t.assigned_at < %(until)s
  AND t.state <> 'cancelled'
GROUP BY p.store_id
"""


@dataclass
class Place:
    """A store or a region: tasks given, done on time, late, missed (expired or overdue); the steps of the SOP."""

    name: str
    code: str = ""
    given: int = 0
    on_time: int = 0
    late: int = 0
    missed: int = 0
    steps: list[Kept] = field(default_factory=lambda: sop.together([]))

    def add(self, other: "Place") -> None:
        """Add what another place did."""
        self.given += other.given
        self.on_time += other.on_time
        self.late += other.late
        self.missed += other.missed
        self.steps = [one + more for one, more in zip(self.steps, other.steps, strict=True)]

    @property
    def share(self) -> float | None:
        """Give the share done on time of what was done or missed; None of nothing."""
        ended = self.on_time + self.late + self.missed
        return self.on_time / ended if ended else None


@dataclass(frozen=True)
class Completion:
    """A month of the places within sight: regions, stores, all together."""

    month: date
    whole: Place
    regions: list[Place]
    stores: list[Place]


def month_of(today: date, *, last: bool) -> date:
    """Give the first day of the running month, or of the one before."""
    return clock.month_before(today) if last else clock.month_start(today)


def of(user: Any, *, month: date, at: datetime) -> Completion:
    """Count a month of the stores within somebody's sight: four statements, however many they are."""
    stores = {store.pk: store for store in Store.objects.visible_to(user).select_related("region").order_by("name")}
    first, until = span(month)
    given: sql.Params = {"stores": list(stores), "first": first, "until": until, "at": at}
    tasks = {row[0]: row[1:] for row in sql.rows(TASKS, given)}
    kept = _kept(list(stores), first, until, at)
    whole, regions, rows = Place(""), defaultdict[str, Place](lambda: Place("")), []
    for store in stores.values():
        given_out, on_time, late, missed = tasks.get(store.pk, (0, 0, 0, 0))
        row = Place(store.name, store.code, given_out, on_time, late, missed, kept[store.pk])
        region = regions[str(store.region or "")]
        region.name = str(store.region or "")
        for each in (whole, region):
            each.add(row)
        rows.append(row)
    return Completion(month, whole, sorted(regions.values(), key=lambda each: each.name), rows)


def _kept(stores: list[int], first: datetime, until: datetime, at: datetime) -> dict[int, list[Kept]]:
    """Sum the SOP of guides by store."""
    posts = dict(Post.objects.filter(store__in=stores).values_list("pk", "store_id"))
    by_store: dict[int, list[list[Kept]]] = defaultdict(list)
    for post, steps in sop.kept(first=first, until=until, at=at, stores=stores).items():
        by_store[posts[post]].append(steps)
    return {store: sop.together(by_store[store]) for store in stores}
