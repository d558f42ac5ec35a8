"""A file is handed in, matched, tried and let in, over HTTP: nothing is written before somebody confirms."""

import csv
import io
import stat
from datetime import timedelta

import pytest
import time_machine

from members.models import Member
from newretail.kernel import clock, failpoint, nights, vitals
from newretail.kernel.actions import imports, jobs, uploads
from newretail.kernel.files import reader, storage
from newretail.kernel.models import ColumnMapping, ImportFile, JobRun, JournalEntry, Upload
from tests import sights, world
from tests.imports.conftest import Desk, newest, work
from tests.kernel.files import desk
from tests.kernel.files.sheetworks import book, cells, raw
from tests.kernel.files.test_importing import checksums

BOOKS = "stores_%", "members_%", "analytics_%", "kernel_user", "kernel_import%", "kernel_rowerror"
FILE = desk.rows(
    "会员号,姓名,手机号,备注", ["V1,张三三,,", "V7,王五,13800000007,new", "V8,赵六,abc,", "V9,钱七,1.38E+10,"]
)


def files():
    return sorted(storage.folder("uploads").iterdir())


def test_a_file_goes_from_the_desk_into_the_books(hq):
    upload = hq.tried(FILE)
    told = {name: upload.told[name] for name in ("rows", "created", "updated", "skipped", "rejected")}
    assert told == {"rows": 4, "created": 1, "updated": 1, "skipped": 0, "rejected": 2}
    page = sights.text(hq.get(upload))
    assert "This is no phone number." in page
    assert hq.post(upload, "confirm").status_code == 302
    work()
    assert Member.objects.get(member_no="V7").name == "王五"
    row = ImportFile.objects.get()
    assert (row.state, row.created, row.updated, row.rejected) == ("done", 1, 1, 2)
    assert (row.upload, row.file_name, row.by.username) == (upload, "members.csv", "hq")
    assert hq.get(upload).url == f"/admin/kernel/importfile/{row.pk}/change/"


def test_the_trial_tells_what_the_import_then_does_and_writes_nothing(hq):
    hq.hand_in(FILE)
    before = checksums(*BOOKS)
    upload = hq.tried(FILE)
    assert checksums(*BOOKS) == before
    hq.post(upload, "confirm")
    work()
    row = ImportFile.objects.get()
    assert {name: getattr(row, name) for name in ("rows", "created", "updated", "skipped", "rejected", "enrolled")} == {
        name: count for name, count in upload.told.items() if name != "errors"
    }
    assert [e["line"] for e in upload.told["errors"]] == list(
        row.row_errors.order_by("id").values_list("line", flat=True)
    )


def test_a_file_lies_in_the_brands_folder_for_the_site_alone_until_it_is_in(hq):
    upload = hq.tried(FILE)
    (path,) = files()
    assert path.is_relative_to(storage.folder("uploads"))
    assert "acme" in path.parts
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert upload.file_name not in path.name
    hq.post(upload, "confirm")
    work()
    assert files() == []


def test_a_file_handed_in_twice_is_one_upload_and_one_import(hq):
    assert hq.hand_in(FILE).url == hq.hand_in(FILE).url
    assert Upload.objects.count() == len(files()) == 1
    upload = hq.tried(FILE)
    for _ in range(2):
        hq.post(upload, "confirm")
    assert JobRun.objects.filter(name="take_upload").count() == 1
    work()
    assert ImportFile.objects.count() == 1
    assert hq.tried(FILE).pk != upload.pk


def test_columns_are_guessed_by_their_names_and_remembered_by_source(hq):
    content = desk.rows("no.,name,tel", ["V7,王五,13800000007"])
    hq.hand_in(content, source="mall")
    upload = newest()
    assert [row["chosen"] for row in hq.get(upload, "columns/").context["rows"]] == ["", "name", ""]
    hq.post(upload, "columns", column_0="member_no", column_1="name", column_2="phone")
    again = desk.rows("tel,no.,name,remark", ["13800000008,V8,赵六,x"])
    hq.hand_in(again, source="mall")
    assert [row["chosen"] for row in hq.get(newest(), "columns/").context["rows"]] == ["phone", "member_no", "name", ""]
    hq.hand_in(again, source="till")
    assert [row["chosen"] for row in hq.get(newest(), "columns/").context["rows"]] == ["", "", "name", ""]
    assert ColumnMapping.objects.get(source="mall").columns["no."] == "member_no"


def test_a_file_comes_in_by_the_columns_that_were_chosen(hq):
    hq.hand_in(desk.rows("a,a,姓名", ["V7,13800000007,王五"]))
    upload = newest()
    hq.post(upload, "columns", column_0="member_no", column_1="phone", column_2="")
    work()
    hq.post(upload, "confirm")
    work()
    found = Member.objects.get(member_no="V7")
    assert (found.phone, found.name) == ("+8613800000007", "")


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"column_0": "", "column_1": "name"}, "member_no"),
        ({"column_0": "member_no", "column_1": "member_no"}, "same one"),
    ],
    ids=["required column missing", "one column twice"],
)
def test_columns_that_do_not_fit_are_refused_in_a_sentence_and_nothing_moves(hq, chosen, says):
    hq.hand_in(FILE)
    upload = newest()
    answer = hq.post(upload, "columns", **chosen)
    assert answer.status_code == 422
    assert says in sights.text(answer)
    assert (newest().state, JobRun.objects.count(), ColumnMapping.objects.count()) == ("new", 0, 0)
    assert hq.tried(FILE).state == "tried"


UNREADABLE = {
    "empty": (b"", "The file is empty."),
    "old workbook": (b"\xd0\xcf\x11\xe0" + bytes(99), "Excel"),
    "PDF": (b"%PDF-1.7 ...", "no CSV file"),
    "UTF-16": (FILE.encode("utf-16"), "UTF-16"),
}


@pytest.mark.parametrize(("content", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_nobody_can_read_is_refused_at_the_desk_and_not_kept(hq, content, says):
    answer = hq.hand_in(content)
    assert answer.status_code == 422
    assert says in sights.text(answer)
    assert (Upload.objects.count(), files()) == (0, [])


def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read(hq, monkeypatch):
    monkeypatch.setattr(storage, "UPLOAD_MOST_BYTES", 1 << 20)
    answer = hq.hand_in(b"a" * (3 << 20))
    assert answer.status_code == 413
    assert "at most 1 MB" in sights.text(answer)
    assert not Upload.objects.exists()


def test_samples_are_escaped_and_long_numbers_masked(hq):
    hq.hand_in(desk.rows("member_no,<b>x</b>,phone", ["V7,<script>alert(1)</script>,13800001234"]))
    page = sights.text(hq.get(newest(), "columns/"))
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "13800001234" not in page
    assert "138****1234" in page


def test_a_workbook_comes_in_and_its_sheet_is_told(hq):
    content = book([("会员号", "姓名", "手机号"), ("V7", "王五", 13800000007)], hidden=("旧",))
    upload = hq.tried(content, name="members.csv")
    assert upload.sheet_name == "会员"
    assert "sheet “会员”" in sights.text(hq.get(upload))
    hq.post(upload, "confirm")
    work()
    assert Member.objects.get(member_no="V7").phone == "+8613800000007"


def test_a_workbook_with_too_many_rows_shows_its_columns_and_is_refused_when_it_is_tried(hq):
    rows = (f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 999983}</v></c></row>' for n in range(2, 400_100))
    upload = hq.tried(raw([cells(1, "会员号"), *rows]), name="members.xlsx")
    assert (upload.state, upload.told["refused"]) == ("tried", "too_many_rows")
    assert "400,000" in sights.text(hq.get(upload))
    hq.post(upload, "confirm")
    assert (work(), Member.objects.count()) == (0, 2)


def test_a_file_given_up_is_gone_and_nothing_of_it_came_in(hq):
    upload = hq.tried(FILE)
    hq.post(upload, "drop")
    assert (newest().state, files()) == ("closed", [])
    assert hq.post(upload, "confirm").status_code == 302
    assert work() == 0
    assert not Member.objects.filter(member_no="V7").exists()


def test_a_waiting_import_is_cancelled_and_can_still_go_on(hq):
    upload = hq.tried(FILE)
    hq.post(upload, "confirm")
    hq.post(upload, "cancel")
    assert work() == 0
    assert "It was stopped." in sights.text(hq.get(upload))
    hq.post(upload, "confirm")
    work()
    assert ImportFile.objects.get().state == "done"


def test_a_file_that_nothing_works_on_cannot_be_cancelled(hq):
    hq.hand_in(FILE)
    upload = newest()
    assert upload.run is None
    said = hq.client.post(f"/admin/imports/{upload.pk}/cancel/", follow=True)
    assert "nothing to cancel" in sights.text(said)
    assert newest().state == upload.state


def test_a_file_of_the_wrong_kind_is_told_by_its_missing_columns(hq):
    hq.hand_in(FILE, kind="orders")
    upload = newest()
    answer = hq.post(upload, "columns", column_0="member_no")
    assert "order_no" in sights.text(answer)
    assert not ImportFile.objects.exists()


ROLES = ("auditor", "supervisor", "manager")


@pytest.mark.parametrize("role", ROLES)
def test_only_hq_imports(hq, role):
    upload = hq.tried(FILE)
    other = Desk(role)
    said = [other.client.get("/admin/imports/new/").status_code, other.hand_in(FILE).status_code]
    said += [other.get(upload, "columns/").status_code]
    said += [other.post(upload, deed).status_code for deed in ("columns", "confirm", "cancel", "drop")]
    assert set(said) == {403}
    assert other.get(upload).status_code == (200 if role == "auditor" else 403)
    assert (newest().state, work()) == ("tried", 0)
    hq.post(upload, "confirm")
    assert work() == 1


def test_what_was_done_stands_in_the_journal_without_a_word_of_the_file(hq):
    upload = hq.tried(FILE)
    hq.post(upload, "confirm")
    lines = JournalEntry.objects.filter(subject=f"upload:{upload.pk}").order_by("id")
    assert [line.name.rpartition(".")[2] for line in lines] == ["taken", "mapped", "confirmed"]
    assert "members.csv" not in str([line.facts for line in lines])


def imported(hq, content=FILE, **more):
    hq.post(hq.tried(content, **more), "confirm")
    work()
    return ImportFile.objects.latest("id")


def test_the_result_offers_its_refused_rows_as_a_file_safe_to_open(hq):
    row = imported(hq)
    path = f"/admin/kernel/importfile/{row.pk}/"
    assert f"{path}errors/" in sights.text(hq.client.get(f"{path}change/"))
    answer = hq.client.get(f"{path}errors/")
    assert answer["Content-Disposition"].startswith("attachment")
    lines = list(csv.reader(io.StringIO(sights.text(answer).lstrip("\ufeff"))))
    assert [line[:3] for line in lines[1:]] == [["4", "phone", "not_phone"], ["5", "phone", "phone_mangled"]]
    assert "赵六" not in str(lines)


def test_an_import_is_undone_from_its_page(hq):
    before = checksums("members_%")
    row = imported(hq)
    page = f"/admin/kernel/importfile/{row.pk}/change/"
    for _ in range(2):  # a double click asks once
        hq.client.post(f"/admin/kernel/importfile/{row.pk}/undo/")
    assert "Being undone" in sights.text(hq.client.get(page))
    assert work() == 1
    assert checksums("members_%") == before
    assert "It was undone" in sights.text(hq.client.get(page))
    assert "/undo/" not in sights.text(hq.client.get(page))


def test_an_undo_that_is_refused_says_why_on_the_page(hq):
    row = imported(hq)
    imported(hq, "member_no,name\nV7,someone else\n")
    hq.client.post(f"/admin/kernel/importfile/{row.pk}/undo/")
    work()
    page = sights.text(hq.client.get(f"/admin/kernel/importfile/{row.pk}/change/"))
    assert "It was not undone." in page
    assert "were changed since" in page
    assert Member.objects.get(member_no="V7").name == "someone else"


def test_a_file_that_is_refused_is_told_apart_from_a_night_that_failed(hq, caplog):
    row = imported(hq)
    imported(hq, "member_no,name\nV7,someone else\n")
    hq.client.post(f"/admin/kernel/importfile/{row.pk}/undo/")
    jobs.enter_due(at=world.NOW)
    while jobs.perform_next():
        pass
    night = {run.state for run in JobRun.objects.filter(due_at__isnull=False)}
    work()
    run = JobRun.objects.get(name="undo_import")
    assert (night, run.state, run.failure["code"]) == ({"done"}, "failed", "changed_since")
    assert nights.troubles(world.NOW) == []
    assert 'class="hq-card hq-alarm" role="alert"' not in sights.text(hq.client.get("/admin/"))
    assert {state for _, state in vitals.read(at=clock.now()).runs} == {"done", "refused"}
    assert "job failed" not in caplog.text


@pytest.mark.parametrize("role", ROLES)
def test_only_hq_undoes(hq, role):
    row = imported(hq)
    path = f"/admin/kernel/importfile/{row.pk}/"
    other = Desk(role).client
    assert other.post(f"{path}undo/").status_code == 403
    assert other.get(f"{path}errors/").status_code == (200 if role == "auditor" else 403)
    assert work() == 0
    hq.client.post(f"{path}undo/")
    assert work() == 1


def test_an_import_stops_between_two_parts_when_somebody_asks_and_keeps_what_is_in(hq, monkeypatch):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "2")
    upload = hq.tried(desk.rows("member_no,name", [f"P{i},x" for i in range(7)]))
    hq.post(upload, "confirm")
    take_chunk = imports.take_chunk

    def take_and_cancel(**given):
        hq.post(upload, "cancel") if given["batch"].number == 2 else None
        return take_chunk(**given)

    monkeypatch.setattr(imports, "take_chunk", take_and_cancel)
    work()
    row = ImportFile.objects.get()
    assert (row.state, row.rows, row.chunks_done) == ("cancelled", 4, 2)
    assert Member.objects.filter(member_no__startswith="P").count() == 4
    assert "stayed in" in sights.text(hq.client.get(hq.get(upload).url))
    assert files() == []


def test_an_import_whose_worker_failed_goes_on_where_it_stopped(hq, monkeypatch):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "2")
    upload = hq.tried(desk.rows("member_no,name", [f"P{i},x" for i in range(7)]))
    monkeypatch.setenv("NEWRETAIL_FAILPOINT", "import.after_cursor=raise:2")
    monkeypatch.setattr(failpoint, "_hits", {})
    hq.post(upload, "confirm")
    work()
    assert (ImportFile.objects.get().state, ImportFile.objects.get().chunks_done) == ("running", 1)
    assert "goes on where it stopped" in sights.text(hq.get(upload))
    monkeypatch.delenv("NEWRETAIL_FAILPOINT")
    hq.post(upload, "confirm")
    work()
    row = ImportFile.objects.get()
    assert (row.state, row.created, row.chunks_done) == ("done", 7, 4)


def test_files_nobody_confirmed_are_forgotten_after_some_days(hq):
    hq.tried(FILE)
    uploads.forget(at=world.NOW + timedelta(days=uploads.OPEN_DAYS - 1))
    assert newest().state == "tried"
    with time_machine.travel(world.NOW + timedelta(days=uploads.OPEN_DAYS, hours=1), tick=False):
        run = jobs.enter(name="forget_files", as_of=sights.TODAY, at=world.NOW + timedelta(days=uploads.OPEN_DAYS))
        jobs.perform(run=run)
    assert (newest().state, files()) == ("closed", [])


@pytest.mark.parametrize("path", ["new/", "{pk}/columns/", "{pk}/"])
def test_a_page_of_an_import_asks_few_questions(hq, path):
    upload = hq.tried(FILE)
    with sights.asked() as asked:
        assert hq.client.get(f"/admin/imports/{path.format(pk=upload.pk)}").status_code == 200
    assert len(asked) <= sights.MOST_QUERIES
