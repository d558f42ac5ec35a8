"""Exports hold what the person may see, masked, safe to open, and leave a line in the journal."""

import csv
import io
import re
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from members.models import Member
from newretail.kernel.actions import exports
from newretail.kernel.models import ExportFile, JournalEntry
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
TAKEN = "kernel.export.taken"
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def export(role, noun, words=""):
    answer = sights.browser(role).post(f"/admin/{noun}/export/{words}")
    text = sights.text(answer)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_phones_are_masked_and_nothing_bare_stands_in_the_file():
    rows = export("hq", "members/member")
    assert {row["会员号"]: row["手机号"] for row in rows} == {"V1": "138****0001", "V2": "138****0002"}
    for noun in ("members/member", "members/order"):
        assert "13800000001" not in str(export("hq", noun))


def test_a_cell_that_looks_like_a_formula_is_made_safe():
    world.people({"member_no": "V9", "name": "=1+1", "store_code": "SH01"})
    world.stores({"code": "SH09", "name": "＝cmd|' /C calc'!A0", "region": "华东", "city": "上海"})
    assert Member.objects.get(member_no="V9").name.startswith(("=", ""))
    for noun in ("members/member", "stores/store"):
        cells = [cell for row in export("hq", noun) for cell in row.values() if cell]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))]


def test_a_manager_takes_her_members_while_hq_takes_all():
    assert [row["会员号"] for row in export("manager", "members/member")] == ["V1"]
    assert [row["会员号"] for row in export("hq", "members/member")] == ["V2", "V1"]


def test_the_filters_in_force_hold_for_the_file():
    rows = export("hq", "members/order", "?paid_from=2026-06-01&paid_to=2026-06-05")
    assert [row["订单号"] for row in rows] == ["A3", "A1"]
    assert [row["金额"] for row in rows] == ["30.00", "100.00"]


def test_a_file_longer_than_one_reading_holds_every_row_once(monkeypatch):
    monkeypatch.setattr("newretail.kernel.verbadmin.export.CHUNK", 7)
    world.people(*({"member_no": f"P{i}", "joined_at": "2026-05-01"} for i in range(30)))
    numbers = [row["会员号"] for row in export("hq", "members/member")]
    assert len(numbers) == len(set(numbers)) == 32


def test_taking_a_list_is_written_down_without_what_was_searched():
    export("manager", "members/member", "?q=张三&stage=active")
    line = JournalEntry.objects.get(name=TAKEN)
    assert (line.by.username, line.subject) == ("manager", "export:members.member")
    assert line.facts == {"filters": ["q", "stage"], "rows": 0}


def test_a_list_longer_than_any_file_is_refused_and_nothing_is_written_down(monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 1)
    monkeypatch.setattr(exports, "FILE_MOST_ROWS", 1)
    answer = sights.browser("hq").post("/admin/members/member/export/?r=")
    assert (answer.status_code, answer.url) == (302, "../?r=")
    assert not JournalEntry.objects.filter(name__startswith="kernel.export").exists()
    assert not ExportFile.objects.exists()


def opened(body):
    """The cells of a workbook, read by another program than wrote it."""
    return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def workbook(browser, noun):
    answer = browser.post(f"/admin/{noun}/export/", {"format": "xlsx"})
    assert answer["Content-Disposition"].endswith('.xlsx"')
    return opened(b"".join(answer.streaming_content))


def said(cell):
    """A cell as it reads, whether it is text or a number: 100.00 and 100.0 are one."""
    return f"{float(cell):g}" if NUMBER.fullmatch(str(cell)) else str(cell)


NOUNS = ["members/member", "members/order", "stores/store", "stores/product", "kernel/jobrun", "kernel/importfile",
         "kernel/journalentry"]  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("noun", NOUNS)
def test_a_workbook_holds_what_the_csv_holds(noun, language):
    sights.night()
    browser = sights.browser("hq", language)
    plain = sights.text(browser.post(f"/admin/{noun}/export/"))
    answer = browser.post(f"/admin/{noun}/export/", {"format": "xlsx"})
    rows = list(csv.reader(io.StringIO(plain[1:])))
    sheet = opened(b"".join(answer.streaming_content))
    later = 1 if noun == "kernel/journalentry" else 0  # the first export wrote a line
    assert [[said(cell) for cell in row] for row in sheet[1 + later :]] == [[said(c) for c in row] for row in rows[1:]]
    assert sheet[0] == rows[0]
    assert len(rows) > 1 or noun == "kernel/importfile"


def test_a_workbook_runs_no_formula_and_makes_no_link():
    world.people({"member_no": "V9", "name": "=1+1", "store_code": "SH01"},
                 {"member_no": "V8", "name": "http://example.com", "store_code": "SH01"})  # fmt: skip
    answer = sights.browser("hq").post("/admin/members/member/export/", {"format": "xlsx"})
    body = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert "=1+1" in sheet


def test_money_in_a_workbook_can_be_added_up():
    rows = workbook(sights.browser("hq"), "members/order")
    amounts = [row[rows[0].index("金额")] for row in rows[1:]]
    assert sum(amounts) == pytest.approx(310.00)


def test_an_auditor_takes_no_personal_data_out_in_either_format():
    browser = sights.browser("auditor")
    plain = sights.text(browser.post("/admin/members/member/export/"))
    for cells in (plain, workbook(browser, "members/member")):
        assert "张三" not in str(cells)
        assert "0001" not in str(cells)
        assert "张**" in str(cells)


def test_a_format_that_is_none_is_refused_and_nothing_is_written_down():
    assert sights.browser("hq").post("/admin/members/member/export/", {"format": "exe"}).status_code == 400
    assert not JournalEntry.objects.filter(name=TAKEN).exists()


def test_an_address_alone_takes_nothing_out():
    answer = sights.browser("hq").get("/admin/members/member/export/")
    assert (answer.status_code, answer.url) == (302, "/admin/members/member/")
    assert not JournalEntry.objects.filter(name=TAKEN).exists()


@pytest.mark.parametrize("noun", ["kernel/jobrun", "kernel/importfile", "kernel/journalentry"])
def test_the_machine_room_is_taken_out_by_hq_alone(noun):
    sights.night()
    assert sights.browser("manager").post(f"/admin/{noun}/export/").status_code == 403
    assert sights.browser("hq").post(f"/admin/{noun}/export/").status_code == 200


def test_the_file_speaks_the_language_of_the_person():
    answer = sights.browser("hq", "en").post("/admin/stores/store/export/")
    assert sights.text(answer)[1:].splitlines()[0].startswith("code,name,region,city")
