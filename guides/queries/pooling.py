"""Who waits in the pool, who would get her, and who is to go back into it."""

from members.queries import families

# Members whom nobody serves, at home in a store where guides serve; of merged rows the root stands for all.
WAITING = """
SELECT m.id AS member_id, m.home_store_id AS store_id,
  row_number() OVER (PARTITION BY m.home_store_id ORDER BY m.id) AS n
FROM members_member m
LEFT JOIN (
  SELECT DISTINCT coalesce(f.merged_into_id, f.id) AS root
  FROM guides_bond b JOIN members_member f ON f.id = b.member_id
  WHERE b.ended_at IS NULL OR b."end" = 'deleted' AND b.ended_at > %(before)s) s ON s.root = m.id
WHERE s.root IS NULL AND m.merged_into_id IS NULL AND m.erased_at IS NULL AND m.home_store_id IS NOT NULL
"""
# A guide's places stand one above the other, on top of what she has; the lowest places are filled first.
PLACED = """
SELECT w.member_id, p.post_id, %(at)s::timestamptz AS began_at
FROM tmp_waiting w JOIN (
  SELECT g.store_id, g.id AS post_id, row_number() OVER (PARTITION BY g.store_id ORDER BY g.load + k, g.id) AS n
  FROM (SELECT x.id, x.store_id, CASE WHEN %(rule)s = 'load' THEN (
          SELECT count(*) FROM guides_bond b WHERE b.post_id = x.id AND b.ended_at IS NULL) ELSE 0 END AS load
        FROM stores_post x JOIN kernel_user u ON u.id = x.user_id
        WHERE x.role = 'guide' AND x.until IS NULL AND u.is_active) g
  JOIN (SELECT store_id, count(*) AS size FROM tmp_waiting GROUP BY 1) s ON s.store_id = g.store_id
  CROSS JOIN LATERAL generate_series(1, s.size) k) p ON p.store_id = w.store_id AND p.n = w.n
"""
# Neither contacted nor bought since; whatever row of hers it was.
FAMILY = families.ids_sql(families.root_sql("m"))
QUIET = f"""
SELECT b.id, b.member_id FROM guides_bond b JOIN members_member m ON m.id = b.member_id
WHERE b.ended_at IS NULL AND b.began_at <= %(before)s AND coalesce(b.locked_until, '-infinity') <= %(at)s
  AND NOT EXISTS (SELECT FROM members_order o WHERE o.member_id IN ({FAMILY}) AND o.paid_at > %(before)s)
  AND NOT EXISTS (SELECT FROM members_touch t WHERE t.member_id IN ({FAMILY})
    AND t.state IN ('claimed', 'sent', 'unknown') AND t.planned_for > %(before)s)
  AND NOT EXISTS (SELECT FROM guides_task k WHERE k.member_id IN ({FAMILY}) AND k.post_id = b.post_id
    AND k.state = 'open')
"""
