"""The gate that every touch passes when it is claimed: consent, holdout, quiet hours, quotas, priority, caps.

The words are SQL about a touch `t`, its member `m`, the row `r` she lives on in and her portrait `p` (which may be
missing); `r` is locked by whoever asks, so that two claims of one person queue.
"""

from datetime import datetime, timedelta

from members.models import Touch
from members.queries import consents, families
from newretail.kernel import brand, clock, drawing, sql

BRAND_HOLDOUT = "touch_brand_holdout"
# A touch that should have gone out longer ago keeps nothing back any more.
COMPETES = timedelta(days=3)
FAMILY = families.ids_sql("r.id")
JOINED = """
JOIN members_member m ON m.id = t.member_id JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
LEFT JOIN members_portrait p ON p.member_id = r.id
""".strip()
# Whom a cap `c` is about; without a portrait she is in no stage.
WHOM = "(c.level_id IS NULL OR c.level_id = r.level_id) AND (c.stage = '' OR c.stage = p.stage)"
# Touches of her that a cap counts.
COUNTED = f"""
FROM members_touch x WHERE x.member_id IN ({FAMILY})
    AND x.claimed_at >= CASE c.span WHEN 'days' THEN %(at)s::timestamptz - c.days * interval '1 day'
      WHEN 'month' THEN %(month_start)s::timestamptz ELSE %(year_start)s::timestamptz END
    AND x.state NOT IN ('failed', 'refused', 'over_quota') AND c.channel IN ('', x.channel)
    AND (c.purpose = x.purpose OR c.purpose = '' AND (c.is_platform OR x.purpose <> 'service'))
""".strip()
CAPPED = f"""
EXISTS (SELECT FROM members_touchcap c WHERE c.active AND c.is_platform = {{platform}} AND {WHOM}
  AND c.channel IN ('', t.channel)
  AND (c.purpose = t.purpose OR c.purpose = '' AND (c.is_platform OR t.purpose <> 'service'))
  AND c.most <= (SELECT count(*) FROM (SELECT {COUNTED} LIMIT c.most) y))
""".strip()
OVER_QUOTA, OVER_CAP = CAPPED.format(platform="true"), f"NOT t.promised AND {CAPPED.format(platform='false')}"
QUIET = """
EXISTS (SELECT FROM members_quiethours q WHERE q.channel = t.channel
  AND CASE WHEN q.starts < q.ends THEN %(clock)s::time >= q.starts AND %(clock)s::time < q.ends
    ELSE %(clock)s::time >= q.starts OR %(clock)s::time < q.ends END)
""".strip()
# When the night of its channel ends.
MORNING = """
(SELECT (%(today)s::date + (q.ends <= %(clock)s::time)::int + q.ends) AT TIME ZONE %(zone)s
 FROM members_quiethours q WHERE q.channel = t.channel)
""".strip()
# Probed member by member: a claim would read all open touches for each of its own.
OUTRANKED = f"""
t.purpose = 'marketing' AND NOT t.promised AND EXISTS (SELECT FROM ({FAMILY}) f (id) CROSS JOIN LATERAL (
  SELECT FROM members_touch x WHERE x.member_id = f.id AND x.settled_at IS NULL AND x.claimed_at IS NULL
    AND x.priority > t.priority AND x.day <= %(today)s::date AND x.planned_for > %(competes)s::timestamptz LIMIT 1) y)
""".strip()
HELD_OUT = f"""
t.purpose = 'marketing' AND NOT t.promised AND {drawing.point_sql("r.member_no", "%(holdout_salt)s")} < %(holdout)s
""".strip()
# Why it is not to go out at all; empty where it may.
NEVER = f"""
(SELECT CASE WHEN n.said <> '' THEN n.said WHEN {HELD_OUT} THEN 'holdout' ELSE '' END
 FROM (SELECT {consents.WHY_NOT} AS said OFFSET 0) n)
""".strip()
# Why it is not to go out now; empty where it may.
NOT_NOW = f"""
CASE WHEN {QUIET} THEN 'quiet_hours' WHEN {OVER_QUOTA} THEN 'quota' WHEN {OUTRANKED} THEN 'outranked'
  WHEN {OVER_CAP} THEN 'over_cap' ELSE '' END
""".strip()
# Whoever writes to her herself has no night, and nothing competes with her.
NOT_BY_HAND = f"CASE WHEN {OVER_QUOTA} THEN 'quota' WHEN {OVER_CAP} THEN 'over_cap' ELSE '' END"
# `OFFSET 0` keeps what is judged from being reckoned anew wherever it is used.
JUDGE = f"""
SELECT g.id, g.never, g.not_now, g.late,
  CASE WHEN g.not_now = 'quiet_hours' THEN g.morning ELSE %(at)s::timestamptz + interval '1 day' END AS until,
  row_number() OVER (PARTITION BY g.root, g.never = '' AND g.not_now = ''
    ORDER BY g.promised DESC, g.priority DESC, g.planned_for, g.id) AS turn
FROM (SELECT t.id, r.id AS root, t.promised, t.priority, t.planned_for, v.never,
        CASE v.never WHEN '' THEN {NOT_NOW} ELSE '' END AS not_now, t.drop_after <= %(at)s::timestamptz AS late,
        {MORNING} AS morning
      FROM members_touch t {JOINED} CROSS JOIN LATERAL (SELECT {NEVER} AS never OFFSET 0) v
      WHERE t.id IN (SELECT id FROM {{picked}}) AND t.state IN ('planned', 'held') OFFSET 0) g
"""


def given(at: datetime) -> sql.Params:
    """Give the parameters of the gate as of an instant."""
    day = clock.business_day(at)
    return {
        **consents.gate(at), "at": at, "zone": clock.brand_zone().key,
        "clock": at.astimezone(clock.brand_zone()).time().replace(tzinfo=None),
        "month_start": clock.day_start(clock.month_start(day)),
        "year_start": clock.day_start(day.replace(month=1, day=1)),
        "competes": at - COMPETES, "holdout": brand.in_force(BRAND_HOLDOUT)[BRAND_HOLDOUT],
        "holdout_salt": f"brand-{day.year}",
    }  # fmt: skip


def why_not_by_hand(touch: sql.Params, at: datetime) -> str:
    """Tell why a person may not contact a member (member, channel, purpose) now; empty where she may."""
    statement = f"""
SELECT coalesce(nullif({NEVER}, ''), {NOT_BY_HAND}) FROM
  (SELECT %(member)s::bigint AS member_id, %(channel)s::text AS channel, %(purpose)s::text AS purpose,
     false AS promised) t {JOINED}"""
    return str(sql.rows(statement, {**given(at), **touch})[0][0])


def reason_word(reason: str) -> str:
    """Say a reason."""
    return str(Touch.Reason(reason).label)
