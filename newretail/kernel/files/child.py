"""The child process that reads a file: bounded memory, time and rows; it knows no database.

Protocol on standard output, for each message: four bytes length of a JSON head, the head, then `size` bytes of CSV
for COPY (columns as `Sheet.output`). The last head says `end` or `refused`.
"""

import gc
import io
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from newretail.kernel.files import columns
from newretail.kernel.files.glance import limit, matched, open_rows, send
from newretail.kernel.files.keys import SeenKeys
from newretail.kernel.files.lines import Records
from newretail.kernel.files.sheets import FileRefused, Sheet

RowErrors = list[tuple[int, str, str]]


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


def main(argv: list[str], out: BinaryIO) -> None:
    """Read `path` as the sheet on standard input, in chunks, leaving out the bodies of the first `done` ones."""
    path, rows, done = Path(argv[0]), int(argv[1]), int(argv[2])
    gc.disable()  # rows make no cycles; counting references frees them
    sheet = Sheet.from_json(sys.stdin.read())
    limit(path)
    try:
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
