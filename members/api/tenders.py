"""What an order is paid with beside money, as a till sends it with the order: coupons and points."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from members.actions.arrivals import Tender
from members.actions.points import MOST_POINTS
from members.api import purchases, whom
from members.queries.coupon_reasons import UnknownCoupon
from members.queries.gifts import POINTS_SOURCE
from newretail.kernel.api.fields import Fields
from newretail.kernel.models import User

FIELDS = ("coupons", "points_spent")
OF_A_COUPON = frozenset({"code", "discount"})
MOST_COUPONS = 20


class CouponPaidIn(serializers.Serializer[Any]):
    """A coupon that an order was paid with."""

    code = serializers.CharField(help_text="券码 · as typed or scanned")
    discount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, help_text="此券抵扣的金额 · what it took off"
    )


SERIALIZED = {
    "coupons": CouponPaidIn(
        many=True, required=False,
        help_text="支付所用的券；amount 为用券后的实付 · coupons it was paid with; amount is what was paid after them",
    ),
    "points_spent": serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_POINTS, help_text="支付所用的积分 · points it was paid with"
    ),
}  # fmt: skip


def named_in(order: Any) -> str:
    """Name the first field by which an order comes with coupons or points; empty where there is none."""
    return next((name for name in FIELDS if isinstance(order, dict) and name in order), "")


def read(order: Mapping[str, Any], user: User, freight_cents: int) -> Tender:
    """Read what an order is paid with beside money.

    Raises Problem: refused. Raises PermissionDenied. Refuses: UnknownCoupon.
    """
    fields = Fields({name: order.get(name) for name in FIELDS}, frozenset(FIELDS))
    if fields.given["coupons"] is not None:
        whom.require(user, "redemptions", "change")
    if fields.given["points_spent"] is not None:
        whom.require(user, "points", "change")
    coupons, points = _coupons(fields), fields.whole("points_spent", usual=0)
    if points and order.get("source") == POINTS_SOURCE:
        fields.wrong("source", "source_of_gifts")
    fields.judge()
    if any(not code for code, _cents in coupons):
        raise UnknownCoupon
    return Tender(coupons, points, freight_cents)


def _coupons(fields: Fields) -> list[tuple[str, int]]:
    given = fields.given["coupons"]
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_COUPONS:
        fields.wrong("coupons", "too_many_items" if isinstance(given, list) else "not_a_list")
        return []
    read: list[tuple[str, int]] = []
    for place, each in enumerate(given):
        one = Fields(each, OF_A_COUPON, f"coupons.{place}.")
        code, cents = purchases.code_of(one), one.cents("discount", required=True)
        if code and code in dict(read):
            one.wrong("code", "coupon_twice")
        read.append((code, cents or 0))
        fields.faults += one.faults
    return read
