"""Growth: derived anew from what stands in the books, so that a refund, a merge or an undo takes back exactly its part.

As of day D the days of the window end with D itself; a window of twelve months begins on the day after D a year before.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from members.models import Member
from members.queries import schemes
from members.queries.schemes import Terms
from newretail.kernel import clock, sql

DAWN = date(1970, 1, 1)
EVERYBODY = "SELECT id AS member_id FROM members_member WHERE merged_into_id IS NULL"
COUNTS = "NOT (o.refunded_cents > 0 AND o.refunded_cents >= o.amount_cents)"
# The rows of the persons asked for, each with the root they belong to.
KIN = """
SELECT m.id, coalesce(m.merged_into_id, m.id) AS root FROM members_member m
WHERE coalesce(m.merged_into_id, m.id) IN (SELECT member_id FROM {who})
"""
GROWTH = """
SELECT w.member_id, p.*, greatest(0, p.joining + p.spent + p.orders + p.events + p.adjusted)::bigint AS growth
FROM {who} w JOIN members_member m ON m.id = w.member_id
LEFT JOIN (
  SELECT k.root, sum(o.amount_cents - o.refunded_cents)::bigint AS cents, count(*) AS orders
  FROM tmp_kin k JOIN members_order o ON o.member_id = k.id
  WHERE o.paid_at >= %(since)s AND o.paid_at < %(until)s AND {counts} GROUP BY 1) b ON b.root = w.member_id
LEFT JOIN (
  SELECT k.root, sum(j.growth)::bigint AS growth FROM tmp_kin k JOIN members_growthadjustment j ON j.member_id = k.id
  WHERE j.adjusted_at >= %(since)s AND j.adjusted_at < %(until)s GROUP BY 1) a ON a.root = w.member_id
LEFT JOIN ({events}) e ON e.root = w.member_id
CROSS JOIN LATERAL (SELECT
  CASE WHEN m.joined_at >= %(since)s AND m.joined_at < %(until)s THEN %(joining)s ELSE 0 END::bigint AS joining,
  trunc(coalesce(b.cents, 0)::numeric * %(per_yuan)s / 100)::bigint AS spent,
  coalesce(b.orders, 0) * %(per_order)s::bigint AS orders, coalesce(e.growth, 0) AS events,
  coalesce(a.growth, 0) AS adjusted) p
"""
# Of each kind no more than so many a day count, and of what is left no more than so many a calendar month.
EVENTS = """
SELECT root, sum(times * growth)::bigint AS growth FROM (
  SELECT root, growth, least(sum(times), per_month) AS times FROM (
    SELECT k.root, c.kind, c.growth, c.per_month, x.day, least(count(*), c.per_day) AS times
    FROM unnest(%(kinds)s::text[], %(worth)s::bigint[], %(per_day)s::int[], %(per_month)s::int[])
      c(kind, growth, per_day, per_month)
    JOIN members_event v ON v.kind = c.kind AND v.happened_at >= %(since)s AND v.happened_at < %(until)s
    JOIN tmp_kin k ON k.id = v.member_id
    CROSS JOIN LATERAL (SELECT (v.happened_at AT TIME ZONE %(zone)s)::date AS day) x
    GROUP BY k.root, c.kind, c.growth, c.per_day, c.per_month, x.day) by_day
  GROUP BY root, kind, growth, per_month, date_trunc('month', day)) by_month
GROUP BY root
"""
NO_EVENTS = "SELECT NULL::bigint AS root, 0::bigint AS growth WHERE false"
# The same of one person, without a table of its own.
PARTS = f"""
WITH tmp_one AS (SELECT %(member)s::bigint AS member_id), tmp_kin AS ({KIN.format(who="tmp_one")})
SELECT spent, orders, events, joining, adjusted, growth FROM ({{growth}}) g
"""


@dataclass(frozen=True)
class Window:
    """The days whose deeds count: [first, last]."""

    first: date
    last: date


def window(terms: Terms, as_of: date) -> Window:
    """Give the days that count as of a day."""
    if not terms.window_months:
        return Window(DAWN, as_of)
    months = as_of.year * 12 + as_of.month - 1 - terms.window_months
    year, month = months // 12, months % 12 + 1
    after = date(year + month // 12, month % 12 + 1, 1)
    return Window(min(date(year, month, 1) + timedelta(days=as_of.day), after), as_of)


def build(table: str, who: str, terms: Terms, as_of: date) -> None:
    """Leave the growth of the persons in a table (member_id) in a temporary table (member_id, growth)."""
    sql.temporary("tmp_kin", KIN.format(who=who))
    sql.temporary(table, *_grown(who, terms, as_of))


def _grown(who: str, terms: Terms, as_of: date) -> tuple[str, sql.Params]:
    """Write the growth of the persons of a table, with `tmp_kin` beside it, and the parameters it needs."""
    days = window(terms, as_of)
    params: sql.Params = {
        "since": clock.day_start(days.first), "until": clock.day_start(days.last + timedelta(days=1)),
        "per_yuan": terms.growth.per_yuan, "per_order": terms.growth.per_order, "joining": terms.growth.joining,
        "kinds": [each.kind for each in terms.growth.events], "worth": [each.growth for each in terms.growth.events],
        "per_day": [each.per_day for each in terms.growth.events],
        "per_month": [each.per_month for each in terms.growth.events], "zone": clock.brand_zone().key,
    }  # fmt: skip
    events = EVENTS if terms.growth.events else NO_EVENTS
    return GROWTH.format(who=who, counts=COUNTS, events=events), params


LAST_NIGHT = "SELECT max((facts->>'as_of')::date) FROM kernel_journalentry WHERE name = 'members.level.assessed'"


def last_night() -> date | None:
    """Give the day as of which everybody was looked at last."""
    return cast("date | None", sql.rows(LAST_NIGHT)[0][0])


@dataclass(frozen=True)
class Counted:
    """Kinds of events that count for growth, and the day from which on they do."""

    kinds: list[str]
    since: date


def counted(day: date) -> Counted:
    """Name the events that count by the version of the last night (of this day without one) or any later one."""
    asked = min(last_night() or day, day)
    versions = [each.terms for each in schemes.counting_since(asked) if each.terms.growth.events]
    kinds = {event.kind for terms in versions for event in terms.growth.events}
    return Counted(sorted(kinds), min((window(terms, asked).first for terms in versions), default=day))


@dataclass(frozen=True)
class Parts:
    """What a person's growth is made of, source by source."""

    spent: int
    orders: int
    events: int
    joining: int
    adjusted: int
    growth: int


def parts(root: Member, terms: Terms, as_of: date) -> Parts:
    """Tell what a person's growth is made of as of the end of a day."""
    growth, params = _grown("tmp_one", terms, as_of)
    return Parts(*sql.rows(PARTS.format(growth=growth), {**params, "member": root.pk})[0])


def reached(terms: Terms) -> tuple[str, sql.Params]:
    """Write the levels of a scheme as rows (level_id, rank, growth), with the parameters they need."""
    params: sql.Params = {
        "codes": [one.level for one in terms.levels], "growths": [one.growth for one in terms.levels],
    }  # fmt: skip
    rows = (
        "SELECT l.id AS level_id, l.rank, s.growth"
        " FROM unnest(%(codes)s::text[], %(growths)s::bigint[]) s(code, growth)"
        " JOIN members_level l ON l.code = s.code"
    )
    return rows, params
