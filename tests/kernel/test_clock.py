"""Time: the brand's zone decides the day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from newretail.kernel import clock

ZONES = ["Asia/Shanghai", "Asia/Urumqi", "Pacific/Kiritimati", "America/New_York", "Europe/London"]
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def zone(request, monkeypatch):
    """The brand at work lives in another zone."""
    monkeypatch.setattr(connection.tenant, "time_zone", request.param, raising=False)
    return request.param


@pytest.mark.parametrize(("at", "day"), [("2026-06-14T15:59:59+00:00", 14), ("2026-06-14T16:00:00+00:00", 15)])
def test_a_business_day_begins_at_midnight_in_shanghai(at, day):
    assert clock.business_day(datetime.fromisoformat(at)) == date(2026, 6, day)


@pytest.mark.parametrize("zone", ZONES, indirect=True)
def test_a_day_lies_between_its_start_and_the_next(zone):
    day = date(2026, 6, 15)
    start, end = clock.day_start(day), clock.day_start(day + timedelta(days=1))
    assert clock.business_day(start) == clock.business_day(end - timedelta(microseconds=1)) == day
    assert clock.business_day(end) == day + timedelta(days=1)


@pytest.mark.parametrize("zone", ["America/New_York"], indirect=True)
def test_a_day_on_which_the_clocks_change_is_shorter(zone):
    starts = [clock.day_start(date(2026, 3, day)).astimezone(UTC) for day in (8, 9)]
    assert starts[1] - starts[0] == timedelta(hours=23)


@pytest.mark.parametrize("zone", ["Asia/Urumqi"], indirect=True)
def test_the_zone_is_the_brands(zone):
    assert clock.brand_zone().key == zone


def test_outside_every_brand_the_zone_is_shanghai():
    assert clock.brand_zone().key == "Asia/Shanghai"


@given(DAYS)
def test_every_day_begins_on_itself(day):
    assert clock.business_day(clock.day_start(day)) == day


@given(DAYS, st.integers(0, 40))
def test_months_are_calendar_months(day, count):
    first, end = clock.month_start(day), clock.month_end(day)
    assert first <= day <= end
    assert (first.day, end + timedelta(days=1)) == (1, clock.month_after(day))
    months = list(clock.months(clock.month_before(day, count), first))
    assert len(months) == count
    assert all(month == clock.month_before(after) for month, after in pairwise([*months, first]))


def test_the_clock_knows_its_zone():
    assert clock.now().tzinfo is UTC


SPANS = [
    ("Asia/Shanghai", "2024-01-01", "2026-06-15", True),
    ("Asia/Shanghai", "1988-01-01", "2026-06-15", False),  # summer time until 1991
    ("America/New_York", "2025-11-03", "2026-03-08", True),  # one winter
    ("America/New_York", "2025-11-03", "2026-03-09", False),
    ("Africa/Casablanca", "2024-01-01", "2024-12-31", False),  # the same at both ends, another in Ramadan
]


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "first", "last", "steady"), SPANS, indirect=["zone"])
def test_days_between_are_told_by_one_offset_only_where_it_held_all_the_while(zone, first, last, steady):
    start, end = (clock.day_start(date.fromisoformat(day)) for day in (first, last))
    found = clock.zone_between(start, end)
    assert (found == zone) is not steady
    instants = [start + (end - start) * share / 400 for share in range(401)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT (at AT TIME ZONE %s)::date FROM unnest(%s) AS at", [found, instants])
        assert [row[0] for row in cursor.fetchall()] == [clock.business_day(at) for at in instants]


def test_a_span_without_a_day_in_it_is_told_by_its_end():
    now = clock.now()
    assert str(clock.zone_between(now, now)) == "INTERVAL '28800 seconds'"
