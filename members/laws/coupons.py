"""Laws of coupons: counts equal rows, the ledger leads to each state by legal moves, nothing beyond its limit."""

from newretail.kernel.books import law

law(
    "a coupon plan's counts are those of its coupons",
    "SELECT p.code, p.issued || '/' || p.redeemed, coalesce(c.issued, 0) || '/' || coalesce(c.redeemed, 0)"
    " FROM members_couponplan p LEFT JOIN (SELECT plan_id, count(*) AS issued,"
    " count(*) FILTER (WHERE state = 'redeemed') AS redeemed FROM members_coupon GROUP BY 1) c ON c.plan_id = p.id"
    " WHERE p.issued <> coalesce(c.issued, 0) OR p.redeemed <> coalesce(c.redeemed, 0)",
)
law(
    "no member holds more coupons of a plan than it allows",
    "SELECT p.code || '/' || c.member_id, p.per_member::text, count(*)::text FROM members_coupon c"
    " JOIN members_couponplan p ON p.id = c.plan_id WHERE c.member_id IS NOT NULL AND c.state <> 'void'"
    " AND p.per_member > 0 GROUP BY p.id, c.member_id HAVING count(*) > p.per_member",
)
law(
    "a coupon stands where its last move led",
    "SELECT c.id::text, c.state, coalesce(e.led, 'issued') FROM members_coupon c LEFT JOIN LATERAL ("
    " SELECT CASE e.move WHEN 'locked' THEN 'locked' WHEN 'redeemed' THEN 'redeemed' WHEN 'voided' THEN 'void'"
    " WHEN 'expired' THEN 'expired' ELSE 'issued' END AS led, e.source, e.source_no, e.discount_cents"
    " FROM members_couponevent e WHERE e.coupon_id = c.id ORDER BY e.nth DESC LIMIT 1) e ON true"
    " WHERE c.state <> coalesce(e.led, 'issued') OR c.state = 'redeemed'"
    " AND (c.source, c.source_no, c.discount_cents) IS DISTINCT FROM (e.source, e.source_no, e.discount_cents)",
)
law(
    "a coupon has as many moves as it counts",
    "SELECT c.id::text, c.moves::text, count(e.id)::text FROM members_coupon c"
    " LEFT JOIN members_couponevent e ON e.coupon_id = c.id GROUP BY c.id"
    " HAVING c.moves <> count(e.id) OR c.moves <> coalesce(max(e.nth), 0)",
)
FREE = ("issued", "claimed", "released", "rolled_back")  # what a coupon that nobody holds or has used did last
LEGAL = {
    **dict.fromkeys(FREE, ("claimed", "locked", "redeemed", "voided", "expired")),
    "locked": ("claimed", "locked", "released", "redeemed", "voided", "expired"),
    "redeemed": ("rolled_back",),
}
MOVES = ", ".join(f"('{was}', '{move}')" for was, moves in LEGAL.items() for move in moves)
law(
    "coupons make legal moves only",
    "SELECT e.coupon_id || '/' || e.nth, e.was, e.move FROM (SELECT coupon_id, nth, move, coalesce(lag(move)"
    " OVER (PARTITION BY coupon_id ORDER BY nth), 'issued') AS was FROM members_couponevent) e"
    f" WHERE (e.was, e.move) NOT IN ({MOVES})",
)
law(
    "coupons take no more off a purchase than it was",
    "SELECT c.source || '/' || c.source_no, max(c.amount_cents)::text, sum(c.discount_cents)::text"
    " FROM members_coupon c WHERE c.state = 'redeemed'"
    " GROUP BY c.source, c.source_no HAVING sum(c.discount_cents) > max(c.amount_cents)",
)
for table in ("coupon", "couponevent", "couponbatch"):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
