"""A member's books: points and coupons as they move. A coupon is named by the end of its code: the whole is money."""

from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Right
from django.utils.translation import gettext_noop

from members.hooks.rows import told
from members.models import Coupon, CouponEvent, PointsEntry
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells

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
