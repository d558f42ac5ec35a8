"""Rows that come one by one or from another system: read by the same columns as a file, into the same batch."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from newretail.kernel.files import columns
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import Sheet

Flags = npt.NDArray[np.bool_]


NONE_WRONG: Mapping[int, tuple[str, str]] = {}


def batch_of(
    sheet: Sheet, rows: Sequence[Mapping[str, object]], wrong: Mapping[int, tuple[str, str]] = NONE_WRONG
) -> Batch:
    """Make a batch of rows given by column name; lines are numbered from 1, a repeated key names its first line.

    `wrong` names the lines that somebody found wrong before: (column, code).
    """
    bad: Flags = np.isin(np.arange(1, len(rows) + 1), list(wrong))
    errors: list[tuple[int, str, str]] = [(line, *found) for line, found in wrong.items()]
    arrays: list[object] = []
    for column in sheet.columns:
        texts = [None if row.get(column.name) is None else str(row[column.name]) for row in rows]
        result = columns.read(pa.array(texts, pa.string()), column)
        arrays += result.values
        for mask, code in result.wrong:
            found: Flags = np.asarray(mask)
            errors += [(int(i) + 1, column.name, code) for i in np.flatnonzero(found & ~bad)]
            bad |= found
    first = _first_lines(sheet, rows, bad)
    table = pa.table([pa.array(range(1, len(rows) + 1)), first, *arrays], names=sheet.output)
    good = table.filter(pc.invert(pa.array(bad)))
    buffer = io.BytesIO()
    pacsv.write_csv(good, buffer, pacsv.WriteOptions(include_header=False))
    return Batch(tuple(sheet.output), buffer.getvalue(), len(rows), tuple(sorted(errors)), repeats=any(first))


def _first_lines(sheet: Sheet, rows: Sequence[Mapping[str, object]], bad: Flags) -> list[int]:
    defaults = {column.name: column.default for column in sheet.columns}
    seen: dict[tuple[str, ...], int] = {}
    first = []
    for number, row in enumerate(rows, 1):
        key = tuple(
            text.upper() if name in sheet.any_case else text
            for name in sheet.key
            for text in [str(row.get(name) or defaults[name]).strip()]
        )
        first.append(0 if bad[number - 1] else seen.get(key, 0))
        if not bad[number - 1]:
            seen.setdefault(key, number)
    return first
