"""Who waits in the pool, who would get her, and who is to go back into it.

Stores have coordinates, members have none: a member is near the store where she last bought, else her home store.
"""

from members.queries import families

SERVING = """
SELECT x.id, x.store_id FROM stores_post x JOIN kernel_user u ON u.id = x.user_id
WHERE x.role = 'guide' AND x.until IS NULL AND u.is_active AND x.store_id IS NOT NULL
""".strip()
# By which store members of a store are served: by itself, else, where the brand wants it, by the nearest with guides.
REACH = f"""
SELECT DISTINCT ON (s.id) s.id AS store_id, g.id AS served_id
FROM stores_store s JOIN stores_store g ON g.id IN (SELECT store_id FROM ({SERVING}) v)
  AND (g.id = s.id OR %(place)s = 'near' AND s.latitude IS NOT NULL AND g.latitude IS NOT NULL)
ORDER BY s.id, g.id <> s.id,
  power(sin(radians(g.latitude - s.latitude) / 2), 2) + cos(radians(s.latitude)) * cos(radians(g.latitude))
    * power(sin(radians(g.longitude - s.longitude) / 2), 2), g.id
"""
FAMILY = families.ids_sql(families.root_sql("m"))
STORE = f"""
coalesce(CASE WHEN %(place)s = 'near' THEN (
  SELECT o.store_id FROM members_order o WHERE o.member_id IN ({FAMILY}) AND o.store_id IS NOT NULL
  ORDER BY o.paid_at DESC, o.id DESC LIMIT 1) END, m.home_store_id)
""".strip()
# Members whom nobody serves, by the store that would serve them; of merged rows the root stands for all.
WAITING = f"""
SELECT w.member_id, r.served_id AS store_id, row_number() OVER (PARTITION BY r.served_id ORDER BY w.member_id) AS n
FROM (
  SELECT m.id AS member_id, {STORE} AS store_id
  FROM members_member m
  LEFT JOIN (
    SELECT DISTINCT coalesce(f.merged_into_id, f.id) AS root
    FROM guides_bond b JOIN members_member f ON f.id = b.member_id
    WHERE b.ended_at IS NULL OR b."end" = 'deleted' AND b.ended_at > %(before)s) s ON s.root = m.id
  WHERE s.root IS NULL AND m.merged_into_id IS NULL AND m.erased_at IS NULL) w
JOIN tmp_reach r ON r.store_id = w.store_id
"""
# A guide's places stand one above the other, on top of what she has; the lowest places are filled first.
PLACED = f"""
SELECT w.member_id, p.post_id, %(at)s::timestamptz AS began_at
FROM tmp_waiting w JOIN (
  SELECT g.store_id, g.id AS post_id, row_number() OVER (PARTITION BY g.store_id ORDER BY g.load + k, g.id) AS n
  FROM (SELECT x.id, x.store_id, CASE WHEN %(rule)s = 'load' THEN (
          SELECT count(*) FROM guides_bond b WHERE b.post_id = x.id AND b.ended_at IS NULL) ELSE 0 END AS load
        FROM ({SERVING}) x) g
  JOIN (SELECT store_id, count(*) AS size FROM tmp_waiting GROUP BY 1) s ON s.store_id = g.store_id
  CROSS JOIN LATERAL generate_series(1, s.size) k) p ON p.store_id = w.store_id AND p.n = w.n
"""
# Neither contacted nor bought since; whatever row of hers it was.
QUIET = f"""
SELECT b.id, b.member_id FROM guides_bond b JOIN members_member m ON m.id = b.member_id
WHERE b.ended_at IS NULL AND b.began_at <= %(before)s AND coalesce(b.locked_until, '-infinity') <= %(at)s
  AND NOT EXISTS (SELECT FROM members_order o WHERE o.member_id IN ({FAMILY}) AND o.paid_at > %(before)s)
  AND NOT EXISTS (SELECT FROM members_touch t WHERE t.member_id IN ({FAMILY})
    AND t.claimed_at IS NOT NULL AND t.state NOT IN ('failed', 'refused', 'over_quota') AND t.planned_for > %(before)s)
  AND NOT EXISTS (SELECT FROM guides_task k WHERE k.member_id IN ({FAMILY}) AND k.post_id = b.post_id
    AND k.state = 'open')
"""
