"""Code batches: coupons issued as codes without members, to be printed or handed out; claimed by members."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.actions import coupons, redemptions
from members.models import Coupon, CouponBatch, CouponPlan, Member
from members.queries import coupon_codes, families
from members.queries.coupon_reasons import (
    AlreadyRedeemed,
    Expired,
    HeldElsewhere,
    OthersMember,
    PlanStopped,
    UnknownCoupon,
    Voided,
)
from members.queries.coupons import Found, day, found, named
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.templatetags.people import moment
from newretail.kernel.verbs import Refused, verb

MOST_IN_A_BATCH = 100_000


class BatchDiffers(Refused):
    """There is a batch of this name."""

    code = "batch_differs"
    sentence = gettext_noop("The plan has a code batch of this name already, of %(size)s codes.")


class BadSize(Refused):
    """So many codes are not made at once."""

    code = "bad_size"
    sentence = gettext_noop("A batch holds 1 to %(most)s codes.")


GIVE_CODES = """
INSERT INTO members_coupon (code, plan_id, batch_id, given_for, given_key, issued_at, valid_from, valid_until,
  state, moves, source, source_no, amount_cents, discount_cents, entry_id)
SELECT c.code, %(plan)s, %(batch)s, 'batch', %(key)s, %(at)s, %(first)s, %(until)s, 'issued', 0, '', '', 0, 0, %(entry)s
FROM unnest(%(codes)s::text[]) AS c(code)
"""


@verb
def make(*, plan: CouponPlan, key: str, size: int, at: datetime, by: User | None = None) -> CouponBatch:
    """Issue coupons without members as a batch of codes, once under its name; the whole batch, or none of it.

    Refuses: PlanStopped, PlanOver, BadSize, BatchDiffers, OutOfStock.
    Writes: members.coupon_batch.made.
    """
    if not 1 <= size <= MOST_IN_A_BATCH:
        raise BadSize(most=MOST_IN_A_BATCH)
    codes = coupon_codes.make(size)
    row = coupons.begin(plan)
    made = CouponBatch.objects.filter(plan=row, key=key).first()
    if made and made.size != size:
        raise BatchDiffers(size=made.size)
    if made:
        return made
    first, until = coupons.validity(row, at)
    coupons.count(row, size)
    line = journal.write("members.coupon_batch.made", at=at, by=by, subject=f"plan:{row.code}", key=key, size=size)
    batch = CouponBatch.objects.create(plan=row, key=key, size=size, made_at=at, by=by, entry_id=line.pk)
    sql.execute(
        GIVE_CODES,
        {"plan": row.pk, "batch": batch.pk, "key": key, "at": at, "first": first, "until": until, "codes": codes,
         "entry": line.pk},
    )  # fmt: skip
    return batch


@verb
def note_taken(*, batch: CouponBatch, at: datetime, by: User | None = None) -> None:
    """Write down that the codes of a batch are taken out as a file.

    Writes: members.coupon_batch.taken_out.
    """
    journal.write(
        "members.coupon_batch.taken_out",
        at=at,
        by=by,
        subject=f"plan:{batch.plan.code}",
        key=batch.key,
        size=batch.size,
    )


HELD = (
    """
SELECT count(*), (SELECT per_member FROM members_couponplan WHERE id = %(plan)s)
FROM members_coupon c WHERE c.plan_id = %(plan)s AND c.state <> 'void'
  AND c.member_id IN ("""
    + families.ids_sql("%(member)s")
    + ")"
)
CLAIM = """
WITH hers AS (
  UPDATE members_coupon c SET member_id = %(member)s, state = 'issued', source = '', source_no = '',
    locked_until = NULL, moves = c.moves + 1
  WHERE c.id = %(id)s AND c.member_id IS NULL
    AND (c.state = 'issued' OR c.state = 'locked' AND c.locked_until <= %(at)s) RETURNING c.id, c.moves)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'claimed', %(at)s, %(by)s, '', '', 0, 0, %(entry)s FROM hers
"""


def _check_open(coupon: Found, at: datetime) -> None:
    """Refuse a coupon that is spent, out of its time, or held by a purchase."""
    if coupon.redeemed_at:
        raise AlreadyRedeemed(when=moment(coupon.redeemed_at), where=coupon.store_name or coupon.source)
    if coupon.state == "void":
        raise Voided
    if at >= coupon.valid_until:
        raise Expired(last=day(coupon.valid_until - timedelta(seconds=1)))
    if coupon.is_held(at):
        raise HeldElsewhere(until=moment(coupon.locked_until or at))


@verb
def claim(*, code: str, member: Member, at: datetime, by: User | None = None) -> Coupon:
    """Make a coupon of a code batch a member's own, within what the plan allows each; hers already, it stays hers.

    Refuses: UnknownCoupon, OthersMember, AlreadyRedeemed, Voided, Expired, HeldElsewhere, PlanStopped, LimitReached.
    Writes: members.coupon.claimed.
    """
    coupon = found([named(code, "", "")], redemptions.LOCK).get(code)
    if coupon is None:
        raise UnknownCoupon
    member = families.root_of(member)
    if coupon.member_id == member.pk:
        return Coupon.objects.get(pk=coupon.id)
    if coupon.member_id:
        raise OthersMember
    _check_open(coupon, at)
    sql.rows(coupons.LOCK, {"plan": coupon.plan_id})
    plan = CouponPlan.objects.get(pk=coupon.plan_id)
    if plan.state != CouponPlan.State.ACTIVE:
        raise PlanStopped
    held, most = sql.rows(HELD, {"plan": plan.pk, "member": member.pk})[0]
    if most and held >= most:
        raise coupons.LimitReached(plan=plan.code, most=most)
    line = journal.write("members.coupon.claimed", at=at, by=by, subject=f"coupon:{coupon.id}", plan=plan.code)
    by_id = by.pk if by else None
    sql.execute(CLAIM, {"id": coupon.id, "member": member.pk, "at": at, "by": by_id, "entry": line.pk})
    return Coupon.objects.get(pk=coupon.id)
