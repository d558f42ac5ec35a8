"""Laws of the members' books: orders, lines and refunds add up, rows have their journal line."""

from newretail.kernel.books import law, waiting

law(
    "an order's refunded amount is the sum of its refunds",
    "SELECT o.source || '/' || o.order_no, o.refunded_cents::text, coalesce(r.cents, 0)::text FROM members_order o"
    " LEFT JOIN (SELECT order_id, sum(amount_cents) AS cents FROM members_refund GROUP BY 1) r ON r.order_id = o.id"
    " WHERE o.refunded_cents <> coalesce(r.cents, 0)",
)
law(
    "an order's lines never sum to more than the order",
    "SELECT o.source || '/' || o.order_no, o.amount_cents::text, l.cents::text FROM members_order o"
    " JOIN (SELECT order_id, sum(amount_cents) AS cents FROM members_orderline GROUP BY 1) l ON l.order_id = o.id"
    " WHERE l.cents > o.amount_cents",
)
law(
    "a line's refunds never sum to more than the line",
    "SELECT l.order_id || '/' || l.line_no, l.amount_cents::text, r.cents::text FROM members_orderline l JOIN"
    " (SELECT order_id, line_no, sum(amount_cents) AS cents FROM members_refund GROUP BY 1, 2) r"
    " ON r.order_id = l.order_id AND r.line_no = l.line_no WHERE r.cents > l.amount_cents",
)
law(
    "a member's phone is her identity",
    "SELECT m.member_no, 'phone', 'no identity' FROM members_member m WHERE m.phone <> '' AND NOT EXISTS"
    " (SELECT 1 FROM members_identity d WHERE d.kind = 'phone' AND d.value = m.phone AND d.member_id = m.id)",
)
law(
    "a phone identity is its member's phone",
    "SELECT m.member_no, 'identity', 'another phone' FROM members_identity d"
    " JOIN members_member m ON m.id = d.member_id WHERE d.kind = 'phone' AND d.value <> m.phone",
)
law(
    "seats are dense",
    "SELECT 'seats', coalesce(max(c.next_seat), 0)::text, count(m.id)::text FROM members_member m"
    " FULL JOIN members_seatcounter c ON false"
    " HAVING coalesce(max(c.next_seat), 0) <> count(m.id) OR coalesce(max(m.seat), -1) >= count(m.id)",
)
for table in (
    "order",
    "orderline",
    "refund",
    "parkedrefund",
    "event",
    "member",
    "membertag",
    "identity",
    "stagechange",
    "scorecut",
):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
law(
    "a member stands where her last stage change led",
    "SELECT m.member_no, p.stage, c.to_stage FROM members_portrait p JOIN members_member m ON m.id = p.member_id"
    " JOIN LATERAL (SELECT to_stage FROM members_stagechange s WHERE s.member_id = p.member_id"
    " ORDER BY s.changed_on DESC, s.id DESC LIMIT 1) c ON true WHERE p.stage <> c.to_stage",
)
waiting(
    "orders whose lines do not reach their amount",
    "SELECT count(*) FROM members_order o JOIN (SELECT order_id, sum(amount_cents) AS cents FROM members_orderline"
    " GROUP BY 1) l ON l.order_id = o.id WHERE l.cents < o.amount_cents",
)
law(
    "a parked refund that was applied stands in the books",
    "SELECT p.order_no || '/' || p.refund_no, p.amount_cents::text, 'no refund' FROM members_parkedrefund p"
    " WHERE p.state = 'applied' AND NOT EXISTS (SELECT 1 FROM members_refund r JOIN members_order o"
    " ON o.id = r.order_id WHERE o.source = p.source AND upper(o.order_no) = upper(p.order_no)"
    " AND upper(r.refund_no) = upper(p.refund_no) AND r.line_no = p.line_no AND r.amount_cents = p.amount_cents)",
)
waiting(
    "refunds that wait for their order",
    "SELECT count(*) FROM members_parkedrefund WHERE state = 'waiting'",
)
waiting(
    "parked refunds that the books refused or whose order never came",
    "SELECT count(*) FROM members_parkedrefund WHERE state IN ('refused', 'expired')",
)
