"""A member's books: points, coupons, gifts as they move. A coupon is named by its code's end: the whole is money."""

from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Right
from django.utils.translation import gettext_noop

from members.models import Coupon, CouponEvent, GiftOrder, PointsEntry
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells
from newretail.kernel.webhooks.rows import told

CODE_END = 6


@tells(
    "members.points.earned", "members.points.released", "members.points.spent", "members.points.reversed",
    "members.points.gifted", "members.points.granted", "members.points.adjusted", "members.points.expired",
    event="points.moved", says=gettext_noop("points were earned, spent, given or expired"),
)  # fmt: skip
def points_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the entries of points a line wrote."""
    return told(
        PointsEntry.objects.filter(entry_id=entry.pk), "kind", "points", "pending", "source", "source_no", "made_at",
        member_no="member__member_no",
    )  # fmt: skip


@tells("members.coupon.issued", event="coupon.issued", says=gettext_noop("coupons were issued"))
def coupons_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the coupons a line issued."""
    rows = Coupon.objects.filter(entry_id=entry.pk).annotate(code_end=Right("code", CODE_END))
    return told(rows, "code_end", "valid_from", "valid_until", member_no="member__member_no", plan_code="plan__code")


@tells(
    "members.coupon.claimed", "members.coupon.locked", "members.coupon.released", "members.coupon.redeemed",
    "members.coupon.rolled_back", "members.coupon.voided", "members.coupon.expired",
    event="coupon.moved", says=gettext_noop("a coupon was claimed, locked, redeemed, rolled back, or ended"),
)  # fmt: skip
def moves_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the moves of coupons a line wrote."""
    rows = CouponEvent.objects.filter(entry_id=entry.pk).annotate(code_end=Right("coupon__code", CODE_END))
    return told(
        rows, "code_end", "move", "at", "source", "source_no", "amount_cents", "discount_cents",
        member_no="coupon__member__member_no", plan_code="coupon__plan__code", store_code="store__code",
    )  # fmt: skip


def _gift_orders(**line: int) -> Iterator[dict[str, Any]]:
    return told(
        GiftOrder.objects.filter(**line), "source", "order_no", "points", "extra_cents", "state", "ordered_at", "until",
        "ended_at", member_no="member__member_no", gift_code="gift__code", store_code="store__code",
    )  # fmt: skip


@tells("members.gift_order.placed", event="gift_order.placed", says=gettext_noop("a gift was ordered for points"))
def gifts_ordered(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the gift order a line placed; its pick-up code is worth the gift, and is not told."""
    return _gift_orders(entry_id=entry.pk)


@tells(
    "members.gift_order.handed_over", "members.gift_order.cancelled", "members.gift_order.lapsed",
    event="gift_order.ended",
    says=gettext_noop("an ordered gift was handed over, or its order was cancelled or lapsed"),
)  # fmt: skip
def gifts_ended(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the gift orders a line ended."""
    return _gift_orders(end_entry_id=entry.pk)


@tells(
    "members.gift_order.taken_back", event="gift_order.taken_back",
    says=gettext_noop("an ordered gift was taken back; its order waits again"),
)  # fmt: skip
def gifts_taken_back(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the gift order whose handing over a line undid."""
    return _gift_orders(returns__entry_id=entry.pk)
