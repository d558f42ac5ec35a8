"""The brand's calendar: filled from the calendars, edited by people, asked by everybody."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from newretail.kernel import festivals, holidays
from newretail.kernel.actions import holidays as verbs
from newretail.kernel.actions import jobs
from newretail.kernel.actions.holidays import NoSuchHoliday, NothingEdited, YearFarOff
from newretail.kernel.files.rows import batch_of
from newretail.kernel.importers import HOLIDAYS
from newretail.kernel.models import Holiday, JournalEntry
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def fill(first, last):
    return verbs.fill(first_year=first, last_year=last, at=world.NOW)


def record(**row):
    return verbs.record(batch=batch_of(HOLIDAYS, [row]), at=world.NOW, subject=f"{row['family']}:{row['year']}")


def row(family, year):
    return Holiday.objects.get(family=family, year=year)


ANNIVERSARY = {"family": "anniversary", "year": 2026, "day": "2026-09-09", "name_zh": "店庆", "yearly": "是"}


def test_a_year_is_filled_with_lunar_statutory_and_commercial_days():
    fill(2026, 2026)
    spring = row("spring_festival", 2026)
    assert (spring.day, spring.first_on, spring.last_on) == (date(2026, 2, 17), date(2026, 2, 15), date(2026, 2, 23))
    assert spring.worked == [date(2026, 2, 14), date(2026, 2, 28)]
    days = dict(Holiday.objects.values_list("family", "day"))
    assert days["lantern"] == date(2026, 3, 3)
    assert days["laba"] == date(2026, 1, 26)
    assert days["qixi"] == date(2026, 8, 19)
    assert days["double_ninth"] == date(2026, 10, 18)
    assert days["mothers_day"] == date(2026, 5, 10)
    assert days["double_11"] == date(2026, 11, 11)


@pytest.mark.parametrize("year", range(2004, 2027))
def test_days_off_of_published_years_are_those_published(year):
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = {first + timedelta(days=i) for i in range((last - first).days + 1)}
    assert holidays.days_off(first, last) == {day for day in days if chinese_calendar.is_holiday(day)}


def test_a_year_not_published_yet_is_provisional_and_has_the_days_off_by_law():
    fill(2031, 2031)
    assert set(Holiday.objects.filter(is_off=True).values_list("provisional", flat=True)) == {True}
    assert holidays.is_day_off(date(2031, 1, 23))  # the lunar new year of 2031
    assert holidays.is_day_off(date(2031, 10, 3))
    assert not holidays.is_day_off(date(2031, 10, 8))


def test_filling_again_changes_nothing_and_writes_no_line():
    assert fill(2025, 2026)["created"] == Holiday.objects.count()
    assert fill(2025, 2026) == {"created": 0, "updated": 0}
    assert JournalEntry.objects.filter(name="kernel.holiday.filled").count() == 1


def test_the_nightly_job_fills_up_to_the_end_of_next_year_and_leaves_edited_days():
    record(family="double_11", year=2026, day="2026-11-11", name_zh="双11", first_on="2026-10-20")
    run = jobs.enter(name="fill_holidays", as_of=date(2026, 6, 15), at=world.NOW)
    jobs.perform(run=run)
    assert set(Holiday.objects.values_list("year", flat=True)) == {2023, 2024, 2025, 2026, 2027}
    assert (row("double_11", 2026).first_on, row("double_11", 2026).source) == (date(2026, 10, 20), "edited")
    assert row("double_11", 2027).source == "computed"


def test_a_computed_row_follows_the_rules_once_they_know_better(monkeypatch):
    monkeypatch.setattr(festivals, "_published_years", frozenset)
    festivals.of_year.cache_clear()
    fill(2026, 2026)
    assert row("spring_festival", 2026).provisional
    monkeypatch.undo()
    festivals.of_year.cache_clear()
    assert fill(2026, 2026)["updated"]
    assert not row("spring_festival", 2026).provisional


def test_an_empty_cell_keeps_and_the_line_tells_from_what_to_what():
    fill(2026, 2026)
    record(family="spring_festival", year=2026, day="2026-02-17", last_on="2026-02-24")
    spring = row("spring_festival", 2026)
    assert (spring.first_on, spring.last_on, spring.name_en) == (
        date(2026, 2, 15),
        date(2026, 2, 24),
        "Spring Festival",
    )
    line = JournalEntry.objects.get(name="kernel.holiday.recorded")
    assert line.subject == "spring_festival:2026"
    assert line.facts["changed"] == ["spring_festival 2026: 2026-02-15…2026-02-23 → 2026-02-15…2026-02-24"]


def test_what_says_the_same_is_skipped_and_stays_computed():
    fill(2026, 2026)
    assert record(family="valentines", year=2026, day="2026-02-14").skipped == 1
    assert row("valentines", 2026).source == "computed"


BAD = [
    ({"family": "Double 11"}, "bad_family"), ({"year": 2150}, "day_far_off"), ({"day": "2027-03-01"}, "other_year"),
    ({"name_zh": None}, "missing"), ({"first_on": "2026-09-20", "last_on": "2026-09-01"}, "span_reversed"),
    ({"first_on": "2026-09-10", "last_on": "2026-09-12"}, "outside_span"), ({"worked": "2026-02-30"}, "not_days"),
    ({"kind": "solar"}, "not_a_choice"), ({"day": "2026-02-30"}, "no_such_day"), ({"yearly": "maybe"}, "not_a_choice"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "code"), BAD, ids=[code for _, code in BAD])
def test_a_row_that_makes_no_sense_is_refused(wrong, code):
    outcome = record(**{**ANNIVERSARY, **wrong})
    assert [refusal.code for refusal in outcome.refusals] == [code]
    assert not Holiday.objects.exists()
    assert record(**ANNIVERSARY).created == 1


def test_the_brands_own_day_comes_again_every_year():
    record(**ANNIVERSARY)
    fill(2026, 2028)
    again = row("anniversary", 2028)
    assert (again.day, again.kind, again.name_zh, again.source) == (date(2028, 9, 9), "brand", "店庆", "computed")


def test_shifted_working_days_are_read_and_cleared():
    record(**ANNIVERSARY, worked="2026-09-12; 2026-09-13", is_off="yes")
    assert holidays.is_day_off(date(2026, 9, 9))
    assert not holidays.is_day_off(date(2026, 9, 12))
    record(**ANNIVERSARY, worked="-")
    assert holidays.is_day_off(date(2026, 9, 12))


def test_an_edit_of_a_computed_day_is_taken_back():
    fill(2026, 2026)
    record(family="qixi", year=2026, day="2026-08-20", first_on="2026-08-20", last_on="2026-08-20")
    verbs.take_back(family="qixi", year=2026, at=world.NOW)
    assert (row("qixi", 2026).day, row("qixi", 2026).source) == (date(2026, 8, 19), "computed")
    line = JournalEntry.objects.get(name="kernel.holiday.taken_back")
    assert (line.subject, line.facts) == ("qixi:2026", {"was": "2026-08-20…2026-08-20"})


def test_a_day_of_the_brands_own_goes_with_its_repetitions():
    record(**ANNIVERSARY)
    fill(2026, 2028)
    verbs.take_back(family="anniversary", year=2026, at=world.NOW)
    assert not Holiday.objects.filter(family="anniversary").exists()


@pytest.mark.parametrize(("family", "refusal"), [("qixi", NothingEdited), ("easter", NoSuchHoliday)])
def test_what_was_not_edited_cannot_be_taken_back(family, refusal):
    fill(2026, 2026)
    before = list(Holiday.objects.order_by("pk").values())
    with pytest.raises(refusal):
        verbs.take_back(family=family, year=2026, at=world.NOW)
    assert list(Holiday.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(("first", "last"), [(1999, 2001), (2099, 2100), (2027, 2026)])
def test_years_beyond_the_lunar_tables_are_refused(first, last):
    with pytest.raises(YearFarOff):
        fill(first, last)
    assert not Holiday.objects.exists()


def test_festivals_between_days_are_those_whose_span_touches_them():
    fill(2025, 2027)
    found = [each.family for each in holidays.between(date(2026, 2, 23), date(2026, 3, 8))]
    assert found == ["spring_festival", "lantern", "womens_day"]


def test_an_empty_table_answers_by_the_rules_and_an_edit_wins():
    assert holidays.shift("spring_festival", 2026, 2025) == timedelta(days=-384)
    record(family="spring_festival", year=2025, day="2025-01-30", name_zh="春节")
    assert holidays.shift("spring_festival", 2026, 2025) == timedelta(days=-383)
    assert holidays.shift("easter", 2026, 2025) is None


def test_a_brands_calendar_is_its_own(other_brand):
    record(**ANNIVERSARY)
    with other_brand:
        assert holidays.occasion("anniversary", 2026) is None


def test_asking_costs_one_question_whatever_the_span(django_assert_num_queries):
    fill(2025, 2027)
    with django_assert_num_queries(1):
        holidays.days_off(date(2025, 1, 1), date(2026, 12, 31))
