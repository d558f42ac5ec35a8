"""Shapes the real retail year, and a year derived from it, into the product's import files."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from newretail.demo import goods, people, returns, shops, source, tables, tills, visits
from newretail.demo.labels import REAL, STAMP
from newretail.demo.visits import Cohort

HOUSEHOLDS = 2469
LAPSED = 700
PROSPECTS = 150
NEWCOMERS = 120
# A small sample still fills every stage.
FEWEST = 60

STORE_COLUMNS = ("code", "name", "region", "city", "latitude", "longitude", "opened_on")
PRODUCT_COLUMNS = ("sku", "name", "category", "price")
STAFF_COLUMNS = ("staff_no", "name", "store_code", "role", "phone", "joined_on")
MEMBER_COLUMNS = (
    "member_no",
    "name",
    "phone",
    "gender",
    "birthday",
    "birthday_calendar",
    "joined_at",
    "store_code",
    "source",
    "tags",
)
ORDER_COLUMNS = (
    "order_no",
    "source",
    "store_code",
    "channel",
    "scene",
    "member_no",
    "phone",
    "paid_at",
    "amount",
    "staff_no",
)
LINE_COLUMNS = ("order_no", "source", "line_no", "sku", "quantity", "amount", "discount")


@dataclass(frozen=True)
class Counts:
    """Rows per file, and the days the real year covers (ISO, both inclusive)."""

    stores: int
    products: int
    staff: int
    members: int
    orders: int
    order_lines: int
    refunds: int
    real_orders: int
    first_day: str
    last_day: str


def shape(folder: Path, *, today: date, households: int | None = None) -> Counts:
    """Write the seven files of the demo into the folder; the same for the same day.

    With `households` only that many households are taken, for a quick look.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    year = source.read(today=today, households=households)
    places = shops.stores(year.baskets, today=today)
    crew = shops.staff(places, today=today)
    bought, members = _lives(year, places, today, (households or HOUSEHOLDS) / HOUSEHOLDS)
    bought = tills.sold(bought, places, crew)
    back = returns.refunds(bought, year.lines, today=today)
    counts = Counts(
        stores=tables.write(places, folder / "stores.csv", STORE_COLUMNS),
        products=tables.write(goods.products(year), folder / "products.csv", PRODUCT_COLUMNS, money=["price"]),
        staff=tables.write(crew, folder / "staff.csv", STAFF_COLUMNS),
        members=tables.write(members, folder / "members.csv", MEMBER_COLUMNS),
        orders=_write_orders(bought, members, folder),
        order_lines=_write_lines(year.lines, folder),
        refunds=tables.write(back, folder / "refunds.csv", returns.COLUMNS, money=["amount"]),
        real_orders=len(year.baskets),
        first_day=year.first_day.isoformat(),
        last_day=year.last_day.isoformat(),
    )
    (folder / STAMP).write_text(json.dumps({"today": today.isoformat(), **asdict(counts)}))
    return counts


def _lives(year: source.Year, places: pd.DataFrame, today: date, share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring together real and derived members, and all their visits by day."""

    def size(full: int) -> int:
        return max(round(full * share), FEWEST)

    cohorts = {
        "H": visits.households(year),
        "D": visits.lapsed(year, today=today, count=size(LAPSED)),
        "P": visits.prospects(year, today=today, count=size(PROSPECTS)),
        "N": visits.newcomers(year, today=today, count=size(NEWCOMERS)),
    }
    base = pd.concat([cohort.people for cohort in cohorts.values()], ignore_index=True)
    base["member_no"] = _numbers(cohorts)
    codes = places.set_index("store")["code"]
    base["store_code"] = codes.loc[base["home"]].to_numpy()
    members = people.members(base, year.demographics, today=today)
    every = [visits.real(year), *(cohort.visits for cohort in cohorts.values())]
    bought = pd.concat([part for part in every if len(part)], ignore_index=True)
    bought = bought.sort_values(["at", "source", "order_no"], ignore_index=True)
    return bought, members


def _numbers(cohorts: dict[str, Cohort]) -> list[str]:
    """Give real households the numbers H0001 on, as the source has them, derived members D0001 on."""
    real = [f"H{key:04d}" for key in cohorts["H"].people["key"]]
    derived = sum(len(cohort.people) for letter, cohort in cohorts.items() if letter != "H")
    return real + [f"D{number + 1:04d}" for number in range(derived)]


def _write_orders(bought: pd.DataFrame, members: pd.DataFrame, folder: Path) -> int:
    numbers = members.set_index("key")["member_no"]
    rows = bought.assign(
        member_no=numbers.loc[bought["member"]].to_numpy(),
        phone="",
        paid_at=bought["at"],
        amount=bought["cents"],
    )
    return tables.write(rows, folder / "orders.csv", ORDER_COLUMNS, money=["amount"])


def _write_lines(lines: pd.DataFrame, folder: Path) -> int:
    rows = pd.DataFrame(
        {
            "order_no": lines["basket"],
            "source": REAL,
            "line_no": lines["line_no"],
            "sku": lines["product"],
            "quantity": lines["quantity"],
            "amount": lines["cents"],
            "discount": lines["discount"],
        }
    )
    money = ["amount", "discount"]
    return tables.write(rows, folder / "order_lines.csv", LINE_COLUMNS, money=money)
