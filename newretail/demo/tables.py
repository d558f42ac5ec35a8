"""Writes frames as CSV in UTF-8: money in yuan with two decimals, times in ISO 8601."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

_CENT = pa.scalar(Decimal("0.01"), pa.decimal128(3, 2))


def write(frame: pd.DataFrame, path: Path, columns: Sequence[str], money: Sequence[str] = ()) -> int:
    """Write these columns, those under `money` being cents, and return the number of rows."""
    arrays = [_column(frame[name], is_money=name in money) for name in columns]
    csv.write_csv(pa.table(dict(zip(columns, arrays, strict=True))), path)
    return len(frame)


def _column(values: pd.Series, *, is_money: bool) -> pa.Array:
    if is_money:
        return pc.multiply(pa.array(values.astype("int64")).cast(pa.decimal128(19)), _CENT)
    if values.dtype.kind == "M":
        return pc.strftime(pa.array(values.astype("M8[s]")), format="%Y-%m-%dT%H:%M:%S")
    return pa.array(values)
