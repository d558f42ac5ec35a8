"""Laws of credits and commission: shares are the whole of an order, accounts sums of entries, closed months stand."""

from newretail.kernel.books import law, lined

# Until its line was heard an order may differ from its books.
HEARD = "NOT EXISTS (SELECT FROM kernel_pending WHERE handler LIKE '%.settle_commission')"
ACCOUNT = """
SELECT u.staff_no, a.{0}_cents::text, coalesce(s.cents, 0)::text FROM guides_commissionaccount a
JOIN kernel_user u ON u.id = a.user_id LEFT JOIN (
  SELECT account_id, sum({0}_cents) AS cents FROM guides_commissionentry GROUP BY 1) s ON s.account_id = a.id
WHERE a.{0}_cents <> coalesce(s.cents, 0)
"""
for _column in ("provisional", "vested", "payable", "paid", "debt"):
    law(f"the {_column} commission of a guide is the sum of its entries", ACCOUNT.format(_column))

law(
    "the shares of an order that is credited are the whole of it",
    "SELECT c.order_id::text, sum(c.share_bp)::text, '10000' FROM guides_credit c WHERE c.end_entry_id IS NULL"
    " GROUP BY c.order_id HAVING sum(c.share_bp) <> 10000",
)
law(
    "a credit is of an order that is there, or has ended",
    "SELECT c.id::text, c.order_id::text, 'no order' FROM guides_credit c WHERE c.end_entry_id IS NULL AND NOT EXISTS"
    f" (SELECT FROM members_order o WHERE o.id = c.order_id) AND {HEARD}",
)
law(
    "no more is taken back of a line than it earned",
    "SELECT e.order_id || '/' || e.line_no || '/' || e.role, sum(e.amount_cents)::text, '0'"
    " FROM guides_commissionentry e WHERE e.order_id IS NOT NULL GROUP BY e.order_id, e.line_no, e.post_id, e.role"
    " HAVING sum(e.amount_cents) < 0",
)
law(
    "what a line accrued is base × rate × share, half a cent up",
    "SELECT e.id::text, e.amount_cents::text,"
    " round(e.base_cents::numeric * e.rate_bp * e.share_bp / 100000000)::text FROM guides_commissionentry e"
    " WHERE e.kind = 'accrue' AND e.amount_cents <> round(e.base_cents::numeric * e.rate_bp * e.share_bp / 100000000)",
)
law(
    "through the day it vested nothing of a guide's commission is provisional",
    "SELECT a.id::text, sum(e.provisional_cents)::text, '0' FROM guides_commissionentry e"
    " JOIN guides_commissionaccount a ON a.id = e.account_id AND e.vests_on <= a.vested_until"
    " GROUP BY a.id HAVING sum(e.provisional_cents) <> 0",
)
law(
    "a statement of a closed month is what its entries earned",
    "SELECT m.month::text || ' ' || s.account_id, s.earned_cents::text, coalesce(e.cents, 0)::text"
    " FROM guides_commissionstatement s JOIN guides_commissionmonth m ON m.id = s.month_id"
    " LEFT JOIN (SELECT account_id, month, sum(amount_cents) AS cents FROM guides_commissionentry"
    "   WHERE kind <> 'write_off' GROUP BY 1, 2) e ON e.account_id = s.account_id AND e.month = m.month"
    " WHERE m.closed_at IS NOT NULL AND s.earned_cents <> coalesce(e.cents, 0)",
)
law(
    "what was earned in a closed month has a statement",
    "SELECT e.month::text || ' ' || e.account_id, count(*)::text, 'no statement' FROM guides_commissionentry e"
    " JOIN guides_commissionmonth m ON m.month = e.month AND m.closed_at IS NOT NULL"
    " WHERE e.kind <> 'write_off' AND NOT EXISTS (SELECT FROM guides_commissionstatement s"
    "   WHERE s.month_id = m.id AND s.account_id = e.account_id) GROUP BY e.month, e.account_id",
)
law(
    "each statement of a closed month is settled once, of a paid one paid once",
    "SELECT m.month::text || ' ' || s.account_id, s.gross_cents::text, x.kind || ' ' || coalesce(sum(e.cents), 0)"
    " FROM guides_commissionstatement s JOIN guides_commissionmonth m ON m.id = s.month_id"
    " CROSS JOIN (VALUES ('settle'), ('pay')) x(kind) LEFT JOIN (SELECT account_id, month, kind,"
    "   CASE kind WHEN 'settle' THEN payable_cents ELSE paid_cents END AS cents FROM guides_commissionentry) e"
    "   ON e.account_id = s.account_id AND e.month = m.month AND e.kind = x.kind"
    " WHERE (x.kind = 'settle' AND m.closed_at IS NOT NULL) OR (x.kind = 'pay' AND m.state = 'paid')"
    " GROUP BY m.month, s.account_id, s.gross_cents, x.kind HAVING coalesce(sum(e.cents), 0) <> s.gross_cents",
)
# Where money was given back without a line, or something was put right, the verb alone knows the parts.
law(
    "what is left of a line's commission is in proportion to what was given back",
    "SELECT e.order_id || '/' || e.line_no || '/' || e.role, sum(e.amount_cents)::text, max(x.should)::text"
    " FROM guides_commissionentry e JOIN LATERAL ("
    "   SELECT a.amount_cents - round(a.amount_cents * coalesce(sum(f.amount_cents), 0) / a.base_cents) AS should"
    "   FROM guides_commissionentry a LEFT JOIN members_refund f ON f.order_id = a.order_id AND f.line_no = a.line_no"
    "   WHERE (a.order_id, a.line_no, a.post_id, a.role, a.kind) = (e.order_id, e.line_no, e.post_id, e.role, 'accrue')"
    "   GROUP BY a.amount_cents, a.base_cents) x ON true"
    " WHERE NOT EXISTS (SELECT FROM members_refund f WHERE f.order_id = e.order_id AND f.line_no = 0 AND e.line_no > 0)"
    f" AND {HEARD}"
    " GROUP BY e.order_id, e.line_no, e.post_id, e.role"
    " HAVING bool_and(e.kind <> 'correct') AND sum(e.amount_cents) <> max(x.should)",
)
for _table in (
    "guides_policy", "guides_policystart", "guides_credit", "guides_creditdispute", "guides_commissionentry",
    "guides_commissionstatement",
):  # fmt: skip
    lined(_table)
