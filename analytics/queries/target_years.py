"""A fiscal year of one place month by month: targets, what came in, and the year before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from analytics.models import GuideDay, StoreDay
from analytics.queries import seasons
from analytics.queries.seasons import Span
from newretail.kernel import brand
from stores.models import Metric, Target, TargetPlan
from stores.queries.chain import BRAND, ONLINE, Kind, Place
from stores.queries.targets import month_end

MONTHS = 12
QUARTER = 3


@dataclass(frozen=True)
class Part:
    """A month, a quarter or the year: its days, the target of all of them and of those gone by, what came in.

    `then` is what the same days gone by brought a year earlier, in `compared`; None is not set, or not measured.
    """

    span: Span
    target: int | None
    to_date: int | None
    actual: int | None
    then: int | None
    compared: Span | None

    @property
    def reached(self) -> float | None:
        """Give the share of the target that came in."""
        return self.actual / self.target if self.target and self.actual is not None else None

    @property
    def gap(self) -> int | None:
        """Give how far the actual lies above (or, negative, below) the targets of the days gone by."""
        return None if self.actual is None or self.to_date is None else self.actual - self.to_date

    @property
    def change(self) -> float | None:
        """Give the change against the year before."""
        return (self.actual - self.then) / self.then if self.actual is not None and self.then else None


@dataclass(frozen=True)
class Year:
    """A fiscal year: its months, the quarters they make, and the whole; rates make neither."""

    months: list[Part]
    quarters: list[Part]
    whole: Part | None


def year_of(day: date) -> date:
    """Give the day on which a day's fiscal year begins: the first of the brand's first month; one query."""
    rules = brand.in_force("month_first_day", "year_first_month")
    begins = date(day.year, int(rules["year_first_month"]), int(rules["month_first_day"]))
    return begins if begins <= day else begins.replace(year=begins.year - 1)


def year(place: Place, *, metric: str, first: date, today: date) -> Year:
    """Gather the fiscal year that begins on a day; three queries, whatever the size of the chain."""
    begun = [first]
    while len(begun) < MONTHS:
        begun.append(month_end(begun[-1]))
    spans = [Span(month, month_end(month)) for month in begun]
    known = seasons.new_years(*range(first.year - 1, spans[-1].until.year + 1))
    targets = _targets(place, metric, begun)
    gone = [Span(span.first, min(span.until, today)) for span in spans]
    then = [seasons.year_earlier(span, known).then if span.first < span.until else None for span in gone]
    days = _days(place, metric, [*gone, *(span for span in then if span)])
    months = [
        _month(span, targets.get(span.first), done, before, days)
        for span, done, before in zip(spans, gone, then, strict=True)
    ]
    if not Metric(metric).additive:
        return Year(months, [], None)
    quarters = [_summed(months[n : n + QUARTER]) for n in range(0, MONTHS, QUARTER)]
    return Year(months, quarters, _summed(months))


def _targets(place: Place, metric: str, months: list[date]) -> dict[date, Target]:
    plans = TargetPlan.objects.filter(month__in=months, metric=metric).order_by("month", "-version").distinct("month")
    rows = Target.objects.filter(plan__in=plans, kind=place.kind).select_related("plan")
    if place.kind == Kind.REGION:
        rows = rows.filter(region=place.pk)
    elif place.kind == Kind.STORE:
        rows = rows.filter(store=place.pk)
    return {row.plan.month: row for row in rows}


# What is summed of each day, and of which facts; those of guides lead to their store by the post.
SUMMED: dict[str, tuple[Any, Any, str]] = {
    Metric.SALES: (F("sales_cents") - F("refunded_cents"), StoreDay, "store"),
    Metric.RECRUITS: (F("recruits"), StoreDay, "store"),
    Metric.REACH: (F("touches"), GuideDay, "post__store"),
}


def _of_place(place: Place, facts: Any, store: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = facts.objects.order_by()
    if place == BRAND:
        return rows
    if place == ONLINE:
        return rows.filter(**{store: None})
    return rows.filter(**{f"{store}__region" if place.kind == Kind.REGION else store: place.pk})


def _days(place: Place, metric: str, spans: list[Span]) -> dict[date, int] | None:
    """Sum what came in by day; None where the metric is no sum of days."""
    if metric not in SUMMED:
        return None
    within = Q(pk__in=[])
    for span in spans:
        if span.first < span.until:
            within |= Q(day__gte=span.first, day__lt=span.until)
    value, facts, store = SUMMED[metric]
    rows = _of_place(place, facts, store).filter(within)
    return dict(rows.values_list("day").annotate(total=Sum(value)).values_list("day", "total"))


def _month(
    span: Span, target: Target | None, gone: Span, then: Span | None, days: Mapping[date, int] | None
) -> Part:  # fmt: skip
    begun = gone.first < gone.until
    past = (gone.until - gone.first).days if begun else 0
    return Part(
        span=span, target=target.amount if target else None,
        to_date=sum(target.days[:past]) if target and target.days and begun else None,
        actual=_sum(days, gone) if begun else None,
        then=_sum(days, then) or None, compared=then,
    )  # fmt: skip


def _sum(days: Mapping[date, int] | None, span: Span | None) -> int | None:
    if days is None or span is None:
        return None
    return sum(days.get(span.first + timedelta(days=n), 0) for n in range((span.until - span.first).days))


def _summed(parts: list[Part]) -> Part:
    """Add months up; a sum is told where any of them is."""

    def added(values: list[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    return Part(
        span=Span(parts[0].span.first, parts[-1].span.until), target=added([part.target for part in parts]),
        to_date=added([part.to_date for part in parts]), actual=added([part.actual for part in parts]),
        then=added([part.then for part in parts]), compared=None,
    )  # fmt: skip
