"""Gifts and orders of them: what may be ordered now and by whom, until when it waits, what a name leads to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from members.models import Gift, GiftOrder, GiftStock, Member
from members.queries import gift_reasons as reasons
from newretail.kernel import brand, clock

POINTS_SOURCE = "gifts"  # under this source stand the spendings of gift orders, and what came back of them
COUNTED = (GiftOrder.State.OPEN, GiftOrder.State.HANDED)


def points_number(source: str, order_no: str) -> str:
    """Name the spending of a gift order, and its reversal."""
    return f"{source}:{order_no}"


def ordered(source: str, order_no: str) -> GiftOrder | None:
    """Find the order that this name leads to, however its number is typed."""
    rows = GiftOrder.objects.select_related("gift", "member", "store")
    return rows.filter(source=source, order_no__iexact=order_no).first()


def shown(code: str) -> GiftOrder | None:
    """Find the order that this pick-up code leads to."""
    return GiftOrder.objects.select_related("gift", "member", "store").filter(code=code).first()


def pickup_until(gift: Gift, at: datetime) -> datetime:
    """Say before which instant a gift that is ordered now is picked up: whole days after today."""
    days = gift.pickup_days or int(brand.setting("gift_pickup_days"))
    return clock.day_start(clock.business_day(at) + timedelta(days=days + 1))


def check(gift: Gift, member: Member, family: Sequence[int], at: datetime) -> None:
    """Refuse a gift that is not offered now, not to a member of her level, or that she has had often enough.

    The caller holds the family: what is counted stands still.
    Refuses: NotOffered, LevelTooLow, EnoughOfIt.
    """
    if not Gift.objects.offered(clock.business_day(at)).filter(pk=gift.pk).exists():
        raise reasons.NotOffered
    least = gift.least_level
    if least and (member.level is None or member.level.rank < least.rank):
        raise reasons.LevelTooLow(level=least.name)
    if gift.per_member:
        had = GiftOrder.objects.filter(gift=gift, member__in=family, state__in=COUNTED).count()
        if had >= gift.per_member:
            raise reasons.EnoughOfIt(most=gift.per_member)


def with_left_in(rows: QuerySet[Gift], store_id: int) -> QuerySet[Any]:
    """Tell of each gift how many pieces of it a store has that are not reserved."""
    there = GiftStock.objects.filter(gift=OuterRef("pk"), store=store_id).annotate(free=F("stock") - F("reserved"))
    return rows.annotate(left=Coalesce(Subquery(there.values("free")[:1], output_field=IntegerField()), 0))
