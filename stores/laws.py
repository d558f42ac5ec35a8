"""Laws of what is aimed at: days sum to their month, places to the place above, unless a difference was confirmed."""

from newretail.kernel.books import law

law(
    "the days of a target sum to its month",
    """
SELECT t.id::text, t.amount, (SELECT sum(d) FROM unnest(t.days) d)
FROM stores_target t JOIN stores_targetplan p ON p.id = t.plan_id
WHERE CASE WHEN p.metric = 'repeat_rate' THEN cardinality(t.days) > 0
  ELSE cardinality(t.days) <> (p.month + interval '1 month')::date - p.month
    OR t.amount <> (SELECT sum(d) FROM unnest(t.days) d) OR 0 > ANY (t.days) END
""",
)
law(
    "targets sum to the target above, unless that was confirmed",
    """
SELECT concat_ws(' ', a.plan_id, a.kind, a.region_id, a.store_id), a.amount, sum(b.amount)
FROM stores_target a JOIN stores_targetplan p ON p.id = a.plan_id AND p.metric <> 'repeat_rate'
JOIN stores_target b ON b.plan_id = a.plan_id AND (
  (a.kind = 'store' AND b.kind = 'guide' AND b.store_id = a.store_id)
  OR (a.kind = 'region' AND b.kind = 'store' AND b.region_id = a.region_id)
  OR (a.kind = 'brand' AND (b.kind IN ('region', 'online') OR (b.kind = 'store' AND b.region_id IS NULL))))
WHERE NOT a.differs GROUP BY a.plan_id, a.kind, a.region_id, a.store_id, a.amount HAVING a.amount <> sum(b.amount)
""",
)
