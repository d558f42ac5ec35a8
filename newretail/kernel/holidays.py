"""Questions to the brand's calendar: festivals between days, the same festival of another year, days off.

What the table holds counts; a year it does not hold yet is answered by the calendars' own rules.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from newretail.kernel import festivals
from newretail.kernel.festivals import DAY, SATURDAY, Festival
from newretail.kernel.models import Holiday


def _festival(row: Holiday) -> Festival:
    return Festival(
        row.family, row.year, row.kind, row.name_zh, row.name_en, row.day, row.first_on, row.last_on,
        row.is_off, tuple(row.worked), row.provisional, row.yearly,
    )  # fmt: skip


def of_years(years: Iterable[int], family: str | None = None) -> list[Festival]:
    """Give the festivals counted to these years, of one family where given, in the order of their first days.

    One query, whatever the number of years.
    """
    wanted = sorted({year for year in years if festivals.FIRST_YEAR <= year <= festivals.LAST_YEAR})
    rows = Holiday.objects.filter(year__in=wanted)
    if family:
        rows = rows.filter(family=family)
    found = {
        (each.family, each.year): each
        for year in wanted
        for each in festivals.of_year(year)
        if family in (None, each.family)
    }
    found.update({(row.family, row.year): _festival(row) for row in rows})
    return sorted(found.values(), key=lambda each: (each.first_on, each.family))


def between(first: date, last: date) -> list[Festival]:
    """Give the festivals whose span shares a day with [first, last], both included."""
    near = of_years(range(first.year - 1, last.year + 2))
    return [each for each in near if each.touches(first, last)]


def occasion(family: str, year: int) -> Festival | None:
    """Give the festival of a family in a year, None when there is none."""
    return next(iter(of_years([year], family)), None)


def shift(family: str, year: int, other: int) -> timedelta | None:
    """Tell how many days a festival's day of another year lies from its day of this year; None without both."""
    days = {each.year: each.day for each in of_years([year, other], family)}
    return days[other] - days[year] if {year, other} <= days.keys() else None


def days_off(first: date, last: date) -> set[date]:
    """Give the days off within [first, last]: public holidays, and weekends but for those worked; one query."""
    near = of_years(range(first.year - 1, last.year + 2))
    worked = {day for each in near for day in each.worked}
    off = [each for each in near if each.is_off]
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return {
        day
        for day in days
        if any(each.touches(day, day) for each in off) or (day.weekday() >= SATURDAY and day not in worked)
    }


def is_day_off(day: date) -> bool:
    """Tell whether people do not work on a day."""
    return bool(days_off(day, day))


__all__ = ["DAY", "Festival", "between", "days_off", "is_day_off", "occasion", "of_years", "shift"]
