"""Count how each store's members stand: stages, moves between them, repeat buyers; each night for the boards."""

from datetime import date, datetime, timedelta

from analytics.queries.lapsing import last_days_lapsing
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

MOVES_DAYS = 35
WINDOW_DAYS = 365
STANDINGS = """
INSERT INTO analytics_storestanding (store_id, stage, relationship, members, supers, lapsing)
SELECT m.home_store_id, p.stage, p.relationship, count(*), count(*) FILTER (WHERE p.is_super),
  count(*) FILTER (WHERE p.last_day >= %(lapse_first)s AND p.last_day <= %(lapse_last)s)
FROM members_portrait p JOIN members_member m ON m.id = p.member_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
MOVES = """
INSERT INTO analytics_storemove (store_id, day, from_stage, to_stage, members)
SELECT m.home_store_id, c.changed_on, c.from_stage, c.to_stage, count(*)
FROM members_stagechange c JOIN members_member m ON m.id = c.member_id
WHERE c.changed_on >= %(moved_since)s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
# Store by store, so that the buyers of one are counted in memory.
REPEATS = """
INSERT INTO analytics_storerepeat (store_id, as_of, buyers, repeaters)
SELECT s.id, %(as_of)s, b.buyers, b.repeaters
FROM stores_store s CROSS JOIN LATERAL (
  SELECT count(*) AS buyers, count(*) FILTER (WHERE m.purchases > 1) AS repeaters
  FROM (SELECT member_id, count(*) AS purchases FROM analytics_daybuyers d, unnest(d.members) AS member_id
    WHERE d.store_id = s.id AND d.day >= %(since)s GROUP BY 1) m) b
WHERE b.buyers > 0 ORDER BY 1
"""


@verb
def count(*, as_of: date, at: datetime) -> int:
    """Count for each store, as of a day, its members by stage, their moves of five weeks, its repeat buyers of a year.

    Reads the live portrait and the buyers of stores as they are; returns for how many stores buyers were counted.
    Writes: analytics.standing.counted.
    """
    sql.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.standings'), hashtext(current_schema()))")
    first, last = last_days_lapsing(as_of)
    params: sql.Params = {
        "as_of": as_of, "since": as_of - timedelta(days=WINDOW_DAYS), "lapse_first": first, "lapse_last": last,
        "moved_since": as_of - timedelta(days=MOVES_DAYS),
    }  # fmt: skip
    for table in ("analytics_storestanding", "analytics_storemove", "analytics_storerepeat"):
        sql.execute(f"DELETE FROM {table}")
    sql.execute(STANDINGS, params)
    sql.execute(MOVES, params)
    stores = sql.execute(REPEATS, params)
    journal.write("analytics.standing.counted", at=at, as_of=as_of.isoformat(), stores=stores)
    return stores
