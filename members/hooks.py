"""What other systems are told of members and their orders: numbers, codes and amounts; no name, no phone."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from members.models import Member, Order, OrderLine, Refund, StageChange
from newretail.kernel import money
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells

CHUNK = 1_000


def _told(rows: QuerySet[Any], *names: str, **paths: str) -> Iterator[dict[str, Any]]:
    """Give rows by the names under which other systems know their fields; cents become yuan."""
    known = {name: F(path) for name, path in paths.items()}
    for row in rows.order_by("pk").values(*names, **known).iterator(chunk_size=CHUNK):
        yield {
            name.removesuffix("_cents"): money.to_yuan(value) if name.endswith("_cents") else value
            for name, value in row.items()
        }


@tells("members.member.recorded", event="member.recorded", says=gettext_noop("a member joined, or was changed"))
def members_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the members a line recorded."""
    return _told(
        Member.objects.filter(entry_id=entry.pk), "member_no", "source", "joined_at",
        store_code="home_store__code", level_code="level__code",
    )  # fmt: skip


@tells("members.order.recorded", event="order.recorded", says=gettext_noop("an order came in, or was changed"))
def orders_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the orders a line recorded."""
    return _told(
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
    return _told(
        OrderLine.objects.filter(entry_id=entry.pk), "line_no", "quantity", "amount_cents", "discount_cents",
        source="order__source", order_no="order__order_no", sku="product__sku",
    )  # fmt: skip


@tells("members.refund.recorded", event="refund.recorded", says=gettext_noop("money was given back"))
def refunds_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the refunds a line recorded."""
    return _told(
        Refund.objects.filter(entry_id=entry.pk), "refund_no", "line_no", "quantity", "amount_cents", "refunded_at",
        source="order__source", order_no="order__order_no", member_no="order__member__member_no",
    )  # fmt: skip


@tells(
    "members.stage.moved",
    event="stage.moved",
    says=gettext_noop("a member moved from one stage of the lifecycle to another"),
)
def moves_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the moves between stages a line recorded."""
    return _told(
        StageChange.objects.filter(entry_id=entry.pk), "from_stage", "to_stage", "changed_on",
        member_no="member__member_no",
    )  # fmt: skip
