"""What a touch plan brought: the treated against those held out, from its first planning of each to the window's end.

A member counts from the day on which the plan first planned for her; those whose window is not over yet are left out of
what is compared. What was given back is taken off. She spends by all rows that are she.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt

from django.db import transaction

from analytics.queries.lift import balance, bootstrap, planner, rates, spend
from analytics.queries.lift.arms import SUMS, Arm
from analytics.queries.lift.balance import Balance
from analytics.queries.lift.bootstrap import BUCKETS, Check
from analytics.queries.lift.planner import Baseline, Seeable
from analytics.queries.lift.rates import Rates
from analytics.queries.lift.spend import Lift
from analytics.queries.lift.variants import Comparison
from analytics.queries.lift.variants import compare as compare_variants
from campaigns.models import TouchPlan
from campaigns.models.plans import HELD_OUT
from members.models import Coupon, Touch
from members.queries import families
from newretail.kernel import clock, drawing, sql

BEFORE = timedelta(days=180)  # of spend that CUPED takes into account
# A row for each member whose window is over: arm, number, what she spent within and before; whether she withdrew.
MEMBERS = f"""
SELECT k.arm, m.member_no, coalesce(o.spend, 0)::bigint AS spend, coalesce(o.before, 0)::bigint AS before, EXISTS (
    SELECT FROM members_consent c WHERE c.member_id IN ({families.ids_sql("r.id")}) AND NOT c.given
    AND c.purpose = %(purpose)s AND c.stated_at >= b.begins AND c.stated_at < b.ends) AS withdrew
FROM (SELECT DISTINCT ON (member_id) member_id, arm, day FROM campaigns_planmember WHERE plan_id = %(plan)s
      ORDER BY member_id, day) k
JOIN members_member m ON m.id = k.member_id JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
CROSS JOIN LATERAL (SELECT k.day::timestamp AT TIME ZONE %(zone)s AS begins,
  (k.day + %(window)s::int)::timestamp AT TIME ZONE %(zone)s AS ends) b
LEFT JOIN LATERAL (
  SELECT sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.paid_at >= b.begins) AS spend,
    sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.paid_at < b.begins) AS before
  FROM members_order o WHERE o.member_id IN ({families.ids_sql("r.id")})
    AND o.paid_at >= b.begins - %(before)s::interval AND o.paid_at < b.ends) o ON true
WHERE b.ends <= %(at)s::timestamptz
"""
BY_ARM = (
    f"SELECT arm, count(*) FILTER (WHERE spend > 0), count(*) FILTER (WHERE withdrew), {SUMS} FROM tmp_plan_members"
)
BY_BUCKET = f"SELECT arm = '{HELD_OUT}', {SUMS} FROM tmp_plan_members"
BUCKET = drawing.bucket_sql("member_no", salt="%(salt)s", buckets=BUCKETS)
PLANNED = """
SELECT arm, count(DISTINCT member_id) FROM campaigns_planmember WHERE plan_id = %(plan)s GROUP BY arm
"""
LEDGER = "SELECT state, count(*), sum(cost_cents) FROM members_touch WHERE source = %(source)s GROUP BY state"


@dataclass(frozen=True)
class Outcome:
    """An arm: members whose window is over, how many of them bought, withdrew a consent, what they spent (cents)."""

    arm: str
    members: int
    bought: int
    withdrew: int
    sums: Arm

    @property
    def each_cents(self) -> int:
        """Give what a member spent."""
        return round(self.sums.mean) if self.members else 0


@dataclass(frozen=True)
class Report:
    """What a plan brought; `planned` counts members by arm, `states` touches by state, money is in cents.

    `measurable` tells whether somebody is held out; without them what was bought is told, and nothing is said about
    why. `roi` is incremental revenue less cost, for a unit of cost, with its interval; None without either.
    """

    planned: dict[str, int]
    states: dict[str, int]
    cost_cents: int
    coupons: int
    redeemed: int
    outcomes: list[Outcome] = field(default_factory=list)
    measurable: bool = False
    lift: Lift | None = None
    check: Check | None = None
    conversion: Rates | None = None
    balance: Balance | None = None
    seeable: Seeable | None = None
    variants: list[Comparison] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Give of how many the window is not over yet."""
        return sum(self.planned.values()) - sum(each.members for each in self.outcomes)

    @property
    def reached(self) -> int:
        """Give how many touches went out."""
        return sum(self.states.get(state, 0) for state in Touch.WENT_OUT)

    @property
    def opened(self) -> int:
        """Give how many were opened, or more."""
        return sum(self.states.get(state, 0) for state in ("opened", "clicked", "replied", "converted"))

    @property
    def roi(self) -> tuple[float, float, float] | None:
        """Give what came in for each unit that it cost, less that unit, with the bounds of its interval."""
        if not self.cost_cents or self.lift is None or self.lift.total is None:
            return None
        total = self.lift.total
        value, low, high = ((each - self.cost_cents) / self.cost_cents for each in (total.value, total.low, total.high))
        return value, low, high


def report(plan: TouchPlan, at: datetime) -> Report:
    """Report what a plan brought by an instant."""
    planned = dict(sql.rows(PLANNED, {"plan": plan.pk}))
    ledger = sql.rows(LEDGER, {"source": plan.source})
    given = Coupon.objects.filter(given_for=plan.source)
    told = Report(
        planned, {state: number for state, number, _cost in ledger}, sum(int(cost) for *_, cost in ledger),
        given.count(), given.filter(state=Coupon.State.REDEEMED).count(),
    )  # fmt: skip
    with transaction.atomic():  # the table of members lives as long
        outcomes, parts = _outcomes(plan, at)
    return _measured(plan, told, outcomes, parts)


def _outcomes(plan: TouchPlan, at: datetime) -> tuple[list[Outcome], Mapping[bool, list[Arm]]]:
    given = {
        "plan": plan.pk, "zone": clock.brand_zone().key, "window": plan.window_days, "before": BEFORE, "at": at,
        "purpose": plan.purpose,
    }  # fmt: skip
    sql.temporary("tmp_plan_members", MEMBERS, given, analyze=False)
    found = sql.rows(f"{BY_ARM} GROUP BY arm ORDER BY arm = '{HELD_OUT}', arm")
    outcomes = [Outcome(arm, int(row[0]), bought, withdrew, Arm.of_row(row)) for arm, bought, withdrew, *row in found]
    parts: dict[bool, list[Arm]] = {True: [], False: []}
    salt = {"salt": f"bootstrap-{plan.code}"}
    for held_out, *row in sql.rows(f"{BY_BUCKET} GROUP BY 1, {BUCKET} ORDER BY 1, min(member_no)", salt):
        parts[held_out].append(Arm.of_row(row))
    return outcomes, parts


def _measured(plan: TouchPlan, told: Report, outcomes: list[Outcome], parts: Mapping[bool, list[Arm]]) -> Report:
    """Compare all treated with those held out, and variants with each other."""
    held = next((each for each in outcomes if each.arm == HELD_OUT), None)
    treated = [each for each in outcomes if each.arm != HELD_OUT]
    common = {name: getattr(told, name) for name in ("planned", "states", "cost_cents", "coupons", "redeemed")}
    if held is None or not treated:
        return Report(**common, outcomes=outcomes)
    whole = sum((each.sums for each in treated[1:]), treated[0].sums)
    lift = spend.measure(whole, held.sums)
    everybody = whole + held.sums
    return Report(
        **common, outcomes=outcomes, measurable=True, lift=lift,
        check=bootstrap.check(lift, parts[False], parts[True], seed=plan.pk),
        conversion=rates.compare(
            converted=sum(each.bought for each in treated), treated=whole.n, converted_anyway=held.bought,
            held_out=held.members,
        ),
        balance=balance.weigh(told.planned, dict(plan.arms)),
        seeable=planner.smallest_lift(
            audience=everybody.n, holdout_bp=plan.holdout_bp, baseline=_baseline(everybody)
        ),
        variants=[
            each for each in compare_variants({one.arm: one.sums for one in outcomes}, holdout=HELD_OUT)
            if len(treated) > 1
        ],
    )  # fmt: skip


def _baseline(arm: Arm) -> Baseline:
    """Give how spend varies, and how far spend before tells of it."""
    if arm.n < 2 or arm.squares <= 0:
        return Baseline(arm.mean if arm.n else 0.0, 0.0)
    both = arm.squares * arm.squares_before
    correlation = arm.products / sqrt(both) if both > 0 else 0.0
    return Baseline(arm.mean, sqrt(arm.squares / (arm.n - 1)), max(-1.0, min(correlation, 1.0)))
