"""Scores as of a business day: what orders say of each member, and where the cuts lie.

As-of D is the start of business day D in the brand's zone. Only what was paid and refunded before D counts; the window
is the 365 days before D; a fully refunded order counts in nothing; a refund reduces the amount on its order's day.
Scores are 1 + how many of the four cuts a value exceeds (never ntile: it splits ties); the cuts are percentile_disc
(k/5) over members with an order in the window, or the brand's own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from newretail.kernel import brand, clock, staging

WINDOW_DAYS = 365
SUPER_SHARE = 0.8  # a super customer's amount is proposed at the 80th percentile
# What is not in the plan's favour: hashing a million groups; the index is in the order of members already.
PLAN = "SET LOCAL enable_hashagg = off"
REFUNDED = """
SELECT o.id AS order_id, o.member_id, o.paid_at, sum(f.amount_cents)::bigint AS cents,
  sum(f.amount_cents) >= o.amount_cents AS fully
FROM members_refund f JOIN members_order o ON o.id = f.order_id
WHERE f.refunded_at < %(until)s AND o.paid_at < %(until)s AND o.member_id IS NOT NULL {of_orders}
GROUP BY o.id
"""
SUMS = """
SELECT o.member_id, min(o.paid_at) AS first_at, max(o.paid_at) AS last_at, count(*) AS purchases,
  count(*) FILTER (WHERE o.paid_at >= %(since)s) AS frequency,
  coalesce(sum(o.amount_cents) FILTER (WHERE o.paid_at >= %(since)s), 0)::bigint AS monetary_cents
FROM members_order o
WHERE o.paid_at < %(until)s AND o.member_id IS NOT NULL {of_orders}
GROUP BY o.member_id
"""
# Members with a fully refunded order are summed anew without it; the others only lose the refunded cents.
CORRECTED = """
WITH whole AS (SELECT DISTINCT member_id FROM tmp_refunded WHERE fully),
anew AS (
  SELECT o.member_id, min(o.paid_at) AS first_at, max(o.paid_at) AS last_at, count(*) AS purchases,
    count(*) FILTER (WHERE o.paid_at >= %(since)s) AS frequency,
    coalesce(sum(o.amount_cents) FILTER (WHERE o.paid_at >= %(since)s), 0)::bigint AS monetary_cents
  FROM whole w JOIN members_order o ON o.member_id = w.member_id
  WHERE o.paid_at < %(until)s AND NOT EXISTS (
    SELECT 1 FROM tmp_refunded x WHERE x.order_id = o.id AND x.fully)
  GROUP BY o.member_id),
back AS (
  SELECT member_id, sum(cents)::bigint AS cents FROM tmp_refunded
  WHERE NOT fully AND paid_at >= %(since)s GROUP BY member_id)
SELECT m.id AS member_id,
  (CASE WHEN w.member_id IS NULL THEN s.first_at ELSE a.first_at END AT TIME ZONE %(zone)s)::date AS first_day,
  (CASE WHEN w.member_id IS NULL THEN s.last_at ELSE a.last_at END AT TIME ZONE %(zone)s)::date AS last_day,
  coalesce(CASE WHEN w.member_id IS NULL THEN s.purchases ELSE a.purchases END, 0)::int AS purchases,
  coalesce(CASE WHEN w.member_id IS NULL THEN s.frequency ELSE a.frequency END, 0)::int AS frequency,
  (coalesce(CASE WHEN w.member_id IS NULL THEN s.monetary_cents ELSE a.monetary_cents END, 0)
    - coalesce(b.cents, 0))::bigint AS monetary_cents
FROM members_member m
LEFT JOIN tmp_sums s ON s.member_id = m.id
LEFT JOIN whole w ON w.member_id = m.id
LEFT JOIN anew a ON a.member_id = m.id
LEFT JOIN back b ON b.member_id = m.id
WHERE m.joined_at < %(until)s {of_members}
"""
# percentile_disc from a histogram: the first value whose cumulative share reaches p.
R_AND_F = """
WITH counted AS (SELECT {column} AS v, count(*) AS n FROM {table} WHERE frequency > 0 GROUP BY 1),
steps AS (SELECT v, sum(n) OVER (ORDER BY v) AS reached, sum(n) OVER () AS total FROM counted)
SELECT ARRAY(SELECT (SELECT min(v) FROM steps WHERE reached >= p * total)
  FROM unnest(ARRAY[0.2, 0.4, 0.6, 0.8]::numeric[]) WITH ORDINALITY AS k(p, i) ORDER BY i),
  (SELECT max(total) FROM steps)
"""
MONEY = """
SELECT percentile_disc(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY monetary_cents)
FROM {table} WHERE frequency > 0
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


def build_sums(as_of: date, *, only: str = "") -> None:
    """Leave in `tmp_base` one row per listed member: first_day, last_day, purchases, frequency, monetary_cents.

    `only` names a temporary table of member_ids to look at; without it all members joined before the day.
    """
    params = params_of(as_of)
    of_orders = f"AND o.member_id IN (SELECT member_id FROM {only})" if only else ""
    of_members = f"AND m.id IN (SELECT member_id FROM {only})" if only else ""
    staging.temporary("tmp_refunded", REFUNDED.format(of_orders=of_orders), params)
    if not only:
        staging.execute(PLAN)
    staging.temporary("tmp_sums", SUMS.format(of_orders=of_orders), params)
    staging.execute("SET LOCAL enable_hashagg = on")
    staging.temporary("tmp_base", CORRECTED.format(of_members=of_members), params)


def find_cuts(table: str) -> Cuts:
    """Find the cuts over the rows of a table that have an order in the window; the brand's own cuts go first."""
    days, scored = staging.rows(R_AND_F.format(column="last_day", table=table))[0]
    counts, _ = staging.rows(R_AND_F.format(column="frequency", table=table))[0]
    cents = staging.rows(MONEY.format(table=table))[0][0] or []
    own = brand.setting("rfm_cuts") or {}
    super_cents = brand.setting("super_cents")
    if super_cents is None:
        super_cents = cents[3] if cents else 0
    return Cuts(
        last_day=[date.fromisoformat(text) for text in own.get("last_day", [])] or [d for d in days if d],
        frequency=own.get("frequency") or [int(c) for c in counts if c is not None],
        monetary=own.get("monetary") or [int(c) for c in cents],
        super_cents=int(super_cents),
        scored=int(scored or 0),
    )


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
