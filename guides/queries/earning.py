"""What the lines of orders earn for whom: base × rate × share, by the level and the scheme of the instant of payment.

The same statements give what shall be in the books and what a draft would have brought: they read whose an order is
from tmp_pay_credits (order_id, role, post_id, share_bp), who stood at which level from tmp_pay_levels (user_id, level,
from_at, until_at), what is paid from the tables that `lay_schemes` makes, and the orders of tmp_pay_orders.
"""

from collections.abc import Collection, Sequence
from datetime import date

from guides.models.credits import WHOLE_BP
from guides.models.levels import FIRST_LEVEL
from guides.queries.policies import Counting
from newretail.kernel import sql
from stores.models import Category, Channel, Product

LEVELS = """
SELECT user_id, level, from_at, lead(from_at, 1, 'infinity') OVER (PARTITION BY user_id ORDER BY from_at) AS until_at
FROM guides_guidelevelmove WHERE user_id IN (
  SELECT p.user_id FROM tmp_pay_credits c JOIN stores_post p ON p.id = c.post_id)
"""
SCHEMES = """
CREATE TEMPORARY TABLE tmp_pay_schemes (policy_id bigint, from_on date, until_on date, return_days int, fresh_bp int,
  most_bp int) ON COMMIT DROP;
CREATE TEMPORARY TABLE tmp_pay_rates (policy_id bigint, level int, bp int) ON COMMIT DROP;
CREATE TEMPORARY TABLE tmp_pay_factors (policy_id bigint, of text, ref bigint, bp int) ON COMMIT DROP
"""
INTO = {
    "schemes": "INSERT INTO tmp_pay_schemes SELECT * FROM unnest(%(0)s::bigint[], %(1)s::date[], %(2)s::date[],"
    " %(3)s::int[], %(4)s::int[], %(5)s::int[])",
    "rates": "INSERT INTO tmp_pay_rates SELECT * FROM unnest(%(0)s::bigint[], %(1)s::int[], %(2)s::int[])",
    "factors": "INSERT INTO tmp_pay_factors SELECT * FROM unnest(%(0)s::bigint[], %(1)s::text[], %(2)s::bigint[],"
    " %(3)s::int[])",
}
# An order without lines earns as a whole, as line 0. Money given back without a line weighs on all that is left.
LINES = """
lines AS (
  SELECT o.id, l.line_no, l.product_id, l.amount_cents AS cents FROM tmp_pay_orders o
  JOIN members_orderline l ON l.order_id = o.id
  UNION ALL SELECT o.id, 0, NULL, o.amount_cents FROM tmp_pay_orders o
  WHERE NOT EXISTS (SELECT FROM members_orderline l WHERE l.order_id = o.id)),
given_back AS (
  SELECT f.order_id AS id, f.line_no, sum(f.amount_cents) AS cents, l.id IS NULL AS loose
  FROM members_refund f LEFT JOIN lines l ON l.id = f.order_id AND l.line_no = f.line_no
  WHERE f.order_id IN (SELECT id FROM tmp_pay_orders WHERE refunded_cents > 0) GROUP BY 1, 2, 4),
back AS (
  SELECT id, coalesce(sum(cents) FILTER (WHERE loose), 0) AS loose,
    coalesce(sum(cents) FILTER (WHERE NOT loose), 0) AS of_lines FROM given_back GROUP BY id),
of_lines AS (
  SELECT l.*, CASE WHEN b.id IS NULL THEN 0 ELSE least(l.cents, coalesce(r.cents, 0)
      + CASE WHEN b.loose > 0 THEN b.loose * (l.cents - coalesce(r.cents, 0)) / (o.amount_cents - b.of_lines)
        ELSE 0 END) END AS back
  FROM lines l JOIN tmp_pay_orders o ON o.id = l.id LEFT JOIN back b ON b.id = l.id
  LEFT JOIN given_back r ON r.id = l.id AND r.line_no = l.line_no AND NOT r.loose
  WHERE l.cents > 0)
"""
FROZEN = """
known AS (
  SELECT e.order_id, e.line_no, e.post_id, e.role, e.level, e.policy_id, e.rate_bp, e.level_bp, e.goods_bp,
    e.channel_bp, e.fresh_bp, e.vests_on
  FROM guides_commissionentry e WHERE e.kind = 'accrue' AND e.order_id IN (SELECT id FROM tmp_pay_orders))
"""
EARLIER = "SELECT FROM members_order f WHERE f.member_id = o.member_id AND f.paid_at < o.paid_at"
# By which scheme an order is paid, and whether it is a first purchase: once for all of its lines.
PAID = f"""
paid AS MATERIALIZED (
  SELECT o.id, o.paid_at, o.channel_id, s.policy_id, o.paid_on + s.return_days AS vests_on, s.most_bp,
    CASE WHEN s.fresh_bp <> {WHOLE_BP} AND o.member_id IS NOT NULL AND NOT EXISTS ({EARLIER}) THEN s.fresh_bp
      ELSE {WHOLE_BP} END AS fresh_bp
  FROM tmp_pay_orders o JOIN tmp_pay_schemes s ON o.paid_on >= s.from_on AND o.paid_on < s.until_on)
"""
# The rate is frozen with the first entry of a line; half a cent is rounded up.
RATED = f"""
rated AS (
  SELECT l.id AS order_id, l.line_no, l.cents, l.back, c.role, c.post_id, c.share_bp, p.user_id, o.paid_at,
    coalesce(v.level, {FIRST_LEVEL})::int AS level, o.policy_id, o.vests_on, o.most_bp,
    coalesce(t.bp, 0) AS level_bp, coalesce(g.bp, k.bp, {WHOLE_BP}) AS goods_bp,
    coalesce(h.bp, {WHOLE_BP}) AS channel_bp, o.fresh_bp
  FROM of_lines l JOIN paid o ON o.id = l.id
  JOIN tmp_pay_credits c ON c.order_id = l.id AND c.post_id IS NOT NULL
  JOIN stores_post p ON p.id = c.post_id
  LEFT JOIN tmp_pay_levels v ON v.user_id = p.user_id AND o.paid_at >= v.from_at AND o.paid_at < v.until_at
  LEFT JOIN tmp_pay_rates t ON t.policy_id = o.policy_id AND t.level = coalesce(v.level, {FIRST_LEVEL})
  LEFT JOIN stores_product d ON d.id = l.product_id
  LEFT JOIN tmp_pay_factors g ON g.policy_id = o.policy_id AND g.of = 'product' AND g.ref = l.product_id
  LEFT JOIN tmp_pay_factors k ON k.policy_id = o.policy_id AND k.of = 'category' AND k.ref = d.category_id
  LEFT JOIN tmp_pay_factors h ON h.policy_id = o.policy_id AND h.of = 'channel' AND h.ref = o.channel_id)
"""
FRESHLY = """
SELECT r.*, least(r.most_bp,
  round(r.level_bp::numeric * r.goods_bp * r.channel_bp * r.fresh_bp / 1000000000000))::int AS rate_bp FROM rated r
"""
AS_FROZEN = """
SELECT r.order_id, r.line_no, r.cents, r.back, r.role, r.post_id, r.share_bp, r.user_id, r.paid_at,
  coalesce(k.level, r.level) AS level, coalesce(k.policy_id, r.policy_id) AS policy_id,
  coalesce(k.vests_on, r.vests_on) AS vests_on, coalesce(k.level_bp, r.level_bp) AS level_bp,
  coalesce(k.goods_bp, r.goods_bp) AS goods_bp, coalesce(k.channel_bp, r.channel_bp) AS channel_bp,
  coalesce(k.fresh_bp, r.fresh_bp) AS fresh_bp, coalesce(k.rate_bp, r.rate_bp) AS rate_bp
FROM ({fresh}) r LEFT JOIN known k USING (order_id, line_no, post_id, role)
"""
# OFFSET 0: each figure is reckoned once, not wherever a later one names it.
AMOUNTS = """
SELECT a.*, a.gross - round(a.gross * a.back / a.cents)::bigint AS net FROM (
  SELECT r.*, round(r.cents::numeric * r.rate_bp * r.share_bp / 100000000)::bigint AS gross
  FROM ({rated} OFFSET 0) r OFFSET 0) a
WHERE a.gross > 0
"""


def lay_schemes(schemes: Sequence[Counting]) -> None:
    """Keep versions of the scheme, each for its days, in tmp_pay_schemes, tmp_pay_rates and tmp_pay_factors."""
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_pay_schemes, pg_temp.tmp_pay_rates, pg_temp.tmp_pay_factors")
    sql.execute(SCHEMES)
    refs = _refs({sku for one in schemes for sku in one.terms.products})
    rows: dict[str, list[tuple[object, ...]]] = {"schemes": [], "rates": [], "factors": []}
    for one in schemes:
        terms, pk = one.terms, one.policy.pk
        rows["schemes"].append(
            (pk, one.from_on, one.until_on or date.max, terms.return_days, terms.fresh_bp, terms.most_bp)
        )
        rows["rates"] += [(pk, level, bp) for level, bp in terms.levels.items()]
        for of, factors in (
            ("product", terms.products), ("category", terms.categories), ("channel", terms.channels)
        ):  # fmt: skip
            rows["factors"] += [(pk, of, refs[of][name], bp) for name, bp in factors.items() if name in refs[of]]
    for table, found in rows.items():
        if found:
            columns = zip(*found, strict=True)
            sql.execute(INTO[table], {str(i): list(column) for i, column in enumerate(columns)})
        sql.execute(f"ANALYZE pg_temp.tmp_pay_{table}")


def _refs(skus: Collection[str]) -> dict[str, dict[str, int]]:
    """Give the keys of what factors name: goods by SKU or name of their category, channels by code."""
    return {
        "product": dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk")),
        "category": dict(Category.objects.values_list("name", "pk")),
        "channel": dict(Channel.objects.values_list("code", "pk")),
    }


def should_be(name: str, *, frozen: bool = True, analyze: bool = True) -> None:
    """Keep what each line of tmp_pay_orders should have earned for each guide in a temporary table.

    Columns: order_id, line_no, role, post_id, user_id, paid_at, cents (of the line), back (of them given
    back), share_bp, level, policy_id, vests_on, level_bp, goods_bp, channel_bp, fresh_bp, rate_bp, gross, net.
    `frozen`: rates are those of what the line earned already. `analyze` it, to join it with other tables.
    """
    rated = AS_FROZEN.format(fresh=FRESHLY) if frozen else FRESHLY
    parts = ", ".join([LINES, PAID, RATED, FROZEN] if frozen else [LINES, PAID, RATED])
    sql.temporary(name, f"WITH {parts} {AMOUNTS.format(rated=rated)}", analyze=analyze)
