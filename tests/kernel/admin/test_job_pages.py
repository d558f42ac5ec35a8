"""The pages of job runs: what is due and what is missing, a run in words in both languages, what can be done to it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from newretail.kernel import masking, nights
from newretail.kernel.actions import jobs
from newretail.kernel.failures import KINDS, failure_in_words
from newretail.kernel.guard import writing
from newretail.kernel.models import JobRun
from newretail.kernel.registry import TABLES
from newretail.schedule import NIGHT as TABLE
from newretail.schedule import ONLY
from tests import sights, world

TODAY = date(2026, 6, 15)
NOW = world.NOW
NIGHT = [name for name, _ in TABLE if name not in ONLY]
PAGE = "/admin/kernel/jobrun/"


@pytest.fixture(autouse=True)
def _noon(brand):
    with time_machine.travel(NOW, tick=False):
        world.chain()
        yield


def leave(run, **fields):
    """Leave a run as it would be found."""
    with writing("tests"):
        JobRun.objects.filter(pk=run.pk).update(**fields)
    return JobRun.objects.get(pk=run.pk)


FELL = ValueError("the shelf fell down")


def failed(error=FELL, **given):
    run = jobs.queue(name="score_rfm", at=NOW, **given)
    return leave(run, state="failed", error=jobs.in_short(error), failure=jobs.failure_of(error), log="in shelf\n")


def night(**states):
    """Last night's runs, each in a state."""
    jobs.enter_due(at=NOW)
    for name in NIGHT:
        leave(JobRun.objects.get(name=name), state=states.get(name, "done"))


def see(role, path, language="zh-hans"):
    return sights.text(sights.browser(role, language).get(path))


def test_the_list_says_what_falls_due_next_by_the_brands_clock():
    night()
    text = see("hq", PAGE)
    assert "接下来要运行的任务" in text
    assert "2026-06-16 01:00" in text
    assert [due.name for due in nights.timetable(NOW)] == NIGHT
    assert {due.run.state for due in nights.timetable(NOW)} == {"done"}


def test_the_next_time_is_after_now_even_at_the_very_minute():
    at = datetime(2026, 6, 14, 17, 0, tzinfo=UTC)  # one in Shanghai
    assert nights.next_due(at, dict(TABLE)["score_rfm"]) == at + timedelta(days=1)


@pytest.mark.parametrize(("state", "kind"), [("failed", "failed"), ("cancelled", "cancelled"), ("waiting", "not_run")])
def test_a_night_with_something_missing_is_an_alarm_on_the_home_page_until_it_is_done(state, kind):
    night(score_rfm=state)
    found = nights.troubles(NOW)
    assert [(each.name, each.kind) for each in found] == [("score_rfm", kind)]
    link = f"{PAGE}{found[0].run.pk}/change/"
    assert link in see("hq", "/admin/")
    again = jobs.queue(name="score_rfm", at=NOW)
    assert nights.troubles(NOW) != []
    leave(again, state="done")
    assert nights.troubles(NOW) == []


def test_a_run_under_way_or_hardly_late_is_no_alarm():
    night(score_rfm="running")
    assert nights.troubles(NOW) == []
    leave(JobRun.objects.get(name="score_rfm"), state="waiting")
    assert nights.troubles(datetime(2026, 6, 14, 17, 59, tzinfo=UTC)) == []


def test_a_clock_that_stopped_is_an_alarm_and_a_new_brand_is_none():
    assert nights.troubles(NOW) == []
    night()
    assert nights.troubles(NOW) == []
    later = NOW + timedelta(days=2)
    assert {(each.name, each.kind, each.run) for each in nights.troubles(later)} == {
        (name, "not_run", None) for name in NIGHT
    }
    with time_machine.travel(later, tick=False):
        assert "没有运行，请确认 worker 和 beat 在运行。" in see("hq", "/admin/")


def test_the_alarm_is_for_those_who_see_job_runs():
    night(score_rfm="failed")
    assert "最近一夜的任务需要处理" not in see("manager", "/admin/")
    assert "最近一夜的任务需要处理" in see("hq", "/admin/")


@pytest.mark.parametrize(("language", "what", "do"), [
    ("zh-hans", "程序遇到了未知的故障。", "请重跑。"), ("en", "The program met a fault it does not know.", "Run it again."),
])  # fmt: skip
def test_a_failure_is_said_in_words_with_what_to_do_and_the_technical_line(language, what, do):
    text = see("hq", f"{PAGE}{failed().pk}/change/", language)
    assert what in text
    assert do in text
    assert "ValueError: the shelf fell down" in text
    assert "in shelf" in text


def test_a_refusal_is_said_in_the_readers_language():
    run = failed(jobs.FutureDay(day=date(2027, 1, 1)))
    assert "The day 2027-01-01 has not begun yet in this brand." in see("hq", f"{PAGE}{run.pk}/change/", "en")
    with translation.override("zh-hans"):
        assert "2027-01-01" in failure_in_words(run).what
        assert "has not begun" not in failure_in_words(run).what


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_failure_has_words_of_its_own(kind):
    run = leave(jobs.queue(name="score_rfm", at=NOW), state="failed", error=f"{kind}: x", failure={"code": kind})
    with masking.before(masking.Reader(sees_people=True)):
        said = failure_in_words(run)
    assert said.what
    assert said.do
    assert said.technical == f"{kind}: x"
    assert not failure_in_words(run).technical  # it may quote a person's row


def test_a_failure_kept_before_kinds_were_kept_is_told_by_its_technical_line():
    run = leave(jobs.queue(name="score_rfm", at=NOW), state="failed", error="OperationalError: gone", failure={})
    assert "PostgreSQL" in failure_in_words(run).do


def test_counts_are_named_in_words():
    run = leave(jobs.queue(name="score_rfm", at=NOW), state="done", counts={"scored": 2700, "aside": True, "x": False})
    text = see("hq", f"{PAGE}{run.pk}/change/", "en")
    assert "<b>2,700</b><small>scored</small>" in text
    assert "<b>yes</b><small>aside</small>" in text


def test_a_run_is_cancelled_by_hq_and_by_nobody_else():
    run = jobs.queue(name="score_rfm", at=NOW)
    for role in ("manager", "auditor"):
        assert sights.browser(role).post(f"{PAGE}{run.pk}/cancel/").status_code == 403
        assert JobRun.objects.get().state == "waiting"
    answer = sights.browser("hq").post(f"{PAGE}{run.pk}/cancel/")
    assert (answer.status_code, answer.url) == (302, f"{PAGE}{run.pk}/change/")
    assert JobRun.objects.get().state == "cancelled"


def test_a_run_is_run_again_by_hq_and_by_nobody_else():
    run = failed(as_of=TODAY - timedelta(days=1))
    for role in ("manager", "auditor"):
        assert sights.browser(role).post(f"{PAGE}{run.pk}/again/").status_code == 403
        assert JobRun.objects.count() == 1
    answer = sights.browser("hq").post(f"{PAGE}{run.pk}/again/")
    again = JobRun.objects.latest("pk")
    assert answer.url == f"{PAGE}{again.pk}/change/"
    assert (again.name, again.as_of, again.state, again.by.username) == (run.name, run.as_of, "waiting", "hq")


@pytest.mark.parametrize("act", ["cancel", "again"])
def test_an_address_alone_does_nothing_and_a_run_that_is_not_there_is_not_found(act):
    run = failed()
    browser = sights.browser("hq")
    assert browser.get(f"{PAGE}{run.pk}/{act}/").status_code == 302
    assert browser.post(f"{PAGE}999999/{act}/").status_code == 404
    assert JobRun.objects.get().state == "failed"


def test_what_cannot_be_done_is_said_and_nothing_changes():
    run = failed()
    text = sights.text(sights.browser("hq").post(f"{PAGE}{run.pk}/cancel/", follow=True))
    assert "这次运行已经结束" in text
    assert JobRun.objects.get().state == "failed"


def test_a_job_is_run_by_hand_as_of_a_day_by_hq_and_by_nobody_else():
    given = {"name": "score_rfm", "as_of": "2026-06-01"}
    for role in ("manager", "auditor"):
        assert sights.browser(role).post(f"{PAGE}run/", given).status_code == 403
        assert not JobRun.objects.exists()
    answer = sights.browser("hq").post(f"{PAGE}run/", given)
    run = JobRun.objects.get()
    assert answer.url == f"{PAGE}{run.pk}/change/"
    assert (run.name, run.as_of, run.queued_at) == ("score_rfm", date(2026, 6, 1), NOW)
    assert jobs.perform_next(jobs.QUEUED)
    assert JobRun.objects.get().counts["aside"] is True


@pytest.mark.parametrize("given", [
    {"name": "score_rfm", "as_of": "2026-06-16"}, {"name": "score_rfm", "as_of": "soon"}, {"name": "score_rfm"},
    {"name": "dance", "as_of": "2026-06-01"}, {"as_of": "2026-06-01"}, {"name": "score_rfm", "as_of": "2026-06-01\0"},
])  # fmt: skip
def test_a_form_that_cannot_be_followed_is_refused_in_words_and_nothing_is_queued(given):
    answer = sights.browser("hq").post(f"{PAGE}run/", given)
    assert answer.status_code == 400
    assert 'class="hq-bad" role="alert"' in sights.text(answer)
    assert not JobRun.objects.exists()


def test_every_job_people_start_says_what_it_does():
    assert {name for name, told in TABLES.told.items() if told.by_hand} >= set(NIGHT)
    assert all(told.does for told in TABLES.told.values() if told.by_hand)


def test_a_run_that_has_not_ended_refreshes_its_page_and_an_ended_one_does_not():
    run = jobs.queue(name="score_rfm", at=NOW)
    assert 'http-equiv="refresh"' in see("hq", f"{PAGE}{run.pk}/change/")
    leave(run, state="done")
    assert 'http-equiv="refresh"' not in sights.text(sights.browser("auditor").get(f"{PAGE}{run.pk}/change/"))
