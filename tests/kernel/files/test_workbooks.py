"""Excel workbooks: what Excel mangles is read or refused with the reason, bombs are refused before they go off."""

import contextlib
import io
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, time

import pytest

from members.models import Member, Order
from newretail.kernel.files import importing, reader
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.models import ImportFile
from stores.models import Product
from tests import world
from tests.kernel.files import desk
from tests.kernel.files.sheetworks import Cell, book, cells, raw

ORDER = ("order_no", "source", "paid_at", "amount")
MEMBER = ("会员号", "姓名", "手机号", "生日", "入会时间")
PRODUCTS = (("sku", "name", "price"), ("P1", "tea", 12.5), ("P2", "nuts", 3))


def orders(**odd):
    row = {"order_no": "A1", "source": "pos", "paid_at": datetime(2026, 6, 1, 10), "amount": 12.5} | odd
    return book([ORDER, [row[name] for name in ORDER]])


def test_a_workbook_comes_in_as_the_same_rows_of_a_csv_would(take):
    assert take("products", book(PRODUCTS)).counts == (2, 0, 0, 0)
    assert take("products", "sku,name,price\nP1,tea,12.50\nP2,nuts,3\n").counts == (0, 0, 2, 0)


@pytest.mark.parametrize("name", ["members.csv", "members.xlsx", "members.txt", "members"])
def test_content_not_the_name_tells_what_a_file_is(brand, tmp_path, name):
    for content in (book(PRODUCTS), "sku,name,price\nP1,tea,12.50\n"):
        result = importing.take_file("products", desk.write(tmp_path, content, name), at=world.NOW)
        assert result.rejected == 0
    assert Product.objects.count() == 2


def test_the_first_visible_sheet_is_read_and_its_name_told(take, tmp_path):
    content = book(PRODUCTS, hidden=("旧数据", "older"))
    assert take("products", content).counts == (2, 0, 0, 0)
    look = reader.peek(desk.write(tmp_path, content, "hidden.xlsx"), 3)
    assert (look.sheet_name, look.header, look.cells[0]) == ("会员", ["sku", "name", "price"], ["P1", "tea", "12.5"])


def test_rows_are_named_by_the_numbers_excel_shows(take):
    content = book([*PRODUCTS, ("", "", ""), ("P3", "cake", "x")], top=4)
    taken = take("products", content)
    assert taken.refusals == [(9, "price", "not_money")]
    assert taken.result.created == 2


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        (datetime(2026, 6, 1, 10, 30), "2026-06-01T02:30:00+00:00"),
        (date(2026, 6, 1), "2026-05-31T16:00:00+00:00"),
        (46174, "2026-05-31T16:00:00+00:00"),
        (46174.4375, "2026-06-01T02:30:00+00:00"),
        (Cell(46174.0000000001, shown="yyyy-mm-dd"), "2026-05-31T16:00:00+00:00"),
        ("2026-06-01 10:30:00", "2026-06-01T02:30:00+00:00"),
    ],
    ids=["a time", "a day", "a serial", "a serial with its hour", "a hair off", "text"],
)
def test_days_are_read_as_excel_keeps_them(take, cell, instant):
    assert take("orders", orders(paid_at=cell)).refusals == []
    assert Order.objects.get().paid_at.isoformat() == instant


def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days(take):
    for serial, number in ((date(2026, 6, 1), "A1"), (46174 - 1462, "A2")):
        take("orders", book([ORDER, (number, "pos", serial, 1)], epoch_1904=True))
    assert {o.paid_at for o in Order.objects.all()} == {datetime(2026, 5, 31, 16, tzinfo=UTC)}


BAD_DAYS = {"a time of no day": (time(10, 30), "not_moment"), "a year": (2026, "not_moment"), "digits": (20260601, "not_moment"),
            "a day in words": ("2026年6月1日", "not_moment"), "slashes": ("2026/6/1", "not_moment")}  # fmt: skip


@pytest.mark.parametrize(("cell", "code"), BAD_DAYS.values(), ids=BAD_DAYS)
def test_what_is_no_day_is_refused_with_the_reason(take, cell, code):
    assert take("orders", orders(paid_at=cell)).refusals == [(2, "paid_at", code)]


PHONES = {"a number": 13800000007, "text": "138 0000 0007", "a number with a sign": Cell(13800000007, shown="+0")}


@pytest.mark.parametrize("cell", PHONES.values(), ids=PHONES)
def test_a_phone_kept_as_a_number_is_the_phone(take, cell):
    take("members", book([MEMBER, ("V7", "王五", cell, "", "")]))
    assert Member.objects.get().phone == "+8613800000007"


MANGLED = {"as text": "1.38E+10", "as text with digits": "1.38000E+10"}


@pytest.mark.parametrize("cell", MANGLED.values(), ids=MANGLED)
def test_a_phone_that_was_shortened_is_refused_with_the_reason(take, cell):
    taken = take("members", book([MEMBER, ("V7", "王五", cell, "", "")]))
    assert taken.refusals == [(2, "phone", "phone_mangled")]
    assert not Member.objects.exists()


@pytest.mark.parametrize("number", [4_200_000_123_456_789_012, 1e15, "4.20000E+18"])
def test_a_number_that_lost_its_last_digits_names_nothing(take, number):
    assert take("orders", orders(order_no=number)).refusals == [(2, "order_no", "number_mangled")]
    assert not Order.objects.exists()


def test_a_csv_with_shortened_numbers_names_nothing_either(take):
    taken = take("orders", "order_no,source,paid_at,amount\n4.20E+18,pos,2026-06-01,1\n4.20E+18,pos,2026-06-02,2\n")
    assert taken.codes == ["number_mangled", "number_mangled"]


AMOUNTS = {"a number": (1234.5, 123450), "in a format": (Cell(1234.5, shown='"￥"#,##0.00'), 123450), "sums": (0.1 + 0.2, 30),
           "a formula": (Cell(12, formula="=5+7"), 1200), "whole": (12.0, 1200), "text": ("12.50", 1250)}  # fmt: skip


@pytest.mark.parametrize(("cell", "cents"), AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_is_what_the_cell_holds_not_how_it_looks(take, cell, cents):
    assert take("orders", orders(amount=cell)).refusals == []
    assert Order.objects.get().amount_cents == cents


BAD_AMOUNTS = {"1,234.50": "not_money", "￥12": "not_money", "12元": "not_money", "(12)": "negative", -12: "negative",
               12.345: "too_many_decimals", 1e15: "not_money", 0.00001: "not_money", True: "not_money"}  # fmt: skip


@pytest.mark.parametrize(("cell", "code"), BAD_AMOUNTS.items(), ids=[str(k) for k in BAD_AMOUNTS])
def test_an_amount_written_as_text_is_refused_with_the_reason(take, cell, code):
    assert take("orders", orders(amount=cell)).refusals == [(2, "amount", code)]
    assert not Order.objects.exists()


UNDONE = {
    "an error": '<c r="D2" t="e"><v>#N/A</v></c>',
    "an error of a formula": '<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    "never computed": '<c r="D2"><f>SUM(A1:A2)</f></c>',
    "never computed, empty": '<c r="D2"><f>SUM(A1:A2)</f><v></v></c>',
    "shared, never computed": '<c r="D2"><f t="shared" si="0"/></c>',
}


@pytest.mark.parametrize("cell", UNDONE.values(), ids=UNDONE)
def test_a_formula_without_a_result_costs_its_row_and_is_no_empty_cell(take, cell):
    row = cells(2, "A1", "pos", "2026-06-01").replace("</row>", f"{cell}</row>")
    taken = take("orders", raw([cells(1, *ORDER), row, cells(3, "A2", "pos", "2026-06-01", "3")]))
    assert taken.refusals == [(2, "", "formula_error")]
    assert Order.objects.get().order_no == "A2"


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(take):
    row = cells(2, "P1", "tea").replace("</row>", '<c r="C2" t="str"><f>IF(1,"","x")</f><v></v></c></row>')
    assert take("products", raw([cells(1, "sku", "name", "price"), row])).counts == (1, 0, 0, 0)


def test_a_cell_that_looks_like_a_formula_is_text(take):
    take("products", book([("sku", "name"), ("P1", "=1+1")]))
    assert Product.objects.get().name == "=1+1"


def test_a_member_twice_in_a_sheet_is_judged_as_in_a_csv(take):
    rows = [MEMBER, ("V7", "王五", "", "", ""), ("V7", "王五", "", "", ""), ("V7", "赵六", "", "", "")]
    taken = take("members", book(rows))
    assert (taken.counts, taken.refusals) == ((1, 0, 1, 1), [(4, "", "duplicate_differs")])


def test_a_sheet_comes_in_by_chunks_of_any_size_with_the_same_result(take, monkeypatch):
    rows = [("sku", "name", "price"), *((f"P{i}", "tea", i) for i in range(10)), ("P1", "tea", 1)]
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "3")
    assert take("products", book(rows)).counts == (10, 0, 1, 0)
    assert ImportFile.objects.get().chunks_done == 4


EMPTY = {"no cell": book([]), "only blanks": book([("", " "), (" ",)]), "only a header": book([("sku", "name")])}


@pytest.mark.parametrize(
    ("content", "code"), list(zip(EMPTY.values(), ["is_empty", "is_empty", None], strict=True)), ids=EMPTY
)
def test_an_empty_sheet_is_refused_and_one_with_a_header_has_no_rows(take, content, code):
    if code is None:
        assert take("products", content).result.rows == 0
        return
    with pytest.raises(FileRefused) as refusal:
        take("products", content)
    assert refusal.value.code == code


ROW = "<row><c><v>1</v></c></row>"
BOMBS = {
    "1.5 million rows in 100 KB": (lambda: raw(ROW * 10_000 for _ in range(150)), "unpacks_too_far", 200_000),
    "one cell of 200 MB in 194 KB": (
        lambda: raw(['<row r="1"><c r="A1" t="inlineStr"><is><t>', *["x" * 1_000_000] * 200, "</t></is></c></row>"]),
        "unpacks_too_far", 210_000),
    "a cell at the last corner in 2 KB": (
        lambda: raw([cells(1, "sku", "name"), '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>']), "too_many_columns", 4_000),
    "a cell in the last row": (
        lambda: raw([cells(1, "sku", "name"), '<row r="1048576"><c r="A1048576"><v>1</v></c></row>']), "too_many_rows", 4_000),
    "a cell in the last column": (lambda: raw([cells(1, "sku", "name"), '<row r="2"><c r="XFD2"><v>1</v></c></row>']),
        "too_many_columns", 4_000),
    "a dimension of everything": (
        lambda: raw([cells(1, "sku", "name"), *["<!-- -->" * 100_000] * 11], dimension="A1:XFD1048576"), "unpacks_too_far", 99_000),
    "more rows than a workbook may hold": (
        lambda: raw([cells(1, "sku", "name"), *(f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 999983}</v></c></row>' for n in range(2, 400_100))]),
        "too_many_rows", 9_000_000),
    "shared strings of 1 GB": (
        lambda: raw([cells(1, "sku", "name")], extra=[("xl/sharedStrings.xml", (b"x" * (1 << 20) for _ in range(1100)))]),
        "unpacks_too_far", 1_200_000),
    "ten thousand parts": (
        lambda: raw([cells(1, "sku")], extra=[(f"xl/media/{n}", [b""]) for n in range(10_000)]), "unpacks_too_far", 2_000_000),
}  # fmt: skip


@pytest.mark.usefixtures("by_child")
@pytest.mark.parametrize(("make", "code", "most"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_with_a_sentence_and_nothing_comes_in(take, make, code, most):
    content = make()
    assert len(content) <= most
    with pytest.raises(FileRefused) as refusal:
        take("products", content)
    assert refusal.value.code == code
    assert ImportFile.objects.get().state == "failed"
    assert not Product.objects.exists()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}<!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.usefixtures("by_child")
@pytest.mark.parametrize("entity", ["l9", "f"])
def test_entities_are_neither_multiplied_nor_fetched(take, entity):
    content = raw([cells(1, "sku", "name"), cells(2, "P1", f"a&{entity};b")], before=DOCTYPE)
    with contextlib.suppress(FileRefused):
        take("products", content)
    assert [p.name for p in Product.objects.all() if len(p.name) > 20 or "root" in p.name] == []


def zipped(name, text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


BROKEN = {
    "cut off": (book(PRODUCTS)[:2000], "is_broken"),
    "of nonsense": (b"PK\x03\x04" + bytes(range(256)) * 20, "is_broken"),
    "torn XML": (raw(['<row r="1"><c r="A1"']), "is_broken"),
    "another zip": (zipped("orders.csv", "a,b"), "is_compressed"),
}


@pytest.mark.usefixtures("by_child")
@pytest.mark.parametrize(("content", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_workbook_is_refused_with_a_sentence(take, content, code):
    with pytest.raises(FileRefused) as refusal:
        take("products", content)
    assert refusal.value.code == code
    assert not Product.objects.exists()


def test_without_the_look_a_bomb_kills_only_the_child(tmp_path, monkeypatch, take):
    """The control: were the look over the bytes to miss a bomb, the child's limits still hold."""
    path = desk.write(tmp_path, BOMBS["a cell at the last corner in 2 KB"][0](), "bomb.xlsx")
    blind = "import newretail.kernel.files.workbooks as w; w.Look.over = lambda self, number: None;"
    code = f"{blind} from newretail.kernel.files import glance; from pathlib import Path; glance.limit(Path({str(path)!r})); glance.open_rows(Path({str(path)!r}))"
    died = subprocess.run([sys.executable, "-c", code], cwd=reader.CHECKOUT, capture_output=True, check=False)
    assert died.returncode != 0
