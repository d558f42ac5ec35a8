"""Orders and refunds: what other systems are told of them, and how what they send is taken."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_noop

from members.actions import arrivals, refunds
from members.api.orders import sent
from members.importers import REFUNDS
from members.models import Order, OrderLine, Refund
from newretail.kernel.api import items
from newretail.kernel.files.outcome import RowRefusal
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import Intake, takes, tells
from newretail.kernel.webhooks.rows import told
from stores.models import sight_of, store_ids_in


@tells("members.order.recorded", event="order.recorded", says=gettext_noop("an order came in, or was changed"))
def orders_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the orders a line recorded."""
    return told(
        Order.objects.filter(entry_id=entry.pk), "source", "order_no", "paid_at", "amount_cents", "refunded_cents",
        member_no="member__member_no", store_code="store__code", channel_code="channel__code",
    )  # fmt: skip


@tells(
    "members.order_line.recorded",
    event="order_line.recorded",
    says=gettext_noop("lines of orders came in, or were changed"),
)
def lines_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the order lines a line of the journal recorded."""
    return told(
        OrderLine.objects.filter(entry_id=entry.pk), "line_no", "quantity", "amount_cents", "discount_cents",
        source="order__source", order_no="order__order_no", sku="product__sku",
    )  # fmt: skip


@tells("members.refund.recorded", event="refund.recorded", says=gettext_noop("money was given back"))
def refunds_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the refunds a line recorded."""
    return told(
        Refund.objects.filter(entry_id=entry.pk), "refund_no", "line_no", "quantity", "amount_cents", "refunded_at",
        source="order__source", order_no="order__order_no", member_no="order__member__member_no",
    )  # fmt: skip


@takes("orders", resource="orders")
def take_orders(intake: Intake, given: list[Any]) -> Sequence[RowRefusal]:
    """Take orders with their lines."""
    stores = store_ids_in(sight_of(intake.user, "orders", "change"))
    arrival = arrivals.take(sent=sent(given), at=intake.at, by=intake.user, within=stores)
    return [refusal for found in arrival.refusals.values() for refusal in found]


@takes("refunds", resource="orders")
def take_refunds(intake: Intake, given: list[Any]) -> Sequence[RowRefusal]:
    """Take refunds; one whose order is not known yet is tried again until it is."""
    if store_ids_in(sight_of(intake.user, "orders", "change")) is not None:
        return [RowRefusal(0, "", "no_right")]
    return refunds.record(batch=items.batch(REFUNDS, given), at=intake.at, by=intake.user).refusals
