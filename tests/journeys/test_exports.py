"""A list taken out in a browser: a short one at once, a long one by a worker; a link ends, and is one person's alone."""

import csv

from newretail.kernel.actions import exports
from newretail.kernel.models import ExportFile
from tests import world
from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import sign_in, too_wide

HERS = "/admin/members/member/?q=V1"


def downloaded(page, click):
    """Click, and read the file that comes: its rows as a spreadsheet would show them."""
    with page.expect_download() as got:
        page.click(click)
    with open(got.value.path(), encoding="utf-8-sig", newline="") as lines:
        return got.value.suggested_filename, list(csv.DictReader(lines))


@at_desk
def test_a_short_list_comes_at_once_as_it_is_filtered_and_masked(page):
    sign_in(page, "hq")
    page.goto(HERS)
    name, rows = downloaded(page, ".hq-export button[value=csv]")
    assert name == "member-2026-06-15.csv"
    assert [(row["会员号"], row["姓名"], row["手机号"]) for row in rows] == [("V1", "张三", "138****0001")]


def test_a_long_list_is_written_by_a_worker_for_a_while_and_for_one_person(page, work, leave, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 0)
    sign_in(page, "hq")
    page.goto(HERS)
    page.click(".hq-export button[value=csv]")
    page.wait_for_url("**/kernel/exportfile/*/change/")
    assert "文件正在后台生成" in page.inner_text("body")
    work()
    page.reload()
    assert too_wide(page) <= 0
    _, rows = downloaded(page, ".hq-dos a.hq-main")
    assert [row["会员号"] for row in rows] == ["V1"]
    link = page.get_attribute(".hq-dos a.hq-main", "href")
    leave(ExportFile.objects.all(), ends_at=world.NOW)
    page.click(".hq-dos a.hq-main")
    page.wait_for_selector("text=这个导出不能下载")
    assert page.locator(".hq-dos a.hq-main").count() == 0
    page.context.clear_cookies()
    sign_in(page, "manager")
    answers = [page.request.get(address) for address in (link, "/admin/kernel/exportfile/999999/file/")]
    assert [answer.status for answer in answers] == [404, 404]
