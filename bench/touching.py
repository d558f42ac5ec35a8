"""A touch plan beside a ledger of millions: planned and claimed through the gate, beside a loop over its members."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.db import transaction

from bench.figures import Figure, at_least, holds
from bench.ground import SMALL, Ground, brand
from bench.meter import Meter, spoken
from campaigns.actions import channels, dispatching, plans
from campaigns.actions.plans import Draft
from campaigns.models import PlanMember, TouchPlan
from members.actions import caps
from members.actions.caps import Limit
from members.actions.touch_contents import Words
from members.models import Member, Touch
from members.queries import consents
from newretail.kernel import sql
from newretail.kernel.actions import settings
from newretail.kernel.verbs import verb

MANY = {"full": 20_000_000, "medium": 5_000_000, "small": 200_000}
FEW = 20_000
EACH = 200  # touches of a member
PLANNED, SINGLY, BATCH = 64_000, 500, 2_000
DAY, AT = date(2026, 6, 15), datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)
WEEKLY, MONTHLY = 2, 12
MEMBERS = """
INSERT INTO members_member (member_no, seat, name, name_pinyin, phone, gender, birthday_calendar, joined_at,
  joined_told, home_store_id, source, entry_id)
SELECT 'TCH' || n, (SELECT next_seat FROM members_seatcounter) + n - 1, '', '', '', '', 'solar', %(at)s, true,
  (SELECT min(id) FROM stores_store), 'touching', 0
FROM generate_series(1, %(members)s) n
"""
SEATS = "UPDATE members_seatcounter SET next_seat = next_seat + %(members)s"
# One every three days, so that in a week some have one behind them and some two.
TOUCHES = """
INSERT INTO members_touch (ref, member_id, channel, purpose, source, priority, promised, planned_for, day, state,
  reason, claimed_at, settled_at, cost_cents, entry_id)
SELECT gen_random_uuid(), m.id, (ARRAY['sms', 'wecom', 'email'])[1 + n %% 3], 'marketing', 'bench:' || n, 50, false,
  t.at, (t.at AT TIME ZONE 'Asia/Shanghai')::date, 'sent', '', t.at, t.at, 5, 0
FROM generate_series(1, %(each)s) n CROSS JOIN members_member m
CROSS JOIN LATERAL (SELECT %(at)s::timestamptz - (n * 3 + m.seat %% 4) * interval '1 day' AS at) t
WHERE m.source = 'touching'
"""
OVER = """
SELECT count(*) FROM (SELECT member_id FROM members_touch t WHERE t.claimed_at > %(since)s AND t.claimed_at <= %(at)s
  AND EXISTS (SELECT FROM members_touch p WHERE p.member_id = t.member_id AND p.source = %(source)s
    AND p.claimed_at IS NOT NULL) GROUP BY 1 HAVING count(*) > %(most)s) o
"""


@verb
def _fill(members: int) -> None:
    """Put members and what they were sent down."""
    given = {"members": members, "at": AT, "each": EACH}
    for statement in (MEMBERS, SEATS, TOUCHES):
        sql.execute(statement, given)


def _live(code: str) -> TouchPlan:
    """Keep a plan for so many of the members and start it."""
    draft = Draft(
        name=code, kind=TouchPlan.Kind.PROMOTION, starts_on=DAY, words=[Words("sms", "{name}，上新", "", "A")],
        channels=["sms"], holdout_bp=0, most_touches=PLANNED,
    )  # fmt: skip
    plan = plans.keep(code=code, draft=draft, at=AT)
    for do in ("submit", "approve", "start"):
        plan = plans.move(plan=plan, do=do, at=AT)
    return plan


def _by_plan(plan: TouchPlan) -> tuple[int, int]:
    """Plan the day, then claim what is due until nothing is left; how many were planned, how many passed the gate."""
    planned, passed = plans.plan_day(plan=plan, day=DAY, at=AT).touches, 0
    while Touch.objects.due(AT).filter(source=plan.source).exists():
        passed += len(dispatching.claim(channel="sms", most=BATCH, at=AT))
    return planned, passed


@transaction.atomic
def _one(plan: TouchPlan, member: Member) -> None:
    """Do for a member what a loop would: once, her consent, her week, her month, then both rows."""
    if PlanMember.objects.filter(plan=plan, member=member).exists():
        return
    allowed = consents.may_be_touched([member.pk], channel="sms", purpose="marketing", at=AT)
    recent = Touch.objects.filter(member=member, claimed_at__isnull=False)
    week, month = recent.filter(claimed_at__gt=AT - WEEK).count(), recent.filter(claimed_at__gt=AT - MONTH).count()
    passes = bool(allowed) and week < WEEKLY and month < MONTHLY
    PlanMember.objects.create(plan=plan, member=member, occasion="loop", arm="A", day=DAY, entry_id=0)
    state: dict[str, Any] = {"state": "claimed", "claimed_at": AT} if passes else {
        "state": "held", "reason": "over_cap", "held_until": AT + WEEK}  # fmt: skip
    Touch.objects.create(
        member=member, channel="sms", purpose="marketing", source=plan.source, planned_for=AT, day=DAY, entry_id=0,
        **state,
    )  # fmt: skip


@verb
def _in_a_loop(plan: TouchPlan) -> float:
    """Do it for some members one by one and take it back; the seconds of one."""
    members = list(Member.objects.filter(source="touching").order_by("pk")[:SINGLY])
    began = perf_counter()
    for member in members:
        _one(plan, member)
    took = (perf_counter() - began) / len(members)
    transaction.set_rollback(True)
    return took


def measure(ground: Ground) -> list[Figure]:
    """Run a plan against the ledger, beside the loop; the same day again; count who is over a cap."""
    touches = MANY.get(ground.scale.name, FEW)
    ground.say(f"a touch plan beside {touches:,} touches")
    with brand(SMALL):
        settings.put(key="consent_unsaid_marketing", value="allowed", at=AT)
        _fill(touches // EACH)
        sql.vacuum("members_member", "members_touch")
        channels.connect(channel="sms", carrier="sandbox", terms={}, at=AT)
        caps.keep(code="week", name="week", limit=Limit("days", WEEKLY, days=WEEK.days), at=AT)
        caps.keep(code="month", name="month", limit=Limit("days", MONTHLY, days=MONTH.days), at=AT)
        one = _in_a_loop(_live("looped"))
        plan, meter = _live("planned"), Meter()
        (planned, passed), took = meter.take(partial(_by_plan, plan))
        again = plans.plan_day(plan=plan, day=DAY, at=AT).members
        over = sql.rows(OVER, {"since": AT - WEEK, "at": AT, "source": plan.source, "most": WEEKLY})[0][0]
    figure = Figure(
        f"touches: {planned:,} planned and judged beside {touches:,}", took.words, f"loop {spoken(one * planned)}",
        one * planned / took.wall,
    )  # fmt: skip
    return [
        at_least(figure, 20),
        holds("touches: the same day again", f"{again} more", "0 more", ok=again == 0),
        holds("touches: over a cap", f"{over} of {passed:,}", "nobody", ok=over == 0 and 0 < passed < planned),
    ]  # fmt: skip
