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
MAX_CELL = 4000  # characters in one cell
MAX_JOINED = 20  # physical lines one quoted cell may span
csv.field_size_limit(MAX_LINE)
MAGIC = {
    b"PK\x03\x04": "is_excel",
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

    Refuses what is no text: Excel, UTF-16, compressed files, an empty file.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    with path.open("rb") as file:
        head = file.read(BLOCK)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise FileRefused("is_empty")
        for magic, code in MAGIC.items():
            if head.startswith(magic):
                raise FileRefused(code)
        block = head
        while block and utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                utf8 = False
            block = file.read(BLOCK)
    if utf8:
        return "utf-8"
    header = head.split(b"\n", 1)[0]
    try:
        text = header.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    # An ASCII header does not tell: the encoding with fewer broken lines wins.
    return "utf-8" if text.isascii() is False else _fewer_broken(head)


def _fewer_broken(head: bytes) -> str:
    def broken(encoding: str) -> int:
        return sum(1 for line in head.split(b"\n")[:2000] if not _decodes(line, encoding))

    return "utf-8" if broken("utf-8") < broken("gb18030") else "gb18030"


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
        texts: list[str] = []
        while len(texts) + len(out.errors) < most:
            got = self._next()
            if got is None:
                break
            number, raw = got
            if not raw.strip():
                continue
            if raw.count(b'"') % 2:
                joined = self._join(raw)
                if joined is None:
                    out.errors.append((number, "unclosed_quote"))
                    continue
                raw = joined
            self._keep(number, raw, texts, out)
        self._split(texts, out)
        return out

    def _join(self, raw: bytes) -> bytes | None:
        """Join the lines of a quoted cell; None gives the looked-at lines back, unread."""
        taken: list[tuple[int, bytes]] = []
        parts = [raw]
        while len(taken) < MAX_JOINED and (got := self._next()) is not None:
            taken.append(got)
            parts.append(got[1])
            if got[1].count(b'"') % 2:
                return b"\n".join(parts)
        self._held = taken + self._held
        return None

    def _keep(self, number: int, raw: bytes, texts: list[str], out: Records) -> None:
        code = ""
        if len(raw) > MAX_LINE:
            code = "line_too_long"
        elif b"\x00" in raw:
            code = "nul"
        else:
            try:
                texts.append(raw.decode(self.encoding).rstrip("\r"))
                out.lines.append(number)
            except UnicodeDecodeError:
                code = "bad_bytes"
        if code:
            out.errors.append((number, code))

    def _split(self, texts: list[str], out: Records) -> None:
        width = len(self.header)
        rows, lines = [], []
        numbers = iter(out.lines)
        # Each text is one record with balanced quotes; a quoted cell may hold line ends.
        for cells in csv.reader((text.replace("\r\n", "\n") + "\n" for text in texts), delimiter=self.delimiter):
            number = next(numbers)
            if len(cells) != width:
                out.errors.append((number, "ragged"))
            else:
                rows.append(cells)
                lines.append(number)
        out.cells, out.lines = rows, lines

    def close(self) -> None:
        """Close the file."""
        self._file.close()
