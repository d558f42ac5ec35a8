"""Laws of what was learned: portraits and facts equal the orders they were drawn from.

The SQL here shares nothing with the scoring: plain joins over every order. Members and days that something happened to
since they were counted wait for their job and are left out; so are those of lines not yet heard.
"""

from datetime import timedelta

from analytics.actions.scores import live_day
from analytics.bands import AOV_BANDS, FREQUENCY_BANDS
from newretail.kernel import brand, clock, sql
from newretail.kernel.books import law, waiting
from newretail.kernel.vitals import oldest

UNHEARD = "SELECT entry_id FROM kernel_pending"
STALE_MEMBERS = f"""
SELECT member_id FROM analytics_stalemember
UNION SELECT member_id FROM members_order WHERE entry_id IN ({UNHEARD}) AND member_id IS NOT NULL
UNION SELECT o.member_id FROM members_refund f JOIN members_order o ON o.id = f.order_id
  WHERE f.entry_id IN ({UNHEARD}) AND o.member_id IS NOT NULL
UNION SELECT id FROM members_member WHERE entry_id IN ({UNHEARD})
UNION SELECT jsonb_array_elements_text(j.facts -> 'left_members')::bigint FROM kernel_journalentry j
  WHERE j.id IN ({UNHEARD}) AND j.facts ? 'left_members'
"""
# Days that wait: marked already, or touched by lines that nobody has heard yet.
STALE_DAYS = f"""
SELECT day FROM analytics_staleday
UNION SELECT (paid_at AT TIME ZONE %(zone)s)::date FROM members_order WHERE entry_id IN ({UNHEARD})
UNION SELECT (o.paid_at AT TIME ZONE %(zone)s)::date FROM members_refund f JOIN members_order o ON o.id = f.order_id
  WHERE f.entry_id IN ({UNHEARD})
UNION SELECT (joined_at AT TIME ZONE %(zone)s)::date FROM members_member WHERE entry_id IN ({UNHEARD})
UNION SELECT (o.paid_at AT TIME ZONE %(zone)s)::date FROM members_orderline l JOIN members_order o ON o.id = l.order_id
  WHERE l.entry_id IN ({UNHEARD})
UNION SELECT (jsonb_array_elements_text(j.facts -> 'left_instants')::timestamptz AT TIME ZONE %(zone)s)::date
  FROM kernel_journalentry j WHERE j.id IN ({UNHEARD}) AND j.facts ? 'left_instants'
UNION SELECT (began_at AT TIME ZONE %(zone)s)::date FROM guides_bond WHERE entry_id IN ({UNHEARD})
UNION SELECT (due_at AT TIME ZONE %(zone)s)::date FROM guides_task WHERE entry_id IN ({UNHEARD})
UNION SELECT (at AT TIME ZONE %(zone)s)::date FROM guides_share WHERE entry_id IN ({UNHEARD})
UNION SELECT jsonb_array_elements_text(j.facts -> 'days')::date FROM kernel_journalentry j
  WHERE j.id IN ({UNHEARD}) AND j.name = 'guides.material.opened'
UNION SELECT (unnest(ARRAY[k.due_at] || (SELECT array_agg(a.at) FROM guides_taskmove a WHERE a.task_id = k.id))
    AT TIME ZONE %(zone)s)::date
  FROM guides_taskmove v JOIN guides_task k ON k.id = v.task_id WHERE v.entry_id IN ({UNHEARD})
"""


def _bounds() -> sql.Params:
    day = live_day()
    at = day or clock.business_day(clock.now())
    return {
        "live": day is not None,
        "until": clock.day_start(at),
        "since": clock.day_start(at - timedelta(days=365)),
        "zone": clock.brand_zone().key,
        "super_orders": brand.setting("super_orders"),
    }


law(
    "a portrait's sums equal its orders",
    f"""
SELECT m.member_no,
  concat_ws(' ', p.first_day, p.last_day, p.purchases, p.frequency, p.monetary_cents),
  concat_ws(' ', n.first_day, n.last_day, n.purchases, n.frequency, n.cents)
FROM members_member m
LEFT JOIN members_portrait p ON p.member_id = m.id
LEFT JOIN LATERAL (
  SELECT min(x.day) AS first_day, max(x.day) AS last_day, count(*) AS purchases,
    count(*) FILTER (WHERE x.inside) AS frequency, coalesce(sum(x.net) FILTER (WHERE x.inside), 0) AS cents
  FROM (
    SELECT (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.paid_at >= %(since)s AS inside,
      o.amount_cents - coalesce(sum(f.amount_cents), 0) AS net, o.amount_cents AS paid
    FROM members_order o JOIN members_member b ON b.id = o.member_id
    LEFT JOIN members_refund f ON f.order_id = o.id AND f.refunded_at < %(until)s
    WHERE b.id IN (SELECT m.id UNION ALL SELECT id FROM members_member WHERE merged_into_id = m.id)
      AND o.paid_at < %(until)s GROUP BY o.id) x
  WHERE NOT (x.paid > 0 AND x.net = 0)) n ON true
WHERE %(live)s AND m.joined_at < %(until)s AND m.merged_into_id IS NULL
  AND m.id NOT IN (SELECT coalesce(r.merged_into_id, r.id) FROM members_member r WHERE r.id IN ({STALE_MEMBERS}))
  AND (p.first_day, p.last_day, p.purchases, p.frequency, p.monetary_cents)
    IS DISTINCT FROM (n.first_day, n.last_day, n.purchases::int, n.frequency::int, n.cents::bigint)
""",
    _bounds,
)
law(
    "who lives on in another has no portrait of her own",
    f"SELECT m.member_no, 'portrait', 'merged' FROM members_portrait p JOIN members_member m ON m.id = p.member_id"
    f" WHERE m.merged_into_id IS NOT NULL AND m.id NOT IN ({STALE_MEMBERS})",
)
law(
    "a portrait's scores follow from the kept cuts",
    """
SELECT p.member_id::text, concat_ws(' ', p.r, p.f, p.m), concat_ws(' ', n.r, n.f, n.m)
FROM members_portrait p
CROSS JOIN (SELECT cuts FROM members_scorecut ORDER BY id DESC LIMIT 1) c
CROSS JOIN LATERAL (
  SELECT 1 + (SELECT count(*) FROM jsonb_array_elements_text(c.cuts -> 'last_day') v WHERE p.last_day > v::date) AS r,
    1 + (SELECT count(*) FROM jsonb_array_elements_text(c.cuts -> 'frequency') v WHERE p.frequency > v::bigint) AS f,
    1 + (SELECT count(*) FROM jsonb_array_elements_text(c.cuts -> 'monetary') v WHERE p.monetary_cents > v::bigint) AS m
) n WHERE p.frequency > 0 AND (p.r, p.f, p.m) IS DISTINCT FROM (n.r, n.f, n.m)
""",
)
law(
    "counts kept with the cuts are the portrait's",
    """
SELECT concat_ws(' ', kind, value), k.n::text, p.n::text FROM (
  SELECT kind, c.key AS value, c.value::bigint AS n
  FROM (SELECT counts FROM members_scorecut ORDER BY id DESC LIMIT 1) newest,
    jsonb_each(newest.counts) AS k(kind, tally), jsonb_each_text(k.tally) c) k
FULL JOIN (
  SELECT kind, v.value, count(*) AS n FROM members_portrait p
  CROSS JOIN LATERAL (VALUES
    ('last_day', (p.last_day - '0001-01-01'::date + 1)::text),
    ('frequency', p.frequency::text),
    ('monetary', rpad(left(p.monetary_cents::text, 3), length(p.monetary_cents::text), '0'))) AS v(kind, value)
  WHERE p.frequency > 0 GROUP BY 1, 2) p USING (kind, value)
WHERE k.n IS DISTINCT FROM p.n AND (SELECT counts <> '{}' FROM members_scorecut ORDER BY id DESC LIMIT 1)
""",
)
law(
    "store days equal their orders and members",
    f"""
SELECT concat_ws(' ', coalesce(f.day, n.day), coalesce(f.store_id, n.store_id)),
  concat_ws(' ', f.orders, f.member_orders, f.buyers, f.sales_cents, f.refunded_cents, f.recruits, f.known_cents,
    f.units, f.lined_orders),
  concat_ws(' ', n.orders, n.member_orders, n.buyers, n.sales_cents, n.refunded_cents, n.recruits, n.known_cents,
    n.units, n.lined_orders)
FROM analytics_storeday f
FULL JOIN (
  SELECT day, store_id, sum(one) AS orders, count(member_id) AS member_orders, count(DISTINCT member_id) AS buyers,
    sum(sales) AS sales_cents, sum(refunded) AS refunded_cents, sum(joined) AS recruits,
    coalesce(sum(sales - refunded) FILTER (WHERE member_id IS NOT NULL), 0) AS known_cents,
    coalesce(sum(units), 0) AS units, count(units) AS lined_orders
  FROM (
    SELECT (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.store_id, 1 AS one, o.member_id,
      o.amount_cents AS sales,
      (SELECT coalesce(sum(r.amount_cents), 0) FROM members_refund r WHERE r.order_id = o.id) AS refunded, 0 AS joined,
      (SELECT sum(l.quantity) FROM members_orderline l WHERE l.order_id = o.id) AS units
    FROM members_order o
    UNION ALL
    SELECT (m.joined_at AT TIME ZONE %(zone)s)::date, m.home_store_id, 0, NULL, 0, 0, 1, NULL FROM members_member m
  ) everything GROUP BY 1, 2) n ON n.day = f.day AND coalesce(n.store_id, 0) = coalesce(f.store_id, 0)
WHERE coalesce(f.day, n.day) NOT IN ({STALE_DAYS})
  AND (f.orders, f.member_orders, f.buyers, f.sales_cents, f.refunded_cents, f.recruits, f.known_cents, f.units,
      f.lined_orders)
    IS DISTINCT FROM (n.orders::int, n.member_orders::int, n.buyers::int, n.sales_cents::bigint,
      n.refunded_cents::bigint, n.recruits::int, n.known_cents::bigint, n.units::int, n.lined_orders::int)
""",
    _bounds,
)
law(
    "cells sum up to the portrait",
    f"""
SELECT concat_ws(' ', r, f, m, stage, relationship, is_super, frequency_band, aov_band),
  min(side), concat_ws(' ', members, frequency, monetary_cents)
FROM (
  SELECT 'stored' AS side, r, f, m, stage, relationship, is_super, frequency_band, aov_band, members::bigint,
    frequency, monetary_cents::bigint FROM analytics_portraitcell
  UNION ALL
  SELECT 'recomputed', r, f, m, stage, relationship, is_super,
    (SELECT count(*) FROM unnest(ARRAY{list(FREQUENCY_BANDS)}) AS bound WHERE frequency >= bound),
    CASE WHEN frequency = 0 THEN 0 ELSE
      (SELECT count(*) FROM unnest(ARRAY{list(AOV_BANDS)}) AS bound WHERE monetary_cents / frequency >= bound) END,
    count(*), sum(frequency), sum(monetary_cents)::bigint
  FROM members_portrait GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9) both_sides
WHERE EXISTS (SELECT 1 FROM analytics_portraitcell)
  AND NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id IN ({UNHEARD}) AND j.facts ? 'left_portraits')
GROUP BY r, f, m, stage, relationship, is_super, frequency_band, aov_band, members, frequency, monetary_cents
HAVING count(*) <> 2
""",
)
law(
    "guide days equal their orders and first orders",
    f"""
SELECT concat_ws(' ', coalesce(f.day, n.day), coalesce(f.post_id, n.post_id)),
  concat_ws(' ', f.orders, f.member_orders, f.buyers, f.sales_cents, f.refunded_cents, f.units, f.lined_orders,
    f.recruits),
  concat_ws(' ', n.orders, n.member_orders, n.buyers, n.sales_cents, n.refunded_cents, n.units, n.lined_orders,
    n.recruits)
FROM analytics_guideday f
FULL JOIN (
  SELECT (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.sold_by_id AS post_id, count(*) AS orders,
    count(o.member_id) AS member_orders, count(DISTINCT o.member_id) AS buyers, sum(o.amount_cents) AS sales_cents,
    sum((SELECT coalesce(sum(r.amount_cents), 0) FROM members_refund r WHERE r.order_id = o.id)) AS refunded_cents,
    sum((SELECT coalesce(sum(l.quantity), 0) FROM members_orderline l WHERE l.order_id = o.id)) AS units,
    count(*) FILTER (WHERE EXISTS (SELECT 1 FROM members_orderline l WHERE l.order_id = o.id)) AS lined_orders,
    count(DISTINCT o.member_id) FILTER (WHERE EXISTS (SELECT 1 FROM members_member m WHERE m.id = o.member_id
      AND (m.joined_at AT TIME ZONE %(zone)s)::date = (o.paid_at AT TIME ZONE %(zone)s)::date
      AND o.id = (SELECT e.id FROM members_order e WHERE e.member_id = m.id
        AND (e.paid_at AT TIME ZONE %(zone)s)::date = (m.joined_at AT TIME ZONE %(zone)s)::date
        ORDER BY e.paid_at, e.id LIMIT 1))) AS recruits
  FROM members_order o WHERE o.sold_by_id IS NOT NULL GROUP BY 1, 2) n ON n.day = f.day AND n.post_id = f.post_id
WHERE coalesce(f.day, n.day) NOT IN ({STALE_DAYS}) AND (f.orders + f.recruits > 0 OR n.orders > 0)
  AND (f.orders, f.member_orders, f.buyers, f.sales_cents, f.refunded_cents, f.units, f.lined_orders, f.recruits)
    IS DISTINCT FROM (n.orders::int, n.member_orders::int, n.buyers::int, n.sales_cents::bigint,
      n.refunded_cents::bigint, n.units::int, n.lined_orders::int, n.recruits::int)
""",
    _bounds,
)
# What a task came to is read from its history here, not from its row.
law(
    "guide days equal the bonds and the tasks' histories",
    f"""
WITH told AS (
  SELECT k.id, k.post_id, k.member_id, k.due_at, last.kind, last.at, last.outcome
  FROM guides_task k LEFT JOIN LATERAL (
    SELECT v.kind, v.at, v.outcome FROM guides_taskmove v
    WHERE v.task_id = k.id AND v.kind IN ('done', 'undone', 'returned', 'cancelled')
    ORDER BY v.nth DESC LIMIT 1) last ON true),
served AS (
  SELECT began_at AS at, post_id, 'added' AS what FROM guides_bond
  WHERE source IN ('scan', 'purchase', 'hand', 'api')
  UNION ALL SELECT due_at, post_id, 'due' FROM told WHERE kind IS DISTINCT FROM 'cancelled'
  UNION ALL SELECT due_at, post_id, 'done' FROM told WHERE kind = 'done'
  UNION ALL SELECT due_at, post_id, 'on_time' FROM told WHERE kind = 'done' AND at <= due_at
  UNION ALL SELECT at, post_id, 'touch' FROM told
  WHERE kind = 'done' AND member_id IS NOT NULL AND outcome IN ('sent', 'replied', 'bought'))
SELECT concat_ws(' ', coalesce(f.day, n.day), coalesce(f.post_id, n.post_id)),
  concat_ws(' ', f.added, f.tasks_due, f.tasks_done, f.tasks_on_time, f.touches),
  concat_ws(' ', n.added, n.due, n.done, n.on_time, n.touches)
FROM (SELECT * FROM analytics_guideday WHERE added + tasks_due + touches > 0) f
FULL JOIN (
  SELECT (at AT TIME ZONE %(zone)s)::date AS day, post_id, count(*) FILTER (WHERE what = 'added') AS added,
    count(*) FILTER (WHERE what = 'due') AS due, count(*) FILTER (WHERE what = 'done') AS done,
    count(*) FILTER (WHERE what = 'on_time') AS on_time, count(*) FILTER (WHERE what = 'touch') AS touches
  FROM served GROUP BY 1, 2) n ON n.day = f.day AND n.post_id = f.post_id
WHERE coalesce(f.day, n.day) NOT IN ({STALE_DAYS})
  AND (f.added, f.tasks_due, f.tasks_done, f.tasks_on_time, f.touches)
    IS DISTINCT FROM (n.added::int, n.due::int, n.done::int, n.on_time::int, n.touches::int)
""",
    _bounds,
)
law(
    "guide days equal the shares of that day",
    f"""
SELECT concat_ws(' ', day, post_id), coalesce(f.shares, 0)::text, coalesce(n.shares, 0)::text
FROM (SELECT day, post_id, shares FROM analytics_guideday WHERE shares > 0) f
FULL JOIN (
  SELECT (s.at AT TIME ZONE %(zone)s)::date AS day, s.post_id, count(*) AS shares
  FROM guides_share s GROUP BY 1, 2) n USING (day, post_id)
WHERE day NOT IN ({STALE_DAYS}) AND f.shares IS DISTINCT FROM n.shares::int
""",
    _bounds,
)
# Openings leave no line: until the night after, a day may hold fewer, never more.
law(
    "guide days equal the openings of that day",
    f"""
WITH whole AS (SELECT max(facts ->> 'until')::date AS until FROM kernel_journalentry
  WHERE name = 'analytics.opening.marked')
SELECT concat_ws(' ', day, post_id), coalesce(f.opens, 0)::text, coalesce(n.opens, 0)::text
FROM (SELECT day, post_id, opens FROM analytics_guideday WHERE opens > 0) f
FULL JOIN (
  SELECT (o.at AT TIME ZONE %(zone)s)::date AS day, s.post_id, count(*) AS opens
  FROM guides_share s JOIN guides_linkopen o ON o.share_id = s.id GROUP BY 1, 2) n USING (day, post_id)
WHERE day NOT IN ({STALE_DAYS}) AND f.opens IS DISTINCT FROM n.opens::int
  AND (f.opens > coalesce(n.opens, 0) OR day < (SELECT until FROM whole))
""",
    _bounds,
)
law(
    "buyers of store days equal their purchases",
    f"""
SELECT concat_ws(' ', coalesce(f.day, n.day), coalesce(f.store_id, n.store_id)), f.members::text, n.members::text
FROM analytics_daybuyers f
FULL JOIN (
  SELECT (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.store_id,
    array_agg(o.member_id ORDER BY o.member_id) AS members
  FROM members_order o WHERE o.member_id IS NOT NULL AND o.store_id IS NOT NULL
    AND NOT (o.amount_cents > 0 AND o.amount_cents =
      (SELECT coalesce(sum(r.amount_cents), 0) FROM members_refund r WHERE r.order_id = o.id))
  GROUP BY 1, 2) n ON n.day = f.day AND n.store_id = f.store_id
WHERE coalesce(f.day, n.day) NOT IN ({STALE_DAYS}) AND f.members IS DISTINCT FROM n.members
""",
    _bounds,
)
law(
    "standings of stores sum up to the portrait",
    """
SELECT concat_ws(' ', store_id, stage, relationship), min(side), concat_ws(' ', members, supers)
FROM (
  SELECT 'stored' AS side, store_id, stage, relationship, members::bigint, supers::bigint FROM analytics_storestanding
  UNION ALL
  SELECT 'recomputed', m.home_store_id, p.stage, p.relationship, count(*), sum(p.is_super::int)
  FROM members_portrait p JOIN members_member m ON m.id = p.member_id GROUP BY 2, 3, 4) both_sides
WHERE EXISTS (SELECT 1 FROM analytics_storestanding)
  AND (SELECT max(id) FROM kernel_journalentry WHERE name = 'analytics.standing.counted') > (
    SELECT max(id) FROM kernel_journalentry WHERE name IN
      ('members.portrait.scored', 'members.stage.moved', 'members.member.recorded', 'members.order.recorded',
       'members.member.withdrawn', 'members.order.withdrawn',
       'members.member.merged', 'members.merge.undone'))
GROUP BY store_id, stage, relationship, members, supers HAVING count(*) <> 2
""",
)
law(
    "repeat rates of stores equal their buyers",
    """
SELECT r.store_id::text, concat_ws(' ', r.buyers, r.repeaters), concat_ws(' ', n.buyers, n.repeaters)
FROM analytics_storerepeat r CROSS JOIN LATERAL (
  SELECT count(DISTINCT b.member_id) AS buyers,
    count(DISTINCT b.member_id) FILTER (WHERE b.member_id = b.before) AS repeaters
  FROM (SELECT member_id, lag(member_id) OVER (ORDER BY member_id) AS before
    FROM analytics_daybuyers d, unnest(d.members) AS member_id
    WHERE d.store_id = r.store_id AND d.day >= r.as_of - 365) b) n
WHERE (r.buyers, r.repeaters) IS DISTINCT FROM (n.buyers::int, n.repeaters::int)
  AND (SELECT max(id) FROM kernel_journalentry WHERE name = 'analytics.standing.counted') > (
    SELECT max(id) FROM kernel_journalentry WHERE name = 'analytics.fact.refreshed')
  AND NOT EXISTS (SELECT FROM analytics_staleday s WHERE s.day >= r.as_of - 365)
""",
)
waiting("members to score anew", f"SELECT count(*) FROM ({STALE_MEMBERS}) s")
waiting("days to count anew", "SELECT count(*) FROM analytics_staleday")
# since the end of the business day itself: an old order that was corrected makes it old
oldest("stale_day", "SELECT (min(day) + 1)::timestamptz FROM analytics_staleday")
law(
    "a contest ended as its days of guides say, unless they were counted again since",
    """
SELECT concat_ws(' ', c.code, t.post_id), t.score::text, n.score::text
FROM analytics_conteststanding t JOIN analytics_contest c ON c.id = t.contest_id
CROSS JOIN LATERAL (
  SELECT coalesce(CASE c.metric
      WHEN 'sales' THEN sum(d.sales_cents) - sum(d.refunded_cents)
      WHEN 'recruits' THEN sum(d.added) WHEN 'reach' THEN sum(d.touches)
      WHEN 'on_time' THEN div(10000 * sum(d.tasks_on_time), nullif(sum(d.tasks_due), 0))
      WHEN 'average' THEN round((sum(d.sales_cents) - sum(d.refunded_cents)) / nullif(sum(d.orders), 0))
    END, 0) AS score
  FROM analytics_guideday d WHERE d.post_id = t.post_id AND d.day BETWEEN c.first_day AND c.last_day) n
WHERE t.score <> n.score AND NOT EXISTS (
  SELECT 1 FROM kernel_journalentry j WHERE j.name = 'analytics.fact.refreshed' AND j.id > t.entry_id
    AND (j.facts ->> 'first')::date <= c.last_day AND (j.facts ->> 'last')::date >= c.first_day)
""",
)
law(
    "ranks and prizes of a contest follow from its scores",
    """
SELECT concat_ws(' ', c.code, t.post_id), concat_ws(' ', t.rank, t.prize), concat_ws(' ', n.rank, n.prize)
FROM analytics_conteststanding t JOIN analytics_contest c ON c.id = t.contest_id
CROSS JOIN LATERAL (SELECT 1 + count(*) AS rank FROM analytics_conteststanding o
  WHERE o.contest_id = t.contest_id AND o.place = t.place AND o.score > t.score) r
CROSS JOIN LATERAL (SELECT r.rank,
  CASE WHEN t.score > 0 AND r.rank <= cardinality(c.prizes) THEN c.prizes[r.rank] ELSE '' END AS prize) n
WHERE (t.rank, t.prize) IS DISTINCT FROM (n.rank, n.prize) OR c.state <> 'closed'
""",
)
