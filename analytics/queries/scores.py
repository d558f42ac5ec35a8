"""Scores as of a business day: what orders say of each member, and where the cuts lie.

As-of D is the start of business day D in the brand's zone. Only what was paid and refunded before D counts; the window
is the 365 days before D; a fully refunded order counts in nothing; a refund reduces the amount on its order's day.
Scores are 1 + how many of the four cuts a value exceeds (never ntile: it splits ties); the cuts are percentile_disc
(k/5) over members with an order in the window, or the brand's own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from members.models import ScoreCut
from newretail.kernel import brand, clock, staging

WINDOW_DAYS = 365
# Orders without refunds are summed by the index alone, in its own order (hashing a million groups is slower); the few
# with refunds by a small index of theirs, without what was given back on or after the day (`tmp_later`).
PLAN = "SET LOCAL enable_hashagg = off"
LATER = (
    "SELECT order_id, sum(amount_cents)::bigint AS cents FROM members_refund WHERE refunded_at >= %(until)s GROUP BY 1"
)
SUMS = """
SELECT o.member_id, min(o.paid_at) AS first_at, max(o.paid_at) AS last_at, count(*) AS purchases,
  count(*) FILTER (WHERE o.paid_at >= %(since)s) AS frequency,
  (sum(o.amount_cents) FILTER (WHERE o.paid_at >= %(since)s))::bigint AS cents
FROM members_order o
WHERE o.paid_at < %(until)s AND o.member_id IS NOT NULL AND o.refunded_cents = 0 {of_orders}
GROUP BY o.member_id
"""
REFUNDED = """
SELECT x.member_id, min(x.paid_at) AS first_at, max(x.paid_at) AS last_at, count(*) AS purchases,
  count(*) FILTER (WHERE x.paid_at >= %(since)s) AS frequency,
  (sum(x.net) FILTER (WHERE x.paid_at >= %(since)s))::bigint AS cents
FROM (
  SELECT o.member_id, o.paid_at, o.amount_cents - o.refunded_cents + coalesce(l.cents, 0) AS net
  FROM members_order o LEFT JOIN tmp_later l ON l.order_id = o.id
  WHERE o.paid_at < %(until)s AND o.member_id IS NOT NULL AND o.refunded_cents > 0 {of_orders}) x
WHERE x.net > 0 GROUP BY x.member_id
"""
BASE = """
SELECT m.id AS member_id,
  (least(s.first_at, b.first_at) AT TIME ZONE %(zone)s)::date AS first_day,
  (greatest(s.last_at, b.last_at) AT TIME ZONE %(zone)s)::date AS last_day,
  (coalesce(s.purchases, 0) + coalesce(b.purchases, 0))::int AS purchases,
  (coalesce(s.frequency, 0) + coalesce(b.frequency, 0))::int AS frequency,
  coalesce(s.cents, 0) + coalesce(b.cents, 0) AS monetary_cents
FROM members_member m
LEFT JOIN tmp_sums s ON s.member_id = m.id
LEFT JOIN tmp_refunded b ON b.member_id = m.id
WHERE m.joined_at < %(until)s {of_members}
"""
# percentile_disc from a histogram: the first value whose cumulative share reaches p.
HISTOGRAMS = """
WITH counted AS (
  SELECT last_day, frequency, count(*) AS n FROM {rows} WHERE frequency > 0
  GROUP BY GROUPING SETS ((last_day), (frequency))),
days AS (
  SELECT last_day AS v, sum(n) OVER (ORDER BY last_day) AS reached, sum(n) OVER () AS total
  FROM counted WHERE last_day IS NOT NULL),
counts AS (
  SELECT frequency AS v, sum(n) OVER (ORDER BY frequency) AS reached, sum(n) OVER () AS total
  FROM counted WHERE last_day IS NULL)
SELECT (SELECT max(total) FROM days),
  ARRAY(SELECT (SELECT min(v) FROM days WHERE reached >= p * total)
    FROM unnest(ARRAY[0.2, 0.4, 0.6, 0.8]::numeric[]) WITH ORDINALITY AS k(p, i) ORDER BY i),
  ARRAY(SELECT (SELECT min(v) FROM counts WHERE reached >= p * total)
    FROM unnest(ARRAY[0.2, 0.4, 0.6, 0.8]::numeric[]) WITH ORDINALITY AS k(p, i) ORDER BY i)
"""
MONEY = """
SELECT percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY monetary_cents)
FROM {rows} WHERE frequency > 0
"""
# The live portrait with the affected members as they are now.
CURRENT = """
(SELECT last_day, frequency, monetary_cents FROM members_portrait p
  WHERE NOT EXISTS (SELECT 1 FROM tmp_affected a WHERE a.member_id = p.member_id)
 UNION ALL SELECT last_day, frequency, monetary_cents FROM tmp_base) current_rows
"""


@dataclass(frozen=True)
class Cuts:
    """Four cut values for each score (cents for money), the amount of a super customer, how many were scored."""

    last_day: list[date]
    frequency: list[int]
    monetary: list[int]
    super_cents: int
    scored: int

    def to_json(self) -> dict[str, Any]:
        """Write the cuts as they are kept in `ScoreCut`."""
        return {
            "last_day": [day.isoformat() for day in self.last_day],
            "frequency": self.frequency,
            "monetary": self.monetary,
            "rules": rules(),
        }


def params_of(as_of: date) -> staging.Params:
    """Give the bounds of an as-of day: instants [since, until), the zone, the settings in force."""
    return {
        "as_of": as_of,
        "until": clock.day_start(as_of),
        "since": clock.day_start(as_of - timedelta(days=WINDOW_DAYS)),
        "zone": clock.brand_zone().key,
        "new_since": as_of - timedelta(days=int(brand.setting("new_days"))),
        "super_orders": int(brand.setting("super_orders")),
    }


def rules() -> list[Any]:
    """List the settings that scores and relationships follow from."""
    return [brand.setting(key) for key in ("new_days", "super_orders", "super_cents", "rfm_cuts")]


def build_sums(as_of: date, *, only: str = "") -> None:
    """Leave in `tmp_base` one row per listed member: first_day, last_day, purchases, frequency, monetary_cents.

    `only` names a temporary table of member_ids to look at; without it all members joined before the day.
    """
    params = params_of(as_of)
    of_orders = f"AND o.member_id IN (SELECT member_id FROM {only})" if only else ""
    of_members = f"AND m.id IN (SELECT member_id FROM {only})" if only else ""
    staging.temporary("tmp_later", LATER, params)
    staging.temporary("tmp_refunded", REFUNDED.format(of_orders=of_orders), params)
    if not only:
        staging.execute(PLAN)
    staging.temporary("tmp_sums", SUMS.format(of_orders=of_orders), params, analyze=bool(only))
    staging.execute("SET LOCAL enable_hashagg = on")
    staging.temporary("tmp_base", BASE.format(of_members=of_members), params, analyze=bool(only))


def find_cuts(rows: str) -> Cuts:
    """Find the cuts over the rows that have an order in the window; the brand's own cuts go first.

    `rows` is a table, or a FROM item, with last_day, frequency and monetary_cents.
    """
    scored, days, counts = staging.rows(HISTOGRAMS.format(rows=rows))[0]
    cents = staging.rows(MONEY.format(rows=rows))[0][0] or []
    own = brand.setting("rfm_cuts") or {}
    super_cents = brand.setting("super_cents")
    if super_cents is None:
        super_cents = cents[3] if cents else 0  # proposed at the 80th percentile: the fourth cut
    return Cuts(
        last_day=[date.fromisoformat(text) for text in own.get("last_day", [])] or [d for d in days if d],
        frequency=own.get("frequency") or [int(c) for c in counts if c is not None],
        monetary=own.get("monetary") or [int(c) for c in cents],
        super_cents=int(super_cents),
        scored=int(scored or 0),
    )


def crossed(was: ScoreCut, new: Cuts, params: staging.Params, was_new_since: date) -> str:
    """Write the condition for rows of the portrait whose scores may differ under new cuts.

    A score counts the cuts a value exceeds, so it changes only for values between an old cut and its new place.
    """
    parts = [f"(purchases = 1 AND last_day >= '{was_new_since}' AND last_day < '{params['new_since']}')"]
    parts += _between("last_day", "date", was.cuts["last_day"], [day.isoformat() for day in new.last_day])
    parts += _between("frequency", "bigint", was.cuts["frequency"], new.frequency)
    parts += _between("monetary_cents", "bigint", was.cuts["monetary"], new.monetary)
    # A super customer reaches her amount, the scores exceed theirs: one cent makes the bounds alike.
    parts += _between("monetary_cents", "bigint", [was.super_cents - 1], [new.super_cents - 1])
    return " OR ".join(parts)


def _between(column: str, kind: str, was: list[Any], new: list[Any]) -> list[str]:
    if len(was) != len(new):
        return ["true"]
    moves = [sorted(pair) for pair in zip(was, new, strict=True) if pair[0] != pair[1]]
    return [f"({column} > '{low}'::{kind} AND {column} <= '{high}'::{kind})" for low, high in moves]


def _score(value: str, cuts: list[Any], cast: str) -> str:
    terms = [f"({value} > '{cut}'::{cast})::int" for cut in cuts]
    return f"CASE WHEN frequency > 0 THEN {' + '.join(['1', *terms])} END"


def scored_select(table: str, cuts: Cuts, columns: str = "member_id") -> str:
    """Write the SELECT that scores the rows of a table: r, f, m, group, is_super, relationship beside its sums.

    Formula of the groups: high means 4 or 5; the eight names are the 2 × 2 × 2 of high R, F, M (重要 is high M).
    Needs the parameters of `params_of`.
    """
    return f"""
SELECT x.*, CASE WHEN x.r IS NULL THEN '' ELSE
    CASE WHEN x.m >= 4 THEN 'important_' ELSE 'general_' END ||
    CASE WHEN x.r >= 4 AND x.f >= 4 THEN 'value' WHEN x.r >= 4 THEN 'develop'
         WHEN x.f >= 4 THEN 'keep' ELSE 'retain' END END AS "group",
  x.frequency >= %(super_orders)s AND x.monetary_cents >= {cuts.super_cents} AS is_super,
  CASE WHEN x.purchases = 0 THEN 'prospect' WHEN x.purchases > 1 THEN 'repeat'
       WHEN x.last_day >= %(new_since)s THEN 'new' ELSE 'one_timer' END AS relationship
FROM (SELECT {columns}, first_day, last_day, purchases, frequency, monetary_cents,
  {_score("last_day", cuts.last_day, "date")} AS r,
  {_score("frequency", cuts.frequency, "bigint")} AS f,
  {_score("monetary_cents", cuts.monetary, "bigint")} AS m FROM {table}) x"""


def stage_sql(last_day: str, joined_on: str) -> str:
    """Write the SQL of the lifecycle stage as of %(as_of)s.

    It counts completed calendar months since the last purchase, or since joining when she never bought; bounds are
    half-open, month arithmetic is Postgres's own (docs/glossary.md, lifecycle).
    """
    first, *others = [int(month) for month in brand.setting("lifecycle_months")]
    since = f"coalesce({last_day}, {joined_on})"
    names = ["wake", "win_back", "dormant"]
    later = " ".join(
        f"WHEN %(as_of)s::date < ({since} + interval '{month} months')::date THEN '{name}'"
        for month, name in zip(others, names, strict=True)
    )
    return (
        f"CASE WHEN %(as_of)s::date < ({since} + interval '{first} months')::date THEN"
        f" CASE WHEN %(as_of)s::date < ({joined_on} + interval '{first} months')::date"
        f" THEN 'onboarding' ELSE 'active' END {later} ELSE 'lost' END"
    )


def build_portrait(as_of: date) -> Cuts:
    """Leave in `tmp_portrait` the whole portrait as of a day, stage included, without touching the live one."""
    build_sums(as_of)
    cuts = find_cuts("tmp_base")
    params = params_of(as_of)
    joined_on = "(m.joined_at AT TIME ZONE %(zone)s)::date"
    select = (
        f"SELECT m.member_no, s.*, {stage_sql('s.last_day', joined_on)} AS stage"
        f" FROM ({scored_select('tmp_base', cuts)}) s JOIN members_member m ON m.id = s.member_id"
    )
    staging.temporary("tmp_portrait", select, params)
    return cuts


def count_aside() -> dict[str, object]:
    """Count the members of `tmp_portrait` by stage and by relationship."""
    by_stage = staging.rows("SELECT stage, count(*) FROM tmp_portrait GROUP BY 1 ORDER BY 1")
    by_relationship = staging.rows("SELECT relationship, count(*) FROM tmp_portrait GROUP BY 1 ORDER BY 1")
    return {
        "members": sum(int(n) for _, n in by_stage),
        "stages": {name: int(n) for name, n in by_stage},
        "relationships": {name: int(n) for name, n in by_relationship},
    }
