"""The night in a browser: an alarm on the home page leads to the run in words; it is run again, stopped, run as of a day."""

import pytest

from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from tests import world
from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import sign_in, too_wide


@pytest.fixture
def failed_night(aside, leave):
    """A night that ran but for the scores, whose disk was full."""
    aside(lambda: jobs.enter_due(at=world.NOW))
    leave(JobRun.objects.filter(due_at__isnull=False), state="done")
    disk = OSError("[Errno 28] No space left on device")
    scores = JobRun.objects.filter(due_at__isnull=False, name="score_rfm")
    leave(scores, state="failed", error=jobs.in_short(disk), failure=jobs.failure_of(disk))
    leave(JobRun.objects.filter(due_at__isnull=True, name="score_rfm"), as_of="2026-06-01")


def test_a_failed_night_leads_to_its_run_in_words_and_is_done_again(page, work, failed_night):
    sign_in(page, "hq")
    alarm = page.locator(".hq-alarm")
    assert "最近一夜的任务需要处理" in alarm.inner_text()
    assert too_wide(page) <= 0
    alarm.locator("a").first.click()
    page.wait_for_url("**/kernel/jobrun/*/change/")
    assert "有文件读不了或写不进去" in page.inner_text(".hq-alarm")
    assert "磁盘" in page.inner_text(".hq-alarm")
    assert too_wide(page) <= 0
    page.click("text=重跑")
    page.wait_for_selector("text=正在等待工作进程")
    work()
    page.reload()
    assert page.inner_text(".hq-card h2 .hq-state") == "完成"
    page.goto("/admin/")
    assert page.locator(".hq-alarm").count() == 0


@at_desk
def test_a_job_is_run_as_of_a_day_and_a_waiting_one_is_stopped(page, work):
    sign_in(page, "hq")
    page.goto("/admin/kernel/jobrun/")
    page.click("a[href$='/jobrun/run/']")
    page.wait_for_url("**/jobrun/run/")
    page.select_option("[name=name]", "score_rfm")
    page.evaluate("document.querySelector('[name=as_of]').removeAttribute('max')")
    page.fill("[name=as_of]", "2027-01-01")
    page.click(".hq-form .hq-main")
    page.wait_for_selector(".hq-bad")
    assert "2027-01-01" in page.inner_text(".hq-bad")
    page.fill("[name=as_of]", "2026-06-01")
    page.click(".hq-form .hq-main")
    page.wait_for_url("**/jobrun/*/change/")
    page.click("text=取消")
    page.wait_for_selector("h2 .hq-state:has-text('已取消')")
    page.click("text=重跑")
    page.wait_for_selector("text=正在等待工作进程")
    work()
    page.reload()
    assert "2026-06-01" in page.inner_text(".hq-card h2")
    assert page.inner_text(".hq-card h2 .hq-state") == "完成"
