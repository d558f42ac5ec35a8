"""The catalogue of gifts: kept, paused, resumed, and how many lie in each store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from members.models import Gift
from members.models.gifts import MOST_PIECES
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

State = Gift.State


class BadGift(Refused):
    """What it says does not hold together."""

    code = "bad_gift"
    sentence = gettext_noop("The gift cannot be kept: %(why)s")


class GiftStands(Refused):
    """It is so already."""

    code = "gift_stands"
    sentence = gettext_noop("The gift %(gift)s is %(state)s already.")


class NoPieces(Refused):
    """Not a number of pieces."""

    code = "bad_pieces"
    sentence = gettext_noop("Pieces are a whole number from 0 to 1,000,000.")


class BelowReserved(Refused):
    """So many wait to be picked up."""

    code = "gift_below_reserved"
    sentence = gettext_noop("In the store %(store)s %(reserved)s pieces wait to be picked up; there are no fewer.")


class CountedOtherwise(Refused):
    """It changed since it was looked at."""

    code = "gift_counted_otherwise"
    sentence = gettext_noop("In the store %(store)s there are %(now)s pieces by now, not %(seen)s. Look again.")


@dataclass(frozen=True)
class Count:
    """How many pieces lie in a store; `seen`: how many there were when somebody looked, None where nobody did."""

    pieces: int
    seen: int | None = None


OPEN_STOCKS = """
INSERT INTO members_giftstock (gift_id, store_id, stock, reserved, handed)
SELECT %(gift)s, u.store_id, 0, 0, 0 FROM unnest(%(stores)s::bigint[]) u(store_id) ORDER BY u.store_id
ON CONFLICT (gift_id, store_id) DO NOTHING
"""
LOCK_STOCKS = """
SELECT k.store_id, s.code, k.stock, k.reserved FROM members_giftstock k JOIN stores_store s ON s.id = k.store_id
WHERE k.gift_id = %(gift)s AND k.store_id = ANY(%(stores)s) ORDER BY k.id FOR NO KEY UPDATE OF k
"""
SUPPLY = """
WITH put AS (
  UPDATE members_giftstock k SET stock = u.pieces FROM members_giftstock was,
    unnest(%(stores)s::bigint[], %(pieces)s::int[]) u(store_id, pieces)
  WHERE k.gift_id = %(gift)s AND k.store_id = u.store_id AND was.id = k.id AND was.stock <> u.pieces
  RETURNING k.id, u.pieces - was.stock AS pieces)
INSERT INTO members_giftsupply (of_stock_id, pieces, at, by_id, entry_id)
SELECT id, pieces, %(at)s, %(by)s, %(entry)s FROM put ORDER BY id
"""


@verb
def keep(*, terms: Mapping[str, Any], at: datetime, by: User | None = None) -> Gift:
    """Keep a gift under its code, new or changed; what was ordered keeps its price and its days.

    Refuses: BadGift.
    Writes: members.gift.kept.
    """
    code = str(terms["code"])
    gift = Gift.objects.select_for_update(no_key=True).filter(code=code).first() or Gift()
    was = {name: getattr(gift, name) for name in terms}
    for name, value in terms.items():
        setattr(gift, name, value)
    try:
        gift.full_clean(validate_unique=False)
    except ValidationError as error:
        raise BadGift(why=" ".join(error.messages)) from None
    changed = sorted(name for name, value in terms.items() if was[name] != value) if gift.pk else []
    line = journal.write("members.gift.kept", at=at, by=by, subject=code, points=gift.points, changed=changed)
    gift.entry_id = line.pk
    gift.save()
    return gift


def _turn(gift: Gift, state: str, name: str, at: datetime, by: User | None) -> Gift:
    row = Gift.objects.select_for_update(no_key=True).get(pk=gift.pk)
    if row.state == state:
        raise GiftStands(gift=row.code, state=row.get_state_display())
    row.state, row.entry_id = state, journal.write(name, at=at, by=by, subject=row.code).pk
    row.save()
    return row


@verb
def pause(*, gift: Gift, at: datetime, by: User | None = None) -> Gift:
    """Let nobody order a gift for a while; what was ordered is handed over.

    Refuses: GiftStands.
    Writes: members.gift.paused.
    """
    return _turn(gift, State.PAUSED, "members.gift.paused", at, by)


@verb
def resume(*, gift: Gift, at: datetime, by: User | None = None) -> Gift:
    """Let a paused gift be ordered again.

    Refuses: GiftStands.
    Writes: members.gift.resumed.
    """
    return _turn(gift, State.ACTIVE, "members.gift.resumed", at, by)


@verb
def supply(*, gift: Gift, counts: Mapping[int, Count], at: datetime, by: User | None = None) -> int:
    """Say how many pieces of a gift lie in stores (ids), those reserved among them; return how many counts changed.

    Refuses: NoPieces, BelowReserved, CountedOtherwise.
    Writes: members.gift.supplied.
    """
    stores = sorted(counts)
    if any(type(counts[store].pieces) is not int or not 0 <= counts[store].pieces <= MOST_PIECES for store in stores):
        raise NoPieces
    given: sql.Params = {"gift": gift.pk, "stores": stores, "pieces": [counts[store].pieces for store in stores]}
    sql.execute(OPEN_STOCKS, given)
    for store, code, stock, reserved in sql.rows(LOCK_STOCKS, given):
        _judge(counts[store], code, stock, reserved)
    entry = journal.reserve()
    changed = sql.execute(SUPPLY, {**given, "at": at, "by": by.pk if by else None, "entry": entry})
    if changed:
        journal.write("members.gift.supplied", at=at, by=by, subject=gift.code, entry_id=entry, stores=changed)
    return changed


def _judge(count: Count, store: str, stock: int, reserved: int) -> None:
    if count.seen is not None and count.seen != stock:
        raise CountedOtherwise(store=store, now=stock, seen=count.seen)
    if count.pieces < reserved:
        raise BelowReserved(store=store, reserved=reserved)
