"""The first rows of a large workbook are read without the rest, and are the rows that stand there."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest

from newretail.kernel.files import heads
from newretail.kernel.files.heads import WorkbookHead
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.files.workbooks import WorkbookReader
from tests.kernel.files import desk
from tests.kernel.files.sheetworks import book, cells, raw

ROWS = [("编号", "姓名", "生日"), *((f"V{n}", f"王{n % 7}", date(1990, 1, 1 + n % 28)) for n in range(500))]
SHEET = "xl/worksheets/sheet1.xml"


def prefixed(content):
    """The same workbook, its sheet and its strings written with a namespace prefix."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name in (SHEET, "xl/sharedStrings.xml"):
                text = re.sub(rb"<(/?)(?=[a-z])", rb"<\1x:", text.replace(b"xmlns=", b"xmlns:x=")).replace(
                    b"<?x:", b"<?"
                )
            new.writestr(name, text)
    return out.getvalue()


BOOKS = {
    "strings kept apart": book(ROWS),
    "behind a hidden sheet": book(ROWS, hidden=("旧数据", "older")),
    "strings in their cells": raw([cells(n, "A", f"B{n}") for n in range(1, 500)]),
    "blank rows first": book(ROWS, top=60),
    "more blank rows than are read": book(ROWS, top=300),
    "blank rows among them": book([ROWS[0], *[("",)] * 200, *ROWS[1:]]),
    "days since 1904": book(ROWS, epoch_1904=True),
    "times": book([("a",), *((datetime(2026, 6, 1, 10, n % 60),) for n in range(500))]),
    "numbers": book([("a", "b"), *((n, n / 7) for n in range(500))]),
    "with a prefix": prefixed(book(ROWS)),
    "a row without a result": raw([cells(1, "a"), '<row r="2"><c r="A2"><f>1+1</f></c></row>', *(cells(n, "x") for n in range(3, 300))]),
}  # fmt: skip


def shown(reader, rows):
    records = reader.take(rows)
    return reader.header, reader.sheet_name, records.cells, records.lines, records.errors


@pytest.mark.parametrize("rows", [3, 600])
@pytest.mark.parametrize("content", BOOKS.values(), ids=BOOKS)
def test_the_first_rows_are_those_of_the_whole(tmp_path, monkeypatch, content, rows):
    monkeypatch.setattr(heads, "CUT_FROM", 0)
    path = desk.write(tmp_path, content, "book.xlsx")
    head, whole = WorkbookHead(path, rows), WorkbookReader(path)
    assert shown(head, rows) == shown(whole, rows)


def test_what_follows_the_first_rows_is_not_read(tmp_path, monkeypatch):
    torn = raw([*(cells(n, "a", "b") for n in range(1, 300)), '<row r="300"><c r="A3'])
    path = desk.write(tmp_path, torn, "torn.xlsx")
    with pytest.raises(FileRefused):
        WorkbookHead(path, 3)
    monkeypatch.setattr(heads, "CUT_FROM", 0)
    head = WorkbookHead(path, 3)
    assert (head.cut, head.take(3).lines) == (True, [2, 3, 4])


@pytest.mark.parametrize(("dimension", "code"), [("A1:XFD9", "too_many_columns"), ("A1:B1048576", "too_many_rows")])
def test_what_the_beginning_tells_is_refused_at_once(tmp_path, monkeypatch, dimension, code):
    monkeypatch.setattr(heads, "CUT_FROM", 0)
    path = desk.write(tmp_path, raw((cells(n, "a", "b") for n in range(1, 300)), dimension=dimension), "large.xlsx")
    with pytest.raises(FileRefused) as refusal:
        WorkbookHead(path, 3)
    assert refusal.value.code == code
