"""Count the days of a span anew: store days, guide days, and what they say of the buyers of each store."""

from datetime import date, timedelta

from analytics.actions import buyers
from newretail.kernel import clock, sql

SPAN_DAYS = 31  # a longer span is counted in pieces, so that memory stays flat
ORDERS = """
SELECT o.id, (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.paid_at, o.store_id, o.sold_by_id, o.member_id,
  o.amount_cents, o.refunded_cents, l.units
FROM members_order o
LEFT JOIN LATERAL (SELECT sum(x.quantity) AS units FROM members_orderline x WHERE x.order_id = o.id) l ON true
WHERE o.paid_at >= %(from)s AND o.paid_at < %(to)s
"""
FIGURES = """count(*) AS orders, count(o.member_id) AS member_orders, count(DISTINCT o.member_id) AS buyers,
  sum(o.amount_cents) AS sales_cents, sum(o.refunded_cents) AS refunded_cents,
  coalesce(sum(o.units), 0) AS units, count(o.units) AS lined_orders"""
JOINED = "m.joined_at >= %(from)s AND m.joined_at < %(to)s"
# FULL JOIN USING never pairs the two rows of no store; they are added up at the end.
STORE_DAYS = f"""
INSERT INTO analytics_storeday
  (day, store_id, orders, member_orders, buyers, sales_cents, refunded_cents, units, lined_orders, known_cents,
   recruits)
SELECT day, store_id, coalesce(sum(orders), 0), coalesce(sum(member_orders), 0), coalesce(sum(buyers), 0),
  coalesce(sum(sales_cents), 0), coalesce(sum(refunded_cents), 0), coalesce(sum(units), 0),
  coalesce(sum(lined_orders), 0), coalesce(sum(known_cents), 0), coalesce(sum(recruits), 0)
FROM (SELECT o.day, o.store_id, {FIGURES},
    sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.member_id IS NOT NULL) AS known_cents
  FROM tmp_day_orders o GROUP BY 1, 2) sold
FULL JOIN (SELECT (m.joined_at AT TIME ZONE %(zone)s)::date AS day, m.home_store_id AS store_id, count(*) AS recruits
  FROM members_member m WHERE {JOINED} GROUP BY 1, 2) joined USING (day, store_id)
GROUP BY 1, 2 ORDER BY 1, 2
"""
GUIDE_DAYS = f"""
INSERT INTO analytics_guideday
  (day, post_id, orders, member_orders, buyers, sales_cents, refunded_cents, units, lined_orders, recruits)
SELECT s.day, s.sold_by_id, s.orders, s.member_orders, s.buyers, s.sales_cents, s.refunded_cents, s.units,
  s.lined_orders, coalesce(r.recruits, 0)
FROM (SELECT o.day, o.sold_by_id, {FIGURES} FROM tmp_day_orders o WHERE o.sold_by_id IS NOT NULL GROUP BY 1, 2) s
LEFT JOIN (
  SELECT day, sold_by_id, count(*) AS recruits
  FROM (SELECT DISTINCT ON (m.id) o.day, o.sold_by_id FROM members_member m JOIN tmp_day_orders o
      ON o.member_id = m.id AND o.day = (m.joined_at AT TIME ZONE %(zone)s)::date
    WHERE {JOINED} ORDER BY m.id, o.paid_at, o.id) first_orders
  GROUP BY 1, 2) r ON r.day = s.day AND r.sold_by_id = s.sold_by_id
ORDER BY 1, 2
"""


def count_anew(first: date, last: date) -> int:
    """Count the days of [first, last) anew from orders and members; return how many store days there are."""
    written = 0
    while first < last:
        until = min(last, first + timedelta(days=SPAN_DAYS))
        written += _count_span(first, until)
        first = until
    return written


def _count_span(first: date, last: date) -> int:
    params: sql.Params = {
        "zone": clock.brand_zone().key, "from": clock.day_start(first), "to": clock.day_start(last),
        "first": first, "last": last,
    }  # fmt: skip
    sql.temporary("tmp_day_orders", ORDERS, params, analyze=False)
    for table in ("analytics_storeday", "analytics_guideday"):
        sql.execute(f"DELETE FROM {table} WHERE day >= %(first)s AND day < %(last)s", params)
    written = sql.execute(STORE_DAYS, params)
    sql.execute(GUIDE_DAYS, params)
    buyers.merge(params)
    return written
