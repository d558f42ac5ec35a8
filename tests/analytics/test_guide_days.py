"""A guide's day equals what was added, due, done, touched, shared and opened, whatever happened to a task since."""

import random
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.actions import facts
from analytics.models import GuideDay
from guides.actions import tasks
from guides.actions.shares import Visit
from guides.models import Bond, Task, TaskMove
from newretail.kernel import books
from newretail.kernel.actions import relay
from tests import serving, sharing, world
from tests.members import consenting

pytestmark = pytest.mark.usefixtures("brand")
ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
FIGURES = ("added", "tasks_due", "tasks_done", "tasks_on_time", "touches", "shares", "opens")


def shops():
    """The guides' shops, in which 张三 lets herself be contacted."""
    serving.shops()
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care", decision="given"))


def count():
    relay.drain(at=world.NOW + 9 * DAY)
    facts.refresh_stale(at=world.NOW + 9 * DAY)
    assert books.verify() == []


def night(at):
    """What the night does to days: those with openings are marked, then counted."""
    facts.mark_opened(at=at)
    count()


def kept():
    """Facts as kept: guide and day to the figures that are not nothing."""
    rows = GuideDay.objects.values_list("post__user__staff_no", "day", *FIGURES)
    return Counter({(no, day, name): n for no, day, *of in rows for name, n in zip(FIGURES, of, strict=True) if n})


def raw():
    """The same from bonds, tasks and their histories, one by one."""
    found = Counter()
    for bond in Bond.objects.select_related("post__user").exclude(source__in=["import", "handover", "pool"]):
        found[bond.post.user.staff_no, day_of(bond.began_at), "added"] += 1
    for task in Task.objects.select_related("post__user"):
        found.update(figures_of(task))
    return found


def figures_of(task):
    """What one task counts for: guide, day and name of each figure."""
    last = (
        TaskMove.objects.filter(task=task, kind__in=["done", "undone", "returned", "cancelled"]).order_by("nth").last()
    )
    no, due, kind = task.post.user.staff_no, day_of(task.due_at), last.kind if last else ""
    if kind != "cancelled":
        yield no, due, "tasks_due"
    if kind == "done":
        yield no, due, "tasks_done"
        if last.at <= task.due_at:
            yield no, due, "tasks_on_time"
        if task.member_id and last.outcome in ("sent", "replied", "bought"):
            yield no, day_of(last.at), "touches"


def day_of(at):
    return at.astimezone(ZONE).date()


def happen(draw, task, at):
    """Let one thing happen to a task: done, handed on, cancelled, put off, or done and undone."""
    task.refresh_from_db()
    given = {"task": task.ref, "within": [task.post_id], "at": at, "by": task.post.user}
    what = draw.choice(["done", "handed on", "cancelled", "undone", "nothing"])
    if what in ("done", "undone"):
        serving.complete(task, draw.choice(["sent", "bought", "unreachable", "refused"]), at=at)
    if what == "undone":
        tasks.undo(**{**given, "at": at + timedelta(seconds=9)})
    if what == "handed on":
        tasks.transfer(**given, to=serving.post("G2" if task.post.user.staff_no == "G1" else "G1"), reason="她休假")
    if what == "cancelled":
        tasks.cancel(**given, reason="不再需要")


@pytest.mark.parametrize("seed", range(3))
def test_guide_days_equal_bonds_and_histories_through_whatever_happens_to_tasks(seed):
    draw = random.Random(seed)
    shops()
    given = [
        serving.give("V1", draw.choice(["G1", "G2"]), f"t:{n}", due=draw.randrange(1, 90) * timedelta(hours=1))
        for n in range(8)
    ]
    count()
    assert kept() == raw()
    for n, task in enumerate(given):
        happen(draw, task, world.NOW + n * timedelta(hours=7, minutes=draw.randrange(400)))
    count()
    assert kept() == raw()


def test_a_task_stands_at_the_day_it_was_due_and_counts_late_when_done_after():
    shops()
    serving.complete(serving.give("V1", "G1", "t:1"), at=world.NOW + DAY)
    serving.complete(serving.give("V1", "G1", "t:2"), at=world.NOW + DAY + timedelta(minutes=1))
    serving.give("V1", "G1", "t:3")
    count()
    day = GuideDay.objects.get(post=serving.post("G1"), tasks_due__gt=0)
    assert day.day == day_of(world.NOW + DAY)
    assert (day.tasks_due, day.tasks_done, day.tasks_on_time, day.touches) == (3, 2, 1, 2)


def test_what_was_undone_past_midnight_leaves_the_day_before():
    shops()
    midnight = world.NOW.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    task = serving.give("V1", "G1", due=2 * DAY)
    serving.complete(task, at=midnight - timedelta(seconds=3))
    count()
    assert kept()["G1", day_of(midnight - DAY), "touches"] == 1
    tasks.undo(task=task.ref, within=[task.post_id], at=midnight + timedelta(seconds=2), by=serving.guide("G1"))
    count()
    assert kept() == raw()
    assert kept()["G1", day_of(midnight - DAY), "touches"] == 0


def test_what_a_manager_gave_back_is_to_be_done_again():
    shops()
    task = serving.give("V1", "G1", brief=serving.brief(wants_approval=True))
    serving.complete(task)
    count()
    assert kept()["G1", day_of(world.NOW), "touches"] == 1
    given = {"task": task.ref, "within": [task.post_id], "at": world.NOW + 2 * DAY, "by": serving.guide("G1")}
    tasks.give_back(**given, reason="照片不清楚")
    count()
    assert kept() == raw()
    assert kept()["G1", day_of(task.due_at), "tasks_done"] == 0


def test_a_share_and_an_opening_stand_at_their_own_day():
    shops()
    sharing.material()
    shared = sharing.share(at=world.NOW)
    sharing.share(at=world.NOW + DAY)
    for n, at in enumerate((DAY, DAY, 2 * DAY)):
        sharing.opened(shared, Visit(f"203.0.113.{n}", "WeChat"), at=world.NOW + at)
    night(world.NOW + 4 * DAY)
    day = day_of(world.NOW)
    assert {key: n for key, n in kept().items() if key[2] in ("shares", "opens")} == {
        ("G1", day, "shares"): 1, ("G1", day + DAY, "shares"): 1,
        ("G1", day + DAY, "opens"): 2, ("G1", day + 2 * DAY, "opens"): 1,
    }  # fmt: skip


def test_a_night_finds_the_openings_since_the_night_before_and_leaves_a_day_that_still_runs():
    shops()
    sharing.material()
    shared, midnight = sharing.share(), world.NOW.replace(hour=16) + DAY
    opened = [midnight - 2 * DAY, midnight - timedelta(seconds=1), midnight + timedelta(minutes=5)]
    for n, at in enumerate(opened):
        sharing.opened(shared, Visit(f"203.0.113.{n}", "WeChat"), at=at)
    night(midnight + timedelta(minutes=30))
    assert sum(n for (_no, _day, name), n in kept().items() if name == "opens") == 1
    night(midnight + timedelta(hours=2))
    assert kept()["G1", day_of(opened[1]), "opens"] == 1
    assert kept()["G1", day_of(opened[2]), "opens"] == 0
    night(midnight + DAY + timedelta(hours=2))
    assert kept()["G1", day_of(opened[2]), "opens"] == 1


def test_a_night_that_was_missed_is_made_up_for_by_the_next():
    shops()
    sharing.material()
    shared = sharing.share()
    night(world.NOW + DAY)
    sharing.opened(shared, at=world.NOW + 2 * DAY)
    night(world.NOW + 6 * DAY)
    assert kept()["G1", day_of(world.NOW + 2 * DAY), "opens"] == 1


def test_what_another_system_tells_of_a_day_long_past_is_counted_without_a_night():
    shops()
    sharing.material()
    shared = sharing.share(at=world.NOW - 9 * DAY)
    night(world.NOW + DAY)
    world.saw({
        "event_no": "E1", "member_no": "V1", "kind": "material_open", "subject": shared.token,
        "happened_at": "2026-06-10T12:00:00+08:00",
    })  # fmt: skip
    assert books.verify() == []
    count()
    assert kept()["G1", date(2026, 6, 10), "opens"] == 1


@pytest.mark.books_may_break
def test_the_books_find_an_opening_that_a_night_passed_by():
    shops()
    sharing.material()
    shared = sharing.share()
    facts.mark_opened(at=world.NOW + 4 * DAY)
    sharing.opened(shared, at=world.NOW + DAY)
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert [found.law for found in books.verify()] == ["guide days equal the openings of that day"]
    facts.refresh(first=day_of(world.NOW), last=day_of(world.NOW + 2 * DAY), at=world.NOW)
    assert books.verify() == []
