"""Time: the brand's zone decides the business day; only doors ask what time it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg2.extensions import AsIs

DEFAULT_ZONE = "Asia/Shanghai"


def now() -> datetime:
    """Read the clock; called by doors only."""
    return datetime.now(tz=UTC)


def brand_zone() -> ZoneInfo:
    """Name the zone of the brand at work."""
    return ZoneInfo(getattr(connection.tenant, "time_zone", None) or DEFAULT_ZONE)  # type: ignore[attr-defined]


def business_day(at: datetime) -> date:
    """Tell on which business day of the brand an instant falls."""
    return at.astimezone(brand_zone()).date()


def day_start(day: date) -> datetime:
    """Give the instant at which a business day of the brand begins."""
    return datetime.combine(day, time.min, tzinfo=brand_zone())


def month_start(day: date) -> date:
    """Give the first day of a day's calendar month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """Give the last day of a day's calendar month."""
    return month_after(day) - timedelta(days=1)


def month_before(day: date, count: int = 1) -> date:
    """Give the first day of the calendar month so many before a day's."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def month_after(day: date) -> date:
    """Give the first day of the calendar month after a day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def months(first: date, last: date) -> Iterator[date]:
    """Go through the first days of the calendar months that begin in [first, last); `first` is one itself."""
    while first < last:
        yield first
        first = month_after(first)


def zone_between(first: datetime, last: datetime) -> str | AsIs:
    """Give what AT TIME ZONE needs to tell the brand's days of instants in [first, last], as a parameter.

    Its offset from UTC where that was one and the same all the while, else its name: by an offset PostgreSQL reckons
    many times faster. No offset lasts less than a day.
    """
    zone = brand_zone()
    days = (last - first) // timedelta(days=1)
    instants = (*(first + timedelta(days=day) for day in range(days + 1)), last)
    offsets = {instant.astimezone(zone).utcoffset() or timedelta() for instant in instants}
    return zone.key if len(offsets) > 1 else AsIs(f"INTERVAL '{offsets.pop().total_seconds():.0f} seconds'")
