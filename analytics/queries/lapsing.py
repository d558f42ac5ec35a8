"""Who is about to lapse: buyers whose last purchase is so long ago that they leave the first stages in a fortnight."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from newretail.kernel import brand

SOON_DAYS = 14


def months_later(day: date, months: int) -> date:
    """Add calendar months to a day; where the month is too short, its last day (as PostgreSQL does)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_days_lapsing(as_of: date, bounds: Sequence[int] | None = None) -> tuple[date, date]:
    """Give the first and the last day of purchase from which a buyer wakes up lapsed within the next fourteen days.

    She is lapsed when the brand's first bound of completed months (`lifecycle_months`) is reached; it is read unless
    the bounds are given.
    """
    months = int((brand.setting("lifecycle_months") if bounds is None else bounds)[0])
    around = as_of - timedelta(days=31 * months + 35)
    days = [around + timedelta(days=n) for n in range(70)]
    found = [day for day in days if as_of < months_later(day, months) <= as_of + timedelta(days=SOON_DAYS)]
    return found[0], found[-1]
