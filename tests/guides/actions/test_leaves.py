"""Leaves: who covers has her tasks of those days and sees no more of her customers; back early, they are hers again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guides.actions import appointments, handovers, leaves, tasks
from guides.models import Leave, Task, TaskMove
from members.actions.merges import WhyMissing
from tests import rostering, serving, sights, visits, world

DAY = timedelta(days=1)
LATER = world.NOW + DAY


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    world.staff({"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"})


def holder(task):
    found = Task.objects.select_related("post__user", "covers__user").get(pk=task.pk)
    return found.post.user.staff_no, found.covers and found.covers.user.staff_no


def refused(sentence, act, *given, **more):
    with pytest.raises(sentence):
        act(*given, **more)
    assert not TaskMove.objects.exists()


def test_who_covers_has_her_tasks_of_those_days_with_the_reason_and_no_other():
    now, later = serving.give("V1", "G1"), serving.give("V1", "G1", "tests:2", due=5 * DAY)
    own = serving.give(None, "G1", "tests:3")
    assert rostering.away("G1", covers="G2").tasks == 1
    assert [holder(task) for task in (now, later, own)] == [("G2", "G1"), ("G1", None), ("G1", None)]
    move = TaskMove.objects.get()
    assert (move.kind, move.from_post, move.to_post, move.reason) == (
        "covered", serving.post("G1"), serving.post("G2"), "病假"
    )  # fmt: skip
    assert serving.served("V1") == "G1"


def test_what_is_overdue_is_covered_for_when_she_is_away_now():
    task = serving.give("V1", "G1")
    rostering.away("G1", first=3, covers="G2", at=world.NOW + 2 * DAY)
    assert holder(task) == ("G1", None)
    rostering.away("G1", first=2, days=1, covers="G2", at=world.NOW + 2 * DAY)
    assert holder(task) == ("G2", "G1")


def test_without_a_name_those_who_work_then_cover_in_turn():
    world.people({"member_no": "V3", "store_code": "SH01"})
    for number in ("G2", "G3"):
        rostering.week(number, "早班", "早班")
    given = [serving.give(number, "G1", f"tests:{number}") for number in ("V1", "V2", "V3")]
    rostering.away("G1")
    assert [holder(task)[0] for task in given] == ["G2", "G3", "G2"]


def test_who_covers_sees_the_task_and_nothing_else_of_the_customer():
    task = serving.give("V1", "G1")
    rostering.away("G1", covers="G2")
    cover = serving.phone("G2")
    said = sights.text(cover.get("/g/"))
    assert "替 小美 代班" in said
    assert "张三" in said
    assert "Covering for 小美" in sights.text(serving.phone("G2", "en").get(f"/g/tasks/{task.ref}/"))
    assert cover.get("/g/customers/V1/").status_code == 404
    assert "张三" not in sights.text(cover.get("/g/customers/"))
    assert serving.phone("G3").get(f"/g/tasks/{task.ref}/").status_code == 404


def test_back_early_what_is_still_open_is_hers_again():
    first, second = serving.give("V1", "G1"), serving.give("V2", "G1", "tests:2")
    leave = rostering.away("G1", covers="G2", days=5).leave
    serving.complete(first, "refused")
    given = {"leave": leave.ref, "within": [leave.post.store_id], "at": LATER, "by": serving.guide("M1")}
    with pytest.raises(leaves.UnknownLeave):
        leaves.end(**{**given, "within": [serving.post("G9").store_id]})
    assert leaves.end(**given).tasks == 1
    assert [holder(first)[0], holder(second)] == ["G2", ("G1", None)]
    with pytest.raises(leaves.UnknownLeave):
        leaves.end(**given)
    assert str(Leave.objects.get().back_on) == rostering.day(1)
    assert rostering.away("G1", first=1, at=LATER).leave.pk != leave.pk


def test_once_a_leave_is_over_what_is_still_open_is_hers_again():
    first, second = serving.give("V1", "G1"), serving.give("V2", "G1", "tests:2")
    rostering.away("G1", covers="G2", days=2)
    serving.complete(first, "refused")
    assert leaves.close(at=LATER) == 0
    assert leaves.close(at=world.NOW + 2 * DAY) == 1
    assert [holder(first)[0], holder(second)] == ["G2", ("G1", None)]
    assert leaves.close(at=world.NOW + 2 * DAY) == 0


def test_what_is_covered_for_in_a_leave_that_is_still_to_come_stays_with_who_covers():
    rostering.away("G1", covers="G2", days=1)
    now, later = serving.give("V1", "G1", due=DAY / 4), serving.give("V2", "G1", "tests:2", due=3 * DAY)
    rostering.away("G1", first=3, covers="G2")
    assert [holder(task)[0] for task in (now, later)] == ["G2", "G2"]
    assert leaves.close(at=LATER) == 1
    assert [holder(now), holder(later)] == [("G1", None), ("G2", "G1")]


def test_what_is_covered_for_who_left_meanwhile_stays():
    task = serving.give("V1", "G1")
    rostering.away("G1", covers="G2")
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})
    assert leaves.close(at=world.NOW + 2 * DAY) == 0
    assert holder(task) == ("G2", "G1")


def test_what_is_handed_on_or_over_is_covered_for_no_more():
    task = serving.give("V1", "G1")
    rostering.away("G1", covers="G2")
    within = [serving.post("G2").pk]
    tasks.transfer(
        task=task.ref, within=within, to=serving.post("G3"), reason="忙", at=world.NOW, by=serving.guide("G2")
    )
    assert holder(task) == ("G3", None)


def test_what_is_given_while_she_is_away_goes_to_who_covers_by_its_day_and_comes_back():
    rostering.week("G1", "早班", "早班", "早班")
    leave = rostering.away("G1", covers="G2").leave
    task = serving.give("V1", "G1")
    assert (holder(task), task.due_at) == (("G2", "G1"), world.NOW + DAY)
    move = TaskMove.objects.get()
    assert (move.kind, move.from_post, move.to_post, move.reason, move.entry_id) == (
        "covered", serving.post("G1"), serving.post("G2"), "病假", task.entry_id
    )  # fmt: skip
    back = leaves.end(leave=leave.ref, within=None, at=world.NOW, by=serving.guide("M1"))
    assert (back.tasks, holder(task)) == (1, ("G1", None))
    assert holder(serving.give("V1", "G1", "tests:2")) == ("G1", None)


def test_many_given_at_once_are_dealt_out_in_turn_after_what_was_covered_before(django_assert_num_queries):
    world.people({"member_no": "V3", "store_code": "SH01"})
    for number in ("G2", "G3"):
        rostering.week(number, "早班", "早班")
    serving.give("V1", "G1", "tests:0")
    rostering.away("G1")
    brief, numbers = serving.brief(), ("V1", "V2", "V3")
    rows = [{"member_no": number, "staff_no": "G1", "source": "tests:1", "facts": {}} for number in numbers]
    with CaptureQueriesContext(connection) as one:
        serving.assign(brief=brief, rows=[{**rows[0], "source": "tests:2"}])
    with django_assert_num_queries(len(one)):
        assert serving.assign(brief=brief, rows=rows) == 3
    given = Task.objects.filter(source="tests:1").order_by("member__member_no")
    assert [holder(task) for task in given] == [("G2", "G1"), ("G3", "G1"), ("G2", "G1")]


def test_what_is_given_is_covered_for_when_it_is_due_on_those_days_and_for_a_customer():
    leave = rostering.away("G1", first=2, days=2, covers="G2").leave
    before, within = serving.give("V1", "G1"), serving.give("V1", "G1", "tests:2", due=2 * DAY)
    after, own = serving.give("V1", "G1", "tests:3", due=4 * DAY), serving.give(None, "G1", "tests:4", due=2 * DAY)
    assert [holder(task)[0] for task in (before, within, after, own)] == ["G1", "G2", "G1", "G1"]
    late = serving.give("V1", "G1", "tests:5", at=world.NOW + 2 * DAY, due=-DAY)
    assert holder(late) == ("G2", "G1")
    over = serving.give("V1", "G1", "tests:6", at=world.NOW + 4 * DAY, due=-DAY)
    assert (holder(over), str(leave.back_on)) == (("G1", None), rostering.day(4))


def test_what_nobody_covers_waits_for_her_next_shift():
    rostering.week("G1", "早班", "早班", "早班")
    rostering.away("G1", covers="G2")
    assert serving.give(None, "G1").due_at == shifts_end(2)
    world.staff({"staff_no": "G2", "name": "小丽", "store_code": "GZ01", "role": "guide"})
    task = serving.give("V1", "G1", "tests:2")
    assert (holder(task), task.due_at) == (("G1", None), shifts_end(2))
    with pytest.raises(appointments.GuideOff):
        visits.book("V1", "G1", "Y1")


def shifts_end(n):
    return serving.post("G1").shifts.get(day=rostering.day(n)).ends_at


@pytest.mark.parametrize(("first", "days"), [(-1, 2), (0, 0), (0, 181), (400, 1)])
def test_days_on_which_nobody_is_away_are_refused(first, days):
    serving.give("V1", "G1")
    refused(leaves.BadLeave, rostering.away, "G1", first, days)
    assert not Leave.objects.exists()


def test_nobody_is_away_twice_covers_from_elsewhere_or_without_anybody_there():
    serving.give(None, "G9", "tests:9")
    refused(handovers.WrongHeirs, rostering.away, "G1", covers="G9")
    refused(handovers.WrongHeirs, rostering.away, "G1", covers="G1")
    refused(leaves.NobodyCovers, rostering.away, "G9")
    rostering.away("G1")
    refused(leaves.AwayAlready, rostering.away, "G1", first=1)
    assert Leave.objects.count() == 1


def test_a_leave_says_why():
    given = {"post": serving.post("G1"), "covers": [], "at": world.NOW, "by": serving.guide("M1")}
    span = leaves.Span(sights.TODAY, sights.TODAY + DAY)
    refused(WhyMissing, leaves.take, span=span, reason=" ", **given)
    assert not Leave.objects.exists()
