"""How the members stand: stages, RFM, quadrant, retention of the core; read from cells, never from members."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Sum

from analytics.models import CoreRetention, PortraitCell
from members.models.portraits import Relationship, Stage

POINTS = 13  # the day itself and the twelve months before it


@dataclass(frozen=True)
class Retention:
    """How many core customers stayed, as of a day."""

    as_of: date
    days: int
    core: int
    kept: int

    @property
    def rate(self) -> float | None:
        """Give the share that stayed, None without a core."""
        return self.kept / self.core if self.core else None


@dataclass(frozen=True)
class HeatCell:
    """Members with one R and one F; `m` is their average M."""

    r: int
    f: int
    members: int
    m: float


@dataclass(frozen=True)
class Bubble:
    """Buyers of one frequency band and one AOV band, with their means."""

    frequency_band: int
    aov_band: int
    members: int
    frequency: float
    aov_cents: float


@dataclass(frozen=True)
class Quadrant:
    """The bubbles, and the bands at which half of the buyers lie: a buyer at or above a line is high."""

    bubbles: list[Bubble]
    frequency_split: int
    aov_split: int

    def members(self, *, often: bool, much: bool) -> int:
        """Count the buyers in one of the four quadrants."""
        return sum(
            b.members
            for b in self.bubbles
            if (b.frequency_band >= self.frequency_split) == often and (b.aov_band >= self.aov_split) == much
        )


@dataclass(frozen=True)
class Standing:
    """How all members stand; counts of members, cents of the last 365 days."""

    members: int
    supers: int
    buyers: int
    repeat_buyers: int
    orders: int
    monetary_cents: int
    stages: dict[tuple[str, str], int]
    heat: list[HeatCell]
    quadrant: Quadrant

    @property
    def repeat_rate(self) -> float | None:
        """Give the share of the year's buyers who bought twice or more."""
        return self.repeat_buyers / self.buyers if self.buyers else None

    @property
    def per_buyer_cents(self) -> int | None:
        """Give the amount per buyer (客单价 per person), None without buyers."""
        return round(self.monetary_cents / self.buyers) if self.buyers else None

    @property
    def per_order_cents(self) -> int | None:
        """Give the amount per order (笔单价), None without orders."""
        return round(self.monetary_cents / self.orders) if self.orders else None


Row = Mapping[str, Any]


def standing() -> Standing | None:
    """Sum the cells up, None before the first scoring; one query over a table that is small at any size."""
    rows: list[Row] = list(
        PortraitCell.objects.values("r", "f", "stage", "relationship", "is_super", "frequency_band", "aov_band")
        .annotate(
            n=Sum("members"), m_sum=Sum(F("m") * F("members")), orders=Sum("frequency"), cents=Sum("monetary_cents")
        )
        .order_by()
    )
    if not rows:
        return None
    bought = [row for row in rows if row["frequency_band"] > 0]
    return Standing(
        members=_total(rows, "n"),
        supers=_total((row for row in rows if row["is_super"]), "n"),
        buyers=_total(bought, "n"),
        repeat_buyers=_total((row for row in bought if row["frequency_band"] > 1), "n"),
        orders=_total(bought, "orders"),
        monetary_cents=_total(bought, "cents"),
        stages=_stages(rows),
        heat=_heat(bought),
        quadrant=_quadrant(bought),
    )


def _total(rows: Iterable[Row], column: str) -> int:
    return sum(int(row[column] or 0) for row in rows)


def _grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _stages(rows: list[Row]) -> dict[tuple[str, str], int]:
    """Count by stage and relationship, in the order of the lifecycle."""
    found = {
        key: _total(group, "n") for key, group in _grouped(rows, lambda r: (r["stage"], r["relationship"])).items()
    }
    return {(s, r): found.get((s, r), 0) for s in Stage.values for r in Relationship.values}


def _heat(bought: list[Row]) -> list[HeatCell]:
    groups = _grouped((row for row in bought if row["r"]), lambda row: (row["r"], row["f"]))
    return [
        HeatCell(r=r, f=f, members=n, m=_total(group, "m_sum") / n)
        for (r, f), group in sorted(groups.items())
        if (n := _total(group, "n"))
    ]


def _quadrant(bought: list[Row]) -> Quadrant:
    bubbles = [
        Bubble(band, aov, n, _total(group, "orders") / n, _total(group, "cents") / max(_total(group, "orders"), 1))
        for (band, aov), group in sorted(_grouped(bought, lambda r: (r["frequency_band"], r["aov_band"])).items())
        if (n := _total(group, "n"))
    ]
    return Quadrant(
        bubbles=bubbles,
        frequency_split=_median_band((b.frequency_band, b.members) for b in bubbles),
        aov_split=_median_band((b.aov_band, b.members) for b in bubbles),
    )


def _median_band(weighted: Iterable[tuple[int, int]]) -> int:
    """Find the band whose lower bound parts the members most evenly; 0 without members."""
    counts: Counter[int] = Counter()
    for band, members in weighted:
        counts[band] += members
    half = counts.total() / 2
    above = {band: sum(n for other, n in counts.items() if other >= band) for band in counts}
    return min(above, key=lambda band: (abs(above[band] - half), band), default=0)


def retention() -> list[Retention]:
    """Give the measured points of core-customer retention, oldest first; the newest is the live figure."""
    newest = CoreRetention.objects.order_by("-as_of", "-id")[:POINTS]
    points = [Retention(as_of=p.as_of, days=p.days, core=p.core, kept=p.kept) for p in newest]
    return [p for p in reversed(points) if p.days == points[0].days]
