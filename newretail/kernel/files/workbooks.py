"""Excel workbooks (.xlsx): looked over for bombs and for what Excel mangles, then read from the first visible sheet."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from newretail.kernel.files.lines import Records
from newretail.kernel.files.sheets import FileRefused

MOST_ROWS = 400_000
MOST_COLUMNS = 200  # GR
MOST_PARTS = 2_000
MOST_UNPACKED = 1 << 30  # bytes
MOST_RATIO = 100  # unpacked to packed, of a part beyond SMALL
SMALL = 8 << 20
BLOCK = 1 << 20
MANGLED_MOST = 100_000
ZIP = b"PK\x03\x04"
# A number of a day that Excel left without its format: 1927 to 2119; a year typed as a number is none.
SERIALS = (10_000, 80_000)
FIRST_DAY, FIRST_DAY_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet's days know no zone
WIDE = rb"(?:[A-Z]{3}|[H-Z][A-Z]|G[S-Z])[0-9]"  # columns beyond MOST_COLUMNS
TALL = rb"[A-Z]+(?:[0-9]{7}|[5-9][0-9]{5})"  # rows far beyond MOST_ROWS
CORNER = re.compile(rb"\br=[\"'](?:(?P<wide>" + WIDE + rb")|" + TALL + rb")")
DIMENSION = re.compile(rb"<(?:\w+:)?dimension ref=[\"'](?:[A-Z0-9]+:)?(?:(?P<wide>" + WIDE + rb")|" + TALL + rb")")
# A cell that holds an error; a cell whose formula was never computed (one computed to an empty text says so).
ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*?\bt=[\"']e[\"'][^>]*>")
UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c(?:\s[^>]*)?>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
TEXT_CELL = re.compile(rb"^[^>]*\bt=[\"']str[\"']")
ROW_OF = re.compile(rb"\br=[\"'][A-Z]+([0-9]+)")
ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")


def is_zip(path: Path) -> bool:
    """Tell whether the bytes begin as a workbook's do, whatever the file is named."""
    with path.open("rb") as file:
        return file.read(4) == ZIP


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if name in archive.namelist() else b""


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb"=[\"']([^\"']+)", tag)
    return found[1].decode("utf-8", "replace") if found else ""


def sheet_parts(archive: zipfile.ZipFile, number: int) -> list[str]:
    """Name the part that holds the sheet of this number; all of them when the workbook does not tell."""
    tags = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", _part(archive, "xl/workbook.xml"))
    wanted = _attribute(tags[number], rb"\w+:id") if number < len(tags) else ""
    for tag in re.findall(rb"<Relationship\s[^>]*>", _part(archive, "xl/_rels/workbook.xml.rels")):
        name = "xl/" + _attribute(tag, b"Target").removeprefix("/xl/").removeprefix("./")
        if wanted and _attribute(tag, b"Id") == wanted and name in archive.namelist():
            return [name]
    return [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]


class Look:
    """What one look over a workbook's bytes finds: too much of anything refuses the file, mangled cells their rows."""

    def __init__(self, path: Path) -> None:
        self.mangled: set[int] = set()
        self.archive = zipfile.ZipFile(path)
        parts = self.archive.infolist()
        if "xl/workbook.xml" not in self.archive.namelist():
            raise FileRefused("is_compressed")
        if any(part.flag_bits & 1 for part in parts):
            raise FileRefused("is_excel")
        packed = [(part.file_size, part.compress_size) for part in parts]
        if (
            len(parts) > MOST_PARTS
            or sum(size for size, _ in packed) > MOST_UNPACKED
            or any(size > SMALL and size > MOST_RATIO * max(small, 1) for size, small in packed)
        ):
            raise FileRefused("unpacks_too_far")
        self.days_from = FIRST_DAY
        if re.search(rb"date1904=[\"'](?:1|true)", _part(self.archive, "xl/workbook.xml")):
            self.days_from = FIRST_DAY_1904

    def over(self, number: int) -> None:
        """Look over the sheet of this number."""
        for name in sheet_parts(self.archive, number):
            whole = self.archive.getinfo(name).file_size <= SMALL
            with self.archive.open(name) as part:
                rows = sum(self.block(block, whole=whole) for block in _blocks(part))
            if rows > MOST_ROWS + 1:
                raise FileRefused("too_many_rows", most=f"{MOST_ROWS:,}")

    def block(self, block: bytes, *, whole: bool) -> int:
        """Look over some rows; return how many begin here. The corners of a large sheet are its dimension's."""
        far = (CORNER if whole else DIMENSION).search(block)
        if far and far["wide"]:
            raise FileRefused("too_many_columns", most=MOST_COLUMNS)
        if far:
            raise FileRefused("too_many_rows", most=f"{MOST_ROWS:,}")
        if b'="e"' in block or b"='e'" in block:
            self._mangle(found[0] for found in ERROR.finditer(block))
        if b"<f" in block or b":f" in block:
            cells = (found[0] for found in UNCOMPUTED.finditer(block))
            self._mangle(cell for cell in cells if not TEXT_CELL.search(cell))
        return block.count(b"<row") if b"<row" in block else len(ROW.findall(block))

    def _mangle(self, cells: Iterator[bytes]) -> None:
        for cell in cells:
            found = ROW_OF.search(cell)
            if found is None or len(self.mangled) >= MANGLED_MOST:
                raise FileRefused("formula_error")
            self.mangled.add(int(found[1]))


def _blocks(part: Any) -> Iterator[bytes]:
    """Give a part in blocks that end with a row, so that no cell is torn."""
    rest = b""
    while block := part.read(BLOCK):
        rest += block
        end = rest.rfind(b"row>") + 4
        if end < 4 and len(rest) > SMALL:  # rows without cells, or one cell that is no person's
            end = rest.rfind(b"/>") + 2
            if end < 2:
                raise FileRefused("unpacks_too_far")
        if end > 3:
            yield rest[:end]
            rest = rest[end:]
    yield rest


class WorkbookReader:
    """Reads the first visible sheet row by row, as text, with Excel's own row numbers."""

    encoding = "xlsx"

    def __init__(self, path: Path) -> None:
        try:
            self._open(path)
        except (CalamineError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
            raise FileRefused("is_broken") from error

    def _open(self, path: Path) -> None:
        look = Look(path)
        book = CalamineWorkbook.from_path(path)
        look.over(self.first_visible(book)[0])
        self._open_book(book, look)

    def _open_book(self, book: CalamineWorkbook, look: Look) -> None:
        number, self.sheet_name = self.first_visible(book)
        self.mangled, self.days_from = look.mangled, look.days_from
        self.days: frozenset[int] = frozenset()
        self._rows = enumerate(self._filled(book.get_sheet_by_index(number)), 1)
        self.header = self._read_header()

    @staticmethod
    def first_visible(book: CalamineWorkbook) -> tuple[int, str]:
        """Find the sheet that is read: its number, its name."""
        for number, sheet in enumerate(book.sheets_metadata):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                return number, sheet.name
        raise FileRefused("is_empty")

    @staticmethod
    def _filled(sheet: CalamineSheet) -> Iterator[list[Any]]:
        return sheet.iter_rows() if sheet.start is not None else iter(())

    def _read_header(self) -> list[str]:
        for _, row in self._rows:
            cells = [self._text(cell) for cell in row]
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                return cells
        raise FileRefused("is_empty")

    def take(self, most: int) -> Records:
        """Read up to `most` rows that hold anything; nothing more when the sheet is at its end."""
        out, width = Records(), len(self.header)
        for number, row in self._rows:
            cells = [self._text(cell, day=at in self.days) for at, cell in enumerate(row[:width])]
            if not any(cell.strip() for cell in cells):
                continue
            if number in self.mangled:
                out.errors.append((number, "formula_error"))
            else:
                out.cells.append(cells)
                out.lines.append(number)
            if len(out.lines) + len(out.errors) == most:
                break
        return out

    def _text(self, cell: Any, *, day: bool = False) -> str:
        """Write a cell as a CSV would hold it: days in ISO, numbers plain, with the 15 digits Excel keeps."""
        if isinstance(cell, str):
            return cell
        if isinstance(cell, bool):
            return "TRUE" if cell else "FALSE"
        if isinstance(cell, datetime):
            return _moment(cell)
        if isinstance(cell, date | time | timedelta):
            return cell.isoformat() if isinstance(cell, date | time) else str(cell)
        return self._number(float(cell), day=day)

    def _number(self, value: float, *, day: bool) -> str:
        if day and SERIALS[0] <= value < SERIALS[1]:
            return _moment(self.days_from + timedelta(days=value))
        if abs(value) >= 1e15:
            return f"{value:.5E}"  # its last digits are lost: let it be refused as such a number is
        return str(int(value)) if value.is_integer() else f"{value:.15g}"

    def close(self) -> None:
        """Close the sheet."""
        self._rows = enumerate(iter(()), 1)


def _moment(at: datetime) -> str:
    """Write an instant to the second, its day alone at midnight; Excel's fractions are a hair off."""
    whole = (at + timedelta(microseconds=500_000)).replace(microsecond=0)
    return (
        f"{whole:%Y-%m-%d}" if (whole.hour, whole.minute, whole.second) == (0, 0, 0) else f"{whole:%Y-%m-%dT%H:%M:%S}"
    )
