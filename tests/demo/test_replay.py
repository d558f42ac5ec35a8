"""Days added later repeat real days, under numbers of their own."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from newretail.demo import replay
from newretail.demo.labels import REPLAYED_LINES, REPLAYED_ORDERS
from newretail.demo.shape import Counts, shape

TODAY = date(2026, 3, 18)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def counts(folder: Path) -> Counts:
    return shape(folder, today=TODAY, households=30)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("weeks", [0, 52, 104])
def test_a_new_day_has_the_baskets_of_the_same_weekday_52_weeks_before(folder, counts, weeks):
    last = date.fromisoformat(counts.last_day)
    day = last + timedelta(days=1 + 7 * weeks)
    written = replay.write_days(folder, since=day, until=day + timedelta(days=1), last_real=last)
    model = (last + timedelta(days=1 - 364)).isoformat()
    real = read(folder / "orders.csv").query("source == 'demo'")
    real = real[real["paid_at"].str.startswith(model)]
    new = read(folder / REPLAYED_ORDERS)
    assert written == len(new) == len(real) > 0
    assert new["amount"].tolist() == real["amount"].tolist()
    assert new["paid_at"].str.startswith(day.isoformat()).all()
    assert new["order_no"].tolist() == (f"T{day:%Y%m%d}-" + real["order_no"]).tolist()


def test_new_orders_are_labelled_derived_and_equal_the_sum_of_their_lines(folder, counts):
    last = date.fromisoformat(counts.last_day)
    replay.write_days(folder, since=last + timedelta(days=1), until=last + timedelta(days=9), last_real=last)
    orders, lines = read(folder / REPLAYED_ORDERS), read(folder / REPLAYED_LINES)
    sums = lines["amount"].str.replace(".", "").astype(int).groupby(lines["order_no"]).sum()
    amounts = orders.set_index("order_no")["amount"].str.replace(".", "").astype(int)
    assert amounts.sort_index().to_dict() == sums.to_dict()
    assert set(orders["source"]) == set(lines["source"]) == {"demo-derived"}
