"""Gifts ordered for points: placed, handed over by their code, cancelled; each whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.actions import gift_endings, merges, points
from members.actions.persons import AlreadyErased
from members.actions.points import Name
from members.actions.postings import AnotherMove
from members.models import Gift, GiftOrder, Member
from members.queries import coupon_codes, coupons
from members.queries import gift_reasons as reasons
from members.queries import gifts as questions
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.templatetags.people import moment
from newretail.kernel.verbs import Refused, verb
from stores.models import Store

State = GiftOrder.State
LONGEST_SOURCE, LONGEST_NUMBER, LONGEST_PICKUP = 40, 50, 64


class NoGiftOrderNumber(Refused):
    """It has no name by which it could be known again."""

    code = "bad_gift_order_no"
    sentence = gettext_noop("Give the source and a number of its own, of at most 40 and %(most)s characters.")


@dataclass(frozen=True)
class Wish:
    """A gift that a member wants to pick up in a store; (source, order_no) names the order for ever."""

    gift: Gift
    member: Member
    store: Store
    source: str
    order_no: str


@dataclass(frozen=True)
class Pickup:
    """A code that is shown in a store; (source, source_no) names the handing over for ever."""

    code: str
    store: Store
    source: str
    source_no: str


@dataclass(frozen=True)
class Told:
    """An order as it stands now; `again` tells that it was done before."""

    order: GiftOrder
    again: bool = False


QUEUE = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':gifts:' || %(source)s || ':' ||" \
        " upper(%(number)s), 0))"  # fmt: skip
RESERVE = """
UPDATE members_giftstock k SET reserved = k.reserved + 1
WHERE k.gift_id = %(gift)s AND k.store_id = %(store)s AND k.reserved < k.stock
  AND EXISTS (SELECT FROM members_gift g WHERE g.id = k.gift_id AND g.state = 'active')
"""
HAND_OVER = """
WITH handed AS (
  UPDATE members_giftorder o SET state = 'handed', ended_at = %(at)s, ended_by_id = %(by)s, pickup_source = %(source)s,
    pickup_no = %(number)s, end_entry_id = %(entry)s
  WHERE o.id = %(id)s AND o.state = 'open' RETURNING o.gift_id, o.store_id)
UPDATE members_giftstock k SET stock = k.stock - 1, reserved = k.reserved - 1, handed = k.handed + 1
FROM handed h WHERE k.gift_id = h.gift_id AND k.store_id = h.store_id
"""


def _check_name(source: str, number: str, most: int) -> None:
    given = ((source, LONGEST_SOURCE), (number, most))
    if not all(text.strip() and text.isprintable() and len(text) <= longest for text, longest in given):
        raise NoGiftOrderNumber(most=most)


def _spending(order: GiftOrder) -> Name:
    return Name(questions.POINTS_SOURCE, questions.points_number(order.source, order.order_no))


@verb
def place(*, wish: Wish, at: datetime, by: User | None = None) -> Told:
    """Order a gift: its points are spent, a piece of the store's stock is reserved, a code to pick it up is given.

    Asked again under its name the answer is the order as it stands, another wish is refused. Orders of one person
    queue on her rows, so that the limit of a member counts them all.
    Refuses: NoGiftOrderNumber, NamedOtherwise, AlreadyErased, NotOffered, LevelTooLow, EnoughOfIt, NoneLeft, NotEnough,
    AnotherMove.
    Writes: members.gift_order.placed, members.points.spent.
    """
    _check_name(wish.source, wish.order_no, LONGEST_NUMBER)
    sql.rows(QUEUE, {"source": wish.source, "number": wish.order_no})
    family = merges.hold_person(wish.member)
    if known := questions.ordered(wish.source, wish.order_no):
        return _as_before(known, wish, family)
    member = Member.objects.select_related("level").get(pk=family[0])
    if member.erased_at:
        raise AlreadyErased
    gift = Gift.objects.select_related("least_level").get(pk=wish.gift.pk)
    questions.check(gift, member, family, at)
    failpoint("gift_order.judged")
    if not sql.execute(RESERVE, {"gift": gift.pk, "store": wish.store.pk}):
        raise reasons.NoneLeft
    failpoint("gift_order.reserved")
    order = _written(wish, gift, member, at, by)
    if points.spend(member=member, points=gift.points, name=_spending(order), at=at, by=by).again:
        raise AnotherMove
    failpoint("gift_order.spent")
    return Told(order)


def _as_before(order: GiftOrder, wish: Wish, family: Sequence[int]) -> Told:
    asked = (wish.gift.pk, wish.store.pk)
    if (order.gift_id, order.store_id) != asked or order.member_id not in family:
        raise reasons.NamedOtherwise
    return Told(order, again=True)


def _written(wish: Wish, gift: Gift, member: Member, at: datetime, by: User | None) -> GiftOrder:
    line = journal.write(
        "members.gift_order.placed", at=at, by=by, subject=f"member:{member.pk}", gift=gift.code,
        store=wish.store.code, source=wish.source, order_no=wish.order_no, points=gift.points,
    )  # fmt: skip
    return GiftOrder.objects.create(
        source=wish.source, order_no=wish.order_no, code=coupon_codes.make(1)[0], gift=gift, member=member,
        store=wish.store, points=gift.points, extra_cents=gift.extra_cents, ordered_at=at,
        until=questions.pickup_until(gift, at), by=by, entry_id=line.pk,
    )  # fmt: skip


def locked(**name: object) -> GiftOrder | None:
    """Lock the order of this name, None where there is none; part of the verbs that change it."""
    rows = GiftOrder.objects.select_related("gift", "member", "store").select_for_update(no_key=True, of=("self",))
    return rows.filter(**name).first()


@verb
def hand_over(*, pickup: Pickup, at: datetime, by: User | None = None) -> Told:
    """Hand a gift over to whoever shows its code, in the store where it waits.

    The handing over's name is its business key: asked again the answer is the same, another one is refused.
    Refuses: NoGiftOrderNumber, UnknownPickup, TakenBack, HandedAlready, OrderEnded, WaitsElsewhere, PickupOver.
    Writes: members.gift_order.handed_over.
    """
    _check_name(pickup.source, pickup.source_no, LONGEST_PICKUP)
    order = locked(code=pickup.code)
    if order is None:
        raise reasons.UnknownPickup
    if order.state == State.HANDED and (order.pickup_source, order.pickup_no) == (pickup.source, pickup.source_no):
        return Told(order, again=True)
    if order.returns.filter(pickup_source=pickup.source, pickup_no=pickup.source_no).exists():
        raise reasons.TakenBack
    check_waits(order, pickup.store, at)
    failpoint("gift_pickup.judged")
    line = journal.write(
        "members.gift_order.handed_over", at=at, by=by, subject=f"member:{order.member_id}", gift=order.gift.code,
        store=order.store.code, source=order.source, order_no=order.order_no,
    )  # fmt: skip
    given = {"id": order.pk, "at": at, "by": by.pk if by else None, "source": pickup.source,
             "number": pickup.source_no, "entry": line.pk}  # fmt: skip
    if not sql.execute(HAND_OVER, given):
        raise _ended(order)
    failpoint("gift_pickup.written")
    order.refresh_from_db()
    return Told(order)


def _ended(order: GiftOrder) -> Refused:
    when = moment(order.ended_at)
    if order.state == State.HANDED:
        return reasons.HandedAlready(when=when, where=order.store.name)
    return reasons.OrderEnded(when=when, state=order.get_state_display())


def check_waits(order: GiftOrder, store: Store, at: datetime) -> None:
    """Refuse an order that has ended, that waits in another store, or whose time is over.

    Refuses: HandedAlready, OrderEnded, WaitsElsewhere, PickupOver.
    """
    if order.state != State.OPEN:
        raise _ended(order)
    if order.store_id != store.pk:
        raise reasons.WaitsElsewhere(where=order.store.name)
    if at >= order.until:
        raise reasons.PickupOver(last=coupons.day(order.until - timedelta(seconds=1)))


@verb
def cancel(
    *, source: str, order_no: str, reason: str, at: datetime, by: User | None = None, within: list[int] | None = None
) -> Told:
    """Cancel an order that waits, for a reason that is kept: its piece is free again, its points go back.

    Asked again the answer is the same. An order of a store beyond `within` (ids) is not there.
    Refuses: WhyMissing, NumberInNote, UnknownGiftOrder, HandedAlready, OrderEnded.
    Writes: members.gift_order.cancelled, members.points.reversed.
    """
    reason = merges.said(reason)
    order = locked(source=source, order_no__iexact=order_no)
    if order is None or (within is not None and order.store_id not in within):
        raise reasons.UnknownGiftOrder
    if order.state == State.CANCELLED:
        return Told(order, again=True)
    if order.state != State.OPEN:
        raise _ended(order)
    line = journal.write(
        "members.gift_order.cancelled", at=at, by=by, subject=f"member:{order.member_id}", gift=order.gift.code,
        store=order.store.code, source=order.source, order_no=order.order_no,
    )  # fmt: skip
    if not gift_endings.end([order.pk], state=State.CANCELLED, entry=line.pk, at=at, by=by, reason=reason):
        raise _ended(order)
    order.refresh_from_db()
    return Told(order)
