"""Enrol payers: an order that carries an unknown identity makes its payer a member (支付即会员)."""

from members.actions.members import take_seats
from newretail.kernel import sql
from newretail.kernel.actions import images

SOURCE = "payment"
PREFIX = "NR-"  # of the number a member gets who came with a phone only
# A phone leads to one number: the first line that names both claims it, lines with another number are refused.
CLAIMED = """
UPDATE tmp_orders t SET error = 'two_members', error_column = 'phone'
FROM (SELECT DISTINCT ON (phone) phone, member_no FROM tmp_orders
      WHERE error = 'unknown_member' AND phone IS NOT NULL AND member_no IS NOT NULL ORDER BY phone, line) c
WHERE t.error = 'unknown_member' AND t.phone = c.phone AND t.member_no <> c.member_no
"""
# One new member per number; the phone that stands beside it first is that member's.
BY_NUMBER = """
SELECT t.member_no, (array_agg(t.phone ORDER BY t.line) FILTER (WHERE t.phone IS NOT NULL))[1] AS phone,
  min(t.paid_at) AS joined_at,
  (array_agg(t.store_id ORDER BY t.paid_at) FILTER (WHERE t.store_id IS NOT NULL))[1] AS store_id
FROM tmp_orders t WHERE t.error = 'unknown_member' AND t.member_no IS NOT NULL GROUP BY t.member_no
"""
BY_PHONE = """
SELECT NULL::text AS member_no, t.phone, min(t.paid_at) AS joined_at,
  (array_agg(t.store_id ORDER BY t.paid_at) FILTER (WHERE t.store_id IS NOT NULL))[1] AS store_id
FROM tmp_orders t WHERE t.error = 'unknown_member' AND t.member_no IS NULL GROUP BY t.phone
"""
# A payer without a number is numbered by her seat; should a file have taken that number, it gets an ending.
ENROL = """
INSERT INTO members_member (member_no, seat, name, name_pinyin, phone, gender, birthday_calendar,
  joined_at, joined_told, home_store_id, source, entry_id)
SELECT coalesce(n.member_no, %(prefix)s || lpad(n.seat::text, 9, '0') || CASE WHEN EXISTS (
    SELECT 1 FROM members_member x WHERE x.member_no = %(prefix)s || lpad(n.seat::text, 9, '0'))
    THEN '-' || left(md5(n.seat::text || %(entry)s::text), 6) ELSE '' END), n.seat, '', '',
  coalesce(n.phone, ''), '', 'solar', n.joined_at, false, n.store_id, %(source)s, %(entry)s
FROM (SELECT p.*, %(first)s + row_number() OVER (ORDER BY p.member_no, p.phone) - 1 AS seat FROM tmp_payers p) n
ORDER BY n.seat
"""
CLAIM = """
INSERT INTO members_identity (kind, value, member_id, entry_id)
SELECT 'phone', m.phone, m.id, %(entry)s FROM members_member m
WHERE m.entry_id = %(entry)s AND m.source = %(source)s AND m.phone <> '' ORDER BY m.phone
ON CONFLICT DO NOTHING
"""
LINK = """
UPDATE tmp_orders t SET member_id = m.id, error = NULL, error_column = NULL
FROM members_member m WHERE t.error = 'unknown_member' AND m.member_no = t.member_no AND m.entry_id = %(entry)s
"""
LINK_BY_PHONE = """
UPDATE tmp_orders t SET member_id = d.member_id, error = NULL, error_column = NULL
FROM members_identity d
WHERE t.error = 'unknown_member' AND t.member_no IS NULL AND d.kind = 'phone' AND d.value = t.phone
"""
MOVING = "k.id IN (SELECT member_id FROM tmp_orders WHERE error IS NULL AND before_joining)"
# Orders come in any order: who joined by paying, or nobody knows when, joined with the earliest of them.
EARLIER = """
UPDATE members_member m SET joined_at = e.paid_at, entry_id = %(entry)s
FROM (SELECT member_id, min(paid_at) AS paid_at FROM tmp_orders WHERE error IS NULL AND before_joining
      GROUP BY member_id) e
WHERE m.id = e.member_id AND NOT m.joined_told AND m.joined_at > e.paid_at
"""


def _create(select: str, params: sql.Params) -> int:
    sql.temporary("tmp_payers", select)
    count = sql.count("tmp_payers")
    if not count:
        return 0
    given = {**params, "source": SOURCE, "prefix": PREFIX}
    sql.execute(ENROL, {**given, "first": take_seats(count)})
    sql.execute(CLAIM, given)
    sql.execute(LINK, params)
    sql.execute(LINK_BY_PHONE, params)
    return count


def enrol_payers(params: sql.Params) -> int:
    """Make members of the unknown payers among `tmp_orders`; return how many joined.

    Called inside `orders.record`, with the seat counter locked and the rows resolved afterwards.
    """
    sql.execute(CLAIMED)
    return _create(BY_NUMBER, params) + _create(BY_PHONE, params)


def join_earlier(params: sql.Params) -> list[str]:
    """Move a joining nobody told back to the earliest order; return the instants that were left."""
    # Locked in the order of their ids: two batches about the same members queue instead of deadlocking.
    left = sql.rows(
        "SELECT m.joined_at FROM members_member m WHERE m.id IN"
        " (SELECT member_id FROM tmp_orders WHERE error IS NULL AND before_joining) ORDER BY m.id FOR NO KEY UPDATE"
    )
    if left:
        images.keep("members_member", MOVING, params)
        sql.execute(EARLIER, params)
    return sorted({at.isoformat() for (at,) in left})
