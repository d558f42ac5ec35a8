"""Where a figure leads: the list behind it, with the filters that make it."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from analytics.bands import AOV_BANDS, FREQUENCY_BANDS
from analytics.queries.seasons import Span


def listed(noun: str, **filters: object) -> str:
    """Link a list by app and noun ("members_member"), narrowed by the filters given."""
    given = {name: value for name, value in filters.items() if value not in (None, "")}
    return reverse(f"admin:{noun}_changelist") + (f"?{urlencode(given)}" if given else "")


def members(**filters: object) -> str:
    """Link the members with these filters."""
    return listed("members_member", **filters)


def orders_paid(span: Span, store: object = None, region: object = None) -> str:
    """Link the orders paid within a span, of one store or region where given."""
    return listed("members_order", paid_from=span.first, paid_to=span.last, store=store, region=region)


def orders_on(day: date) -> str:
    """Link the orders paid on a day."""
    return listed("members_order", paid_from=day, paid_to=day)


def joined(span: Span, store: object = None, region: object = None) -> str:
    """Link the members who joined within a span, at home in one store or region where given."""
    return members(joined_from=span.first, joined_to=span.last, store=store, region=region)


def bands(frequency: tuple[int, int | None], aov: tuple[int, int | None]) -> str:
    """Link the buyers from one band up to (not including) another, open where None."""
    low, high = _bounds(FREQUENCY_BANDS, *frequency)
    aov_low, aov_high = _bounds(AOV_BANDS, *aov)
    return members(
        frequency_from=low,
        frequency_to=high - 1 if high is not None else None,
        aov_from=aov_low // 100 if aov_low else None,
        aov_to=aov_high // 100 if aov_high is not None else None,
    )


def _bounds(lower: tuple[int, ...], first: int, until: int | None) -> tuple[int, int | None]:
    """Give the values from which band `first` runs and at which band `until` begins; bands count from 1."""
    high = lower[until - 1] if until is not None and until <= len(lower) else None
    return lower[max(first, 1) - 1], high


def behind(code: str, who: str, **given: object) -> str:
    """Link the list of the people behind a figure of a store's board."""
    return reverse("store_people", args=[code, who]) + _asking(given)


def behind_region(name: str, who: str, **given: object) -> str:
    """Link the list of the people behind a figure of a region, without a name of the whole brand."""
    at = reverse("region_people", args=[name, who]) if name else reverse("regions_people", args=[who])
    return at + _asking(given)


def targets(code: str = "", *, metric: str) -> str:
    """Link a store's month of targets day by day, without a code the grid."""
    return f"{reverse('targets_days', args=[code]) if code else reverse('targets')}?metric={metric}"


def _asking(given: Mapping[str, object]) -> str:
    said = {name: value for name, value in given.items() if value not in (None, "")}
    return f"?{urlencode(said)}" if said else ""


def sold_by(span: Span, staff_no: str) -> str:
    """Link the orders of a span that somebody sold."""
    return listed("members_order", paid_from=span.first, paid_to=span.last, staff=staff_no)
