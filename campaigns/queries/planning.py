"""What a plan would do on a day: whom, in which arm, by which channel, with which words, and what stops it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from campaigns.models import TouchPlan
from campaigns.models.plans import HELD_OUT
from campaigns.queries import addresses, audiences
from members.models import Member, Touch
from members.queries import consents, gating
from newretail.kernel import clock, drawing, sql

FALLS_BACK = timedelta(days=7)  # so long after its day a touch that failed is tried by the next channel
# What she was planned for by the rows that are she.
PLANNED = """
SELECT FROM campaigns_planmember k WHERE k.plan_id = %(plan)s
  AND k.member_id IN (SELECT m.id UNION ALL SELECT f.id FROM members_member f WHERE f.merged_into_id = m.id)
"""
# An occasion that comes again is told by its day.
WANTED = f"""
SELECT m.id AS member_id, m.member_no, r.id AS root,
  CASE WHEN a.again > 0 THEN a.occasion_of || ':' || %(day)s::date ELSE a.occasion_of END AS occasion
FROM ({{audience}}) a JOIN members_member m ON m.id = a.member_id JOIN members_member r ON r.id = m.id
WHERE {{within}} AND NOT EXISTS ({PLANNED}
  AND CASE WHEN a.again > 0 THEN k.day > %(day)s::date - a.again ELSE k.occasion = a.occasion_of END)
"""
WITHIN = "EXISTS (SELECT FROM campaigns_segmentmember s WHERE s.segment_id = %(segment)s AND s.member_id = m.id)"
# The first channel after `{after}` in the plan's order that reaches her and that she allows.
NEXT = f"""
(SELECT t.nth FROM (SELECT c.channel, c.needs, c.nth, %(purpose)s::text AS purpose
    FROM unnest(%(channels)s::text[], %(needs)s::text[]) WITH ORDINALITY c (channel, needs, nth)) t
  WHERE t.nth > {{after}} AND {addresses.ADDRESS.format(kind="t.needs")} <> '' AND {consents.WHY_NOT} = ''
  ORDER BY t.nth LIMIT 1)
""".strip()
# Where none does it is the first, whose gate says why.
FIRST = f"""
SELECT w.member_id, w.occasion, {{arm}} AS arm, coalesce({NEXT.format(after=0)}, 1)::int AS nth, w.root
FROM ({{wanted}}) w JOIN members_member m ON m.id = w.member_id JOIN members_member r ON r.id = w.root
"""
# Whom a channel surely did not reach lately, and nothing else of the plan since.
FAILED = f"""
SELECT f.member_id, f.occasion, f.arm, {NEXT.format(after="f.nth")}::int AS nth, r.id AS root
FROM (SELECT t.member_id, k.occasion, k.arm, array_position(%(channels)s::text[], t.channel::text) AS nth
  FROM members_touch t CROSS JOIN LATERAL (SELECT k.occasion, k.arm FROM campaigns_planmember k
    WHERE k.plan_id = %(plan)s AND k.member_id = t.member_id ORDER BY k.id DESC LIMIT 1) k
  WHERE t.source = %(source)s AND t.day > %(day)s::date - {FALLS_BACK.days}
    AND t.state IN ('failed', 'refused', 'over_quota') AND t.reason <> '{Touch.Reason.UNWANTED}'
    AND NOT EXISTS (SELECT FROM members_touch x
      WHERE x.member_id = t.member_id AND x.source = t.source AND x.id > t.id)) f
JOIN members_member m ON m.id = f.member_id JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
"""
# Of a budget the earliest; who is held out costs nothing.
TO_PLAN = f"""
SELECT q.member_id, q.occasion, q.arm, (%(channels)s::text[])[q.nth] AS channel, %(purpose)s::text AS purpose,
  %(planned_for)s::timestamptz AS planned_for, (%(costs)s::int[])[q.nth] AS cost,
  (SELECT o.id FROM members_touchcontent o WHERE o.source = %(source)s AND o.version = %(version)s
     AND o.variant = q.arm AND o.channel = (%(channels)s::text[])[q.nth]) AS content_id,
  CASE (%(needs)s::text[])[q.nth] WHEN '{addresses.BY_GUIDE}' THEN {addresses.GUIDE} END AS post_id,
  CASE q.arm WHEN '{HELD_OUT}' THEN 'holdout' ELSE '' END AS not_wanted
FROM ({{found}}) q JOIN members_member r ON r.id = q.root WHERE q.nth IS NOT NULL
"""
CHOSEN = f"""
SELECT * FROM (SELECT z.*, count(*) FILTER (WHERE z.arm <> '{HELD_OUT}') OVER by_age AS turn,
    coalesce(sum(z.cost) FILTER (WHERE z.arm <> '{HELD_OUT}') OVER by_age, 0) AS spent
  FROM ({TO_PLAN}) z WINDOW by_age AS (ORDER BY z.member_id)) y
WHERE (%(room)s::int IS NULL OR y.turn <= %(room)s) AND (%(money)s::bigint IS NULL OR y.spent <= %(money)s)
"""
WENT = "SELECT count(*) FROM campaigns_planmember WHERE plan_id = %(plan)s AND arm <> %(held_out)s"
# What is still to be paid for counts as it is priced now.
SPENT = """
SELECT coalesce(sum(CASE WHEN t.settled_at IS NULL OR t.state = 'unknown' THEN coalesce(c.cost, 0)
  ELSE t.cost_cents END), 0)::bigint
FROM members_touch t LEFT JOIN unnest(%(channels)s::text[], %(costs)s::int[]) c (channel, cost) ON c.channel = t.channel
WHERE t.source = %(source)s
"""
JUDGED = f"""
SELECT t.arm, t.channel, CASE WHEN t.not_wanted <> '' THEN t.not_wanted WHEN v.never <> '' THEN v.never
  ELSE {gating.NOT_NOW} END AS stopped, t.member_id
FROM (SELECT d.*, 0::bigint AS id, %(priority)s::int AS priority, %(promised)s::boolean AS promised
      FROM ({{chosen}}) d) t {gating.JOINED} CROSS JOIN LATERAL (SELECT {gating.NEVER} AS never OFFSET 0) v
"""


def chosen(plan: TouchPlan, day: date) -> tuple[str, sql.Params]:
    """Write the SELECT of what a plan has to plan on a day.

    Columns: member_id, occasion, arm, channel, purpose, planned_for, cost, content_id, post_id, not_wanted, turn,
    spent.
    """
    audience, params = audiences.whom(plan, day)
    arm, drawn = drawing.arm_sql("w.member_no", salt=plan.code, shares=plan.arms)
    wanted = WANTED.format(audience=audience, within=WITHIN if plan.segment_id else "true")
    at = datetime.combine(day, plan.send_at, tzinfo=clock.brand_zone())
    found = FIRST.format(arm=arm, wanted=wanted)
    return CHOSEN.format(found=found), {**params, **drawn, **_given(plan, day, at, _places_left(plan))}


def fallen(plan: TouchPlan, at: datetime) -> tuple[str, sql.Params]:
    """Write the SELECT, as `chosen`, of whom the next channel of a plan is to reach because one failed."""
    return CHOSEN.format(found=FAILED), _given(plan, clock.business_day(at), at, None)


def _given(plan: TouchPlan, day: date, at: datetime, room: int | None) -> sql.Params:
    ways = addresses.ways(plan.channels)
    way = {
        "channels": plan.channels, "needs": [each.needs for each in ways], "costs": [each.cost_cents for each in ways],
        "source": plan.source,
    }  # fmt: skip
    money = plan.most_cents
    if money is not None:
        money = max(money - sql.rows(SPENT, way)[0][0], 0)
    return {
        **consents.gate(at), **way, "plan": plan.pk, "day": day, "segment": plan.segment_id, "purpose": plan.purpose,
        "planned_for": at, "version": plan.version, "room": room, "money": money,
    }  # fmt: skip


def _places_left(plan: TouchPlan) -> int | None:
    """Tell how many more a plan may touch, None where that has no end."""
    if plan.most_touches is None:
        return None
    gone: int = sql.rows(WENT, {"plan": plan.pk, "held_out": HELD_OUT})[0][0]
    return max(plan.most_touches - gone, 0)


@dataclass(frozen=True)
class Foreseen:
    """What a plan would do on a day: how many by (channel, what stops them), how many held out, some of the members."""

    day: date
    members: int
    held_out: int
    by: list[tuple[str, str, int]]
    sample: list[tuple[Member, str, str]]


SAMPLE = 20


def foreseen(plan: TouchPlan, day: date) -> Foreseen:
    """Look at what a plan would do on a day, judged by the gate as it stands; nothing is written."""
    select, given = chosen(plan, day)
    at = given["planned_for"]
    judged = JUDGED.format(chosen=select)
    rows = sql.rows(judged, {**gating.given(at), **given, "priority": plan.priority, "promised": plan.promised})
    treated = [row for row in rows if row[0] != HELD_OUT]
    counts = Counter((channel, stopped) for _arm, channel, stopped, _member in treated)
    by = [(channel, stopped, number) for (channel, stopped), number in counts.most_common()]
    members = Member.objects.in_bulk([row[3] for row in treated[:SAMPLE]])
    sample = [(members[pk], channel, stopped) for _arm, channel, stopped, pk in treated[:SAMPLE]]
    return Foreseen(day, len(rows), len(rows) - len(treated), by, sample)


def stopped_word(stopped: str) -> str:
    """Say what stops a touch, or that nothing does."""
    return str(Touch.Reason(stopped).label) if stopped else _("goes out")


def tomorrow(at: datetime) -> date:
    """Give the business day after this one."""
    return clock.business_day(at) + timedelta(days=1)


def occasions(plan: TouchPlan, day: date) -> list[tuple[int, str]]:
    """List whom a plan is about on a day and on which occasion (what comes again is one occasion here)."""
    audience, params = audiences.whom(plan, day)
    wanted = WANTED.format(audience=audience, within=WITHIN if plan.segment_id else "true")
    given = {**params, "plan": plan.pk, "day": day, "segment": plan.segment_id}
    return [
        (member, occasion.removesuffix(f":{day}"))
        for member, occasion in sql.rows(f"SELECT w.member_id, w.occasion FROM ({wanted}) w", given)
    ]
