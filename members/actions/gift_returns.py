"""Gifts taken back on the day they were handed over: the piece lies in the store again, the order waits again."""

from dataclasses import dataclass
from datetime import datetime

from members.actions import gift_endings, gift_orders, merges
from members.actions.gift_orders import Told
from members.actions.persons import AlreadyErased
from members.models import GiftOrder, Member
from members.models.gifts import MOST_PIECES
from members.queries import coupons
from members.queries import gift_reasons as reasons
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb


@dataclass(frozen=True)
class Handing:
    """A handing over: the order's name, and its own."""

    source: str
    order_no: str
    pickup_source: str
    pickup_no: str


TAKE_BACK = """
WITH back AS (
  UPDATE members_giftorder o SET state = 'open', ended_at = NULL, ended_by_id = NULL, pickup_source = '',
    pickup_no = '', end_entry_id = NULL
  FROM members_giftorder was, members_giftstock k
  WHERE was.id = o.id AND o.id = %(id)s AND o.state = 'handed' AND (k.gift_id, k.store_id) = (o.gift_id, o.store_id)
    AND k.stock < %(most)s
  RETURNING o.id, o.gift_id, o.store_id, was.pickup_source, was.pickup_no, was.ended_at, was.ended_by_id,
    was.end_entry_id),
lies AS (
  UPDATE members_giftstock k SET stock = k.stock + 1, reserved = k.reserved + 1, handed = k.handed - 1
  FROM back b WHERE (k.gift_id, k.store_id) = (b.gift_id, b.store_id))
INSERT INTO members_giftreturn
  (order_id, pickup_source, pickup_no, handed_at, handed_by_id, returned_at, by_id, reason, handed_entry_id, entry_id)
SELECT id, pickup_source, pickup_no, ended_at, ended_by_id, %(at)s, %(by)s, %(reason)s, end_entry_id, %(entry)s
FROM back
"""


@verb
def take_back(
    *, handing: Handing, reason: str, at: datetime, by: User | None = None, within: list[int] | None = None
) -> Told:
    """Undo a handing over on its own day, for a reason that is kept: the gift is in the store, its order waits.

    Asked again the answer is the same. An order of a store beyond `within` (ids) is not there.
    Refuses: WhyMissing, NumberInNote, UnknownGiftOrder, NotHandedSo, DayOver, AlreadyErased, NoRoom.
    Writes: members.gift_order.taken_back.
    """
    reason = merges.said(reason)
    order = gift_orders.locked(source=handing.source, order_no__iexact=handing.order_no)
    if order is None or (within is not None and order.store_id not in within):
        raise reasons.UnknownGiftOrder
    named = {"pickup_source": handing.pickup_source, "pickup_no": handing.pickup_no}
    if order.returns.filter(**named).exists():
        return Told(order, again=True)
    _check(order, handing, at)
    failpoint("gift_return.judged")
    sql.rows(gift_endings.LOCK_STOCKS, {"ids": [order.pk]})
    line = journal.write(
        "members.gift_order.taken_back", at=at, by=by, subject=f"member:{order.member_id}", gift=order.gift.code,
        store=order.store.code, source=order.source, order_no=order.order_no,
    )  # fmt: skip
    given = {"id": order.pk, "at": at, "by": by.pk if by else None, "reason": reason, "entry": line.pk,
             "most": MOST_PIECES}  # fmt: skip
    if not sql.execute(TAKE_BACK, given):
        raise reasons.NoRoom
    failpoint("gift_return.written")
    order.refresh_from_db()
    return Told(order)


def _check(order: GiftOrder, handing: Handing, at: datetime) -> None:
    """Refuse what was not handed over so, or on another day; who was erased meanwhile is waited for."""
    named = (order.pickup_source, order.pickup_no) == (handing.pickup_source, handing.pickup_no)
    if order.state != GiftOrder.State.HANDED or order.ended_at is None or not named:
        raise reasons.NotHandedSo
    if clock.business_day(order.ended_at) != clock.business_day(at):
        raise reasons.DayOver(day=coupons.day(order.ended_at))
    family = merges.hold_person(order.member)
    if Member.objects.filter(pk__in=family, erased_at__isnull=False).exists():
        raise AlreadyErased
