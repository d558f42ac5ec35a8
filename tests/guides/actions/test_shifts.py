"""Shifts: planned row by row or as a page, kept as they were planned; what is due on a day off waits for the next."""

from datetime import datetime, timedelta

import pytest

from guides.actions import shifts
from guides.models import Shift, Task
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import rostering, serving, world

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def planned(staff_no="G1"):
    rows = Shift.objects.filter(post=serving.post(staff_no)).order_by("day")
    return [(each.day.day, each.name) for each in rows]


def hours(n):
    shift = Shift.objects.order_by("day")[n]
    return shift.starts_at, shift.ends_at


def at(text):
    return datetime.fromisoformat(f"2026-06-{text}:00+08:00")


def test_a_roster_says_who_works_when_and_a_day_off_has_no_hours():
    outcome = rostering.week("G1", "早班", "休", "晚班")
    assert (outcome.created, outcome.refusals) == (3, [])
    assert planned() == [(15, "早班"), (16, ""), (17, "晚班")]
    assert hours(0) == (at("15T09:00"), at("15T15:00"))
    assert hours(1) == (None, None)


def test_planned_again_nothing_changes_and_what_changes_takes_its_place():
    rostering.week("G1", "早班", "休")
    lines = JournalEntry.objects.filter(name="guides.shift.planned").count()
    again = rostering.week("G1", "早班", "off")
    assert (again.created, again.updated, again.skipped) == (0, 0, 2)
    changed = rostering.week("G1", "晚班", "-")
    assert (changed.created, changed.updated) == (0, 2)
    assert planned() == [(15, "晚班")]
    assert rostering.week("G2", "-").skipped == 1
    assert JournalEntry.objects.filter(name="guides.shift.planned").count() == lines + 1


def test_a_shift_that_ends_before_it_begins_ends_on_the_next_day():
    settings.put(key="shift_kinds", value=["夜班 22:00-06:00"], at=world.NOW)
    rostering.week("G1", "夜班")
    assert hours(0) == (at("15T22:00"), at("16T06:00"))


def test_what_was_planned_stays_when_the_brand_changes_its_shifts():
    rostering.week("G1", "早班")
    settings.put(key="shift_kinds", value=["早班 08:00-14:00"], at=world.NOW)
    assert hours(0) == (at("15T09:00"), at("15T15:00"))
    rostering.week("G1", "早班")
    assert hours(0) == (at("15T08:00"), at("15T14:00"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"staff_no": "nobody"}, "not_serving"), ({"shift": "中班"}, "unknown_shift"),
        ({"day": rostering.day(-1)}, "day_over"), ({"day": rostering.day(400)}, "far_day"),
        ({"day": "2026-02-30"}, "no_such_day"), ({"shift": ""}, "missing"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_stand_is_named_and_the_others_stand(row, code):
    good = {"staff_no": "G1", "day": rostering.day(0), "shift": "早班"}
    outcome = rostering.record({**good, "day": rostering.day(1), **row}, good)
    assert [(each.line, each.code) for each in outcome.refusals] == [(1, code)]
    assert planned() == [(15, "早班")]


def test_who_serves_in_another_store_is_not_there():
    row = {"staff_no": "G9", "day": rostering.day(0), "shift": "早班"}
    outcome = rostering.record(row, within=[serving.post("G1").store_id])
    assert [each.code for each in outcome.refusals] == ["not_serving"]
    assert planned("G9") == []
    assert rostering.record(row).created == 1


def test_a_page_is_planned_whole_or_not_at_all():
    given = {"within": [serving.post("G1").store_id], "at": world.NOW, "by": serving.guide("M1")}
    rows = [{"staff_no": number, "day": rostering.day(0), "shift": "早班"} for number in ("G1", "G9")]
    with pytest.raises(shifts.BadRoster):
        shifts.plan(rows=rows, **given)
    assert planned() == []
    assert shifts.plan(rows=rows[:1], **given).created == 1


@pytest.mark.parametrize("shifts", [[], ["早班"], ["早班 9-15"], ["早班 09:00-09:00"], ["休 09:00-15:00"], "早班 09:00-15:00",
                                    ["早班 09:00-15:00", "早班 10:00-16:00"], ["早班 09:00-25:00"], [1]])  # fmt: skip
def test_what_is_no_shift_is_refused(shifts):
    with pytest.raises(settings.BadValue):
        settings.put(key="shift_kinds", value=shifts, at=world.NOW)


# Given at noon on Monday, a task is due a day later unless said otherwise.
def due(staff_no="G1", **more):
    return serving.give("V1", staff_no, **more).due_at


def test_what_is_due_on_a_day_off_is_due_by_the_end_of_the_next_shift():
    rostering.week("G1", "早班", "休", "晚班")
    assert due() == at("17T22:00")


def test_in_a_week_that_is_planned_a_day_without_a_shift_is_off():
    rostering.week("G1", "早班", "-", "-", "早班")
    assert due() == at("18T15:00")


def test_what_is_due_as_a_day_begins_is_due_on_the_day_before():
    rostering.week("G1", "早班", "休", "早班")
    assert due(due=DAY + timedelta(hours=12)) == at("17T15:00")


def test_the_next_shift_may_lie_in_the_next_week():
    rostering.week("G1", "早班")
    rostering.week("G1", "晚班", first=8)
    assert due(kept=20 * DAY) == at("23T22:00")


def test_it_is_never_due_after_it_expires():
    rostering.week("G1", "早班", "休", "休", "休", "早班")
    assert due(kept=2 * DAY) == world.NOW + 2 * DAY


@pytest.mark.parametrize("words", [(), ("早班", "早班"), ("早班", "休")])
def test_without_a_roster_a_shift_to_come_or_a_day_off_nothing_changes(words):
    rostering.week("G1", *words)
    rostering.week("G2", "早班", "休", "早班")
    assert due() == world.NOW + DAY


def test_a_batch_goes_by_the_roster_of_each_guide():
    rostering.week("G1", "早班", "休", "晚班")
    rostering.week("G2", "早班", "早班")
    rows = [{"member_no": None, "staff_no": number, "source": "display"} for number in ("G1", "G2", "G9")]
    serving.assign(brief=serving.brief(), rows=rows)
    found = dict(Task.objects.values_list("post__user__staff_no", "due_at"))
    assert found == {"G1": at("17T22:00"), "G2": world.NOW + DAY, "G9": world.NOW + DAY}
