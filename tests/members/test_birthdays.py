"""Birthdays by both calendars: leap days, leap months, short months."""

from datetime import date, timedelta

import pytest

from members.models import Member
from members.queries import birthdays
from stores.models import Store
from tests import world


def days(first, count=1):
    start = date.fromisoformat(first)
    return [start + timedelta(days=n) for n in range(count)]


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        ("2026-02-28", [(2, 28), (2, 29)]),
        ("2028-02-28", [(2, 28)]),
        ("2028-02-29", [(2, 29)]),
        ("2026-03-01", [(3, 1)]),
    ],
)
def test_who_was_born_on_29_february_is_feted_on_the_28th_of_a_year_without_it(day, dates):
    assert birthdays.solar_dates(days(day)) == dates


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        ("2026-02-17", [(1, 1)]),  # the first day of the lunar year
        ("2025-07-30", []),  # the leap sixth month of 2025
        ("2025-06-30", [(6, 6)]),
        ("2026-02-16", [(12, 29), (12, 30)]),  # the last month of the lunar year had 29 days
    ],
)
def test_lunar_birthdays_are_not_feted_twice_nor_forgotten_in_a_short_month(day, dates):
    assert birthdays.lunar_dates(days(day)) == dates


def test_each_member_is_found_by_the_calendar_she_keeps(brand):
    world.chain()
    world.people(
        {"member_no": "SUN", "store_code": "SH01", "birthday": "1990-02-17", "birthday_calendar": "solar"},
        {"member_no": "MOON", "store_code": "SH01", "birthday": "1990-01-01", "birthday_calendar": "lunar"},
        {"member_no": "NOT", "store_code": "SH01", "birthday": "1990-01-01", "birthday_calendar": "solar"},
        {"member_no": "AWAY", "store_code": "GZ01", "birthday": "1990-02-17", "birthday_calendar": "solar"},
    )
    found = birthdays.at_home_in([Store.objects.get(code="SH01").pk], date(2026, 2, 16), date(2026, 2, 23))
    assert sorted(found.values_list("member_no", flat=True)) == ["MOON", "SUN"]
    assert Member.objects.count() == 6
