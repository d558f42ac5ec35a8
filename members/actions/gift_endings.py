"""How gift orders that wait come to an end: their pieces are free again, their points go back."""

from collections.abc import Sequence
from datetime import datetime

from members.actions import reversals
from members.models import GiftOrder
from members.queries import gifts as questions
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

State = GiftOrder.State
ERASED = "person_erased"  # why an order ended whose member was erased
LOCK_STOCKS = """
SELECT 1 FROM members_giftstock WHERE (gift_id, store_id) IN (
  SELECT gift_id, store_id FROM members_giftorder WHERE id = ANY(%(ids)s)) ORDER BY id FOR NO KEY UPDATE
"""
END = """
WITH ended AS (
  UPDATE members_giftorder o SET state = %(state)s, ended_at = %(at)s, ended_by_id = %(by)s, reason = %(reason)s,
    end_entry_id = %(entry)s
  WHERE o.id = ANY(%(ids)s) AND o.state = 'open' RETURNING o.*),
freed AS (
  UPDATE members_giftstock k SET reserved = k.reserved - n.pieces
  FROM (SELECT gift_id, store_id, count(*) AS pieces FROM ended GROUP BY gift_id, store_id) n
  WHERE k.gift_id = n.gift_id AND k.store_id = n.store_id)
SELECT source, order_no FROM ended ORDER BY id
"""
# An order in somebody's hand this moment is left to whoever holds it.
LAPSED = """
SELECT id FROM members_giftorder WHERE state = 'open' AND until <= %(at)s ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
WAITING = """
SELECT id FROM members_giftorder WHERE state = 'open' AND member_id = ANY(%(members)s) ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
"""


def end(
    ids: Sequence[int], *, state: str, entry: int, at: datetime, by: User | None = None, reason: str = ""
) -> int:  # fmt: skip
    """End orders that the caller has locked, those of them that wait; part of the verbs that say why."""
    sql.rows(LOCK_STOCKS, {"ids": list(ids)})
    given = {"ids": list(ids), "state": state, "reason": reason, "at": at, "by": by.pk if by else None, "entry": entry}
    ended = sql.rows(END, given)
    failpoint("gift_order.ended")
    numbers = [questions.points_number(source, number) for source, number in ended]
    if numbers:
        reversals.reverse_all(source=questions.POINTS_SOURCE, numbers=numbers, at=at, by=by)
    return len(ended)


@verb
def lapse(*, at: datetime) -> int:
    """Let orders lapse whose time to be picked up is over: their pieces are free again, their points go back.

    Return how many did.
    Writes: members.gift_order.lapsed, members.points.reversed.
    """
    ids = [row[0] for row in sql.rows(LAPSED, {"at": at})]
    if not ids:
        return 0
    line = journal.write("members.gift_order.lapsed", at=at, count=len(ids))
    return end(ids, state=State.LAPSED, entry=line.pk, at=at)


def none_in_hand(members: Sequence[int]) -> bool:
    """Lock the orders of members (ids) that wait; tell whether nobody works at one of them this moment."""
    held = sql.rows(WAITING, {"members": list(members)})
    return len(held) == GiftOrder.objects.filter(member__in=members, state=State.OPEN).count()


@verb
def cancel_all(*, members: Sequence[int], at: datetime, by: User | None = None) -> int:
    """Cancel the orders that wait of a person who is erased (ids of her rows); return how many.

    Their points go back into her account, as her books stay whole: nobody spends them, and they end as others do.
    Writes: members.gift_order.cancelled, members.points.reversed.
    """
    ids = [row[0] for row in sql.rows(WAITING, {"members": list(members)})]
    if not ids:
        return 0
    line = journal.write("members.gift_order.cancelled", at=at, by=by, subject=f"member:{members[0]}", count=len(ids))
    return end(ids, state=State.CANCELLED, entry=line.pk, at=at, by=by, reason=ERASED)
