"""Refunds over the API: line by line; one that comes before its order waits for it."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Upper
from rest_framework import serializers
from rest_framework.request import Request

from members.actions import refunds
from members.importers import REFUNDS
from members.models import Order, Refund
from newretail.kernel import clock
from newretail.kernel.api import items, kinds, schema
from newretail.kernel.files.outcome import Outcome
from stores.models import sight_of, store_ids_in


class RefundOut(serializers.Serializer[Any]):
    """A refund in the books."""

    source = schema.named("order.source")
    order_no = schema.named("order.order_no")
    refund_no = serializers.CharField()
    line_no = serializers.IntegerField()
    quantity = serializers.IntegerField()
    amount = schema.Money(source="amount_cents")
    refunded_at = serializers.DateTimeField()


def seen(user: object) -> QuerySet[Refund]:
    """Give the refunds of the orders within sight."""
    orders = Order.objects.visible_to(user)
    rows = Refund.objects.select_related("order").annotate(no=Upper("refund_no"), of=Upper("order__order_no"))
    return rows.filter(order__in=orders) if store_ids_in(sight_of(user, "orders", "view")) is not None else rows


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    stores = store_ids_in(sight_of(request.user, "orders", "change"))
    return refunds.record(
        batch=items.batch(REFUNDS, given), at=clock.now(), by=request.user, within=stores, park=True
    )  # fmt: skip


KIND = kinds.Kind(
    one="refund", many="refunds", resource="orders", sheet=REFUNDS, out=RefundOut, seen=seen, record=record,
    key=("of", "order__source", "no", "line_no"),
    find={
        "source": "order__source", "order_no": "order__order_no__iexact", "refund_no": "refund_no__iexact",
        "line_no": "line_no",
    },
    narrowed={"order_no": "order__order_no__iexact", "source": "order__source"},
)  # fmt: skip
