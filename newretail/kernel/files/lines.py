"""From bytes to records: encoding, delimiter, quotes; a broken line costs only itself."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from newretail.kernel.files.sheets import FileRefused

BLOCK = 1 << 20
MAX_LINE = 1 << 20  # bytes in one physical line
MAX_JOINED = 20  # physical lines one quoted cell may span
csv.field_size_limit(MAX_LINE)
MAGIC = {
    b"\xd0\xcf\x11\xe0": "is_excel",
    b"\xff\xfe": "is_utf16",
    b"\xfe\xff": "is_utf16",
    b"\x1f\x8b": "is_compressed",
    b"%PDF": "is_other",
}


@dataclass
class Records:
    """Some records of the file, and the lines that are none."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


def sniff(path: Path) -> str:
    """Tell the encoding of a file: "utf-8" when all of it is, else "gb18030".

    Refuses what is no text: old Excel, UTF-16, compressed files, an empty file.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileRefused("is_empty")
    for magic, code in MAGIC.items():
        if head.startswith(magic):
            raise FileRefused(code)
    return "utf-8" if _is_utf8(path) else _likelier(path)


def _is_utf8(path: Path) -> bool:
    """Tell whether a file is UTF-8 to its end, but for a letter cut off there."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _likelier(path: Path) -> str:
    """Choose the encoding of a file with broken lines: UTF-8 unless most of its lines beyond ASCII are none."""
    good = bad = 0
    with path.open("rb") as file:
        for line in _physical(file):
            if not line.isascii():
                good, bad = (good + 1, bad) if _decodes(line, "utf-8") else (good, bad + 1)
    return "utf-8" if good >= bad else "gb18030"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _physical(file: BinaryIO) -> Iterator[bytes]:
    """Give the lines of a file without their ends; in a file without line feeds carriage returns end them.

    A line beyond MAX_LINE comes cut to MAX_LINE + 1 bytes: it is refused further on.
    """
    head = file.read(1 << 16)
    end = b"\r" if b"\n" not in head and b"\r" in head else b"\n"
    file.seek(3 if head.startswith(codecs.BOM_UTF8) else 0)
    rest = b""
    while block := file.read(BLOCK):
        *whole, rest = (rest + block).split(end)
        yield from whole
        if len(rest) > 4 * MAX_LINE:
            rest = rest[: MAX_LINE + 1]
    if rest:
        yield rest


def _delimiter(header: str) -> str:
    return max(",\t;", key=header.count)


class LineReader:
    """Reads a text file record by record, keeping physical line numbers (the header is line 1)."""

    def __init__(self, path: Path) -> None:
        self.encoding = sniff(path)
        self._file = path.open("rb")
        self._lines = enumerate(_physical(self._file), 1)
        self._held: list[tuple[int, bytes]] = []
        self.delimiter = ","
        self.header = self._read_header()

    def _read_header(self) -> list[str]:
        for number, raw in self._lines:
            if raw.strip():
                if not _decodes(raw, self.encoding) or b"\x00" in raw:
                    raise FileRefused("header_unreadable", line=number)
                text = raw.decode(self.encoding).rstrip("\r")
                self.delimiter = _delimiter(text)
                return next(csv.reader([text], delimiter=self.delimiter))
        raise FileRefused("is_empty")

    def _next(self) -> tuple[int, bytes] | None:
        if self._held:
            return self._held.pop(0)
        return next(self._lines, None)

    def take(self, most: int) -> Records:
        """Read up to `most` records and broken lines; nothing more when the file is at its end."""
        out = Records()
        while len(out.lines) + len(out.errors) < most:
            got = self._next()
            if got is None:
                break
            number, raw = got
            if raw.strip():
                self._keep(number, raw, out)
        return out

    def _keep(self, number: int, raw: bytes, out: Records) -> None:
        """Keep one record, joined from several lines where a quoted cell spans them, or say what is wrong."""
        cells = self._cells(raw)
        if cells is None and raw.count(b'"') % 2:
            cells = self._join(raw)
        if cells is None:
            out.errors.append((number, self._trouble(raw)))
        elif len(cells) != len(self.header):
            out.errors.append((number, "ragged"))
        else:
            out.cells.append(cells)
            out.lines.append(number)

    def _cells(self, raw: bytes) -> list[str] | None:
        """Split one record into its cells; None when it is not exactly one."""
        if len(raw) > MAX_LINE or b"\x00" in raw:
            return None
        try:
            text = raw.decode(self.encoding).rstrip("\r")
            if '"' not in text:
                return text.split(self.delimiter)
            rows = list(csv.reader([text.replace("\r\n", "\n")], delimiter=self.delimiter, strict=True))
        except (UnicodeDecodeError, csv.Error):
            return None
        return rows[0] if len(rows) == 1 else None

    def _join(self, raw: bytes) -> list[str] | None:
        """Join the lines of a quoted cell; None gives the looked-at lines back, unread."""
        taken: list[tuple[int, bytes]] = []
        while len(taken) < MAX_JOINED and (got := self._next()) is not None:
            taken.append(got)
            raw += b"\n" + got[1]
            if got[1].count(b'"') % 2:
                cells = self._cells(raw)
                if cells is not None and len(cells) == len(self.header):
                    return cells
        self._held = taken + self._held
        return None

    def _trouble(self, raw: bytes) -> str:
        """Name what keeps a line from being a record."""
        if len(raw) > MAX_LINE:
            return "line_too_long"
        if b"\x00" in raw:
            return "nul"
        return "unclosed_quote" if _decodes(raw, self.encoding) else "bad_bytes"

    def close(self) -> None:
        """Close the file."""
        self._file.close()
