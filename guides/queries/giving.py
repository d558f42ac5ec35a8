"""Whom a task rule gives a task: one SELECT for each trigger, over the rows of a line, of the last day, or of a day."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from guides.models import TaskRule
from guides.queries import terms
from members.models import Member
from members.queries.birthdays import lunar_dates, solar_dates
from newretail.kernel import clock, sql

FRESH = timedelta(days=2)  # what happened longer ago starts no contact
DAY = timedelta(days=1)
Trigger = TaskRule.Trigger
DAILY = (Trigger.QUIET, Trigger.BIRTHDAY)

# Whose row `m` is: the row she lives in, not erased.
LIVES = "JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id) AND r.erased_at IS NULL"
# Her root's bond counts, else that of a row merged into her; who left her post serves nobody.
SERVED = """
CROSS JOIN LATERAL (
  SELECT g.id, g.post_id, g.began_at, g.source FROM members_member s
  JOIN guides_bond g ON g.member_id = s.id AND g.ended_at IS NULL
  WHERE s.id = r.id OR s.merged_into_id = r.id
  ORDER BY (s.merged_into_id IS NULL) DESC, g.began_at, g.id LIMIT 1) b
JOIN stores_post p ON p.id = b.post_id AND p.until IS NULL
"""
SELECTS: dict[str, str] = {
    Trigger.BOND_MADE: f"""
SELECT r.id AS member_id, b.post_id, 'bond:' || b.id AS occurrence, b.began_at AS happened_at,
  jsonb_build_object('day', to_char(b.began_at AT TIME ZONE %(zone)s, 'MM-DD')) AS facts
FROM guides_bond w JOIN members_member m ON m.id = w.member_id {LIVES} {SERVED}
WHERE b.id = w.id AND b.source = ANY(%(sources)s) AND w.began_at > %(since)s AND w.began_at <= %(at)s AND {{of}}
""",
    Trigger.PURCHASE: f"""
SELECT r.id AS member_id, b.post_id, 'order:' || w.id AS occurrence, w.paid_at AS happened_at,
  jsonb_build_object('day', to_char(w.paid_at AT TIME ZONE %(zone)s, 'MM-DD'),
    'amount', to_char(w.amount_cents / 100.0, 'FM999999990.00'), 'product', x.name) AS facts
FROM members_order w JOIN members_member m ON m.id = w.member_id {LIVES} {SERVED}
LEFT JOIN LATERAL (
  SELECT d.name FROM members_orderline l JOIN stores_product d ON d.id = l.product_id
  LEFT JOIN stores_category k ON k.id = d.category_id
  WHERE l.order_id = w.id AND (cardinality(%(categories)s::text[]) = 0 OR k.name = ANY(%(categories)s))
  ORDER BY l.amount_cents DESC, l.line_no LIMIT 1) x ON true
WHERE (cardinality(%(categories)s::text[]) = 0 OR x.name IS NOT NULL) AND w.refunded_cents < w.amount_cents
  AND w.paid_at > %(since)s AND w.paid_at <= %(at)s AND {{of}}
""",
    Trigger.STAGE: f"""
SELECT r.id AS member_id, b.post_id, 'stage:' || w.id AS occurrence,
  w.changed_on::timestamp AT TIME ZONE %(zone)s AS happened_at,
  jsonb_build_object('days', w.changed_on - q.last_day, 'amount', (q.monetary_cents / 100)::text) AS facts
FROM members_stagechange w JOIN members_member m ON m.id = w.member_id {LIVES} {SERVED}
JOIN members_portrait q ON q.member_id = r.id AND q.stage = w.to_stage
WHERE w.from_stage <> '' AND w.to_stage = ANY(%(stages)s) AND q.last_day IS NOT NULL
  AND w.changed_on > %(since_day)s AND w.changed_on <= %(day)s AND {{of}}
""",
    # Once for each span without a contact: it is named by the day it began.
    Trigger.QUIET: f"""
SELECT r.id AS member_id, b.post_id, 'quiet:' || b.id || ':' || to_char(t.last, 'YYYYMMDD') AS occurrence,
  %(start)s::timestamptz AS happened_at, jsonb_build_object('days', %(day)s::date - t.last::date) AS facts
FROM guides_bond w JOIN members_member m ON m.id = w.member_id {LIVES} {SERVED}
CROSS JOIN LATERAL (
  SELECT greatest(b.began_at, max(h.planned_for)) AT TIME ZONE %(zone)s AS last FROM members_member s
  LEFT JOIN members_touch h ON h.member_id = s.id AND h.claimed_at IS NOT NULL
    AND h.state NOT IN ('failed', 'refused', 'over_quota', 'unknown') AND h.planned_for < %(start)s
  WHERE s.id = r.id OR s.merged_into_id = r.id) t
WHERE b.id = w.id AND w.ended_at IS NULL AND w.began_at >= %(start)s - make_interval(days => %(within)s)
  AND w.began_at < %(start)s AND t.last::date <= %(day)s::date - %(days)s::int
""",
    Trigger.BIRTHDAY: f"""
SELECT r.id AS member_id, b.post_id, 'birthday:' || to_char(x.fete, 'YYYYMMDD') AS occurrence,
  x.fete::timestamp AT TIME ZONE %(zone)s AS happened_at,
  jsonb_build_object('day', to_char(x.fete, 'MM-DD'), 'days', x.fete - %(day)s::date) AS facts
FROM jsonb_to_recordset(%(dates)s::jsonb) x(calendar text, month int, day int, fete date)
JOIN members_member r ON r.birthday_calendar = x.calendar AND r.birth_month = x.month AND r.birth_day = x.day
  AND r.merged_into_id IS NULL AND r.erased_at IS NULL {SERVED}
""",
}
# Which rows are looked at: those of a journal line, or those of the last two days.
OF_LINE: dict[str, str] = {
    Trigger.BOND_MADE: "w.entry_id = %(line)s",
    Trigger.PURCHASE: "w.id IN (SELECT id FROM members_order WHERE entry_id = %(line)s"
    " UNION SELECT order_id FROM members_orderline WHERE entry_id = %(line)s)",
    Trigger.STAGE: "w.entry_id = %(line)s",
}
GIVEN = """
SELECT w.member_id, w.post_id, 'rule:' || %(code)s || ':' || w.occurrence AS source,
  jsonb_strip_nulls(w.facts) AS facts, w.happened_at + %(due)s AS due_at, w.happened_at + %(kept)s AS expires_at
FROM ({select}) w WHERE w.happened_at + %(kept)s > %(at)s
"""


@dataclass(frozen=True)
class Given:
    """Tasks a rule gives, as a SELECT (member_id, post_id, source, facts, due_at, expires_at) with its parameters."""

    select: str
    params: sql.Params

    def count(self) -> int:
        """Count the members who would be given one."""
        return int(sql.rows(f"SELECT count(DISTINCT member_id) FROM ({self.select}) t", self.params)[0][0])


def dates(day: date, days: int) -> str:
    """Write the birthdays that are kept on a day and on each of the days after it, in both calendars, as JSON."""
    found = [
        {"calendar": str(calendar), "month": month, "day": number, "fete": fete.isoformat()}
        for fete in (day + timedelta(days=n) for n in range(days + 1))
        for calendar, dates in ((Member.Calendar.SOLAR, solar_dates), (Member.Calendar.LUNAR, lunar_dates))
        for month, number in dates([fete])
    ]
    return json.dumps(found)


def _params(rule: TaskRule, at: datetime, day: date) -> sql.Params:
    since = at - FRESH
    params: sql.Params = {
        **terms.read(rule.trigger, rule.terms), "code": rule.code, "at": at, "zone": clock.brand_zone().key,
        "due": timedelta(days=rule.due_days), "kept": timedelta(days=rule.kept_days), "day": day,
        "start": clock.day_start(day), "since": since, "since_day": clock.business_day(since),
    }  # fmt: skip
    if rule.trigger == Trigger.BIRTHDAY:
        params["dates"] = dates(day, params["days"])
    return params


def upon(rule: TaskRule, *, line: int, at: datetime) -> Given:
    """Give what a rule makes of a journal line's rows as they stand now; what is older than two days starts nothing."""
    select = GIVEN.format(select=SELECTS[rule.trigger].format(of=OF_LINE[rule.trigger]))
    return Given(select, {**_params(rule, at, clock.business_day(at)), "line": line})


def on(rule: TaskRule, *, day: date, at: datetime) -> Given:
    """Give what a daily rule makes of a business day."""
    return Given(GIVEN.format(select=SELECTS[rule.trigger]), _params(rule, at, day))


def expected(rule: TaskRule, *, at: datetime) -> int:
    """Count the members who would be given a task today; where a rule waits for events, by those of the last day."""
    day = clock.business_day(at)
    if rule.trigger in DAILY:
        return on(rule, day=day, at=at).count()
    params = {**_params(rule, at, day), "since": at - DAY, "since_day": day - DAY}
    return Given(GIVEN.format(select=SELECTS[rule.trigger].format(of="true")), params).count()
