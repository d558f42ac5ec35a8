"""The first rows of a large workbook, read without the rest: a small workbook is cut from its beginning."""

import io
import re
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from newretail.kernel.files import workbooks
from newretail.kernel.files.lines import Records
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.files.workbooks import SMALL, Look, WorkbookReader

STRINGS = "xl/sharedStrings.xml"
# Parts without which no reader opens a workbook, or takes a day for a number.
FRAME = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
CUT_FROM = SMALL  # bytes: what is not larger is read whole, at once
SPARE = 100  # rows read beyond those asked for: some are blank
ROW_END = re.compile(rb"</(?:\w+:)?row>|<(?:\w+:)?row\b[^>]*/>")
STRING_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
STRING_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*\bt=[\"']s[\"'][^>]*>\s*<(?:\w+:)?v>([0-9]{1,9})<")
SHEET_DATA = re.compile(rb"<((?:\w+:)?)sheetData\b")


class NotCut(Exception):
    """The beginning does not tell: the whole workbook has to be read."""


class WorkbookHead(WorkbookReader):
    """Reads the first rows of the first visible sheet; of a large workbook without unpacking what follows.

    What is wrong further down, too many rows as well, is told when the file is tried.
    """

    def __init__(self, path: Path, rows: int) -> None:
        self.path, self.wanted, self.cut = path, rows, True
        super().__init__(path)

    def _open(self, path: Path) -> None:
        look = Look(path)
        try:
            self._open_book(_Cut(look, self.wanted).book(), look)
        except NotCut:
            self._open_whole()
        except FileRefused as refusal:
            if refusal.code != "is_empty":
                raise
            self._open_whole()

    def _open_whole(self) -> None:
        self.cut = False
        super()._open(self.path)

    def take(self, most: int) -> Records:
        """Read up to `most` rows; where so many blank ones stand among them that they are too few, from the whole."""
        found = super().take(most)
        if not self.cut or len(found.lines) + len(found.errors) == most:
            return found
        days = self.days
        self._open_whole()
        self.days = days
        return super().take(most)


class _Cut:
    """A small workbook of the first rows of a large one."""

    def __init__(self, look: Look, rows: int) -> None:
        self.look, self.archive, self.rows = look, look.archive, rows

    def book(self) -> CalamineWorkbook:
        """Cut it. Refuses: FileRefused, for what the beginning tells already."""
        frame = _book({name: self._whole(name) for name in FRAME})
        number, _ = WorkbookReader.first_visible(frame)
        parts = workbooks.sheet_parts(self.archive, number)
        sizes = [self.archive.getinfo(name).file_size for name in (*parts, STRINGS) if name in self.archive.namelist()]
        if len(parts) != 1 or max(sizes) <= CUT_FROM:
            raise NotCut
        rows = self._first_rows(parts[0])
        self.look.block(rows, whole=False)
        found = SHEET_DATA.search(rows)
        if not found:
            raise NotCut
        end = b"</%bsheetData></%bworksheet>" % (found[1], found[1])
        named = [int(number) for number in STRING_CELL.findall(rows)]
        cut = {parts[0]: rows + end, STRINGS: self._first_strings(max(named, default=-1) + 1)}
        return _book({name: self._whole(name) for name in FRAME} | cut)

    def _whole(self, name: str) -> bytes:
        if name not in self.archive.namelist():
            return b""
        if self.archive.getinfo(name).file_size > SMALL:
            raise NotCut
        return self.archive.read(name)

    def _first_rows(self, name: str) -> bytes:
        return self._first(name, ROW_END, self.rows + SPARE)

    def _first_strings(self, count: int) -> bytes:
        if not count:
            return b""
        cut = self._first(STRINGS, STRING_END, count)
        prefix = re.search(rb"<((?:\w+:)?)sst\b", cut)
        return cut + b"</%bsst>" % (prefix[1] if prefix else b"")

    def _first(self, name: str, end: re.Pattern[bytes], count: int) -> bytes:
        """Give the beginning of a part up to the end of this many of its pieces, or of its last one."""
        if name not in self.archive.namelist():
            raise NotCut
        held = b""
        with self.archive.open(name) as part:
            while len(held) <= SMALL and (block := part.read(workbooks.BLOCK)):
                held += block
                ends = [found.end() for found in end.finditer(held)]
                if len(ends) >= count:
                    return held[: ends[count - 1]]
        raise NotCut


def _book(parts: dict[str, bytes]) -> CalamineWorkbook:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in parts.items():
            if body:
                archive.writestr(name, body)
    out.seek(0)
    return CalamineWorkbook.from_filelike(out)
