"""Issue coupons to members, once for each thing they are given for; make them void, let them expire."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import CouponPlan
from members.queries import coupon_codes, families
from members.queries.coupon_givings import Wishes
from members.queries.coupon_reasons import PlanStopped
from newretail.kernel import clock, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

CHUNK = 50_000
BY_HAND = "hand"  # what people give, on a page or by a file, for an occasion they name


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


class CouponsUsed(Refused):
    """Some were used."""

    code = "coupons_used"
    sentence = gettext_noop("%(count)s of these coupons are redeemed or held by a purchase: nothing was taken back.")


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
    """Issue to all whom a SELECT names, once for what each key names; that nobody is among them is no fault.

    Whoever has as many as the plan allows is left out and counted, whoever comes when the stock has ended too.

    Refuses: PlanStopped, PlanOver.
    Writes: members.coupon.issued.
    """
    sql.temporary("tmp_coupons_asked", wishes.select, wishes.params)
    return _issue(plan, source=wishes.source, at=at, by=by)


@dataclass(frozen=True)
class _Judged:
    """A plan that is queued at, with `tmp_coupons_wanted` judged: what is written of each coupon, and the room left."""

    plan: CouponPlan
    params: sql.Params
    room: int


def _judge(plan: CouponPlan, *, source: str, at: datetime) -> _Judged:
    """Queue at a plan and judge the wishes of `tmp_coupons_asked`.

    Refuses: PlanStopped, PlanOver.
    """
    row = begin(plan)
    first, until = validity(row, at)
    params: sql.Params = {"plan": row.pk, "source": source, "at": at, "first": first, "until": until}
    sql.temporary("tmp_coupons_wanted", JUDGE, params)
    return _Judged(row, params, row.stock - row.issued)


def _hand_out(judged: _Judged, issued: int, entry: int) -> None:
    """Write so many coupons, and count them against the stock."""
    failpoint("coupons.journalled")
    for after in range(0, issued, CHUNK):
        codes = coupon_codes.make(min(CHUNK, issued - after))
        sql.execute(GIVE, {**judged.params, "codes": codes, "after": after, "entry": entry})
    failpoint("coupons.given")
    count(judged.plan, issued)
    failpoint("coupons.counted")


def _issue(plan: CouponPlan, *, source: str, at: datetime, by: User | None, told_each: bool = False) -> Issued:
    judged = _judge(plan, source=source, at=at)
    room = {"room": judged.room}
    told = Issued(**dict(sql.rows(COUNTS, room)), fates=dict(sql.rows(FATES, room) if told_each else ()))
    if told.issued:
        subject = f"plan:{judged.plan.code}"
        entry = journal.write("members.coupon.issued", at=at, by=by, subject=subject, given_for=source,
                              count=told.issued)  # fmt: skip
        _hand_out(judged, told.issued, entry.pk)
    return told


# A member of the file is the person in whose row she lives on.
FILE = staging.Recipe(
    name="coupons",
    line_name="members.coupon.issued",
    types={"line": "int", "dup_of": "int"},
    resolve=f"""
SELECT i.*, p.id AS plan_id, r.id AS person_id, coalesce(i.occasion, '') AS given_key, h.id AS existing,
  h.id IS NOT NULL AS same,
  CASE WHEN p.id IS NULL THEN 'unknown_plan' WHEN r.id IS NULL THEN 'unknown_member' END AS error,
  CASE WHEN p.id IS NULL THEN 'plan' ELSE 'member_no' END AS error_column
FROM tmp_coupons_in i
LEFT JOIN members_couponplan p ON p.code = i.plan
LEFT JOIN members_member m ON m.member_no = i.member_no AND m.erased_at IS NULL
LEFT JOIN members_member r ON r.id = {families.root_sql("m")}
LEFT JOIN LATERAL (SELECT c.id FROM members_coupon c WHERE c.plan_id = p.id AND c.batch_id IS NULL
  AND c.given_for = '{BY_HAND}' AND c.given_key = coalesce(i.occasion, '')
  AND c.member_id IN ({families.ids_sql("r.id")}) LIMIT 1) h ON true
""",
    write="SELECT true FROM tmp_coupons WHERE error IS NULL AND same IS NOT TRUE",
)
OPEN = "plan_id = %(plan)s AND error IS NULL AND same IS NOT TRUE"
PLANS = "SELECT DISTINCT plan_id FROM tmp_coupons WHERE error IS NULL AND same IS NOT TRUE ORDER BY 1"
ASKED = f"SELECT person_id AS member_id, given_key AS key FROM tmp_coupons WHERE {OPEN}"
# Two numbers of one person are one wish.
TWICE = """
UPDATE tmp_coupons t SET existing = 0, same = true
WHERE t.error IS NULL AND EXISTS (SELECT FROM tmp_coupons o WHERE o.line < t.line AND o.error IS NULL
  AND (o.plan_id, o.person_id, o.given_key) = (t.plan_id, t.person_id, t.given_key))
"""
STOP = f"UPDATE tmp_coupons SET error = %(code)s, error_column = 'plan' WHERE {OPEN}"
LEAVE_OUT = f"""
UPDATE tmp_coupons t SET error = nullif(w.fate, 'again'), error_column = 'member_no', same = w.fate = 'again',
  existing = CASE WHEN w.fate = 'again' THEN 0 END
FROM (SELECT member_id, key, {FATE} AS fate FROM tmp_coupons_wanted) w
WHERE {OPEN} AND (t.person_id, t.given_key) = (w.member_id, w.key) AND w.fate <> 'issued'
"""
READY = f"SELECT count(*) FROM tmp_coupons WHERE {OPEN}"


def _give_rows(params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    """Issue what a file asks for, plan by plan in the order of their ids; each row that gets nothing says why."""
    sql.execute(TWICE)
    given = 0
    for plan in CouponPlan.objects.filter(pk__in=[row[0] for row in sql.rows(PLANS)]).order_by("pk"):
        of = {"plan": plan.pk}
        sql.temporary("tmp_coupons_asked", ASKED, of)
        try:
            judged = _judge(plan, source=BY_HAND, at=params["at"])
        except (PlanStopped, PlanOver) as refused:
            sql.execute(STOP, {**of, "code": refused.code})
            continue
        sql.execute(LEAVE_OUT, {**of, "room": judged.room})
        issued = int(sql.rows(READY, of)[0][0])
        _hand_out(judged, issued, params["entry"])
        given += issued
    return {"given_for": BY_HAND, "count": given} if given else {}


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Issue coupons as a file asks: each row names a plan, a member and the occasion, once for which she is given one.

    Batch columns: those of `members.importers.COUPONS`. While the stock lasts they go by member number.
    Row refusals: unknown_plan, coupon_plan_stopped, plan_over, unknown_member, over_limit, no_stock.
    Writes: members.coupon.issued.
    """
    return staging.record(FILE, batch, at=at, by=by, steps=staging.Steps(between=_give_rows))


USED = "SELECT count(*) FROM members_coupon WHERE entry_id = %(entry)s AND state IN ('redeemed', 'locked')"
OF_LINE = "SELECT id FROM members_coupon WHERE entry_id = %(entry)s ORDER BY id"


@verb
def take_back(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Make void what a line issued; where some are redeemed, or held by a purchase, nothing is taken back.

    Refuses: CouponsUsed.
    Writes: members.coupon.voided.
    """
    void(ids=[row[0] for row in sql.rows(OF_LINE, {"entry": entry_id})], at=at, by=by)
    used = int(sql.rows(USED, {"entry": entry_id})[0][0])
    if used:
        raise CouponsUsed(count=used)


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
