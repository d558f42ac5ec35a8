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
# The first channel in the plan's order that reaches her and that she allows; else the first, whose gate says why.
BY_CHANNEL = f"""
coalesce((SELECT t.channel FROM (SELECT c.channel, c.kind, c.nth, %(purpose)s::text AS purpose
    FROM unnest(%(channels)s::text[], %(kinds)s::text[]) WITH ORDINALITY c (channel, kind, nth)) t
  WHERE ({addresses.ADDRESS.format(kind="t.kind")} <> '' OR t.channel = ANY(%(boxed)s::text[]))
    AND {consents.WHY_NOT} = '' ORDER BY t.nth LIMIT 1), (%(channels)s::text[])[1])
""".strip()
# Of a budget the earliest seats; who is held out costs nothing.
TO_PLAN = f"""
SELECT q.member_id, q.occasion, q.arm, q.channel, %(purpose)s::text AS purpose,
  %(planned_for)s::timestamptz AS planned_for,
  (SELECT o.id FROM members_touchcontent o WHERE o.source = %(source)s AND o.version = %(version)s
     AND o.variant = q.arm AND o.channel = q.channel) AS content_id,
  NULL::bigint AS post_id, CASE q.arm WHEN '{HELD_OUT}' THEN 'holdout' ELSE '' END AS not_wanted
FROM (SELECT w.*, m.seat, {{arm}} AS arm, {BY_CHANNEL} AS channel
      FROM ({{wanted}}) w JOIN members_member m ON m.id = w.member_id JOIN members_member r ON r.id = w.root) q
"""
CHOSEN = f"""
SELECT * FROM (SELECT z.*, count(*) FILTER (WHERE z.arm <> '{HELD_OUT}') OVER (ORDER BY z.member_id) AS nth
  FROM ({{to_plan}}) z) y WHERE %(room)s::int IS NULL OR y.nth <= %(room)s
"""
WENT = "SELECT count(*) FROM campaigns_planmember WHERE plan_id = %(plan)s AND arm <> %(held_out)s"
JUDGED = f"""
SELECT t.arm, t.channel, CASE WHEN t.not_wanted <> '' THEN t.not_wanted WHEN v.never <> '' THEN v.never
  ELSE {gating.NOT_NOW} END AS stopped, t.member_id
FROM (SELECT d.*, 0::bigint AS id, %(priority)s::int AS priority, %(promised)s::boolean AS promised
      FROM ({{chosen}}) d) t {gating.JOINED} CROSS JOIN LATERAL (SELECT {gating.NEVER} AS never) v
"""


def chosen(plan: TouchPlan, day: date, boxed: list[str]) -> tuple[str, sql.Params]:
    """Write the SELECT of what a plan has to plan on a day; `boxed`: channels that need no address.

    Columns: member_id, occasion, arm, channel, purpose, planned_for, content_id, post_id, not_wanted, nth.
    """
    audience, params = audiences.whom(plan, day)
    arm, drawn = drawing.arm_sql("w.member_no", salt=plan.code, shares=plan.arms)
    wanted = WANTED.format(audience=audience, within=WITHIN if plan.segment_id else "true")
    room = None
    if plan.most_touches is not None:
        gone = sql.rows(WENT, {"plan": plan.pk, "held_out": HELD_OUT})[0][0]
        room = max(plan.most_touches - gone, 0)
    at = datetime.combine(day, plan.send_at, tzinfo=clock.brand_zone())
    given = {
        **consents.gate(at), **drawn, **params, "plan": plan.pk, "day": day, "segment": plan.segment_id,
        "purpose": plan.purpose, "channels": plan.channels, "room": room, "planned_for": at,
        "kinds": [addresses.REACHED_BY[channel] for channel in plan.channels], "boxed": boxed,
        "source": plan.source, "version": plan.version,
    }  # fmt: skip
    return CHOSEN.format(to_plan=TO_PLAN.format(arm=arm, wanted=wanted)), given


@dataclass(frozen=True)
class Foreseen:
    """What a plan would do on a day: how many by (channel, what stops them), how many held out, some of the members."""

    day: date
    members: int
    held_out: int
    by: list[tuple[str, str, int]]
    sample: list[tuple[Member, str, str]]


SAMPLE = 20


def foreseen(plan: TouchPlan, day: date, boxed: list[str]) -> Foreseen:
    """Look at what a plan would do on a day, judged by the gate as it stands; nothing is written."""
    select, given = chosen(plan, day, boxed)
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
