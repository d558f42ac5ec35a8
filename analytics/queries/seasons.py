"""What to compare a span of days with a year earlier: Spring Festival moves, and trade moves with it."""

from dataclasses import dataclass
from datetime import date, timedelta

from newretail.kernel import brand, holidays
from newretail.kernel.festivals import SPRING

FESTIVAL_BEFORE = 15  # days of festival shopping before the lunar new year
FESTIVAL_AFTER = 15  # until the Lantern Festival
SAME_WEEKDAY = timedelta(days=364)


@dataclass(frozen=True)
class Span:
    """Business days [first, until)."""

    first: date
    until: date

    @property
    def last(self) -> date:
        """Give the last day within."""
        return self.until - timedelta(days=1)

    def moved(self, by: timedelta) -> "Span":
        """Give the same span some days later, or earlier."""
        return Span(self.first + by, self.until + by)

    def touches(self, other: "Span") -> bool:
        """Tell whether two spans share a day."""
        return self.first < other.until and other.first < self.until


@dataclass(frozen=True)
class Compared:
    """A span, the one it is compared with, and whether the two were aligned by Spring Festival."""

    now: Span
    then: Span
    by_festival: bool


def new_years(*years: int) -> dict[int, date]:
    """Give the lunar new year of each solar year, as the brand's calendar has it; one query."""
    return {festival.year: festival.day for festival in holidays.of_years(years, SPRING)}


def _season(new_year: date) -> Span:
    return Span(new_year - timedelta(days=FESTIVAL_BEFORE), new_year + timedelta(days=FESTIVAL_AFTER + 1))


def _same_dates(span: Span) -> Span:
    days = span.until - span.first
    try:
        first = span.first.replace(year=span.first.year - 1)
    except ValueError:  # 29 February
        first = span.first.replace(year=span.first.year - 1, day=28)
    return Span(first, first + days)


def year_earlier(span: Span, known: dict[int, date] | None = None) -> Compared:
    """Compare with the same dates a year earlier; by lunar date where Spring Festival falls into either span.

    The festival's season runs from 15 days before the lunar new year to 15 days after it. `known`: the new years of
    both years, where the caller has asked for them already.
    """
    then = _same_dates(span)
    days = new_years(then.first.year, span.first.year) if known is None else known
    days = {year: day for year, day in days.items() if year in (then.first.year, span.first.year)}
    if len(days) == 2:
        before, now = days[then.first.year], days[span.first.year]
        if span.touches(_season(now)) or then.touches(_season(before)):
            return Compared(span, span.moved(before - now), by_festival=True)
    return Compared(span, then, by_festival=False)


def day_earlier(day: date, known: dict[int, date]) -> date:
    """Give the day to compare a day with: the same weekday a year earlier, in the festival's season the lunar date.

    `known`: the new years of both years.
    """
    then = day - SAME_WEEKDAY
    now, before = known.get(day.year), known.get(day.year - 1)
    one, other = Span(day, day + timedelta(days=1)), Span(then, then + timedelta(days=1))
    if now and before and (one.touches(_season(now)) or other.touches(_season(before))):
        return day + (before - now)
    return then


def month_until(until: date, begins: int | None = None) -> Span:
    """Give the business month that the last counted day stands in, up to that day.

    It begins on the brand's own day of the month, which is read unless it is given.
    """
    last = until - timedelta(days=1)
    first_day = int(brand.setting("month_first_day")) if begins is None else begins
    before = last if last.day >= first_day else last.replace(day=1) - timedelta(days=1)
    return Span(before.replace(day=first_day), until)
