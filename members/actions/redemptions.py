"""Use coupons: lock, redeem, give back; one by one at a till, or all those of many orders in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.queries import coupons
from members.queries.coupon_reasons import DiscountDiffers, PlanStopped, UnknownCoupon
from members.queries.coupons import Found, Purchase, Use
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.templatetags.people import money
from newretail.kernel.verbs import Refused, verb

USUAL_HOLD = timedelta(minutes=30)
LONGEST_HOLD = timedelta(days=1)


class NotRedeemed(Refused):
    """This purchase has not redeemed it."""

    code = "coupon_not_redeemed"
    sentence = gettext_noop("This purchase has not redeemed this coupon.")


class NotHeld(Refused):
    """This purchase does not hold it."""

    code = "coupon_not_held"
    sentence = gettext_noop("This purchase does not hold this coupon.")


class UndoOver(Refused):
    """The time to undo is over."""

    code = "coupon_undo_over"
    sentence = gettext_noop("A redemption of this plan is undone within %(minutes)s minutes.")


class StaysRedeemed(Refused):
    """Coupons of its plan do not come back."""

    code = "coupon_stays_redeemed"
    sentence = gettext_noop("Coupons of this plan do not come back when the purchase is refunded.")


@dataclass(frozen=True)
class Redemption:
    """What became of a coupon: `again` tells that this purchase had done it before."""

    code: str
    plan_code: str
    plan_name: str
    discount_cents: int
    at: datetime
    product_sku: str | None = None
    product_name: str = ""
    until: datetime | None = None
    again: bool = False


# Whoever uses coupons in one purchase queues by its name; coupons are locked by id, and read only then.
QUEUE = """
SELECT pg_advisory_xact_lock(hashtextextended(q.name, 0)) FROM (
  SELECT DISTINCT current_schema() || ':coupons:' || source || ':' || source_no AS name
  FROM unnest(%(sources)s::text[], %(numbers)s::text[]) AS u(source, source_no) ORDER BY 1 OFFSET 0) q
"""
LOCK = "SELECT 1 FROM members_coupon WHERE code = ANY(%(codes)s) ORDER BY id FOR NO KEY UPDATE"
# Coupons of several plans: the plans are locked by id too, after the coupons.
LOCK_PLANS = """
SELECT 1 FROM members_couponplan WHERE id IN (SELECT plan_id FROM members_coupon WHERE code = ANY(%(codes)s))
ORDER BY id FOR NO KEY UPDATE
"""
REDEEM = """
WITH used AS (
  UPDATE members_coupon c SET state = 'redeemed', source = u.source, source_no = u.source_no, locked_until = NULL,
    redeemed_at = %(at)s, redeemed_by_id = %(by)s, store_id = u.store_id, amount_cents = u.amount_cents,
    discount_cents = u.discount_cents, moves = c.moves + 1
  FROM unnest(%(ids)s::bigint[], %(sources)s::text[], %(numbers)s::text[], %(stores)s::bigint[],
    %(amounts)s::bigint[], %(discounts)s::bigint[])
    AS u(coupon_id, source, source_no, store_id, amount_cents, discount_cents)
  WHERE c.id = u.coupon_id AND (c.state = 'issued' OR c.state = 'locked'
      AND (c.locked_until <= %(at)s OR (c.source, c.source_no) = (u.source, u.source_no)))
    AND EXISTS (SELECT 1 FROM members_couponplan p WHERE p.id = c.plan_id AND p.state = 'active')
  RETURNING c.*),
counted AS (
  UPDATE members_couponplan p SET redeemed = p.redeemed + n.times
  FROM (SELECT plan_id, count(*) AS times FROM used GROUP BY plan_id) n WHERE p.id = n.plan_id)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, store_id, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'redeemed', %(at)s, %(by)s, source, source_no, store_id, amount_cents, discount_cents, %(entry)s
FROM used ORDER BY id RETURNING coupon_id
"""
GIVE_BACK = """
WITH back AS (
  UPDATE members_coupon c SET state = 'issued', source = '', source_no = '', redeemed_at = NULL, redeemed_by_id = NULL,
    store_id = NULL, amount_cents = 0, discount_cents = 0, moves = c.moves + 1
  FROM members_coupon was
  WHERE was.id = c.id AND c.id = ANY(%(ids)s) AND c.state = 'redeemed'
  RETURNING c.id, c.plan_id, c.moves, was.source, was.source_no, was.store_id, was.amount_cents, was.discount_cents),
counted AS (
  UPDATE members_couponplan p SET redeemed = p.redeemed - n.times
  FROM (SELECT plan_id, count(*) AS times FROM back GROUP BY plan_id) n WHERE p.id = n.plan_id)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, store_id, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'rolled_back', %(at)s, %(by)s, source, source_no, store_id, amount_cents, discount_cents, %(entry)s
FROM back ORDER BY id RETURNING coupon_id
"""
HOLD = """
WITH held AS (
  UPDATE members_coupon c SET state = 'locked', source = %(source)s, source_no = %(number)s, locked_until = %(until)s,
    moves = c.moves + 1
  WHERE c.id = %(id)s AND (c.state = 'issued' OR c.state = 'locked' AND c.locked_until <= %(at)s)
  RETURNING c.id, c.moves)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'locked', %(at)s, %(by)s, %(source)s, %(number)s, %(amount)s, %(discount)s, %(entry)s FROM held
RETURNING coupon_id
"""
RELEASE = """
WITH freed AS (
  UPDATE members_coupon c SET state = 'issued', source = '', source_no = '', locked_until = NULL, moves = c.moves + 1
  WHERE c.id = %(id)s AND c.state = 'locked' AND (c.source, c.source_no) = (%(source)s, %(number)s)
  RETURNING c.id, c.moves)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'released', %(at)s, %(by)s, %(source)s, %(number)s, 0, 0, %(entry)s FROM freed
RETURNING coupon_id
"""


def _read(uses: Sequence[Use]) -> dict[str, Found]:
    """Queue for the purchases and the coupons, then read them."""
    return coupons.found(uses, QUEUE, LOCK, *([LOCK_PLANS] if len(uses) > 1 else []))


def _one(use: Use) -> Found:
    """Queue for one coupon, then read it."""
    coupon = _read([use]).get(use.code)
    if coupon is None:
        raise UnknownCoupon
    return coupon


def _as_before(coupon: Found, at: datetime) -> Redemption:
    """Give the answer that the purchase was given the first time."""
    return Redemption(
        coupon.code, coupon.plan_code, coupon.plan_name, coupon.discount_cents, coupon.redeemed_at or at,
        coupon.product_sku, coupon.product_name, until=coupon.undone_until(), again=True,
    )  # fmt: skip


@verb
def redeem(*, use: Use, at: datetime, by: User | None = None) -> Redemption:
    """Redeem a coupon in a purchase: its state, its plan's count and the ledger in one statement.

    The purchase's name is its business key: asked again the answer is the same, another purchase is refused.
    Refuses: UnknownCoupon, and whatever of `coupon_reasons` holds.
    Writes: members.coupon.redeemed.
    """
    coupon = _one(use)
    if coupon.redeemed_at and coupon.key == use.key:
        return _as_before(coupon, at)
    worth = coupons.worth(coupon, use, at)
    failpoint("redemption.judged")
    line = journal.write(
        "members.coupon.redeemed", at=at, by=by, subject=f"coupon:{coupon.id}", plan=coupon.plan_code,
        source=use.source, source_no=use.source_no, amount_cents=use.purchase.amount_cents,
        discount_cents=worth.discount_cents,
    )  # fmt: skip
    failpoint("redemption.journalled")
    _write([(coupon, use, worth.discount_cents)], entry=line.pk, at=at, by=by)
    failpoint("redemption.written")
    until = at + timedelta(minutes=coupon.undo_minutes)
    return Redemption(
        coupon.code, coupon.plan_code, coupon.plan_name, worth.discount_cents, at, worth.product_sku,
        worth.product_name, until=until,
    )  # fmt: skip


def _write(spent: Sequence[tuple[Found, Use, int]], *, entry: int, at: datetime, by: User | None) -> None:
    """Redeem coupons that were judged; all of them, or nothing is."""
    written = sql.prepared(
        {
            "ids": [coupon.id for coupon, _use, _off in spent],
            "sources": [use.source for _coupon, use, _off in spent],
            "numbers": [use.source_no for _coupon, use, _off in spent],
            "stores": [use.purchase.store_id for _coupon, use, _off in spent],
            "amounts": [use.purchase.amount_cents for _coupon, use, _off in spent],
            "discounts": [off for _coupon, _use, off in spent],
            "at": at, "by": by.pk if by else None, "entry": entry,
        },
        REDEEM,
    )  # fmt: skip
    if len(written) != len(spent):
        raise PlanStopped


@verb
def redeem_all(
    *, shown: Sequence[tuple[str, int]], source: str, source_no: str, paid: Purchase, at: datetime,
    by: User | None = None,
) -> list[Redemption]:  # fmt: skip
    """Redeem coupons (code, cents they took off) in one purchase, in the order they are shown: all of them, or none.

    They are judged one after another, each on the purchase before any coupon: what was `paid`, with all that coupons
    took off it, those redeemed in it before too; one that took freight off, on the freight with what it took off.
    Refuses: UnknownCoupon, and whatever of `coupon_reasons` holds.
    Writes: members.coupon.redeemed.
    """
    known = _read([coupons.named(code, source, source_no) for code, _told in shown])
    told = {code: cents for code, cents in shown if code in known}
    before = max((each.other_cents + _redeemed_cents([each], source, source_no) for each in known.values()), default=0)
    earlier = before - _redeemed_cents(known.values(), source, source_no)
    amount = paid.amount_cents + sum(told.values()) + earlier
    redeemed = []
    for code, cents in shown:
        whole = replace(paid, amount_cents=amount, freight_cents=paid.freight_cents + cents)
        one = redeem(use=Use(code, whole, source, source_no, cents), at=at, by=by)
        if one.discount_cents != cents:
            raise DiscountDiffers(gives=money(one.discount_cents), told=money(cents))
        redeemed.append(one)
    return redeemed


def _redeemed_cents(found: Iterable[Found], source: str, source_no: str) -> int:
    """Sum what those of these coupons have taken off that this purchase has redeemed."""
    return sum(each.discount_cents for each in found if each.redeemed_at and each.key == (source, source_no))


@verb
def lock(*, use: Use, at: datetime, hold: timedelta = USUAL_HOLD, by: User | None = None) -> Redemption:
    """Hold a coupon for a purchase that is being paid, for a while; it is judged as if it were redeemed.

    Refuses: UnknownCoupon, and whatever of `coupon_reasons` holds.
    Writes: members.coupon.locked.
    """
    coupon, until = _one(use), at + min(hold, LONGEST_HOLD)
    if coupon.redeemed_at and coupon.key == use.key:
        return _as_before(coupon, at)
    worth = coupons.worth(coupon, use, at)
    again = coupon.is_held(at)
    if not again:
        line = journal.write(
            "members.coupon.locked", at=at, by=by, subject=f"coupon:{coupon.id}", plan=coupon.plan_code,
            source=use.source, source_no=use.source_no,
        )  # fmt: skip
        sql.execute(
            HOLD,
            {**_move(coupon, use.source, use.source_no, at, by, line.pk), "until": until,
             "amount": use.purchase.amount_cents, "discount": worth.discount_cents},
        )  # fmt: skip
    return Redemption(
        coupon.code, coupon.plan_code, coupon.plan_name, worth.discount_cents, at, worth.product_sku,
        worth.product_name, until=coupon.locked_until if again else until, again=again,
    )  # fmt: skip


def _move(coupon: Found, source: str, number: str, at: datetime, by: User | None, entry: int) -> sql.Params:
    return {
        "id": coupon.id, "source": source, "number": number, "at": at, "by": by.pk if by else None, "entry": entry,
    }  # fmt: skip


@verb
def release(*, code: str, source: str, source_no: str, at: datetime, by: User | None = None) -> Redemption:
    """Let a coupon go that a purchase holds, because it will not be paid.

    Refuses: UnknownCoupon, NotHeld.
    Writes: members.coupon.released.
    """
    coupon = _one(coupons.named(code, source, source_no))
    if coupon.state != "locked" or coupon.key != (source, source_no):
        raise NotHeld
    line = journal.write(
        "members.coupon.released", at=at, by=by, subject=f"coupon:{coupon.id}", plan=coupon.plan_code,
        source=source, source_no=source_no,
    )  # fmt: skip
    sql.execute(RELEASE, _move(coupon, source, source_no, at, by, line.pk))
    return Redemption(coupon.code, coupon.plan_code, coupon.plan_name, 0, at)


@verb
def roll_back(
    *,
    code: str,
    source: str,
    source_no: str,
    at: datetime,
    refunded: bool = False,
    within: Sequence[int] | None = None,
    by: User | None = None,
) -> Redemption:
    """Give a coupon back that a purchase has redeemed: undone at the till, or because the purchase was `refunded`.

    Asked again the answer is the same. What was redeemed in none of the stores `within` is not there.
    Refuses: UnknownCoupon, NotRedeemed, UndoOver, StaysRedeemed.
    Writes: members.coupon.rolled_back.
    """
    coupon = _one(coupons.named(code, source, source_no))
    if within is not None and coupon.redeemed_at and coupon.store_id not in within:
        raise NotRedeemed
    redeemed = bool(coupon.redeemed_at) and coupon.key == (source, source_no)
    if coupon.used_before and not redeemed:
        return Redemption(coupon.code, coupon.plan_code, coupon.plan_name, 0, at, again=True)
    if not redeemed:
        raise NotRedeemed
    if refunded and not coupon.comes_back:
        raise StaysRedeemed
    if not refunded and at > (coupon.undone_until() or at):
        raise UndoOver(minutes=coupon.undo_minutes)
    line = journal.write(
        "members.coupon.rolled_back", at=at, by=by, subject=f"coupon:{coupon.id}", plan=coupon.plan_code,
        source=source, source_no=source_no, discount_cents=coupon.discount_cents,
    )  # fmt: skip
    give_back([coupon.id], entry=line.pk, at=at, by=by)
    return Redemption(coupon.code, coupon.plan_code, coupon.plan_name, coupon.discount_cents, at)


def give_back(ids: Sequence[int], *, entry: int, at: datetime, by: User | None) -> int:
    """Give coupons back, those of them that are redeemed; part of the verbs that say why."""
    return len(sql.rows(GIVE_BACK, {"ids": list(ids), "at": at, "by": by.pk if by else None, "entry": entry}))


# Coupons of orders that a line's refunds have refunded whole, where their plan lets them come back.
REFUNDED = """
SELECT c.id FROM members_coupon c JOIN members_couponplan p ON p.id = c.plan_id
WHERE c.state = 'redeemed' AND p.comes_back AND (c.source_no, c.source) IN (
  SELECT o.order_no, o.source FROM members_refund f JOIN members_order o ON o.id = f.order_id
  WHERE f.entry_id = %(line)s AND o.refunded_cents >= o.amount_cents)
ORDER BY c.id FOR NO KEY UPDATE OF c
"""
THEIR_PLANS = """
SELECT 1 FROM members_couponplan WHERE id IN (SELECT plan_id FROM members_coupon WHERE id = ANY(%(ids)s))
ORDER BY id FOR NO KEY UPDATE
"""


@verb
def return_refunded(*, line: int, at: datetime, by: User | None = None) -> int:
    """Give back what was redeemed in orders that the refunds of a journal line have refunded whole; tell how many.

    Writes: members.coupon.rolled_back.
    """
    ids = [row[0] for row in sql.rows(REFUNDED, {"line": line})]
    if not ids:
        return 0
    sql.rows(THEIR_PLANS, {"ids": ids})
    told = journal.write("members.coupon.rolled_back", at=at, by=by, subject=f"entry:{line}", count=len(ids))
    return give_back(ids, entry=told.pk, at=at, by=by)
