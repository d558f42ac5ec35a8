"""The child process that shows the beginning of a file; what both children share: their limits and their messages.

It loads none of the libraries that columns are read with, since somebody waits for the page.
"""

import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from newretail.kernel.files.heads import WorkbookHead
from newretail.kernel.files.lines import LineReader
from newretail.kernel.files.sheets import Column, FileRefused, Sheet, match_header
from newretail.kernel.files.workbooks import WorkbookReader, is_zip

MEMORY = 512 << 20  # bytes beyond what the loaded libraries reserve
MEMORY_OF_A_WORKBOOK = 1 << 30  # which is held whole while it is read
DAYS = {"date", "moment", "birthday"}  # types of columns in which a number is a day
SECONDS = 60  # CPU seconds, and as many more as the file's size earns
BYTES_PER_SECOND = 1 << 20


def limit(path: Path) -> None:
    """Bound this process, so that no file can eat the machine."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmSize"))
        most = (int(line.split()[1]) << 10) + (MEMORY_OF_A_WORKBOOK if is_zip(path) else MEMORY)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    seconds = SECONDS + path.stat().st_size // BYTES_PER_SECOND
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def send(out: BinaryIO, head: dict[str, Any], body: bytes = b"") -> None:
    """Write one message."""
    text = json.dumps({**head, "size": len(body)}, ensure_ascii=False).encode()
    out.write(struct.pack(">I", len(text)) + text + body)
    out.flush()


def open_rows(path: Path) -> LineReader | WorkbookReader:
    """Open a file by what it holds, whatever its name says."""
    return WorkbookReader(path) if is_zip(path) else LineReader(path)


def matched(lines: LineReader | WorkbookReader, sheet: Sheet) -> list[Column | None]:
    """Find the column behind each header cell, and let a workbook know in which of them a number is a day."""
    found = match_header(lines.header, sheet)
    if isinstance(lines, WorkbookReader):
        lines.days = frozenset(at for at, column in enumerate(found) if column and column.type in DAYS)
    return found


def peek(path: Path, sheet: Sheet | None, rows: int, out: BinaryIO) -> None:
    """Show the header and the first rows of a file as they stand there; without a sheet, whatever its kind."""
    lines = WorkbookHead(path, rows) if is_zip(path) else LineReader(path)
    if sheet:
        matched(lines, sheet)
    taken = lines.take(rows)
    lines.close()
    sheet_name = lines.sheet_name if isinstance(lines, WorkbookReader) else ""
    shown = {"cells": taken.cells, "lines": taken.lines, "errors": taken.errors}
    send(out, {"peek": True, "header": lines.header, "sheet_name": sheet_name, **shown})


def main(argv: list[str], out: BinaryIO) -> None:
    """Show the first rows of `path`, matched with the sheet on standard input if there is one."""
    path, rows = Path(argv[0]), int(argv[1])
    wanted = sys.stdin.read()
    limit(path)
    try:
        peek(path, Sheet.from_json(wanted) if wanted else None, rows, out)
    except FileRefused as refusal:
        send(out, {"refused": refusal.code, "facts": refusal.facts})
        return
    send(out, {"end": True})


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
