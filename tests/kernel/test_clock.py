"""Time: the brand's zone decides the day."""

from datetime import UTC, date, datetime, timedelta

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


def test_the_clock_knows_its_zone():
    assert clock.now().tzinfo is UTC
