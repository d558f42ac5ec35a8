"""Issue coupons to members, once for each thing they are given for; make them void, let them expire."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import CouponPlan
from members.queries import coupon_codes, families
from members.queries.coupon_givings import Wishes
from members.queries.coupon_reasons import PlanStopped
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

CHUNK = 50_000


class PlanOver(Refused):
    """Its days are over."""

    code = "plan_over"
    sentence = gettext_noop("The last day of the plan %(plan)s is over.")


class OutOfStock(Refused):
    """There are not so many."""

    code = "out_of_stock"
    sentence = gettext_noop("The plan %(plan)s has %(left)s coupons left.")


class LimitReached(Refused):
    """She has as many as the plan allows."""

    code = "limit_reached"
    sentence = gettext_noop("The member has as many coupons of the plan %(plan)s as it allows: %(most)s.")


@dataclass(frozen=True)
class Issued:
    """What came of issuing: how many were given, had it before, had enough, came too late; by member where asked."""

    issued: int = 0
    again: int = 0
    over_limit: int = 0
    no_stock: int = 0
    fates: dict[int, str] = field(default_factory=dict)


# Whoever issues of a plan queues at its row: what is counted behind it stands still.
LOCK = "SELECT id FROM members_couponplan WHERE id = %(plan)s FOR NO KEY UPDATE"
# Each wish with its fate; they are served by member number while the stock lasts. What members hold who are one person
# counts together, and goes to the row in which she lives on.
JUDGE = f"""
WITH asked AS (
  SELECT DISTINCT r.id AS member_id, w.key, r.member_no
  FROM tmp_coupons_asked w JOIN members_member m ON m.id = w.member_id
  JOIN members_member r ON r.id = {families.root_sql("m")}),
known AS (
  SELECT a.*, h.again, h.held FROM asked a, LATERAL (
    SELECT coalesce(bool_or(c.batch_id IS NULL AND c.given_for = %(source)s AND c.given_key = a.key), false) AS again,
      count(*) FILTER (WHERE c.state <> 'void') AS held
    FROM members_coupon c WHERE c.plan_id = %(plan)s AND c.member_id IN ({families.ids_sql("a.member_id")})) h),
limited AS (
  SELECT k.*, k.held + row_number() OVER (PARTITION BY k.member_id, k.again ORDER BY k.key) > p.per_member
    AND p.per_member > 0 AS over
  FROM known k, members_couponplan p WHERE p.id = %(plan)s)
SELECT l.member_id, l.key, l.member_no, CASE WHEN l.again THEN 'again' WHEN l.over THEN 'over_limit' END AS fate,
  CASE WHEN NOT l.again AND NOT l.over
    THEN row_number() OVER (PARTITION BY l.again OR l.over ORDER BY l.member_no, l.key) END AS n
FROM limited l
"""
GIVE = """
INSERT INTO members_coupon (code, plan_id, member_id, batch_id, given_for, given_key, issued_at, valid_from,
  valid_until, state, moves, source, source_no, amount_cents, discount_cents, entry_id)
SELECT c.code, %(plan)s, t.member_id, NULL, %(source)s, t.key, %(at)s, %(first)s, %(until)s,
  'issued', 0, '', '', 0, 0, %(entry)s
FROM tmp_coupons_wanted t
JOIN unnest(%(codes)s::text[]) WITH ORDINALITY AS c(code, place) ON c.place + %(after)s = t.n
ORDER BY t.n
"""
COUNT = """
UPDATE members_couponplan SET issued = issued + %(count)s WHERE id = %(plan)s AND issued + %(count)s <= stock
"""
FATE = "CASE WHEN fate IS NOT NULL THEN fate WHEN n > %(room)s THEN 'no_stock' ELSE 'issued' END"
COUNTS = f"SELECT {FATE}, count(*) FROM tmp_coupons_wanted GROUP BY 1"
FATES = f"SELECT member_id, {FATE} FROM tmp_coupons_wanted ORDER BY n NULLS FIRST"


def validity(plan: CouponPlan, at: datetime) -> tuple[datetime, datetime]:
    """Give the span in which a coupon issued now counts; days after issue end with the last of them.

    Refuses: PlanOver.
    """
    first = max(at, clock.day_start(plan.first_on)) if plan.first_on else at
    ends = [clock.day_start(plan.last_on + timedelta(days=1))] if plan.last_on else []
    if plan.days_valid:
        ends.append(clock.day_start(clock.business_day(first) + timedelta(days=plan.days_valid + 1)))
    if min(ends) <= first:
        raise PlanOver(plan=plan.code)
    return first, min(ends)


def begin(plan: CouponPlan) -> CouponPlan:
    """Queue at a plan, then read it.

    Refuses: PlanStopped.
    """
    sql.rows(LOCK, {"plan": plan.pk})
    row = CouponPlan.objects.get(pk=plan.pk)
    if row.state != CouponPlan.State.ACTIVE:
        raise PlanStopped
    return row


def count(plan: CouponPlan, count: int) -> None:
    """Count coupons against the stock; the database is the judge."""
    if not sql.execute(COUNT, {"plan": plan.pk, "count": count}):
        raise OutOfStock(plan=plan.code, left=plan.stock - plan.issued)


@verb
def issue(
    *, plan: CouponPlan, members: Sequence[int], source: str, key: str, at: datetime, by: User | None = None
) -> Issued:
    """Issue a coupon of a plan to each of these members (ids), once for what (source, key) names.

    Refuses: PlanStopped, PlanOver; where nobody gets one: OutOfStock, LimitReached.
    Writes: members.coupon.issued.
    """
    sql.temporary(
        "tmp_coupons_asked", "SELECT unnest(%(members)s::bigint[]) AS member_id, %(key)s::text AS key",
        {"members": list(members), "key": key},
    )  # fmt: skip
    told = _issue(plan, source=source, at=at, by=by, told_each=True)
    if told.issued + told.again == 0:
        if told.no_stock:
            raise OutOfStock(plan=plan.code, left=0)
        if told.over_limit:
            raise LimitReached(plan=plan.code, most=plan.per_member)
    return told


@verb
def give(*, plan: CouponPlan, wishes: Wishes, at: datetime, by: User | None = None) -> Issued:
    """Issue to whom a plan gives by itself, once for what each key names; that nobody is among them is no fault.

    Refuses: PlanStopped, PlanOver.
    Writes: members.coupon.issued.
    """
    sql.temporary("tmp_coupons_asked", wishes.select, wishes.params)
    return _issue(plan, source=wishes.source, at=at, by=by)


def _issue(plan: CouponPlan, *, source: str, at: datetime, by: User | None, told_each: bool = False) -> Issued:
    row = begin(plan)
    first, until = validity(row, at)
    params: sql.Params = {"plan": row.pk, "source": source, "at": at, "first": first, "until": until}
    sql.temporary("tmp_coupons_wanted", JUDGE, params)
    room = row.stock - row.issued
    told = Issued(
        **dict(sql.rows(COUNTS, {"room": room})), fates=dict(sql.rows(FATES, {"room": room}) if told_each else ())
    )
    if told.issued:
        entry = journal.write(
            "members.coupon.issued", at=at, by=by, subject=f"plan:{row.code}", given_for=source, count=told.issued
        )  # fmt: skip
        failpoint("coupons.journalled")
        for after in range(0, told.issued, CHUNK):
            codes = coupon_codes.make(min(CHUNK, told.issued - after))
            sql.execute(GIVE, {**params, "codes": codes, "after": after, "entry": entry.pk})
        failpoint("coupons.given")
        count(row, told.issued)
        failpoint("coupons.counted")
    return told


VOID = """
WITH gone AS (
  UPDATE members_coupon c SET state = 'void', source = '', source_no = '', locked_until = NULL, moves = c.moves + 1
  FROM (SELECT id FROM members_coupon WHERE id = ANY(%(ids)s) AND (state = 'issued'
      OR state = 'locked' AND locked_until <= %(at)s) ORDER BY id FOR NO KEY UPDATE) o
  WHERE c.id = o.id RETURNING c.id, c.moves)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'voided', %(at)s, %(by)s, '', '', 0, 0, %(entry)s FROM gone ORDER BY id RETURNING coupon_id
"""
# A coupon in somebody's hand this moment is left for the next night.
EXPIRE = """
WITH gone AS (
  UPDATE members_coupon c SET state = 'expired', source = '', source_no = '', locked_until = NULL, moves = c.moves + 1
  FROM (SELECT id FROM members_coupon WHERE state IN ('issued', 'locked') AND valid_until <= %(at)s
      AND (state = 'issued' OR locked_until <= %(at)s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) o
  WHERE c.id = o.id RETURNING c.id, c.moves)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, by_id, source, source_no, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'expired', %(at)s, NULL, '', '', 0, 0, %(entry)s FROM gone ORDER BY id
"""


@verb
def void(*, ids: Sequence[int], at: datetime, by: User | None = None) -> int:
    """Make coupons void that are issued and held by no purchase; return how many were.

    Writes: members.coupon.voided.
    """
    entry = journal.reserve()
    by_id = by.pk if by else None
    gone = len(sql.rows(VOID, {"ids": list(ids), "at": at, "by": by_id, "entry": entry}))
    if gone:
        journal.write("members.coupon.voided", at=at, by=by, entry_id=entry, count=gone)
    return gone


@verb
def expire(*, at: datetime) -> int:
    """Let coupons expire whose time is over and that no purchase holds; return how many did.

    Writes: members.coupon.expired.
    """
    entry = journal.reserve()
    gone = sql.execute(EXPIRE, {"at": at, "entry": entry})
    if gone:
        journal.write("members.coupon.expired", at=at, entry_id=entry, count=gone)
    return gone
