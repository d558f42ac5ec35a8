"""A guide's phone: her list, her taps taken once, nothing of a colleague's."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders

from guides.models import Deed, Task, TaskMove
from members.models import Touch
from tests import serving, sights, world
from tests.members import consenting

MOST_BYTES = 100_000  # of the first look, without pictures
ENGLISH = ("Good afternoon", "to do", "overdue", "Mark as done", "What to say", "3 天后生日")


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care"))


@pytest.fixture
def task(_shops):
    return serving.give("V1", "G1")


def static(name):
    """Where a static file lies."""
    found = finders.find(name)
    assert found, name
    return Path(found)


def size(path):
    """How large a file is."""
    return path.stat().st_size


def tap(client, task, ref=None, **given):
    return client.post(
        f"/g/tasks/{task.ref}/do/", {"ref": ref or uuid.uuid4(), **given}, headers={"hx-request": "true"}
    )


def test_the_list_says_who_why_and_what_to_say(task):
    said = sights.text(serving.phone("G1").get("/g/"))
    for words in ("下午好，小美", "上海南京西路店", "张三", "生日关怀", "3 天后生日", "张三，生日快乐！"):
        assert words in said
    english = sights.text(serving.phone("G1", "en").get("/g/"))
    assert all(words in english for words in ENGLISH)


def test_past_its_expiry_it_leaves_the_list_and_a_tap_that_waited_on_the_phone_is_refused_in_words(task):
    with time_machine.travel(task.expires_at, tick=False):
        assert "生日关怀" not in sights.text(serving.phone("G1").get("/g/"))
        late = tap(serving.phone("G1"), task, do="complete", outcome="refused")
        assert "这项任务的有效期到 2026-06-22 12:00 为止" in sights.text(late)
        queued = serving.phone("G1", "en").post(
            f"/g/tasks/{task.ref}/do/", {"ref": uuid.uuid4(), "do": "complete", "outcome": "refused"},
            headers={"x-queue": "1"},
        )  # fmt: skip
    assert queued.json()["refused"].startswith("This task could be done until 2026-06-22 12:00")
    assert not Deed.objects.exists()
    task.refresh_from_db()
    assert (task.state, task.moves) == ("open", 0)


def test_a_tap_that_reaches_us_before_the_expiry_counts_and_sent_again_after_it_stays_so(task):
    ref = uuid.uuid4()
    with time_machine.travel(task.expires_at - timedelta(seconds=1), tick=False):
        tap(serving.phone("G1"), task, ref, do="complete", outcome="refused")
    with time_machine.travel(task.expires_at + timedelta(hours=1), tick=False):
        again = tap(serving.phone("G1"), task, ref, do="complete", outcome="refused")
    assert "g-refused" not in sights.text(again)
    task.refresh_from_db()
    assert (task.state, task.moves) == ("done", 1)


def test_what_is_overdue_stands_first_and_says_so(task):
    serving.give("V1", "G1", "tests:2", brief=serving.brief(title="回访", why="后来的"), due=timedelta(hours=2))
    with time_machine.travel(world.NOW + timedelta(hours=3), tick=False):
        said = sights.text(serving.phone("G1").get("/g/"))
    assert said.index("后来的") < said.index("3 天后生日")
    assert "已逾期" in said


def test_one_reason_is_chosen_by_its_chip(task):
    serving.give("V1", "G1", "tests:2", brief=serving.brief(title="唤醒", reason="wake", why="92 天未到店"))
    said = sights.text(serving.phone("G1").get("/g/?reason=wake"))
    assert "92 天未到店" in said
    assert "3 天后生日" not in said
    assert "3 天后生日" in sights.text(serving.phone("G1").get("/g/?reason=nonsense"))


def test_a_tap_is_taken_once_however_often_it_is_sent(task):
    phone, ref = serving.phone("G1"), uuid.uuid4()
    for _again in range(3):
        said = sights.text(tap(phone, task, ref, do="complete", outcome="sent"))
        assert "撤销" in said
    assert (TaskMove.objects.count(), Touch.objects.count(), Deed.objects.count()) == (1, 1, 1)


def test_sent_again_after_it_was_undone_the_first_tap_does_nothing(task):
    phone, ref = serving.phone("G1"), uuid.uuid4()
    tap(phone, task, ref, do="complete", outcome="sent")
    tap(phone, task, do="undo")
    tap(phone, task, ref, do="complete", outcome="sent")
    task.refresh_from_db()
    assert task.state == "open"


def test_a_queue_is_answered_by_a_word(task):
    phone = serving.phone("G1")
    path, given = f"/g/tasks/{task.ref}/do/", {"do": "complete", "outcome": "sent"}
    first = phone.post(path, {"ref": uuid.uuid4(), **given}, headers={"x-queue": "1"})
    second = phone.post(path, {"ref": uuid.uuid4(), **given}, headers={"x-queue": "1"})
    assert first.json() == {"refused": ""}
    assert second.json() == {"refused": "这项任务的状态已经是“已完成”。"}
    assert TaskMove.objects.count() == 1


def test_who_withdrew_her_consent_is_not_contacted_and_no_words_are_offered(task):
    consenting.say(consenting.row("V1", channel="wecom", purpose="care", decision="withdrawn"))
    phone = serving.phone("G1")
    said = sights.text(phone.get("/g/"))
    assert "请勿联系她：已撤回同意" in said
    assert "生日快乐" not in said
    assert "不能用这种方式联系她" in sights.text(tap(phone, task, do="complete", outcome="sent"))
    assert not TaskMove.objects.exists()


@pytest.mark.parametrize("given", [
    {}, {"do": "burn"}, {"do": "complete"}, {"do": "complete", "outcome": "flown"},
    {"do": "complete", "outcome": "sent", "channel": "pigeon"}, {"do": "snooze"}, {"do": "snooze", "for": "ever"},
    {"do": "transfer", "to": "G9", "reason": "x"}, {"do": "transfer", "to": "\0", "reason": "x"},
    {"do": "transfer", "to": "G2", "reason": " "}, {"do": "undo"}, {"do": "complete", "outcome": "sent", "ref": "one"},
])  # fmt: skip
def test_nonsense_is_refused_by_a_sentence_and_changes_nothing(task, given):
    answer = serving.phone("G1").post(f"/g/tasks/{task.ref}/do/", {"ref": "x", **given}, headers={"hx-request": "1"})
    stands = given.get("outcome") == "sent" and "channel" not in given  # a number that is none gets a fresh one
    assert answer.status_code == (404 if given.get("do") not in ("complete", "snooze", "transfer", "undo") else 200)
    assert TaskMove.objects.count() == stands


def test_a_page_without_a_script_does_the_same(task):
    phone = serving.phone("G1")
    answer = phone.post(f"/g/tasks/{task.ref}/do/", {"ref": uuid.uuid4(), "do": "complete", "outcome": "bought"})
    assert (answer.status_code, answer["location"]) == (302, "/g/")
    assert Task.objects.get().outcome == "bought"


def test_where_she_is_sent_on_is_never_another_site(task):
    given = {"ref": uuid.uuid4(), "do": "complete", "outcome": "sent", "next": "https://evil.example/"}
    assert serving.phone("G1").post(f"/g/tasks/{task.ref}/do/", given)["location"] == "/g/"


def test_the_task_page_tells_its_history_and_hands_on(task):
    phone = serving.phone("G1")
    assert "小丽" in sights.text(phone.get(f"/g/tasks/{task.ref}/"))
    phone.post(f"/g/tasks/{task.ref}/do/", {"ref": uuid.uuid4(), "do": "transfer", "to": "G2", "reason": "休假"})
    assert phone.get(f"/g/tasks/{task.ref}/").status_code == 404
    said = sights.text(serving.phone("G2").get(f"/g/tasks/{task.ref}/"))
    assert "休假" in said


def test_the_list_asks_as_much_whatever_the_load(task):
    phone = serving.phone("G1")
    with sights.asked() as few:
        phone.get("/g/")
    rows = [{"member_no": "V1", "staff_no": "G1", "source": f"many:{turn}"} for turn in range(60)]
    serving.assign(brief=serving.brief(), rows=rows)
    with sights.asked() as many:
        assert "再看一些" in sights.text(phone.get("/g/"))
    assert len(many) == len(few) <= sights.MOST_QUERIES


def test_nothing_of_the_page_is_kept_by_the_phone(task):
    assert "no-store" in serving.phone("G1").get("/g/")["cache-control"]
    assert serving.phone("G1").get("/g/app.webmanifest").json()["start_url"] == "/g/"


def test_the_first_look_is_light(task):
    rows = [{"member_no": "V1", "staff_no": "G1", "source": f"many:{turn}"} for turn in range(40)]
    serving.assign(brief=serving.brief(), rows=rows)
    answer = serving.phone("G1").get("/g/", headers={"accept-encoding": "gzip"})
    assert answer["content-encoding"] == "gzip"
    sent = [
        static("css/tokens.css"),
        static("css/guide.css"),
        static("js/guide.js"),
        static("django_htmx/htmx-2.min.js"),
    ]
    assert len(answer.content) + sum(size(path) for path in sent) < MOST_BYTES


def test_a_guide_begins_her_day_at_her_tasks_and_hq_serves_nobody(task):
    assert serving.phone("G1").get("/")["location"] == "/g/"
    assert sights.browser("hq").get("/g/").status_code == 403
