"""Lets the year go on: the orders of days to come are those of whole 52 weeks before."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
from pyarrow import csv

from newretail.demo import tables
from newretail.demo.labels import DERIVED, REAL, REPLAYED_LINES, REPLAYED_ORDERS
from newretail.demo.shape import LINE_COLUMNS, ORDER_COLUMNS
from newretail.demo.source import DAYS


def write_days(folder: Path, *, since: date, until: date, last_real: date, so_far: time | None = None) -> int:
    """Write the orders of the days [since, until) with their lines, and return how many orders.

    Each day repeats the real day a multiple of 364 days earlier: the same weekday, the same
    baskets, under numbers of their own. With `so_far` the day `until` itself is written too, up to that hour.
    """
    days = [since + timedelta(days=n) for n in range((until - since).days + (so_far is not None))]
    orders = _real(folder / "orders.csv", ORDER_COLUMNS)
    orders["day"] = orders["paid_at"].str.slice(0, 10)
    pairs = pd.DataFrame({"new": days, "day": [_origin(day, last_real) for day in days]})
    rows = pairs.assign(day=pairs["day"].astype(str)).merge(orders, on="day")
    new_day = rows["new"].astype(str)
    rows["model"] = rows["order_no"]
    rows["order_no"] = "T" + new_day.str.replace("-", "") + "-" + rows["model"]
    rows["paid_at"] = new_day + rows["paid_at"].str.slice(10)
    rows["source"] = DERIVED
    if so_far is not None:
        rows = rows[rows["paid_at"] < datetime.combine(until, so_far).isoformat(timespec="seconds")]
    numbers = rows[["model", "order_no"]]
    lines = _real(folder / "order_lines.csv", LINE_COLUMNS).rename(columns={"order_no": "model"})
    lines = numbers.merge(lines, on="model").assign(source=DERIVED)
    tables.write(lines, folder / REPLAYED_LINES, LINE_COLUMNS)
    draft = folder / f"{REPLAYED_ORDERS}.new"
    written = tables.write(rows, draft, ORDER_COLUMNS)
    draft.replace(folder / REPLAYED_ORDERS)  # the orders' file says that both are whole
    return written


def _origin(day: date, last_real: date) -> date:
    """Find the latest real day on the same weekday, whole 52 weeks before."""
    years = -(-(day - last_real).days // DAYS)
    return day - timedelta(days=DAYS * years)


def _real(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read the rows of the real year, every cell as it was written."""
    as_text = csv.ConvertOptions(column_types=dict.fromkeys(columns, "string"))
    rows = csv.read_csv(path, convert_options=as_text).to_pandas()
    return rows[rows["source"] == REAL].reset_index(drop=True)
