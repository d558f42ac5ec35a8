"""Keep the buyers of each store: her first purchase there, her last, and the last but one."""

from newretail.kernel import sql

# A fully refunded order is no purchase.
BOUGHT = "member_id IS NOT NULL AND store_id IS NOT NULL AND (amount_cents = 0 OR amount_cents > refunded_cents)"
DAYS = "min(day) AS first_day, max(day) AS last_day, (array_agg(day ORDER BY day DESC))[2] AS prev_day"
# What the span's orders say (n), beside what is known from outside it (p and q, the latest first): of both, the last
# two. What lies further back is not known here; where it could matter the row is not sure.
MERGED = f"""
SELECT x.*, was_last IS NULL OR was_prev IS NULL
  OR coalesce(x.prev_day >= was_prev AND x.first_day <= was_first, false) AS sure
FROM (
  SELECT member_id, store_id, was_first, was_last, was_prev, least(first_day, outside_first) AS first_day,
    greatest(last_day, p) AS last_day,
    CASE WHEN p IS NULL OR last_day >= p THEN greatest(prev_day, p) ELSE greatest(last_day, q) END AS prev_day
  FROM (
    SELECT n.*, s.first_day AS was_first, s.last_day AS was_last, s.prev_day AS was_prev,
      CASE WHEN s.first_day < %(first)s OR s.first_day >= %(last)s THEN s.first_day END AS outside_first,
      CASE WHEN s.last_day < %(first)s OR s.last_day >= %(last)s THEN s.last_day
        WHEN s.prev_day < %(first)s THEN s.prev_day END AS p,
      CASE WHEN (s.last_day < %(first)s OR s.last_day >= %(last)s)
        AND (s.prev_day < %(first)s OR s.prev_day >= %(last)s) THEN s.prev_day END AS q
    FROM (SELECT member_id, store_id, {DAYS} FROM tmp_day_orders WHERE {BOUGHT} GROUP BY 1, 2) n
    LEFT JOIN analytics_storemember s ON s.member_id = n.member_id AND s.store_id = n.store_id) b) x
"""
MERGE = f"""
WITH merged AS MATERIALIZED ({MERGED}),
kept AS (
  INSERT INTO analytics_storemember AS s (member_id, store_id, first_day, last_day, prev_day)
  SELECT member_id, store_id, first_day, last_day, prev_day FROM merged
  WHERE sure AND (first_day, last_day, prev_day) IS DISTINCT FROM (was_first, was_last, was_prev) ORDER BY 1, 2
  ON CONFLICT (member_id, store_id) DO UPDATE
    SET first_day = excluded.first_day, last_day = excluded.last_day, prev_day = excluded.prev_day)
INSERT INTO analytics_stalebuyer (member_id)
SELECT DISTINCT member_id FROM merged WHERE NOT sure ORDER BY 1 ON CONFLICT DO NOTHING
"""
TAKEN = "WITH gone AS (DELETE FROM analytics_stalebuyer RETURNING member_id) INSERT INTO tmp_buyers SELECT * FROM gone"
RECOUNT = f"""
INSERT INTO analytics_storemember (member_id, store_id, first_day, last_day, prev_day)
SELECT member_id, store_id, {DAYS}
FROM (SELECT member_id, store_id, (paid_at AT TIME ZONE %(zone)s)::date AS day
  FROM members_order WHERE member_id IN (SELECT member_id FROM tmp_buyers) AND {BOUGHT}) o
GROUP BY 1, 2 ORDER BY 1, 2
"""


def merge(params: sql.Params) -> None:
    """Bring the buyers of a span's orders (`tmp_day_orders`, days [first, last)) up to date.

    Each row is known from the span and from what was known before, without a look at older orders; whose row cannot be
    known so becomes a stale buyer.
    """
    sql.execute(MERGE, params)


def recount(zone: str) -> int:
    """Count the stale buyers anew from all their orders; return how many they were."""
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_buyers")
    sql.execute("CREATE TEMPORARY TABLE tmp_buyers (member_id bigint) ON COMMIT DROP")
    taken = sql.execute(TAKEN)
    if taken:
        sql.execute("ANALYZE pg_temp.tmp_buyers")
        sql.execute("DELETE FROM analytics_storemember WHERE member_id IN (SELECT member_id FROM tmp_buyers)")
        sql.execute(RECOUNT, {"zone": zone})
    return taken
