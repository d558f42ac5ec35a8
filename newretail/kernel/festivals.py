"""Festivals as the calendars give them: statutory, lunar and commercial days of any year, before anybody edits them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from borax.calendars.lunardate import LunarDate, TermUtils
from chinese_calendar import constants

FIRST_YEAR, LAST_YEAR = 2000, 2099  # the lunar tables end in 2100
SATURDAY = 5
DAY = timedelta(days=1)
STATUTORY, LUNAR, COMMERCIAL, BRAND = "statutory", "lunar", "commercial", "brand"
SPRING = "spring_festival"
GOODS_DAYS = 28  # year-end shopping (年货节) begins so long before the lunar new year


@dataclass(frozen=True)
class Festival:
    """A festival of one year: its day, the span around it (both ends included), the weekend days worked for it.

    `year` is the year it is counted to: what leads up to Spring Festival belongs to the year of that festival.
    `is_off`: the days of the span are public days off. `provisional`: by the rules, not yet by decree.
    """

    family: str
    year: int
    kind: str
    name_zh: str
    name_en: str
    day: date
    first_on: date
    last_on: date
    is_off: bool = False
    worked: tuple[date, ...] = ()
    provisional: bool = False
    yearly: bool = False

    def touches(self, first: date, last: date) -> bool:
        """Tell whether its span shares a day with [first, last]."""
        return self.first_on <= last and first <= self.last_on

    def moved_to(self, year: int) -> "Festival":
        """Give the same days of another year; 29 February becomes the 28th."""
        day = same_date(self.day, year)
        shift = day - self.day
        return replace(self, year=year, day=day, first_on=self.first_on + shift, last_on=self.last_on + shift)


def same_date(day: date, year: int) -> date:
    """Give the same date of another year; 29 February becomes the 28th."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def lunar(year: int, month: int, day: int) -> date:
    """Give the solar day of a day of the lunar calendar."""
    found: date = LunarDate(year, month, day).to_solar_date()
    return found


def _nth_sunday(year: int, month: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (count - 1))


def _clear_and_bright(year: int) -> date:
    found: date = TermUtils.nth_term_day(year, TermUtils.name2index("清明"))
    return found


Rule = Callable[[int], date]


@dataclass(frozen=True)
class _Statutory:
    """A statutory holiday: its name in the published calendar; its days off by law, counted from its day."""

    family: str
    published: str
    zh: str
    en: str
    day: Rule
    days: tuple[int, int] = (0, 0)


# Days off by the State Council's order of 2024, in force since 2025; the shifts are decreed each autumn.
_BY_LAW = (
    _Statutory("new_year", "New Year's Day", "元旦", "New Year's Day", lambda y: date(y, 1, 1)),
    _Statutory(SPRING, "Spring Festival", "春节", "Spring Festival", lambda y: lunar(y, 1, 1), (-1, 2)),
    _Statutory("qingming", "Tomb-sweeping Day", "清明节", "Tomb-sweeping Day", _clear_and_bright),
    _Statutory("labour_day", "Labour Day", "劳动节", "Labour Day", lambda y: date(y, 5, 1), (0, 1)),
    _Statutory("dragon_boat", "Dragon Boat Festival", "端午节", "Dragon Boat Festival", lambda y: lunar(y, 5, 5)),
    _Statutory("mid_autumn", "Mid-autumn Festival", "中秋节", "Mid-Autumn Festival", lambda y: lunar(y, 8, 15)),
    _Statutory("national_day", "National Day", "国庆节", "National Day", lambda y: date(y, 10, 1), (0, 2)),
)
# A holiday of one year only.
_ONCE = _Statutory(
    "victory_day", "Anti-Fascist 70th Day", "抗战胜利七十周年", "70th Victory Day", lambda y: date(y, 9, 3)
)
# (family, kind, Chinese, English, the day, days before it and after it that belong to it)
_Other = tuple[str, str, str, str, Rule, int, int]
_OTHERS: tuple[_Other, ...] = (
    ("laba", LUNAR, "腊八节", "Laba Festival", lambda y: lunar(y - 1, 12, 8), 0, 0),
    ("new_years_eve", LUNAR, "除夕", "Lunar New Year's Eve", lambda y: lunar(y, 1, 1) - DAY, 0, 0),
    ("lantern", LUNAR, "元宵节", "Lantern Festival", lambda y: lunar(y, 1, 15), 0, 0),
    ("qixi", LUNAR, "七夕节", "Qixi Festival", lambda y: lunar(y, 7, 7), 0, 0),
    ("ghost", LUNAR, "中元节", "Ghost Festival", lambda y: lunar(y, 7, 15), 0, 0),
    ("double_ninth", LUNAR, "重阳节", "Double Ninth Festival", lambda y: lunar(y, 9, 9), 0, 0),
    ("new_year_goods", COMMERCIAL, "年货节", "New Year shopping",
     lambda y: lunar(y, 1, 1) - timedelta(days=GOODS_DAYS), 0, GOODS_DAYS - 2),
    ("valentines", COMMERCIAL, "情人节", "Valentine's Day", lambda y: date(y, 2, 14), 0, 0),
    ("womens_day", COMMERCIAL, "女神节", "Women's Day", lambda y: date(y, 3, 8), 0, 0),
    ("mothers_day", COMMERCIAL, "母亲节", "Mother's Day", lambda y: _nth_sunday(y, 5, 2), 0, 0),
    ("love_520", COMMERCIAL, "520", "520", lambda y: date(y, 5, 20), 0, 0),
    ("childrens_day", COMMERCIAL, "儿童节", "Children's Day", lambda y: date(y, 6, 1), 0, 0),
    ("sale_618", COMMERCIAL, "618", "618", lambda y: date(y, 6, 18), 17, 0),
    ("fathers_day", COMMERCIAL, "父亲节", "Father's Day", lambda y: _nth_sunday(y, 6, 3), 0, 0),
    ("double_11", COMMERCIAL, "双11", "Double 11", lambda y: date(y, 11, 11), 10, 0),
    ("double_12", COMMERCIAL, "双12", "Double 12", lambda y: date(y, 12, 12), 0, 0),
    ("christmas", COMMERCIAL, "圣诞节", "Christmas", lambda y: date(y, 12, 25), 1, 0),
)  # fmt: skip
FAMILIES = frozenset({each.family for each in (*_BY_LAW, _ONCE)} | {each[0] for each in _OTHERS})


def _published(days: dict[date, Any], name: str, year: int) -> list[date]:
    """List the published days of a holiday; days of December before a New Year's Day belong to the new year."""
    return sorted(
        day
        for day, holiday in days.items()
        if holiday == name and day.year + (name == _BY_LAW[0].published and day.month == 12) == year
    )


@lru_cache(maxsize=1)
def _published_years() -> frozenset[int]:
    return frozenset(day.year for day, name in constants.holidays.items() if name == _BY_LAW[-1].published)


def _off_by_rule(holiday: _Statutory, day: date) -> tuple[date, date]:
    """Give the days off by law with the weekend days beside them."""
    first, last = (day + timedelta(days=days) for days in holiday.days)
    while (first - DAY).weekday() >= SATURDAY:
        first -= DAY
    while (last + DAY).weekday() >= SATURDAY:
        last += DAY
    return first, last


def _statutory(year: int) -> Iterator[Festival]:
    known = year in _published_years()
    once = [_ONCE] if _published(constants.holidays, _ONCE.published, year) else []
    for holiday in [*_BY_LAW, *once]:
        day = holiday.day(year)
        off = _published(constants.holidays, holiday.published, year) if known else []
        first, last = (min(off[0], day), max(off[-1], day)) if off else (day, day)
        if not known:
            first, last = _off_by_rule(holiday, day)
        yield Festival(
            holiday.family, year, STATUTORY, holiday.zh, holiday.en, day, first, last,
            is_off=bool(off) or not known,
            worked=tuple(_published(constants.workdays, holiday.published, year)) if known else (),
            provisional=not known,
        )  # fmt: skip


def _others(year: int) -> Iterator[Festival]:
    for family, kind, zh, en, rule, before, after in _OTHERS:
        day = rule(year)
        first, last = day - timedelta(days=before), day + timedelta(days=after)
        yield Festival(family, year, kind, zh, en, day, first, last)


@lru_cache(maxsize=64)
def of_year(year: int) -> tuple[Festival, ...]:
    """Give the festivals of a year by the calendars, in the order of their days.

    Days off and shifted working days are those published (2004 and after); a year not published yet gets the days off
    by law with the weekends beside them, and is provisional.
    """
    found = [*_statutory(year), *_others(year)]
    return tuple(sorted(found, key=lambda festival: (festival.day, festival.family)))
