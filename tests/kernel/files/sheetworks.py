"""Workbooks made for the proofs: tidy ones by xlsxwriter, bombs and oddities written part by part."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0"?>'


class Cell:
    """A formula with its result, or a number in a format of its own."""

    def __init__(self, value: Any, *, formula: str = "", shown: str = "") -> None:
        self.value, self.formula, self.shown = value, formula, shown


def _put(book: Any, sheet: Any, at: tuple[int, int], value: Any) -> None:
    if isinstance(value, Cell) and value.formula:
        sheet.write_formula(*at, value.formula, None, value.value)
    elif isinstance(value, Cell):
        sheet.write(*at, value.value, book.add_format({"num_format": value.shown}))
    elif isinstance(value, datetime | date | time):
        shown = {datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy/m/d", time: "hh:mm"}[type(value)]
        sheet.write_datetime(*at, value, book.add_format({"num_format": shown}))
    elif isinstance(value, str):
        sheet.write_string(*at, value)
    else:
        sheet.write(*at, value)


def book(rows: Iterable[Iterable[Any]], *, hidden: Iterable[str] = (), top: int = 0, epoch_1904: bool = False) -> bytes:
    """Give a workbook of these rows on its first visible sheet; numbers stay numbers, days days."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": epoch_1904})
    for name in hidden:
        made.add_worksheet(name).write(0, 0, "hidden")
    sheet = made.add_worksheet("会员")
    sheet.activate()
    sheet.set_first_sheet()
    for each in made.worksheets()[:-1]:
        each.hide()
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            _put(made, sheet, (top + y, x), value)
    made.close()
    return out.getvalue()


def raw(
    parts: Iterable[str], *, dimension: str = "", before: str = "", extra: Iterable[tuple[str, Iterable[bytes]]] = ()
) -> bytes:
    """Give a workbook whose sheet is written as it stands here."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
        )
        link = '<Relationship Id="rId1" Type="{}/{}" Target="{}"/>'
        links = f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>'
        archive.writestr("_rels/.rels", links.format(OFFICE, "officeDocument", "xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", links.format(OFFICE, "worksheet", "worksheets/sheet1.xml"))
        for name, blocks in extra:
            with archive.open(name, "w") as part:
                for block in blocks:
                    part.write(block)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            size = f'<dimension ref="{dimension}"/>' if dimension else ""
            part.write(f'{XML}{before}<worksheet xmlns="{MAIN}">{size}<sheetData>'.encode())
            for text in parts:
                part.write(text.encode())
            part.write(b"</sheetData></worksheet>")
    return out.getvalue()


def cells(number: int, *texts: str) -> str:
    """Write a row of texts."""
    inner = "".join(f'<c r="{chr(65 + x)}{number}" t="inlineStr"><is><t>{t}</t></is></c>' for x, t in enumerate(texts))
    return f'<row r="{number}">{inner}</row>'
