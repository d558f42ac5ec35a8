"""Whose an order is by the rules of its channel, and what of its money each share comes to."""

from collections.abc import Sequence
from datetime import date

from guides.queries.policies import Counting
from guides.queries.policy_terms import EVERYWHERE, SHARED
from newretail.kernel import clock, sql
from stores.models import Channel, held_on

# The orders that are worked on: `{where}` says which, of the table o.
ORDERS = """
SELECT o.id, o.member_id, coalesce(m.merged_into_id, m.id) AS root_id, o.store_id, o.channel_id, o.sold_by_id,
  o.paid_at, (o.paid_at AT TIME ZONE %(zone)s)::date AS paid_on, o.amount_cents, o.refunded_cents
FROM members_order o LEFT JOIN members_member m ON m.id = o.member_id WHERE {where}
"""
RULES = """
CREATE TEMPORARY TABLE tmp_credit_rules (policy_id bigint, channel_id bigint, from_on date, until_on date,
  share_days int, seller int, bonded int, sharer int, pool int) ON COMMIT DROP
"""
RULE = """
INSERT INTO tmp_credit_rules SELECT * FROM unnest(%(policy)s::bigint[], %(channel)s::bigint[], %(from)s::date[],
  %(until)s::date[], %(days)s::int[], %(seller)s::int[], %(bonded)s::int[], %(sharer)s::int[], %(pool)s::int[])
"""
CURRENT = "c.order_id = {order} AND c.end_entry_id IS NULL"
# Who could have a share of each order, one a role. A bond counts that had begun before she paid: the one that a
# purchase itself brings is of the next ones. Among who shared, the last opening before she paid counts.
WHO = f"""
SELECT o.id, o.paid_at, o.paid_on, o.store_id, r.policy_id, b.post_id AS bonded_post, v.n, v.role, v.post_id, v.bp
FROM tmp_pay_orders o
JOIN tmp_credit_rules r ON r.channel_id = o.channel_id AND o.paid_on >= r.from_on AND o.paid_on < r.until_on
LEFT JOIN guides_bond b ON b.member_id = o.root_id AND b.began_at < o.paid_at
  AND (b.ended_at IS NULL OR b.ended_at > o.paid_at)
LEFT JOIN LATERAL (
  SELECT s.post_id FROM guides_linkopen x JOIN guides_share s ON s.id = x.share_id
  WHERE r.sharer > 0 AND x.member_id IN (o.member_id, o.root_id) AND x.at < o.paid_at
    AND x.at >= o.paid_at - make_interval(days => r.share_days) ORDER BY x.at DESC, x.id DESC LIMIT 1) s ON true
CROSS JOIN LATERAL (VALUES (1, 'seller', o.sold_by_id, r.seller), (2, 'bonded', b.post_id, r.bonded),
  (3, 'sharer', s.post_id, r.sharer), (4, 'pool', CASE WHEN r.pool > 0 THEN (
    SELECT min(p.id) FROM stores_post p
    WHERE p.store_id = o.store_id AND p.role = 'guide' AND {held_on("o.paid_on")}) END, r.pool)
) v (n, role, post_id, bp)
WHERE v.bp > 0 AND NOT EXISTS (SELECT FROM guides_credit c WHERE {CURRENT.format(order="o.id")} {{of_kind}})
"""
# The share of a role that nobody has goes to the first that somebody has; the pool is split among who serves there.
DERIVED = f"""
WITH held AS (
  SELECT w.*, 10000 - sum(w.bp) OVER o AS missing, min(w.n) OVER o AS first
  FROM tmp_pay_who w WHERE w.post_id IS NOT NULL WINDOW o AS (PARTITION BY w.id)),
shares AS (
  SELECT h.id, h.role, h.post_id, h.bp + CASE WHEN h.n = h.first THEN h.missing ELSE 0 END AS bp, h.policy_id,
    h.paid_at, h.paid_on, h.store_id, h.bonded_post FROM held h),
pooled AS (
  SELECT s.id, s.role, p.id AS post_id, s.bp / count(*) OVER o
    + (row_number() OVER (PARTITION BY s.id ORDER BY p.id) <= s.bp %% count(*) OVER o)::int AS bp, s.policy_id,
    s.paid_at, s.bonded_post
  FROM shares s JOIN stores_post p ON p.store_id = s.store_id AND p.role = 'guide' AND {held_on("s.paid_on")}
  WHERE s.role = 'pool' WINDOW o AS (PARTITION BY s.id))
SELECT id AS order_id, role, post_id, bp::int AS share_bp, policy_id, paid_at,
  role IN ('bonded', 'sharer') OR post_id IS NOT DISTINCT FROM bonded_post AS own
FROM (
  SELECT id, role, post_id, bp, policy_id, paid_at, bonded_post FROM shares WHERE role <> 'pool'
  UNION ALL SELECT id, role, post_id, bp, policy_id, paid_at, bonded_post FROM pooled WHERE bp > 0) s
UNION ALL
SELECT DISTINCT ON (w.id) w.id, 'house', NULL::bigint, 10000, w.policy_id, w.paid_at, false
FROM tmp_pay_who w WHERE NOT EXISTS (SELECT FROM held h WHERE h.id = w.id) ORDER BY 1
"""
DECIDED = "AND c.role = 'decided'"
STANDING = f"""
SELECT c.id, c.order_id, c.role, c.post_id, c.share_bp::int, c.policy_id, c.paid_at, c.own
FROM guides_credit c JOIN tmp_pay_orders o ON {CURRENT.format(order="o.id")}
"""
CURRENT_CREDITS = "guides_credit c JOIN members_order o ON o.id = c.order_id WHERE c.end_entry_id IS NULL AND {where}"
# What each share of the money {money} of an order o comes to, so that the parts are the whole: largest remainder, of
# equal ones the earlier credit.
SPLITS = """
SELECT s.*, s.part + (row_number() OVER (PARTITION BY s.order_id ORDER BY s.rest DESC, s.id)
  <= s.money - sum(s.part) OVER (PARTITION BY s.order_id))::int AS cents
FROM (SELECT c.id, c.order_id, c.role, c.post_id, c.share_bp, c.own, {money} AS money,
    {money} * c.share_bp / 10000 AS part, {money} * c.share_bp %% 10000 AS rest
  FROM {source}) s
"""
NET = "(o.amount_cents - o.refunded_cents)"
PAID_WITHIN = "c.paid_at >= %(since)s AND c.paid_at < %(until)s"


def lay_orders(where: str, given: sql.Params) -> int:
    """Keep the orders that a condition on `o` names in tmp_pay_orders; return how many."""
    sql.temporary("tmp_pay_orders", ORDERS.format(where=where), {**given, "zone": clock.brand_zone().key})
    return sql.count("tmp_pay_orders")


def derive(rules: Sequence[Counting], *, anew: bool = False) -> None:
    """Keep in tmp_pay_derived the credits of those of tmp_pay_orders that have none, by the rules of their days.

    Columns: order_id, role, post_id (none: the house), share_bp, policy_id, paid_at, own. Before the first rules
    counted, an order has no credits. `anew`: also of the orders that have credits, but for what was decided.
    """
    _lay_rules(rules)
    sql.temporary("tmp_pay_who", WHO.format(of_kind=DECIDED if anew else ""), {})
    sql.temporary("tmp_pay_derived", DERIVED, {})


def _lay_rules(counting: Sequence[Counting]) -> None:
    channels = dict(Channel.objects.values_list("code", "pk"))
    rows: dict[str, list[object]] = {
        name: [] for name in ("policy", "channel", "from", "until", "days", *(role.value for role in SHARED))
    }
    for one in counting:
        for code, channel_id in channels.items():
            shares = one.terms.channels.get(code, one.terms.channels[EVERYWHERE])
            values = (one.policy.pk, channel_id, one.from_on, one.until_on or date.max, one.terms.share_days)
            for name, value in zip(rows, (*values, *(shares.get(role.value, 0) for role in SHARED)), strict=True):
                rows[name].append(value)
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_credit_rules")
    sql.execute(RULES)
    sql.execute(RULE, rows)
    sql.execute("ANALYZE pg_temp.tmp_credit_rules")


def splits(order_id: int, *, net: bool = True) -> list[tuple[str, int | None, int, int]]:
    """List the shares of an order: (role, post, basis points, cents of its money, net of refunds or as it was paid)."""
    money = NET if net else "o.amount_cents"
    select = SPLITS.format(money=money, source=CURRENT_CREDITS.format(where="c.order_id = %(order)s"))
    return sql.rows(f"SELECT role, post_id, share_bp, cents FROM ({select}) s ORDER BY id", {"order": order_id})


def month_sales(*, private: bool, source: str = CURRENT_CREDITS.format(where=PAID_WITHIN)) -> str:
    """Write the SELECT of (user_id, cents): the net sales of orders paid in [since, until) by everybody's credits.

    `source`: the credits c and orders o of a trial instead of those that stand; it ends in a condition.
    """
    # Most orders are whole somebody's: there is nothing to split, and no window to sort.
    split = SPLITS.format(money=NET, source=f"{source} AND c.share_bp < 10000")
    whole = f"SELECT c.post_id, c.own, sum{NET} FROM {source} AND c.share_bp = 10000 GROUP BY 1, 2"
    return (
        f"SELECT p.user_id, sum(s.cents)::bigint AS cents FROM (SELECT post_id, own, cents FROM ({split}) s"
        f" UNION ALL {whole}) s(post_id, own, cents)"
        f" JOIN stores_post p ON p.id = s.post_id {'AND s.own' if private else ''} GROUP BY p.user_id"
    )
