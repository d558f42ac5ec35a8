"""Count the days of a span anew: store days, guide days, buyers of store days; only rows that differ are written."""

from datetime import date, timedelta

from guides.models import Task
from guides.queries.sop import ADDED
from newretail.kernel import clock, sql

SPAN_DAYS = 7  # a longer span is counted in pieces, so that memory stays flat
ROOM = {"work_mem": "32MB"}  # the orders of a piece are sorted and hashed in memory


def _on(at: str) -> str:
    """Write the day an instant falls on: how many days of the span have begun by then; no time zone for each row."""
    return f"%(first)s::date + width_bucket({at}, %(starts)s::timestamptz[]) - 1"


def _kept(name: str, table: str, place: str, figures: str, select: str) -> str:
    """Write the parts of a statement that leave a table's days as a SELECT says; rows that are so already stay."""
    of_days = "t.day >= %(first)s AND t.day < %(last)s"
    same = f"n.day = t.day AND coalesce(n.{place}, 0) = coalesce(t.{place}, 0)"
    columns, figures_of = f"day, {place}, {figures}", {at: f"{at}." + figures.replace(", ", f", {at}.") for at in "nt"}
    excluded = "excluded." + figures.replace(", ", ", excluded.")
    return f"""{name} AS MATERIALIZED ({select}),
{name}_gone AS (
  DELETE FROM {table} t WHERE {of_days} AND NOT EXISTS (SELECT FROM {name} n WHERE {same})),
{name}_put AS (
  INSERT INTO {table} ({columns}) SELECT {columns} FROM {name} n
  WHERE NOT EXISTS (SELECT FROM {table} t
    WHERE {of_days} AND {same} AND ROW({figures_of["n"]}) IS NOT DISTINCT FROM ROW({figures_of["t"]}))
  ORDER BY day, {place} ON CONFLICT (day, {place}) DO UPDATE SET ({figures}) = ROW({excluded}))"""


# A fully refunded order is no purchase.
BOUGHT = "o.member_id IS NOT NULL AND (o.amount_cents = 0 OR o.amount_cents > o.refunded_cents)"
FIGURES = """count(*) AS orders, count(o.member_id) AS member_orders, count(DISTINCT o.member_id) AS buyers,
  sum(o.amount_cents) AS sales_cents, sum(o.refunded_cents) AS refunded_cents,
  coalesce(sum(o.units), 0) AS units, count(o.units) AS lined_orders"""
SALES = "orders, member_orders, buyers, sales_cents, refunded_cents, units, lined_orders, recruits"
SERVICE = "added, tasks_due, tasks_done, tasks_on_time, touches, shares, opens"
GUIDE_FIGURES, STORE_FIGURES = f"{SALES}, {SERVICE}", f"{SALES}, known_cents"
# The lines of all orders are found in one walk along their index, by an array of keys: a probe for each order would
# cost more than everything else.
ORDERS = f"""
paid AS MATERIALIZED (
  SELECT o.id, {_on("o.paid_at")} AS day, o.paid_at, o.store_id, o.sold_by_id, o.member_id, o.amount_cents,
    o.refunded_cents
  FROM members_order o WHERE o.paid_at >= %(from)s AND o.paid_at < %(to)s),
lines AS MATERIALIZED (
  SELECT order_id, sum(quantity) AS units FROM members_orderline
  WHERE order_id = ANY (ARRAY(SELECT id FROM paid)) GROUP BY 1),
orders AS MATERIALIZED (SELECT paid.*, lines.units FROM paid LEFT JOIN lines ON lines.order_id = paid.id),
joined AS MATERIALIZED (
  SELECT m.id, {_on("m.joined_at")} AS day, m.home_store_id AS store_id
  FROM members_member m WHERE m.joined_at >= %(from)s AND m.joined_at < %(to)s),
sold AS MATERIALIZED (
  SELECT o.day, o.store_id, {FIGURES},
    sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.member_id IS NOT NULL) AS known_cents,
    array_agg(o.member_id ORDER BY o.member_id) FILTER (WHERE {BOUGHT}) AS members
  FROM orders o GROUP BY 1, 2)
"""
# FULL JOIN USING never pairs the two rows of no store; they are added up at the end.
STORE_DAYS = f"""
SELECT day, store_id, {", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in STORE_FIGURES.split(", "))}
FROM sold FULL JOIN (SELECT day, store_id, count(*) AS recruits FROM joined GROUP BY 1, 2) j USING (day, store_id)
GROUP BY 1, 2"""
DAY_BUYERS = "SELECT day, store_id, members FROM sold WHERE store_id IS NOT NULL AND members IS NOT NULL"
SELLING = f"""
SELECT s.*, coalesce(r.recruits, 0) AS recruits
FROM (SELECT o.day, o.sold_by_id AS post_id, {FIGURES} FROM orders o WHERE o.sold_by_id IS NOT NULL GROUP BY 1, 2) s
LEFT JOIN (
  SELECT day, sold_by_id AS post_id, count(*) AS recruits
  FROM (SELECT DISTINCT ON (joined.id) o.day, o.sold_by_id FROM joined JOIN orders o
      ON o.member_id = joined.id AND o.day = joined.day ORDER BY joined.id, o.paid_at, o.id) first_orders
  GROUP BY 1, 2) r ON r.day = s.day AND r.post_id = s.post_id"""
# Bonds and what was done are found by their indexes, which begin with the post; all else by the day.
POSTS = "post_id = ANY (ARRAY(SELECT id FROM stores_post))"
SERVING = f"""
SELECT day, post_id, sum(added) AS added, sum(due) AS tasks_due, sum(done) AS tasks_done, sum(on_time) AS tasks_on_time,
  sum(touches) AS touches, sum(shares) AS shares, sum(opens) AS opens
FROM (
  SELECT {_on("b.began_at")} AS day, b.post_id, 1 AS added, 0 AS due, 0 AS done, 0 AS on_time, 0 AS touches,
    0 AS shares, 0 AS opens
  FROM guides_bond b
  WHERE b.{POSTS} AND b.began_at >= %(from)s AND b.began_at < %(to)s AND b.source = ANY (%(added)s)
  UNION ALL
  SELECT {_on("k.due_at")}, k.post_id, 0, 1, (k.state IN ('checking', 'done'))::int,
    (k.state IN ('checking', 'done') AND k.ended_at <= k.due_at)::int, 0, 0, 0
  FROM guides_task k WHERE k.due_at >= %(from)s AND k.due_at < %(to)s AND k.state <> 'cancelled'
  UNION ALL
  SELECT {_on("k.ended_at")}, k.post_id, 0, 0, 0, 0, 1, 0, 0
  FROM guides_task k
  WHERE k.{POSTS} AND k.ended_at >= %(from)s AND k.ended_at < %(to)s AND k.state IN ('checking', 'done')
    AND k.outcome = ANY (%(touched)s) AND k.member_id IS NOT NULL
  UNION ALL
  SELECT {_on("h.at")}, h.post_id, 0, 0, 0, 0, 0, 1, 0 FROM guides_share h WHERE h.at >= %(from)s AND h.at < %(to)s
  UNION ALL
  SELECT {_on("l.at")}, h.post_id, 0, 0, 0, 0, 0, 0, 1
  FROM guides_linkopen l JOIN guides_share h ON h.id = l.share_id
  WHERE l.at >= %(from)s AND l.at < %(to)s) served
GROUP BY 1, 2"""
GUIDE_DAYS = f"""
SELECT day, post_id, {", ".join(f"coalesce({name}, 0) AS {name}" for name in GUIDE_FIGURES.split(", "))}
FROM ({SELLING}) selling FULL JOIN ({SERVING}) serving USING (day, post_id)"""
COUNT = f"""
WITH {ORDERS.strip()},
{_kept("store_days", "analytics_storeday", "store_id", STORE_FIGURES, STORE_DAYS)},
{_kept("day_buyers", "analytics_daybuyers", "store_id", "members", DAY_BUYERS)},
{_kept("guide_days", "analytics_guideday", "post_id", GUIDE_FIGURES, GUIDE_DAYS)}
SELECT count(*) FROM store_days
"""


def count_anew(first: date, last: date) -> int:
    """Count the days of [first, last) anew from what they rest on; return how many store days there are."""
    written = 0
    with sql.planned(ROOM):
        while first < last:
            until = min(last, first + timedelta(days=SPAN_DAYS))
            written += _count_span(first, until)
            first = until
    return written


def _count_span(first: date, last: date) -> int:
    starts = [clock.day_start(first + timedelta(days=n)) for n in range((last - first).days)]
    params: sql.Params = {
        "first": first, "last": last, "from": starts[0], "to": clock.day_start(last), "starts": starts,
        "added": list(ADDED), "touched": list(Task.TOUCHED),
    }  # fmt: skip
    return int(sql.rows(COUNT, params)[0][0])
