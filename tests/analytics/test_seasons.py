"""What a span is compared with: the same dates, and the lunar calendar around Spring Festival."""

from datetime import date

import pytest

from analytics.queries import seasons
from analytics.queries.seasons import Span
from newretail.kernel.actions import holidays, settings
from newretail.kernel.files.rows import batch_of
from newretail.kernel.importers import HOLIDAYS
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


@pytest.mark.parametrize(
    ("until", "first"),
    [(date(2026, 6, 15), date(2026, 6, 1)), (date(2026, 6, 1), date(2026, 5, 1)), (date(2026, 1, 2), date(2026, 1, 1))],
)
def test_the_month_is_that_of_the_last_counted_day(until, first):
    assert seasons.month_until(until) == Span(first, until)


def test_an_ordinary_month_is_compared_with_the_same_dates():
    compared = seasons.year_earlier(Span(date(2026, 6, 1), date(2026, 6, 15)))
    assert compared.then == Span(date(2025, 6, 1), date(2025, 6, 15))
    assert not compared.by_festival


def test_a_span_at_spring_festival_is_compared_by_the_lunar_calendar():
    # The lunar new year was on 17 February 2026 and on 29 January 2025: 384 days.
    compared = seasons.year_earlier(Span(date(2026, 2, 1), date(2026, 2, 18)))
    assert compared.by_festival
    assert compared.then == Span(date(2025, 1, 13), date(2025, 1, 30))
    assert compared.then.last == seasons.new_years(2025)[2025]


def test_a_span_whose_year_before_held_the_festival_is_aligned_too():
    compared = seasons.year_earlier(Span(date(2026, 1, 20), date(2026, 1, 31)))
    assert compared.by_festival


def test_the_leap_day_has_a_day_before_it():
    assert seasons._same_dates(Span(date(2028, 2, 29), date(2028, 3, 1))).first == date(2027, 2, 28)


def test_the_brands_own_calendar_decides_where_spring_festival_lies():
    moved = {"family": "spring_festival", "year": 2025, "day": "2025-01-30", "name_zh": "春节"}
    holidays.record(
        batch=batch_of(HOLIDAYS, [{**moved, "first_on": "2025-01-28", "last_on": "2025-02-04"}]), at=world.NOW
    )
    compared = seasons.year_earlier(Span(date(2026, 2, 1), date(2026, 2, 18)))
    assert compared.then == Span(date(2025, 1, 14), date(2025, 1, 31))


@pytest.mark.parametrize(
    ("until", "first"),
    [(date(2026, 6, 26), date(2026, 5, 26)), (date(2026, 6, 27), date(2026, 6, 26)), (date(2026, 1, 5), date(2025, 12, 26)),
     (date(2026, 3, 1), date(2026, 2, 26))],
)  # fmt: skip
def test_the_month_begins_on_the_brands_own_day(until, first):
    settings.put(key="month_first_day", value=26, at=world.NOW)
    assert seasons.month_until(until) == Span(first, until)
