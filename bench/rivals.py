"""Other ways to bring orders in: raw COPY of rows already resolved, bulk_create, django-import-export."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import tablib
from django.db import connection, transaction
from django.db.models.functions import Upper
from import_export import fields, resources, widgets
from import_export.instance_loaders import BaseInstanceLoader

from members.models import Member, Order
from newretail.kernel import clock
from stores.models import Channel, Store

BATCH = 5000
RESOLVED = (
    "source", "order_no", "member_id", "store_id", "channel_id", "sold_by_id", "paid_at", "amount_cents",
    "refunded_cents", "entry_id",
)  # fmt: skip


def copy_raw(path: Path) -> int:
    """COPY rows whose keys are resolved already straight into the table; no check but the table's own."""
    with transaction.atomic(), connection.cursor() as cursor, path.open("rb") as file:
        cursor.copy_expert(f"COPY members_order ({', '.join(RESOLVED)}) FROM STDIN (FORMAT csv, HEADER)", file)
        return int(cursor.rowcount)


def _number(text: str) -> int | None:
    return int(text) if text else None


def resolved_rows(path: Path, most: int) -> list[dict[str, Any]]:
    """Read rows whose keys are resolved already, as values a model takes."""
    with path.open(encoding="utf-8", newline="") as file:
        read = csv.DictReader(file)
        return [
            {
                **{name: _number(row[name]) for name in RESOLVED if name.endswith(("_id", "_cents"))},
                "source": row["source"],
                "order_no": row["order_no"],
                "paid_at": datetime.fromisoformat(row["paid_at"]),
            }
            for row, _ in zip(read, range(most), strict=False)
        ]


def looked_up(path: Path) -> Iterator[dict[str, Any]]:
    """Read an import file as scripts do: keys from dictionaries, a query for each batch's members; no checks."""
    stores = dict(Store.objects.values_list("code", "pk"))
    channels = dict(Channel.objects.values_list("code", "pk"))
    zone = clock.brand_zone()
    with path.open(encoding="utf-8", newline="") as file:
        clean = (row for row in csv.DictReader(file) if row["member_no"] and row["clean"] == "t")
        while batch := list(islice(clean, BATCH)):
            numbers = [row["member_no"] for row in batch]
            members = dict(Member.objects.filter(member_no__in=numbers).values_list("member_no", "pk"))
            for row in batch:
                yield {
                    "source": row["source"],
                    "order_no": row["order_no"],
                    "member_id": members[row["member_no"]],
                    "store_id": stores[row["store_code"]],
                    "channel_id": channels[row["channel"]],
                    "paid_at": datetime.fromisoformat(row["paid_at"]).replace(tzinfo=zone),
                    "amount_cents": int(Decimal(row["amount"]) * 100),
                    "entry_id": 0,
                }


def bulk_create(rows: Iterable[dict[str, Any]]) -> int:
    """Make the objects and create them in batches; nothing is looked up, nothing checked."""
    with transaction.atomic():
        return len(Order.objects.bulk_create((Order(**row) for row in rows), batch_size=BATCH))


class _Known(widgets.ForeignKeyWidget):
    """Looks members up once for the whole file."""

    found: dict[str, Member] = {}

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> Member | None:
        """Find the member among those of the file."""
        return self.found[value] if value else None


class _ByNumber(BaseInstanceLoader):
    """Finds the order of a row by the table's own unique index."""

    def get_instance(self, row: Any) -> Order | None:
        """Look one order up."""
        orders = Order.objects.annotate(number=Upper("order_no"))
        return orders.filter(source=row["source"], number=row["order_no"].upper()).first()


class _Orders(resources.ModelResource):
    """Orders as the documentation tells to import them in bulk; the keys of each row are looked up."""

    store = fields.Field("store", "store_code", widgets.CachedForeignKeyWidget(Store, "code"))
    channel = fields.Field("channel", "channel", widgets.CachedForeignKeyWidget(Channel, "code"))
    member = fields.Field("member", "member_no", widgets.ForeignKeyWidget(Member, "member_no"))
    amount_cents = fields.Field("amount_cents", "amount_cents", widgets.IntegerWidget())
    entry_id = fields.Field("entry_id", "entry_id", widgets.IntegerWidget())

    class Meta:
        model = Order
        fields = ("source", "order_no", "store", "channel", "member", "paid_at", "amount_cents", "entry_id")
        import_id_fields = ("source", "order_no")
        instance_loader_class = _ByNumber
        use_bulk = True
        batch_size = BATCH
        skip_diff = True
        report_skipped = False
        use_transactions = True

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Leave the sequences alone: no ids came with the file, and the site may not set them."""


class _NewOrders(_Orders):
    """The same where every row is known to be new and members are looked up once: as fast as it gets."""

    member = fields.Field("member", "member_no", _Known(Member, "member_no"))

    class Meta(_Orders.Meta):
        force_init_instance = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Look up the file's members in one query."""
        wanted = {number for number in dataset["member_no"] if number}
        _Known.found = {m.member_no: m for m in Member.objects.filter(member_no__in=wanted)}


def datasets(path: Path, size: int, count: int) -> Iterator[Any]:
    """Read `count` data sets of `size` clean rows each from an import file; every row has its own order no."""
    with path.open(encoding="utf-8", newline="") as file:
        clean = (row for row in csv.DictReader(file) if row["member_no"] and row["clean"] == "t")
        for number in range(count):
            headers = [
                "source",
                "order_no",
                "store_code",
                "channel",
                "member_no",
                "paid_at",
                "amount_cents",
                "entry_id",
            ]
            data = tablib.Dataset(headers=headers)
            for row, _ in zip(clean, range(size), strict=False):
                cents = str(round(float(row["amount"]) * 100))
                paid_at = row["paid_at"].replace("T", " ")
                data.append([row["source"], f"X{number}{row['order_no']}", row["store_code"], row["channel"],
                             row["member_no"], paid_at, cents, "0"])  # fmt: skip
            yield data


def import_export(data: Any, *, upsert: bool) -> int:
    """Import a data set, every row valid."""
    resource = _Orders() if upsert else _NewOrders()
    result = resource.import_data(data, raise_errors=True)
    return int(result.totals["new"])
