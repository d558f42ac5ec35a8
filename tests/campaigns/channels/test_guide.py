"""The guide's task as a channel: her guide is asked to say it, and what becomes of the task becomes of the touch."""

from datetime import timedelta

import pytest

from campaigns.actions import plans
from guides import jobs as guide_jobs
from guides.actions import plan_tasks, tasks
from guides.actions.tasks import Result
from guides.models import Task
from members.actions.contacts import MayNotBeTouched
from members.models import Touch
from newretail.kernel import books
from tests import serving, world
from tests.campaigns import sending
from tests.campaigns.planning import TODAY, live, planned
from tests.members.consenting import row, say

LATER = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()
    sending.people("M1", "M2", "M3", channels=("wecom", "sms"))
    for number in ("M1", "M2"):
        serving.bind(number, "G1")


@pytest.fixture
def by_guides(shops):
    return sending.connected("wecom", "guide", most_a_day=2)


def ready(*channels, **more):
    """A plan by these channels, its touches of today handed over."""
    plan = live(channels=list(channels), **more)
    planned(plan)
    return plan


def ended(outcome, number="M1", at=world.NOW):
    """Her guide records what came of it."""
    task = Task.objects.get(member__member_no=number)
    post, guide = serving.post("G1"), serving.guide("G1")
    return tasks.complete(task=task.ref, within=[post.pk], result=Result(outcome), at=at, by=guide)


def of(plan):
    rows = Touch.objects.filter(source=plan.source, member__member_no__startswith="M").order_by("pk")
    return [
        f"{number} {channel} {state} {reason}".strip()
        for number, channel, state, reason in rows.values_list("member__member_no", "channel", "state", "reason")
    ]


def test_her_guide_is_asked_with_the_words_and_her_touch_waits(by_guides):
    plan = ready("wecom")
    assert sending.send(by_guides)["waiting"] == 2
    task = Task.objects.get(member__member_no="M1")
    assert (task.post, task.brief.words, task.brief.purpose, task.facts["guide"]) == (
        serving.post("G1"), "{name}，A", "marketing", "小美",
    )  # fmt: skip
    assert "name" not in task.facts
    assert of(plan)[:2] == ["M1 wecom waiting", "M2 wecom waiting"]
    assert Touch.objects.get(member__member_no="M1").post == serving.post("G1")


def test_whom_nobody_serves_is_reached_by_the_next_channel_at_once(by_guides):
    assert of(ready("wecom", "sms")) == ["M1 wecom planned", "M2 wecom planned", "M3 sms planned"]


def test_done_it_is_the_one_touch_of_the_plan_once_nothing_can_be_undone(by_guides):
    plan = ready("wecom")
    sending.send(by_guides)
    ended("sent")
    assert (plan_tasks.hear(at=world.NOW), of(plan)[0]) == (0, "M1 wecom waiting")
    assert (plan_tasks.hear(at=world.NOW + LATER), plan_tasks.hear(at=world.NOW + LATER)) == (1, 0)
    assert of(plan)[0] == "M1 wecom sent"
    assert Touch.objects.filter(member__member_no="M1").count() == 1


def test_taken_back_it_waits_again(by_guides):
    plan = ready("wecom")
    sending.send(by_guides)
    task = ended("sent")
    tasks.undo(task=task.ref, within=[task.post_id], at=world.NOW, by=serving.guide("G1"))
    assert (plan_tasks.hear(at=world.NOW + LATER), of(plan)[0]) == (0, "M1 wecom waiting")


@pytest.mark.parametrize(("outcome", "reason", "next_one"), [
    ("unreachable", "failed unreachable", ["M1 sms planned"]), ("refused", "failed unwanted", []),
])  # fmt: skip
def test_not_reached_she_is_tried_by_the_next_channel_and_never_when_she_wants_none_of_it(
    by_guides, outcome, reason, next_one
):
    plan = ready("wecom", "sms")
    sending.send(by_guides)
    ended(outcome)
    plan_tasks.hear(at=world.NOW + LATER)
    assert plans.fall_back(plan=plan, at=world.NOW + LATER) == len(next_one)
    assert plans.fall_back(plan=plan, at=world.NOW + LATER) == 0
    assert of(plan) == [f"M1 wecom {reason}", "M2 wecom waiting", "M3 sms planned", *next_one]


def test_a_task_not_done_in_time_is_no_touch(by_guides):
    plan = ready("wecom")
    sending.send(by_guides)
    after = world.NOW + timedelta(days=4)
    tasks.expire(at=after)
    assert plan_tasks.hear(at=after + LATER) == 2
    assert of(plan)[0] == "M1 wecom failed declined"


def test_the_night_hears_of_tasks_that_ended_long_ago(by_guides, monkeypatch):
    plan = ready("wecom")
    sending.send(by_guides)
    ended("sent")
    long_after = world.NOW + timedelta(days=5)
    assert plan_tasks.hear(at=long_after) == 0
    monkeypatch.setattr(guide_jobs.clock, "now", lambda: long_after)
    assert guide_jobs.expire_tasks(None, TODAY)["heard"] == 1
    assert of(plan)[0] == "M1 wecom sent"


def test_a_guide_is_given_so_many_a_day_and_the_rest_goes_by_the_next_channel(by_guides):
    setup = sending.connected("wecom", "guide", most_a_day=1)
    plan = ready("wecom", "sms")
    assert sending.send(setup) == {"waiting": 1, "over_quota": 1}
    assert plans.fall_back(plan=plan, at=world.NOW) == 1
    assert of(plan) == ["M1 wecom waiting", "M2 wecom over_quota quota", "M3 sms planned", "M2 sms planned"]


def test_who_withdrew_meanwhile_is_not_to_be_said_it(by_guides):
    ready("wecom")
    sending.send(by_guides)
    say(row("M1", channel="wecom", decision="withdrawn"))
    with pytest.raises(MayNotBeTouched):
        ended("sent")
    assert ended("refused").state == "done"


def test_a_worker_killed_after_the_tasks_finds_them_again(by_guides):
    plan = ready("wecom")
    claimed = sending.dispatching.claim(channel="wecom", most=10, at=world.NOW)
    letters = sending.dispatching.letters_of(by_guides, claimed)[:1]
    with sending.CARRIERS["guide"].open(sending.dispatching.connection_of(by_guides)) as wire:
        list(wire.send(letters, world.NOW))
    later = world.NOW + timedelta(hours=1)
    sending.touches.doubt(at=later)
    assert sending.dispatching.ask_unknown(setup=by_guides, clock=lambda: later) == 3
    assert of(plan)[:2] == ["M1 wecom waiting", "M2 wecom failed no_answer"]
    assert Task.objects.count() == 1


def test_the_books_are_whole_after_all_of_it(by_guides):
    ready("wecom", "sms")
    sending.send(by_guides)
    ended("bought")
    ended("unreachable", "M2")
    plan_tasks.hear(at=world.NOW + LATER)
    assert books.verify() == []


def test_terms_of_guides_are_whole_numbers_within_bounds(shops):
    with pytest.raises(sending.channels.BadConnection):
        sending.connected("wecom", "guide", most_a_day="viele")
