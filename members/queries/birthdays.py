"""Whose birthday falls into a span of days, by the solar or by the lunar calendar."""

from collections.abc import Iterable
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate
from django.db.models import Q, QuerySet

from members.models import Member

Dates = list[tuple[int, int]]
LONGEST_LUNAR = 30


def solar_dates(days: Iterable[date]) -> Dates:
    """List (month, day) of the days; who was born on 29 February is feted on the 28th of a year without it."""
    found = []
    for day in days:
        found.append((day.month, day.day))
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            found.append((2, 29))
    return found


def lunar_dates(days: Iterable[date]) -> Dates:
    """List (month, day) of the days in the lunar calendar.

    A leap month has no birthdays: the month before it, of the same number, has had them. In a month of 29 days who was
    born on the 30th is feted on the 29th.
    """
    found = []
    for day in days:
        lunar = LunarDate.from_solar(day)
        if lunar.leap:
            continue
        found.append((lunar.month, lunar.day))
        following = LunarDate.from_solar(day + timedelta(days=1))
        if following.day == 1 and lunar.day < LONGEST_LUNAR:
            found.append((lunar.month, LONGEST_LUNAR))
    return found


def within(first: date, until: date) -> Q:
    """Write that a member's birthday falls into [first, until) in the calendar she keeps it by."""
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    kinds = ((Member.Calendar.SOLAR, solar_dates(days)), (Member.Calendar.LUNAR, lunar_dates(days)))
    months = [(kind, month, dates) for kind, dates in kinds for month in dict.fromkeys(month for month, _ in dates)]
    return Q(
        *(
            Q(birthday_calendar=kind, birth_month=month, birth_day__in=[day for of, day in dates if of == month])
            for kind, month, dates in months
        ),
        _connector=Q.OR,
    )


def at_home_in(stores: Iterable[int], first: date, until: date) -> QuerySet[Member]:
    """Give the members at home in some stores whose birthday falls into [first, until)."""
    return Member.objects.living().filter(within(first, until), home_store_id__in=stores)
