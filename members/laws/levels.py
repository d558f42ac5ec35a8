"""Laws of levels: growth is what the books of its window say, a member stands where her last move led."""

from newretail.kernel import clock, sql
from newretail.kernel.books import law

HANDLER = "members.handlers.levels.reassess"
# Each standing as of the later of its own writing and the last night's look at everybody; proven when nothing waits.
GROWN = """
SELECT m.member_no, s.growth::text, e.growth::text
FROM members_levelstanding s JOIN members_member m ON m.id = s.member_id AND m.merged_into_id IS NULL
LEFT JOIN (SELECT id, (facts->>'as_of')::date AS as_of, (facts->>'version')::int AS version FROM kernel_journalentry
  WHERE name = 'members.level.assessed' ORDER BY id DESC LIMIT 1) w ON true
JOIN members_levelscheme o ON o.id = s.scheme_id
JOIN members_levelscheme c ON c.version = CASE WHEN w.id > s.entry_id THEN w.version ELSE o.version END
CROSS JOIN LATERAL (SELECT CASE WHEN w.id > s.entry_id THEN w.as_of ELSE s.as_of END AS day,
  (c.terms->>'window_months')::int AS months, c.terms->'growth' AS g) d
CROSS JOIN LATERAL (SELECT (d.day + 1)::timestamp AT TIME ZONE {zone} AS until, CASE WHEN d.months = 0 THEN '-infinity'
  ELSE ((d.day - make_interval(months => d.months))::date + 1)::timestamp AT TIME ZONE {zone} END AS since) t
CROSS JOIN LATERAL (SELECT array_agg(f.id) AS ids FROM members_member f
  WHERE f.id = m.id OR f.merged_into_id = m.id) k
CROSS JOIN LATERAL (SELECT sum(amount_cents - refunded_cents) AS cents, count(*) AS orders FROM members_order
  WHERE member_id = ANY(k.ids) AND paid_at >= t.since AND paid_at < t.until
    AND (amount_cents = 0 OR refunded_cents < amount_cents)) b
CROSS JOIN LATERAL (SELECT sum(growth) AS growth FROM members_growthadjustment
  WHERE member_id = ANY(k.ids) AND adjusted_at >= t.since AND adjusted_at < t.until) a
CROSS JOIN LATERAL (SELECT sum((d.g->'events'->n.kind->>'growth')::bigint) AS growth FROM (
  SELECT f.kind, row_number() OVER (PARTITION BY f.kind, date_trunc('month', f.happened) ORDER BY f.id) AS nth FROM (
    SELECT v.id, v.kind, v.happened_at AT TIME ZONE {zone} AS happened, row_number() OVER (
      PARTITION BY v.kind, (v.happened_at AT TIME ZONE {zone})::date ORDER BY v.id) AS nth
    FROM members_event v WHERE v.member_id = ANY(k.ids) AND v.happened_at >= t.since AND v.happened_at < t.until
      AND d.g->'events' ? v.kind) f
  WHERE f.nth <= coalesce((d.g->'events'->f.kind->>'per_day')::int, f.nth)) n
  WHERE n.nth <= coalesce((d.g->'events'->n.kind->>'per_month')::int, n.nth)) v
CROSS JOIN LATERAL (SELECT greatest(0, floor(coalesce(b.cents, 0)::numeric * coalesce((d.g->>'per_yuan')::int, 1) / 100)
  + b.orders * coalesce((d.g->>'per_order')::int, 0) + coalesce(a.growth, 0) + coalesce(v.growth, 0)
  + CASE WHEN m.joined_at >= t.since AND m.joined_at < t.until THEN coalesce((d.g->>'joining')::int, 0) ELSE 0 END
  )::bigint AS growth) e
WHERE s.growth <> e.growth AND NOT EXISTS (SELECT FROM kernel_pending WHERE handler = '{handler}')
"""


def _zone() -> sql.Params:
    return {"zone": clock.brand_zone().key}


law(
    "growth is what the orders, events and adjustments of its window say",
    GROWN.format(zone="%(zone)s", handler=HANDLER),
    _zone,
)
law(
    "a member stands on the level to which her last move led",
    "SELECT m.member_no, m.level_id::text, c.to_level_id::text FROM members_member m JOIN LATERAL (SELECT to_level_id"
    " FROM members_levelmove v WHERE v.member_id = m.id ORDER BY v.id DESC LIMIT 1) c ON true"
    " WHERE m.level_id IS DISTINCT FROM c.to_level_id",
)
law(
    "the uses of a year that were given back were uses of that year",
    "SELECT u.id::text, u.name || u.year, b.name || b.year FROM members_benefituse u JOIN members_benefituse b"
    " ON b.id = u.back_of_id WHERE (u.member_id, u.name, u.year) IS DISTINCT FROM (b.member_id, b.name, b.year)",
)
for table in ("levelmove", "levelscheme", "schemestart", "growthadjustment", "benefituse"):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
