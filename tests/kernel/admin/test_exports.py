"""Long exports: written by a worker with the person's rights, hers alone, for a while; swept when it is over."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from newretail.kernel.actions import exports, jobs
from newretail.kernel.files import storage
from newretail.kernel.guard import writing
from newretail.kernel.models import ExportFile, JobRun, JournalEntry
from newretail.kernel.verbadmin import files
from stores.models import Post, Store
from tests import sights, world

NOW = world.NOW
PAGE = "/admin/kernel/exportfile/"


@pytest.fixture(autouse=True)
def _noon(brand, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 0)
    with time_machine.travel(NOW, tick=False):
        sights.trade()
        yield


def ask(browser, words="", form="csv"):
    answer = browser.post(f"/admin/members/member/export/{words}", {"format": form})
    assert answer.status_code == 302
    return ExportFile.objects.latest("pk")


def write(file):
    assert jobs.perform_next(jobs.QUEUED)
    file.refresh_from_db()
    return file


def fetch(browser, file):
    return browser.get(f"{PAGE}{file.pk}/file/")


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(sights.text(answer)[1:])))


def lying():
    return sorted(path.name for path in storage.folder(storage.EXPORTS).iterdir())


def lines(name):
    return list(JournalEntry.objects.filter(name=f"kernel.export.{name}").values_list("subject", "facts"))


def test_a_long_list_is_written_by_a_worker_and_fetched_by_whoever_asked():
    browser = sights.browser("hq")
    file = ask(browser, "?q=V1")
    assert (file.words, file.run.state, file.ready(NOW)) == ("q=V1", "waiting", False)
    write(file)
    assert (file.rows, file.run.state, file.run.counts) == (1, "done", {"rows": 1})
    assert [row["会员号"] for row in rows_of(fetch(browser, file))] == ["V1"]
    asked = {"filters": ["q"], "rows": 1, "format": "csv"}
    assert lines("asked") == [("export:members.member", asked)]
    assert lines("taken") == [("export:members.member", {"filters": [], "rows": 1})]


def test_the_file_is_closed_to_everybody_else_on_the_machine():
    file = write(ask(sights.browser("hq")))
    path = files.path_of(file)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.parent.name == connection.schema_name
    assert len(file.stored) == 32


@pytest.mark.parametrize("act", ["change", "file", "cancel"])
def test_an_export_is_nobody_elses_and_no_other_brands(act, other_brand):
    file = write(ask(sights.browser("hq")))
    missing = sights.browser("auditor").get(f"{PAGE}999999/{act}/").status_code
    for role in ("manager", "supervisor"):
        assert sights.browser(role).get(f"{PAGE}{file.pk}/{act}/").status_code == missing == 404
    with other_brand:
        assert not ExportFile.objects.exists()
    assert not lines("taken")


def test_the_list_shows_ones_own_alone():
    hq, manager = sights.browser("hq"), sights.browser("manager")
    file = write(ask(hq))
    link = f"{PAGE}{file.pk}/file/"
    assert link in sights.text(hq.get(PAGE))
    assert link not in sights.text(manager.get(PAGE))


def test_a_manager_gets_her_members_and_an_auditor_no_person():
    manager, auditor = sights.browser("manager"), sights.browser("auditor")
    assert [row["会员号"] for row in rows_of(fetch(manager, write(ask(manager))))] == ["V1"]
    text = str(rows_of(fetch(auditor, write(ask(auditor)))))
    assert "张**" in text
    assert "张三" not in text


def test_who_lost_the_right_before_it_was_written_gets_nothing():
    file = ask(sights.browser("hq"))
    sights.dismiss("hq")
    write(file)
    assert (file.run.state, file.run.failure["code"], file.written_at, lying()) == ("failed", "no_right", None, [])


def moved(**post):
    """Give the manager another post, behind the house's back."""
    with writing("tests"):
        Post.objects.filter(user__username="manager").update(**post)


@pytest.mark.parametrize("post", [
    lambda: {"store": Store.objects.get(code="GZ01")}, lambda: {"role": "auditor", "store": None},
], ids=["another store", "no persons any more"])  # fmt: skip
def test_whoever_sees_other_rows_or_less_of_them_by_now_exports_again(post):
    browser = sights.browser("manager")
    file = write(ask(browser))
    assert "V1" in sights.text(fetch(browser, file))
    before = lines("taken")
    moved(**post())
    answer = browser.get(f"{PAGE}{file.pk}/file/", follow=True)
    assert "你能看到的范围已经变动" in sights.text(answer)
    assert (answer.redirect_chain[0][1], lines("taken")) == (302, before)
    again = write(ask(browser))
    assert "张三" not in sights.text(fetch(browser, again))


def test_a_supervisor_whose_region_lost_a_store_exports_again():
    browser = sights.browser("supervisor")
    file = write(ask(browser))
    assert "V1" in sights.text(fetch(browser, file))
    world.stores({"code": "SH01", "name": "上海南京西路店", "region": "华南", "city": "上海"})
    assert fetch(browser, file).status_code == 302


def test_a_file_can_be_fetched_for_a_while_and_is_swept_then():
    browser = sights.browser("hq")
    file = write(ask(browser, "?q=V1"))
    for later, status in ((exports.KEPT - timedelta(seconds=1), 200), (exports.KEPT, 302)):
        with time_machine.travel(NOW + later, tick=False):
            answer = fetch(browser, file)
            assert answer.status_code == status
            sights.text(answer)
    assert files.sweep(NOW + exports.KEPT - timedelta(seconds=1)) == {"closed": 0, "removed": 0}
    assert lying() == [file.stored]
    assert files.sweep(NOW + exports.KEPT) == {"closed": 1, "removed": 1}
    file.refresh_from_db()
    assert (file.closed, file.words, lying()) == (True, "", [])
    assert files.sweep(NOW + exports.KEPT) == {"closed": 0, "removed": 0}
    assert lines("closed") == [("", {"files": 1})]


def test_a_stray_file_is_swept_and_one_in_the_making_is_not():
    file = ask(sights.browser("hq"))
    (storage.folder(storage.EXPORTS) / "stray").write_bytes(b"x")
    files.path_of(file).write_bytes(b"x")
    with time_machine.travel(NOW + timedelta(days=365 * 30), tick=False):
        files.sweep(NOW + timedelta(days=365 * 30))
    assert lying() == [file.stored]
    assert not ExportFile.objects.get().closed


def test_a_file_that_is_gone_from_the_disk_is_told_in_words():
    browser = sights.browser("hq")
    file = write(ask(browser))
    files.path_of(file).unlink()
    answer = browser.get(f"{PAGE}{file.pk}/file/", follow=True)
    assert "这个导出不能下载" in sights.text(answer)
    assert not lines("taken")


def test_writing_is_cancelled_by_whoever_asked_and_leaves_no_file(monkeypatch):
    monkeypatch.setattr("newretail.kernel.verbadmin.export.CHUNK", 1)
    browser = sights.browser("hq")
    file = ask(browser)
    real = jobs.report

    def report(**given):
        browser.post(f"{PAGE}{file.pk}/cancel/") if given["done"] == 1 else None
        real(**given)

    monkeypatch.setattr(jobs, "report", report)
    write(file)
    assert (file.run.state, file.written_at, lying()) == ("cancelled", None, [])


def test_a_person_may_have_only_so_many_at_work():
    browser = sights.browser("hq")
    for _ in range(exports.MOST_AT_WORK):
        ask(browser)
    answer = browser.post("/admin/members/member/export/", follow=True)
    assert "还在生成" in sights.text(answer)
    assert JobRun.objects.count() == ExportFile.objects.count() == exports.MOST_AT_WORK
    assert ask(sights.browser("manager", "en"), "?q=") is not None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_equals_what_a_short_list_is_sent_as(monkeypatch, form):
    browser = sights.browser("hq", "en")
    long = b"".join(fetch(browser, write(ask(browser, form=form))).streaming_content)
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 100)
    short = browser.post("/admin/members/member/export/", {"format": form})
    assert b"".join(short.streaming_content) == long


def test_a_file_whose_worker_was_killed_is_written_anew():
    file = ask(sights.browser("hq"))
    files.path_of(file).write_bytes(b"half")
    with writing("tests"):
        JobRun.objects.filter(pk=file.run_id).update(state="running", attempts=1)
    write(file)
    assert file.run.state == "done"
    assert files.path_of(file).read_bytes().startswith("\ufeff会员号".encode())
