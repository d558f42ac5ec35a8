"""A data set this house did not shape: CDNOW's 69 659 purchases of 1997–98, imported and scored, equal to pandas.

Source: Fader & Hardie, "CDNOW dataset"; the copy is the one the package `lifetimes` carries.
"""

import csv
import io
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from django.db import transaction

from analytics.queries import exports
from newretail.kernel import clock
from newretail.kernel.files import importing
from tests.analytics import oracle

COLUMNS = ["order_no", "source", "member_no", "paid_at", "amount"]


@pytest.fixture(scope="module")
def purchases():
    folder = Path(find_spec("lifetimes").submodule_search_locations[0])
    frame = pd.read_csv(folder / "datasets" / "CDNOW_master.txt", sep=r"\s+", header=0, names=["id", "day", "n", "amount"],
                        dtype=str)  # fmt: skip
    frame["order_no"] = "C" + (frame.index + 1).astype(str)
    frame["source"] = "cdnow"
    frame["member_no"] = frame.id
    frame["paid_at"] = pd.to_datetime(frame.day, format="%Y%m%d").dt.strftime("%Y-%m-%dT12:00:00")
    return frame


@pytest.fixture
def imported(brand, purchases, tmp_path):
    path = tmp_path / "orders.csv"
    purchases[COLUMNS].to_csv(path, index=False)
    return importing.take_file("orders", path, at=clock.now(), enrol=True)


def expected(purchases, as_of):
    paid_at = pd.to_datetime(purchases.paid_at).dt.tz_localize(oracle.ZONE)
    orders = pd.DataFrame({"order_no": purchases.order_no, "member_no": purchases.member_no, "paid_at": paid_at,
                           "cents": (purchases.amount.astype(float) * 100).round().astype(int)})  # fmt: skip
    members = orders.groupby("member_no").paid_at.min().rename("joined_at").reset_index()
    refunds = pd.DataFrame({"order_no": [], "refunded_at": pd.to_datetime([], utc=True), "cents": []})
    return oracle.portraits(members, orders, refunds, as_of)


def test_cdnow_is_imported_whole_and_scored_as_pandas_scores_it(imported, purchases):
    assert (imported.rows, imported.created, imported.enrolled) == (69_659, 69_659, 23_570)
    for as_of in (date(1997, 10, 1), date(1998, 7, 1)):
        out = io.StringIO()
        with transaction.atomic():
            exports.write_scores(out, as_of=as_of)
        out.seek(0)
        found = {row["member_no"]: list(row.values())[1:] for row in csv.DictReader(out)}
        wanted = {
            no: [last.isoformat(), str(f), f"{int(cents) // 100}.{int(cents) % 100:02d}",
                 *(str(x) if x else "" for x in (r, fs, m)), group, stage, relationship, str(int(is_super))]
            for no, (last, f, cents, r, fs, m, group, stage, relationship, is_super)
            in expected(purchases, as_of).items()
        }  # fmt: skip
        assert found == wanted
