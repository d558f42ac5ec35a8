"""The child process that reads a file: bounded memory, time and rows; it knows no database.

Protocol on standard output, for each message: four bytes length of a JSON head, the head, then `size` bytes of CSV
for COPY (columns as `Sheet.output`). The last head says `end` or `refused`.
"""

import gc
import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from newretail.kernel.files import columns
from newretail.kernel.files.heads import WorkbookHead
from newretail.kernel.files.keys import SeenKeys
from newretail.kernel.files.lines import LineReader, Records
from newretail.kernel.files.sheets import Column, FileRefused, Sheet, match_header
from newretail.kernel.files.workbooks import WorkbookReader, is_zip

MEMORY = 512 << 20  # bytes beyond what the loaded libraries reserve
MEMORY_OF_A_WORKBOOK = 1 << 30  # which is held whole while it is read
DAYS = {"date", "moment", "birthday"}  # types of columns in which a number is a day
SECONDS = 60  # CPU seconds, and as many more as the file's size earns
BYTES_PER_SECOND = 1 << 20
RowErrors = list[tuple[int, str, str]]


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


class FileReader:
    """Turns a file into chunks of clean rows and a list of wrong ones."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self.sheet = sheet
        self.lines = open_rows(path)
        self.found = matched(self.lines, sheet)
        self.seen = SeenKeys()

    def chunk(self, records: Records) -> tuple[int, bytes, RowErrors]:
        """Read the records' columns: (good rows, their CSV, errors as (line, column, code))."""
        errors: RowErrors = [(line, "", code) for line, code in records.errors]
        if not records.cells:
            return 0, b"", errors
        arrays, bad = self._columns(records, errors)
        lines = np.array(records.lines, dtype=np.int32)
        good = ~bad
        first = np.zeros(len(lines), dtype=np.int32)
        first[good] = self.seen.first_lines(self._hashes(arrays, good), lines[good])
        table = pa.table(
            [pa.array(lines), pa.array(first), *(arrays[name] for name in self.sheet.output[2:])],
            names=self.sheet.output,
        ).filter(pa.array(good))
        buffer = io.BytesIO()
        pacsv.write_csv(table, buffer, pacsv.WriteOptions(include_header=False))
        return table.num_rows, buffer.getvalue(), errors

    def _columns(self, records: Records, errors: RowErrors) -> tuple[dict[str, Any], Any]:
        cells = dict(zip((c.name if c else "" for c in self.found), zip(*records.cells, strict=True), strict=False))
        bad = np.zeros(len(records.lines), dtype=bool)
        names = iter(self.sheet.output[2:])
        arrays: dict[str, Any] = {}
        for column in self.sheet.columns:
            texts = cells.get(column.name)
            values = pa.array(texts, pa.string()) if texts else pa.nulls(len(bad), pa.string())
            result = columns.read(values, column)
            for value in result.values:
                arrays[next(names)] = value
            for mask, code in result.wrong:
                if not pc.any(mask).as_py():
                    continue
                wrong = np.asarray(mask)
                errors += [(records.lines[i], column.name, code) for i in np.flatnonzero(wrong & ~bad)]
                bad |= wrong
        return arrays, bad

    def _hashes(self, arrays: dict[str, Any], good: Any) -> Any:
        keep = pa.array(good)
        parts = []
        for name in self.sheet.key:
            part = pc.fill_null(pc.cast(arrays[name].filter(keep), pa.string()), "")
            parts.append(pc.utf8_upper(part) if name in self.sheet.any_case else part)
        joined = pc.binary_join_element_wise(*parts, "\x1f")
        return pd.util.hash_array(joined.to_numpy(zero_copy_only=False), categorize=False)


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
    """Read `path` as the sheet on standard input, in chunks, leaving out the bodies of the first `done` ones.

    Asked to peek, only show the first rows.
    """
    what, path, rows, done = argv[0], Path(argv[1]), int(argv[2]), int(argv[3])
    gc.disable()  # rows make no cycles; counting references frees them
    wanted = sys.stdin.read()
    sheet = Sheet.from_json(wanted) if wanted else None
    limit(path)
    try:
        if what == "peek":
            peek(path, sheet, rows, out)
        elif sheet:
            read(path, sheet, rows, done, out)
    except FileRefused as refusal:
        send(out, {"refused": refusal.code, "facts": refusal.facts})
        return
    send(out, {"end": True})


def read(path: Path, sheet: Sheet, rows: int, done: int, out: BinaryIO) -> None:
    """Send the chunks of a file."""
    reader = FileReader(path, sheet)
    number = 0
    while True:
        records = reader.lines.take(rows)
        if not records.cells and not records.errors:
            break
        number += 1
        # Chunks that are in already are read all the same: their keys count as seen.
        good, body, errors = reader.chunk(records)
        if number > done:
            total = len(records.lines) + len(records.errors)
            send(out, {"chunk": number, "rows": total, "good": good, "errors": sorted(errors)}, body)


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
