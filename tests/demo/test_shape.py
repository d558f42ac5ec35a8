"""The demo's files: true to the source, the same every time, and alive in every month and stage."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from newretail.demo import draws, goods, source
from newretail.demo.shape import Counts, shape

TODAY = date(2026, 3, 18)
SAMPLE = 50
TABLES = ("stores", "products", "staff", "members", "orders", "order_lines", "refunds")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def counts(folder: Path) -> Counts:
    return shape(folder, today=TODAY, households=SAMPLE)


@pytest.fixture(scope="module")
def tables(folder: Path, counts: Counts) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False) for name in TABLES}


def cents(column: pd.Series) -> pd.Series:
    return column.str.replace(".", "", regex=False).astype("int64")


def months_since(days: pd.Series) -> pd.Series:
    now = pd.Timestamp(TODAY)
    return sum((now >= days + pd.DateOffset(months=k)).astype(int) for k in range(1, 40))


def test_the_files_hold_as_many_rows_as_counted(tables, counts):
    assert {name: len(rows) for name, rows in tables.items()} == {name: getattr(counts, name) for name in TABLES}


def test_the_same_day_gives_the_same_files(folder, counts, tmp_path):
    again = shape(tmp_path, today=TODAY, households=SAMPLE)
    assert again == counts
    for name in TABLES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()


def test_a_draw_depends_on_nothing_but_its_name_and_key():
    assert draws.unit([1, 2], "gender").round(6).tolist() == [0.305418, 0.084451]


def test_every_real_order_is_the_sum_of_its_lines(tables, counts):
    real = tables["orders"].query("source == 'demo'").set_index("order_no")
    lines = tables["order_lines"]
    sums = cents(lines["amount"]).groupby(lines["order_no"]).sum()
    assert len(real) == counts.real_orders
    assert cents(real["amount"]).sort_index().tolist() == sums.sort_index().tolist()
    assert set(lines["source"]) == {"demo"}


def test_money_and_quantities_are_never_negative(tables):
    lines = tables["order_lines"]
    for column in (lines["amount"], lines["discount"], tables["orders"]["amount"]):
        assert column.str.fullmatch(r"\d+\.\d\d").all()
    assert lines["quantity"].str.fullmatch(r"\d+").all()


def test_keys_are_unique(tables):
    keys = {
        "stores": ["code"], "products": ["sku"], "staff": ["staff_no"], "members": ["member_no"],
        "orders": ["source", "order_no"], "order_lines": ["order_no", "line_no"],
        "refunds": ["refund_no", "line_no"],
    }  # fmt: skip
    assert {name for name, key in keys.items() if tables[name].duplicated(key).any()} == set()
    assert tables["stores"]["name"].is_unique


def test_telephones_are_placeholders_and_nobody_shares_one(tables):
    phones = pd.concat([tables["members"]["phone"], tables["staff"]["phone"]])
    assert phones.is_unique
    assert tables["members"]["phone"].str.fullmatch(r"1380000\d{4}").all()
    assert tables["staff"]["phone"].str.fullmatch(r"1380001\d{4}").all()


def test_every_reference_leads_somewhere(tables):
    orders = tables["orders"]
    assert set(orders["member_no"]) <= set(tables["members"]["member_no"])
    assert set(orders["store_code"]) - {""} <= set(tables["stores"]["code"])
    assert set(tables["order_lines"]["sku"]) <= set(tables["products"]["sku"])
    assert set(tables["members"]["store_code"]) <= set(tables["stores"]["code"])
    guides = tables["staff"].query("role == 'guide'").set_index("staff_no")["store_code"]
    sold = orders[orders["staff_no"] != ""]
    assert (guides.loc[sold["staff_no"]].to_numpy() == sold["store_code"].to_numpy()).all()


@pytest.mark.parametrize("weekday", range(7))
def test_the_real_year_ends_within_the_last_six_days_and_keeps_every_basket(weekday):
    today = date(2026, 3, 16) + timedelta(days=weekday)
    year = source.read(today=today, households=20)
    other = source.read(today=date(2025, 6, 4), households=20)
    ends = year.baskets["at"].max().date()
    assert timedelta(days=1) <= today - year.last_day <= timedelta(days=6)
    assert year.first_day <= year.baskets["at"].min().date() <= ends <= year.last_day
    moved = year.baskets["at"].dt.day_of_week.to_numpy()
    assert (moved == other.baskets["at"].dt.day_of_week.to_numpy()).all()


def test_nothing_happens_today_or_later(tables):
    now = pd.Timestamp(TODAY)
    times = {"orders": "paid_at", "members": "joined_at", "refunds": "refunded_at"}
    for name, column in times.items():
        assert pd.to_datetime(tables[name][column]).max() < now


def test_members_join_no_later_than_their_first_order(tables):
    first = pd.to_datetime(tables["orders"]["paid_at"]).groupby(tables["orders"]["member_no"]).min()
    joined = pd.to_datetime(tables["members"].set_index("member_no")["joined_at"])
    assert (joined.reindex(first.index) <= first).all()


def test_every_stage_and_relationship_has_members(tables):
    orders = tables["orders"]
    paid = pd.to_datetime(orders["paid_at"]).groupby(orders["member_no"])
    months = months_since(paid.max().dt.normalize())
    stages = pd.cut(months, [-1, 2, 5, 8, 11, 99]).value_counts()
    assert (stages >= 5).all()
    assert (paid.size() == 1).sum() >= 5
    assert len(tables["members"]) - paid.ngroups >= 30


def test_members_join_in_every_month_of_both_years(tables):
    joined = pd.to_datetime(tables["members"]["joined_at"]).dt.to_period("M")
    months = pd.period_range("2024-04", "2026-02", freq="M")
    assert set(months) - set(joined) == set()


def test_birthdays_are_dates_some_lunar_two_on_a_leap_day(tables):
    members = tables["members"].query("birthday != ''")
    assert pd.to_datetime(members["birthday"], format="%Y-%m-%d").notna().all()
    assert 0.05 < (members["birthday_calendar"] == "lunar").mean() < 0.4
    assert members["birthday"].str.endswith("-02-29").sum() >= 2


def test_refunds_stay_within_what_was_paid(tables):
    refunds, orders = tables["refunds"], tables["orders"].set_index(["source", "order_no"])
    back = cents(refunds["amount"]).groupby([refunds["source"], refunds["order_no"]]).sum()
    assert (cents(orders["amount"]).loc[back.index] >= back).all()
    assert (refunds["line_no"] == "").eq(refunds["source"] == "demo-derived").all()


def test_a_refund_comes_one_to_twelve_days_after_the_order(tables):
    paid = pd.to_datetime(tables["orders"].set_index("order_no")["paid_at"]).dt.normalize()
    back = pd.to_datetime(tables["refunds"]["refunded_at"]).dt.normalize()
    days = (back - paid.loc[tables["refunds"]["order_no"]].to_numpy()).dt.days
    assert days.between(1, 12).all()


def test_online_orders_have_the_scenes_of_their_channel(tables):
    orders = tables["orders"]
    seen = {tuple(pair) for pair in orders[["channel", "scene"]].drop_duplicates().to_numpy()}
    assert seen <= {
        ("store", ""), ("mall", "image_text"), ("mall", "short_video"), ("mall", "store_share"),
        ("live", "live_stream"), ("group_buy", "community"),
    }  # fmt: skip
    assert (orders.query("channel == 'store'")["store_code"] != "").all()
    assert 0.6 < (orders["staff_no"] != "").mean() < 0.8


def test_supervisors_stand_in_a_region_and_every_store_has_a_manager(tables):
    staff, stores = tables["staff"], tables["stores"]
    heads = staff.query("role == 'supervisor'")["store_code"].tolist()
    assert sorted(heads) == sorted(f"region:{name}" for name in stores["region"].unique())
    assert sorted(staff.query("role == 'manager'")["store_code"]) == sorted(stores["code"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [("12 OZ", "340克"), ("1/2 GAL", "1.9升"), ("24 PK", "24包"), ("P 9.5 OZ", ""), ("LARGE", ""),
     ("974212 PK", "")],
)  # fmt: skip
def test_pack_sizes_are_metric_and_chinese(text, shown):
    assert goods.pack(text) == shown
