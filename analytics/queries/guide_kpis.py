"""The KPIs of guides in a month, by the group of the level each stands at, and what they sum to.

A figure scores the share (%) of the guides of its group whose figure is no higher; the contribution score is the mean
of her scores by their weights (`guides.queries.level_kpis`), of those alone that she has.
"""

from datetime import date, timedelta

from analytics.queries.scores import stage_sql
from guides.models import Task
from guides.queries import crediting, level_kpis, sharing
from guides.queries.guide_levels import STOOD
from newretail.kernel import brand, clock, sql
from stores.models import held_on

HELD = f"""
SELECT p.user_id, g.n AS group_no FROM (
  SELECT DISTINCT user_id FROM stores_post p WHERE role = 'guide' AND {held_on("%(last)s")}) p
LEFT JOIN ({STOOD}) s ON s.user_id = p.user_id
JOIN unnest(%(firsts)s::int[], %(lasts)s::int[]) WITH ORDINALITY g(first, last, n)
  ON coalesce(s.level, 1) BETWEEN g.first AND g.last
"""
# Whom each serves when the month ends, in every row the customer lives in.
OWN = """
SELECT o.user_id, o.root, f.id AS member_id, (m.joined_at AT TIME ZONE %(zone)s)::date AS joined_on
FROM (SELECT DISTINCT p.user_id, coalesce(m.merged_into_id, m.id) AS root
  FROM guides_bond b JOIN stores_post p ON p.id = b.post_id JOIN members_member m ON m.id = b.member_id
  WHERE b.began_at < %(until)s AND (b.ended_at IS NULL OR b.ended_at >= %(until)s)) o
JOIN members_member m ON m.id = o.root JOIN members_member f ON f.id = o.root OR f.merged_into_id = o.root
"""
BOUGHT = """
SELECT o.user_id, o.root, min(o.joined_on) AS joined_on, count(d.day) FILTER (WHERE d.day >= %(year)s) AS purchases,
  max(d.day) FILTER (WHERE d.day < %(first)s) AS last_day, coalesce(bool_or(d.day >= %(first)s), false) AS bought
FROM tmp_kpi_own o LEFT JOIN (
  SELECT b.day, x.member_id FROM analytics_daybuyers b CROSS JOIN LATERAL unnest(b.members) x(member_id)
  WHERE b.day >= %(oldest)s AND b.day <= %(last)s) d USING (member_id)
GROUP BY 1, 2
"""
REACHED = """
SELECT DISTINCT o.user_id, o.root FROM guides_task k JOIN stores_post p ON p.id = k.post_id
JOIN tmp_kpi_own o ON o.user_id = p.user_id AND o.member_id = k.member_id
WHERE k.post_id = ANY (ARRAY(SELECT id FROM stores_post)) AND k.ended_at >= %(since)s AND k.ended_at < %(until)s
  AND k.state IN ('checking', 'done') AND k.outcome = ANY (%(touched)s)
"""
FIGURES = """
WITH served AS (
  SELECT p.user_id, sum(g.added) AS added, sum(g.tasks_due) AS due, sum(g.tasks_on_time) AS on_time,
    sum(g.sales_cents - g.refunded_cents) AS cents, sum(g.orders) AS orders
  FROM analytics_guideday g JOIN stores_post p ON p.id = g.post_id
  WHERE g.day >= %(first)s AND g.day <= %(last)s GROUP BY 1),
shared AS (
  SELECT p.user_id, sum(s.shares) AS shares, sum(s.opened) AS opened, sum(s.ordering) AS ordering
  FROM ({usage}) s(post_id, shares, opened, opens, seconds, stays, ordering, orders, cents, last_at)
  JOIN stores_post p ON p.id = s.post_id::bigint GROUP BY 1),
staged AS (SELECT b.*, {stage} AS stage FROM tmp_kpi_bought b),
own AS (
  SELECT s.user_id, count(*) AS customers, count(r.root) AS reached,
    count(*) FILTER (WHERE s.purchases > 0) AS buyers, count(*) FILTER (WHERE s.purchases > 1) AS repeaters,
    count(*) FILTER (WHERE stage = 'wake') AS waking, count(*) FILTER (WHERE stage = 'wake' AND bought) AS woken,
    count(*) FILTER (WHERE stage = 'win_back') AS lapsed,
    count(*) FILTER (WHERE stage = 'win_back' AND bought) AS won_back
  FROM staged s LEFT JOIN ({reached}) r ON r.user_id = s.user_id AND r.root = s.root GROUP BY 1),
credited AS ({credited})
SELECT h.user_id, h.group_no, k.n, k.kpi, k.weight, v.value, v.of
FROM tmp_kpi_held h JOIN unnest(%(groups)s::int[], %(kpis)s::text[], %(weights)s::int[])
  WITH ORDINALITY k(group_no, kpi, weight, n) ON k.group_no = h.group_no
LEFT JOIN served a ON a.user_id = h.user_id LEFT JOIN shared s ON s.user_id = h.user_id
LEFT JOIN own o ON o.user_id = h.user_id LEFT JOIN credited c ON c.user_id = h.user_id
LEFT JOIN LATERAL (VALUES
  ('recruits', coalesce(a.added, 0), NULL::bigint), ('shares', coalesce(s.shares, 0), NULL),
  ('opened', coalesce(s.opened, 0), coalesce(s.shares, 0)), ('ordered', coalesce(s.ordering, 0), coalesce(s.opened, 0)),
  ('on_time', coalesce(a.on_time, 0), coalesce(a.due, 0)), ('sales', coalesce(c.cents, 0), NULL),
  ('reach', coalesce(o.reached, 0), coalesce(o.customers, 0)),
  ('repeat', coalesce(o.repeaters, 0), coalesce(o.buyers, 0)), ('woken', coalesce(o.woken, 0), coalesce(o.waking, 0)),
  ('won_back', coalesce(o.won_back, 0), coalesce(o.lapsed, 0)),
  ('average', coalesce(a.cents, 0), coalesce(a.orders, 0)), ('content', coalesce(s.ordering, 0), NULL)
) v(kpi, value, of) ON v.kpi = k.kpi
"""
SCORED = """
SELECT f.*, round(100 * cume_dist() OVER (PARTITION BY group_no, kpi, figure IS NULL ORDER BY figure))::int AS score
FROM (SELECT *, CASE WHEN of IS NULL THEN value::numeric ELSE value::numeric / nullif(of, 0) END AS figure
  FROM tmp_kpi_figures) f
"""
KPIS = f"""
SELECT user_id, jsonb_agg(jsonb_build_object('kpi', kpi, 'value', value, 'of', of,
    'score', CASE WHEN figure IS NOT NULL THEN score END) ORDER BY n)
  || jsonb_build_object('kpi', '{level_kpis.CONTRIBUTION}', 'value', NULL, 'of', NULL, 'score',
    round(sum(score * weight) FILTER (WHERE figure IS NOT NULL)::numeric
      / nullif(sum(weight) FILTER (WHERE figure IS NOT NULL), 0))::int) AS kpis
FROM ({SCORED}) s GROUP BY user_id
"""


def lay(name: str, *, month: date) -> None:
    """Keep the KPIs of a calendar month in a temporary table: (user_id, kpis), of whoever is a guide at its end.

    They are read from the days of guides, the buyers of days, bonds, tasks and shares as they stand; what came of a
    month's shares counts whenever it came.
    """
    given = _given(month)
    for table, select in (("held", HELD), ("own", OWN), ("bought", BOUGHT)):
        sql.temporary(f"tmp_kpi_{table}", select, given)
    figures = FIGURES.format(
        usage=sharing.USAGE.format(by=sharing.BY["guide"]), stage=stage_sql("b.last_day", "b.joined_on"),
        reached=REACHED, credited=crediting.month_sales(private=False),
    )  # fmt: skip
    sql.temporary("tmp_kpi_figures", figures, given)
    sql.temporary(name, KPIS)


def _given(month: date) -> sql.Params:
    following = clock.month_after(month)
    listed = [(n, kpi) for n, group in enumerate(level_kpis.GROUPS, 1) for kpi in group.kpis]
    return {
        "first": month, "last": clock.month_end(month), "since": clock.day_start(month),
        "until": clock.day_start(following), "zone": clock.brand_zone().key, "as_of": month,
        "year": following.replace(year=following.year - 1), "oldest": month.replace(year=month.year - 1),
        "touched": list(Task.TOUCHED), "posts": None, "stores": None,
        "window": timedelta(days=int(brand.setting("share_order_days"))),
        "firsts": [group.first for group in level_kpis.GROUPS], "lasts": [group.last for group in level_kpis.GROUPS],
        "groups": [n for n, _kpi in listed], "kpis": [kpi.code for _n, kpi in listed],
        "weights": [kpi.weight for _n, kpi in listed],
    }  # fmt: skip
