"""A list as a file, CSV or Excel: the same filters, the same sight, masked, safe to open, the same columns in both."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import IO, Any, Protocol

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from xlsxwriter import Workbook

from newretail.kernel import clock, masking, sql
from newretail.kernel.files import storage
from newretail.kernel.files.importing import formula_safe
from newretail.kernel.verbadmin import paging
from newretail.kernel.verbs import Refused

CHUNK = 2000
CELL_MOST = 32_767  # characters in a cell of Excel
CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


def asked_for(given: QueryDict) -> str:
    """Read which kind of file is asked for; CSV where none is named.

    Raises BadRequest.
    """
    form = given.get("format", CSV)
    if form not in TYPES:
        raise BadRequest(form)
    return form


def take_out(
    request: HttpRequest, *, back: HttpResponseBase, write: Callable[[str], HttpResponseBase]
) -> HttpResponseBase:
    """Let a POST take out a file, written in the form it asks for; any other way, or refused, it leads back.

    Raises BadRequest.
    """
    if request.method != "POST":
        return back
    try:
        return write(asked_for(request.POST))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return back


@dataclass(frozen=True)
class Column:
    """A column of an exported file: its header, and how a row fills it; `money` is a number with two decimals."""

    header: Any
    cell: Callable[[Any], object]
    money: bool = False


class Headed:
    """What can be written: columns, and cells row by row, a chunk at a time, whatever the size."""

    columns: Sequence[Column]

    def headers(self) -> list[str]:
        """Say the headers in the language at work."""
        return [text_of(column.header) for column in self.columns]

    def chunks(self) -> Iterator[list[list[object]]]:
        """Give the cells."""
        raise NotImplementedError


@dataclass(frozen=True)
class Selected(Headed):
    """A table to be written: what a SELECT gives, its columns read by name, whose eyes will read it."""

    select: str
    params: sql.Params
    columns: Sequence[Column]
    eyes: masking.Reader = masking.NOBODY

    def chunks(self) -> Iterator[list[list[object]]]:
        """Give the cells while the server keeps what is still to come."""
        with transaction.atomic(), connection.chunked_cursor() as cursor:
            cursor.execute(self.select, self.params)
            while found := cursor.fetchmany(CHUNK):
                names = [each.name for each in cursor.description]
                rows = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found]
                with masking.before(self.eyes):
                    cells = [[_fixed(column.cell(row)) for column in self.columns] for row in rows]
                yield cells


@dataclass(frozen=True)
class Listed(Headed):
    """A list to be written: its rows in the order of their key, its columns, whose eyes will read it."""

    queryset: QuerySet[Any]
    key: tuple[str, ...]
    columns: Sequence[Column]
    eyes: masking.Reader = masking.NOBODY

    def rows(self) -> Iterator[list[Any]]:
        """Give the rows, a chunk at a time."""
        return chunks(self.queryset, self.key)

    def chunks(self) -> Iterator[list[list[object]]]:
        """Give the cells, chunk by chunk of the key."""
        for rows in self.rows():
            with masking.before(self.eyes):
                cells = [[_fixed(column.cell(row)) for column in self.columns] for row in rows]
            yield cells


def _fixed(cell: object) -> object:
    """Say a cell while its reader's eyes are on it; numbers stay numbers."""
    return cell if cell is None or isinstance(cell, int) else str(cell)


def chunks(queryset: QuerySet[Any], key: tuple[str, ...]) -> Iterator[list[Any]]:
    """Read a list in the order of its key, a chunk at a time, whatever its size."""
    place = ""
    while True:
        rows = queryset
        if place:
            rows = rows.filter(paging.beyond(queryset.model, key, place, forward=True))
        found = list(rows[:CHUNK])
        if found:
            yield found
        if len(found) < CHUNK:
            return
        place = paging.token(found[-1], key)


def text_of(value: object) -> str:
    """Write a cell as text that no spreadsheet runs."""
    return formula_safe("" if value is None else str(value))


class Writer(Protocol):
    """What writes a list row by row."""

    def row(self, cells: Sequence[object]) -> None:
        """Write a row."""

    def close(self) -> None:
        """Write what is left."""


class _Echo:
    """Gives each written line back instead of keeping it."""

    def write(self, line: str) -> str:
        """Give the line back."""
        return line


class CsvWriter:
    """Writes CSV in UTF-8, a byte order mark first, so that Excel reads it as UTF-8."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out
        self.csv: Any = csv.writer(_Echo())
        out.write("\ufeff".encode())

    def row(self, cells: Sequence[object]) -> None:
        """Write a row."""
        self.out.write(self.csv.writerow([text_of(cell) for cell in cells]).encode())

    def close(self) -> None:
        """Leave the file to whoever opened it."""


class XlsxWriter:
    """Writes one sheet of Excel, one row in memory at a time; text stays text, numbers and money are numbers."""

    def __init__(self, out: IO[bytes], columns: Sequence[Column], made_at: datetime) -> None:
        self.book = Workbook(out, {**PLAIN, "tmpdir": str(storage.folder(storage.EXPORTS))})
        self.book.set_properties({"created": made_at.replace(tzinfo=None)})
        self.sheet = self.book.add_worksheet()
        self.sheet.freeze_panes(1, 0)
        self.money = self.book.add_format({"num_format": "0.00"})
        self.bold = self.book.add_format({"bold": True})
        self.columns = columns
        self.at = 0

    def row(self, cells: Sequence[object]) -> None:
        """Write a row; the first is the header."""
        for place, (cell, column) in enumerate(zip(cells, self.columns, strict=True)):
            if self.at == 0:
                self.sheet.write_string(0, place, text_of(cell), self.bold)
            elif column.money and cell not in (None, ""):
                self.sheet.write_number(self.at, place, float(str(cell)), self.money)
            elif isinstance(cell, int) and not isinstance(cell, bool):
                self.sheet.write_number(self.at, place, cell)
            else:
                self.sheet.write_string(self.at, place, text_of(cell)[:CELL_MOST])
        self.at += 1

    def close(self) -> None:
        """Put the file together."""
        self.book.close()


def write(
    listed: Headed, out: IO[bytes], form: str, made_at: datetime, told: Callable[[int], None] = lambda _rows: None
) -> int:
    """Write a list into an open file; `told` hears after each chunk how many rows there are. Return their number."""
    writer: Writer = XlsxWriter(out, listed.columns, made_at) if form == XLSX else CsvWriter(out)
    rows = 0
    try:
        writer.row(listed.headers())
        for chunk in listed.chunks():
            for cells in chunk:
                writer.row(cells)
            rows += len(chunk)
            told(rows)
    finally:
        writer.close()
    return rows


def lines(listed: Headed) -> Iterator[str]:
    """Give a list as lines of CSV while it is read.

    The body is read after the middleware has left: brand, language and zone are held on to here.
    """
    brand, language, zone = connection.tenant, translation.get_language(), clock.brand_zone()  # type: ignore[attr-defined]
    out = csv.writer(_Echo())
    reading = listed.chunks()
    with translation.override(language):
        yield "\ufeff" + out.writerow(listed.headers())
    while True:
        with brand, translation.override(language), timezone.override(zone):
            rows = next(reading, None)
            if rows is None:
                return
            text = "".join(out.writerow([text_of(cell) for cell in cells]) for cells in rows)
        yield text


def answer(listed: Headed, form: str, name: str, made_at: datetime) -> HttpResponseBase:
    """Answer with a list as a file: CSV as it is read, Excel when it stands whole."""
    if form == CSV:
        return StreamingHttpResponse(lines(listed), headers=headers(form, name))
    return whole(listed, form, name, made_at)


def whole(listed: Headed, form: str, name: str, made_at: datetime) -> FileResponse:
    """Answer with a list as a file that stands whole before it is sent."""
    file = TemporaryFile(dir=storage.folder(storage.EXPORTS))  # noqa: SIM115 - closed with the answer
    write(listed, file, form, made_at)
    file.seek(0)
    return FileResponse(file, headers=headers(form, name))


def headers(form: str, name: str) -> dict[str, str]:
    """Give the headers of a file that is kept nowhere on its way."""
    return {
        "Content-Type": TYPES[form],
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "no-store",
    }
