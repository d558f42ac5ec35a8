"""Time: the brand's zone decides the business day; only doors ask what time it is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db import connection

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
