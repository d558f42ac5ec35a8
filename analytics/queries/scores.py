"""Scores as of a business day: what orders say of each member, and what follows from the cuts.

As-of D is the start of business day D in the brand's zone. Only what was paid and refunded before D counts; the window
is the 365 days before D; a fully refunded order counts in nothing; a refund reduces the amount on its order's day.
Scores are 1 + how many of the four cuts a value exceeds (never ntile: it splits ties).
"""

from datetime import date, timedelta
from typing import Any

from analytics.queries import cuts as cutting
from analytics.queries.cuts import Cuts
from members.queries import families
from newretail.kernel import brand, clock, sql

WINDOW_DAYS = 365
SUMS = """
min(o.paid_at) AS first_at, max(o.paid_at) AS last_at, count(*) AS purchases,
  count(*) FILTER (WHERE o.paid_at >= %(since)s) AS frequency,
  (sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.paid_at >= %(since)s))::bigint AS cents
FROM members_order o
WHERE o.paid_at < %(until)s AND (o.refunded_cents = 0 OR o.refunded_cents < o.amount_cents)
"""
# Refunds of the day itself and later are not known on it: their orders have back what these took.
LATER = """
SELECT {whose} AS member_id, min(o.paid_at) AS first_at, max(o.paid_at) AS last_at,
  count(*) FILTER (WHERE o.refunded_cents = o.amount_cents) AS purchases,
  count(*) FILTER (WHERE o.refunded_cents = o.amount_cents AND o.paid_at >= %(since)s) AS frequency,
  (sum(f.cents) FILTER (WHERE o.paid_at >= %(since)s))::bigint AS cents
FROM (SELECT order_id, sum(amount_cents) AS cents FROM members_refund WHERE refunded_at >= %(until)s GROUP BY 1) f
JOIN members_order o ON o.id = f.order_id {join}
WHERE f.cents > 0 AND o.paid_at < %(until)s {of_orders} GROUP BY 1
"""
OWN = {"whose": "o.member_id", "join": ""}
# What is known as of the day: the sums of orders as they stand, and on top what later refunds took from them.
STANDING = """
SELECT m.id AS member_id, n.* {more}
FROM {members}
LEFT JOIN {sums}
LEFT JOIN ({later}) l ON l.member_id = m.id
{portrait}
CROSS JOIN LATERAL (SELECT
  (least(s.first_at, l.first_at) AT TIME ZONE %(zone)s)::date AS first_day,
  (greatest(s.last_at, l.last_at) AT TIME ZONE %(zone)s)::date AS last_day,
  (coalesce(s.purchases, 0) + coalesce(l.purchases, 0))::int AS purchases,
  (coalesce(s.frequency, 0) + coalesce(l.frequency, 0))::int AS frequency,
  coalesce(s.cents, 0) + coalesce(l.cents, 0) AS monetary_cents) n
WHERE m.joined_at < %(until)s {differ}
"""
# Who is one person in several rows is left out there and counted aside: her root has the orders of all of them.
APART = "AND m.id <> ALL(%(apart)s)"
ROOTS = """
SELECT DISTINCT merged_into_id FROM members_member WHERE merged_into_id IS NOT NULL {touched}
"""
TOUCHED = "AND (id IN (SELECT member_id FROM {0}) OR merged_into_id IN (SELECT member_id FROM {0}))"
OF_FAMILY = {
    "whose": families.root_sql("w"),
    "join": "JOIN members_member w ON w.id = o.member_id",
    "of_orders": f"AND {families.root_sql('w')} = ANY(%(roots)s)",
}
WAS = """
, p.last_day AS was_last_day, p.frequency AS was_frequency, p.monetary_cents AS was_monetary_cents,
  p.member_id IS NULL AS fresh
"""
LIVE = "LEFT JOIN members_portrait p ON p.member_id = m.id"
DIFFER = """
AND (p.member_id IS NULL OR (n.first_day, n.last_day, n.purchases, n.frequency, n.monetary_cents)
  IS DISTINCT FROM (p.first_day, p.last_day, p.purchases, p.frequency, p.monetary_cents))
"""
# All members: an index alone gives their orders in its own order, and ranges of members run side by side. Within a
# range nothing is hashed, sorted or shared, and only what comes out of it is handed over.
RANGES, RANGE_MEMBERS = 8, 20_000
SIDE_BY_SIDE = {
    "enable_hashagg": "off",
    "enable_hashjoin": "off",
    "min_parallel_table_scan_size": "1TB",
    "min_parallel_index_scan_size": "1TB",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
}
SCORED = ("r", "f", "m", '"group"', "is_super", "relationship")
SUMMED = ("first_day", "last_day", "purchases", "frequency", "monetary_cents")


def params_of(as_of: date) -> sql.Params:
    """Give the bounds of an as-of day: instants [since, until), the zone, the settings in force."""
    until = clock.day_start(as_of)
    begun = sql.rows("SELECT least((SELECT min(paid_at) FROM members_order), min(joined_at)) FROM members_member")
    return {
        "as_of": as_of,
        "until": until,
        "since": clock.day_start(as_of - timedelta(days=WINDOW_DAYS)),
        "zone": clock.zone_between(begun[0][0] or until, until),
        "new_since": as_of - timedelta(days=int(brand.setting("new_days"))),
        "super_orders": int(brand.setting("super_orders")),
    }


def _with_families(params: sql.Params, only: str = "") -> bool:
    """Add to the parameters the roots of families, and who is left out for them; tell whether there are any."""
    touched = TOUCHED.format(only) if only else ""
    roots = sorted(root for (root,) in sql.rows(ROOTS.format(touched=touched)))
    merged = sql.rows("SELECT id FROM members_member WHERE merged_into_id = ANY(%(roots)s)", {"roots": roots})
    params |= {"roots": roots, "apart": [*roots, *(one for (one,) in merged)]}
    return bool(roots)


def _of_families(**text: str) -> str:
    """Write the standing of the roots, with the orders of all rows that are merged into each."""
    return STANDING.format(
        members="(SELECT * FROM members_member WHERE id = ANY(%(roots)s)) m",
        sums=f"LATERAL (SELECT {SUMS} AND o.member_id IN ({families.ids_sql('m.id')})) s ON true",
        later=LATER.format(**OF_FAMILY),
        **text,
    )


def _whole(params: sql.Params, standing: str, **of_families: str) -> str:
    """Add the families to a standing of single members, where there are any."""
    return f"{standing} UNION ALL {_of_families(**of_families)}" if params["roots"] else standing


def _of_all(**text: str) -> str:
    """Write the standing of all members, range by range of their ids."""
    first, last = sql.rows("SELECT min(id), max(id) FROM members_member")[0]
    first, span = first or 0, (last or 0) - (first or 0) + 1
    step = -(-span // max(1, min(RANGES, span // RANGE_MEMBERS)))

    def within(column: str, start: int) -> str:
        return f"AND {column} >= {start} AND {column} < {start + step}"

    return " UNION ALL ".join(
        STANDING.format(
            members="members_member m",
            sums=f"(SELECT o.member_id, {SUMS} {within('o.member_id', start)} GROUP BY o.member_id) s"
            " ON s.member_id = m.id",
            later=LATER.format(**OWN, of_orders=within("o.member_id", start)),
            **{name: part.format(of_members=within("m.id", start), of_portraits=within("p.member_id", start))
               for name, part in text.items()},
        )
        for start in range(first, first + span, step)
    )  # fmt: skip


def build_sums(as_of: date) -> None:
    """Leave in `tmp_base` a row for each person joined before the day: her days, purchases, frequency, money."""
    params = params_of(as_of)
    apart = APART if _with_families(params) else ""
    standing = _of_all(more="", portrait="", differ=f"{{of_members}} {apart}")
    with sql.planned(SIDE_BY_SIDE):
        sql.temporary("tmp_base", _whole(params, standing, more="", portrait="", differ=""), params)


def find_changed(as_of: date, *, only: str = "") -> None:
    """Leave in `tmp_changed` the persons whose sums differ from the live portrait, or who are not in it (`fresh`).

    Beside the sums stand the values that were counted of her (`was_…`). `only` names a temporary table of member_ids
    to look at; without it all members joined before the day. Who was merged into another is nobody of her own.
    """
    params = params_of(as_of)
    apart = APART if _with_families(params, only) else ""
    of_families = {"more": WAS, "portrait": LIVE, "differ": DIFFER}
    if not only:
        differ, portrait = f"{{of_members}} {apart} {DIFFER}", f"{LIVE} {{of_portraits}}"
        standing = _of_all(more=WAS, portrait=portrait, differ=differ)
        with sql.planned(SIDE_BY_SIDE):
            sql.temporary("tmp_changed", _whole(params, standing, **of_families), params, analyze=False)
        return
    standing = STANDING.format(
        members=f"{only} a JOIN members_member m ON m.id = a.member_id",
        sums=f"LATERAL (SELECT {SUMS} AND o.member_id = m.id) s ON true",
        later=LATER.format(**OWN, of_orders=f"AND o.member_id IN (SELECT member_id FROM {only})"),
        more=WAS, portrait=LIVE, differ=f"{apart} {DIFFER}",
    )  # fmt: skip
    sql.temporary("tmp_changed", _whole(params, standing, **of_families), params, analyze=False)


def _score(value: str, cuts: list[Any], cast: str) -> str:
    terms = [f"({value} > '{cut}'::{cast})::int" for cut in cuts]
    return f"CASE WHEN frequency > 0 THEN {' + '.join(['1', *terms])} END"


def _group(worth: str) -> str:
    return (
        f"CASE WHEN x.r >= 4 AND x.f >= 4 THEN '{worth}_value' WHEN x.r >= 4 THEN '{worth}_develop'"
        f" WHEN x.f >= 4 THEN '{worth}_keep' ELSE '{worth}_retain' END"
    )


def scored_select(table: str, cuts: Cuts, *also: str) -> str:
    """Write the SELECT that scores the rows of a table: r, f, m, group, is_super, relationship beside its sums.

    `also` names what else of a row is wanted.

    Formula of the groups: high means 4 or 5; the eight names are the 2 × 2 × 2 of high R, F, M (重要 is high M).
    Needs the parameters of `params_of`.
    """
    return f"""
SELECT x.*, CASE WHEN x.r IS NULL THEN '' WHEN x.m >= 4 THEN {_group("important")}
       ELSE {_group("general")} END AS "group",
  x.frequency >= %(super_orders)s AND x.monetary_cents >= {cuts.super_cents} AS is_super,
  CASE WHEN x.purchases = 0 THEN 'prospect' WHEN x.purchases > 1 THEN 'repeat'
       WHEN x.last_day >= %(new_since)s THEN 'new' ELSE 'one_timer' END AS relationship
FROM (SELECT {", ".join(("member_id", *SUMMED, *also))},
  {_score("last_day", cuts.last_day, "date")} AS r,
  {_score("frequency", cuts.frequency, "bigint")} AS f,
  {_score("monetary_cents", cuts.monetary, "bigint")} AS m FROM {table} OFFSET 0) x"""


def find_moved(cuts: Cuts, where: str, params: sql.Params) -> None:
    """Leave in `tmp_moved` the rows of the portrait, of those for which `where` holds, that score differently now.

    Scores of those who did nothing change too, when the cuts move or ninety days pass.
    """
    was = [f"{name} AS was_{name.strip(chr(34))}" for name in SCORED]
    scored = scored_select(f"members_portrait WHERE {where}", cuts, *was)
    differ = f"({', '.join(SCORED)}) IS DISTINCT FROM ({', '.join(name.split(' AS ')[1] for name in was)})"
    select = f"SELECT {', '.join(('member_id', *SUMMED, *SCORED))} FROM ({scored}) s WHERE {differ}"
    sql.temporary("tmp_moved", select, params, analyze=False)


def score_changed(cuts: Cuts, params: sql.Params) -> None:
    """Leave in `tmp_scored` all rows of the portrait to write: changed sums with their scores, moved scores."""
    cells = ", ".join(("member_id", *SUMMED, *SCORED, "fresh"))
    select = (
        f"SELECT {cells} FROM ({scored_select('tmp_changed', cuts, 'fresh')}) s"
        f" UNION ALL SELECT {cells} FROM (SELECT *, false AS fresh FROM tmp_moved) m"
        " WHERE NOT EXISTS (SELECT 1 FROM tmp_changed c WHERE c.member_id = m.member_id)"
    )
    sql.temporary("tmp_scored", select, params, analyze=False)


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
    cuts = cutting.find(cutting.count(cutting.BASE))
    params = params_of(as_of)
    joined_on = "(m.joined_at AT TIME ZONE %(zone)s)::date"
    select = (
        f"SELECT m.member_no, s.*, {stage_sql('s.last_day', joined_on)} AS stage"
        f" FROM ({scored_select('tmp_base', cuts)}) s JOIN members_member m ON m.id = s.member_id"
    )
    sql.temporary("tmp_portrait", select, params)
    return cuts


def count_aside() -> dict[str, object]:
    """Count the members of `tmp_portrait` by stage and by relationship."""
    by_stage = sql.rows("SELECT stage, count(*) FROM tmp_portrait GROUP BY 1 ORDER BY 1")
    by_relationship = sql.rows("SELECT relationship, count(*) FROM tmp_portrait GROUP BY 1 ORDER BY 1")
    return {
        "members": sum(int(n) for _, n in by_stage),
        "stages": {name: int(n) for name, n in by_stage},
        "relationships": {name: int(n) for name, n in by_relationship},
    }
