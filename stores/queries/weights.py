"""How much each day counts: the kinds a day is of, and the weights in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from newretail.kernel import holidays
from newretail.kernel.festivals import Festival
from stores.models import DayWeight
from stores.models.targets import EVEN

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKED = "worked"  # a weekend day worked for a holiday
SEASON = ".season"  # the days around a festival's own day that belong to it
ORDER = ("statutory", "brand", "lunar", "commercial")


class DayKind(NamedTuple):
    """What kind of day it is: its weekday, and the festival it belongs to (empty: none)."""

    weekday: str
    occasion: str


def festivals_around(first: date, until: date) -> list[Festival]:
    """List the festivals of the years of a span and of those beside them; one query."""
    return holidays.of_years(range(first.year - 1, until.year + 2))


def day_kinds(first: date, until: date, known: Sequence[Festival] | None = None) -> list[DayKind]:
    """Tell the kind of each day of [first, until); one query, none where the festivals of these years are given.

    Of several festivals on one day the one with the shortest span counts, then statutory ones before the brand's own,
    lunar and commercial ones.
    """
    festivals = festivals_around(first, until) if known is None else known
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    worked = {day for each in festivals for day in each.worked}
    return [DayKind(WEEKDAYS[day.weekday()], _occasion(day, festivals, worked)) for day in days]


def _occasion(day: date, festivals: Sequence[Festival], worked: set[date]) -> str:
    found = sorted(
        ((each.last_on - each.first_on, ORDER.index(each.kind), each.family), each)
        for each in festivals
        if each.first_on <= day <= each.last_on
    )
    if day in worked:
        return WORKED
    if not found:
        return ""
    each = found[0][1]
    return each.family if each.day == day else each.family + SEASON


class Learned(NamedTuple):
    """A weight as history tells it; `seen` is the number of orders or recruits behind it."""

    store_id: int | None
    kind: str
    weight_bp: int
    seen: int


@dataclass(frozen=True)
class Weights:
    """The weights of one metric: of the brand (store None) and of stores, set and learned."""

    rows: dict[tuple[int | None, str, str], int]

    def weight(self, store_id: int | None, kind: str) -> int:
        """Give the weight of a kind of day: set for the store, set for the brand, learned of either, else even."""
        for source in (DayWeight.Source.SET, DayWeight.Source.LEARNED):
            for where in (store_id, None):
                found = self.rows.get((where, kind, source))
                if found is not None:
                    return found
        return EVEN

    def source(self, store_id: int | None, kind: str) -> str:
        """Tell where a weight comes from: set or learned, of the store or of the brand; empty when it is even."""
        for source in (DayWeight.Source.SET, DayWeight.Source.LEARNED):
            for where, word in ((store_id, "store"), (None, "brand")):
                if (where, kind, source) in self.rows and not (where is None and word == "store"):
                    return f"{word} {source}"
        return ""

    def of_days(self, store_id: int | None, kinds: Iterable[DayKind]) -> list[int]:
        """Weigh days: the weekday's weight times the festival's; all even where everything weighs nothing."""
        known: dict[DayKind, int] = {}
        for kind in kinds:
            if kind not in known:
                occasion = self.weight(store_id, kind.occasion) if kind.occasion else EVEN
                known[kind] = self.weight(store_id, kind.weekday) * occasion // EVEN
        return [known[kind] for kind in kinds]


def learned_at(metric: str) -> datetime | None:
    """Tell when the weights of a metric were last learned."""
    rows = DayWeight.objects.filter(metric=metric, source=DayWeight.Source.LEARNED)
    at: datetime | None = rows.aggregate(at=Max("set_at"))["at"]
    return at


def weights_of(metric: str) -> Weights:
    """Read the weights of a metric; one query."""
    rows = DayWeight.objects.filter(metric=metric).values_list("store_id", "kind", "source", "weight_bp")
    return Weights({(store_id, kind, source): weight for store_id, kind, source, weight in rows})
