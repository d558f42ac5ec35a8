"""Enrol payers: an order that carries an unknown identity makes its payer a member (支付即会员).

Orders that come together give the same members as one by one: the first line that names somebody new enrols her with
all the identities it carries; later lines that carry one of them are hers, and teach nothing.
"""

from members.actions import claims
from members.actions.members import take_seats
from members.queries import carried
from newretail.kernel import sql
from newretail.kernel.actions import images

SOURCE = "payment"
PREFIX = "NR-"  # of the number a member gets who came without one
CARRIED = f"""
SELECT t.line, v.kind, v.value, v.names, NULL::int AS owner
FROM tmp_orders t CROSS JOIN LATERAL (
  SELECT 'number' AS kind, t.member_no AS value, true AS names
  UNION ALL SELECT kind, value, names FROM {carried.values_of("t")}) v
WHERE t.error = 'unknown_member' AND v.value IS NOT NULL
"""
UNKNOWN = "SELECT line, NULL::int AS payer, false AS torn FROM tmp_orders WHERE error = 'unknown_member'"
OPEN = "p.payer IS NULL AND NOT p.torn"
# What of each open line names somebody: its owner, or the first open line that carries it while nobody owns it.
TOLD = f"""
SELECT c.line, c.kind, c.owner, c.owner IS NOT NULL
  OR min(c.line) FILTER (WHERE c.owner IS NULL) OVER (PARTITION BY c.kind, c.value) = c.line AS settled
FROM tmp_carried c JOIN tmp_payers p USING (line) WHERE {OPEN} AND c.names
"""
FIRSTS = f"""
UPDATE tmp_payers p SET payer = p.line
FROM (SELECT line FROM ({TOLD}) t GROUP BY line HAVING bool_and(owner IS NULL AND settled)) f WHERE f.line = p.line
"""
OWN = """
UPDATE tmp_carried c SET owner = f.line
FROM (SELECT DISTINCT ON (kind, value) kind, value, line FROM tmp_carried JOIN tmp_payers p USING (line)
      WHERE p.payer = line ORDER BY kind, value, line) f
WHERE c.owner IS NULL AND c.kind = f.kind AND c.value = f.value
"""
# Lines that carry something of a payer are hers; a line that names two, or another number than hers, is nobody's.
LINK = f"""
UPDATE tmp_payers p SET payer = CASE WHEN n.one THEN n.owner END, torn = NOT n.one
FROM (
  SELECT t.line, min(t.owner) AS owner, min(t.owner) = max(t.owner) AND NOT (
    bool_or(t.kind = 'number' AND t.owner IS NULL)
    AND EXISTS (SELECT FROM tmp_carried x WHERE x.line = min(t.owner) AND x.kind = 'number')) AS one
  FROM ({TOLD}) t GROUP BY t.line HAVING min(t.owner) IS NOT NULL AND bool_and(t.settled)) n
WHERE n.line = p.line
"""
LEFT = f"SELECT EXISTS (SELECT FROM tmp_payers p WHERE {OPEN})"
TORN = """
UPDATE tmp_orders t SET error = 'two_members',
  error_column = (SELECT v.col FROM tmp_carried c JOIN {values} ON v.kind = c.kind
    WHERE c.line = t.line ORDER BY v.place LIMIT 1)
FROM tmp_payers p WHERE p.line = t.line AND p.torn
""".format(values=carried.values_of("t"))
NEW = """
SELECT p.payer, %(first)s + row_number() OVER (ORDER BY n.value, h.value, p.payer) - 1 AS seat,
  n.value AS member_no, h.value AS phone, p.joined_at, p.store_id
FROM (
  SELECT p.payer, min(t.paid_at) AS joined_at,
    (array_agg(t.store_id ORDER BY t.paid_at) FILTER (WHERE t.store_id IS NOT NULL))[1] AS store_id
  FROM tmp_payers p JOIN tmp_orders t USING (line) WHERE p.payer IS NOT NULL GROUP BY p.payer) p
LEFT JOIN tmp_carried n ON n.line = p.payer AND n.kind = 'number'
LEFT JOIN tmp_carried h ON h.line = p.payer AND h.kind = 'phone'
"""
# A payer without a number is numbered by her seat; should a file have taken that number, it gets an ending.
ENROL = """
INSERT INTO members_member (member_no, seat, name, name_pinyin, phone, gender, birthday_calendar,
  joined_at, joined_told, home_store_id, source, entry_id)
SELECT coalesce(n.member_no, %(prefix)s || lpad(n.seat::text, 9, '0') || CASE WHEN EXISTS (
    SELECT 1 FROM members_member x WHERE x.member_no = %(prefix)s || lpad(n.seat::text, 9, '0'))
    THEN '-' || left(md5(n.seat::text || %(entry)s::text), 6) ELSE '' END), n.seat, '', '',
  coalesce(n.phone, ''), '', 'solar', n.joined_at, false, n.store_id, %(source)s, %(entry)s
FROM tmp_new n ORDER BY n.seat
"""
HERS = """
SELECT m.id AS member_id, c.kind, c.value FROM tmp_new n JOIN members_member m ON m.seat = n.seat
JOIN tmp_carried c ON c.line = n.payer WHERE c.kind <> 'number'
"""
IDENTIFY = """
INSERT INTO members_identity (kind, value, member_id, entry_id)
SELECT DISTINCT ON (kind, value) kind, value, member_id, %(entry)s FROM tmp_hers ORDER BY kind, value, member_id
ON CONFLICT DO NOTHING
"""
# A known order gets its member too, so it is another than it was.
FOUND = """
UPDATE tmp_orders t SET member_id = m.id, same = false, error = NULL, error_column = NULL
FROM tmp_payers p JOIN tmp_new n USING (payer) JOIN members_member m ON m.seat = n.seat WHERE p.line = t.line
"""
MOVING = "k.id IN (SELECT member_id FROM tmp_orders WHERE error IS NULL AND before_joining)"
# Orders come in any order: who joined by paying, or nobody knows when, joined with the earliest of them.
EARLIER = """
UPDATE members_member m SET joined_at = e.paid_at, entry_id = %(entry)s
FROM (SELECT member_id, min(paid_at) AS paid_at FROM tmp_orders WHERE error IS NULL AND before_joining
      GROUP BY member_id) e
WHERE m.id = e.member_id AND NOT m.joined_told AND m.joined_at > e.paid_at
"""


def _tell_apart() -> None:
    """Find who is new among the open lines, and whose the others are, until each line has its payer."""
    sql.temporary("tmp_carried", CARRIED)
    sql.temporary("tmp_payers", UNKNOWN)
    while sql.rows(LEFT)[0][0]:
        sql.execute(FIRSTS)
        sql.execute(OWN)
        sql.execute(LINK)
    sql.execute(TORN)


def enrol_payers(params: sql.Params) -> int:
    """Make members of the unknown payers among `tmp_orders`; return how many joined.

    Called inside `orders.record`, with the seat counter locked and the rows resolved afterwards. What a new member
    carries and another holds already becomes her pending claim.
    """
    _tell_apart()
    count = int(sql.rows("SELECT count(*) FROM tmp_payers WHERE payer = line")[0][0])
    if not count:
        return 0
    sql.temporary("tmp_new", NEW, {"first": take_seats(count)})
    given = {**params, "source": SOURCE, "prefix": PREFIX}
    sql.execute(ENROL, given)
    sql.temporary("tmp_hers", HERS)
    sql.execute(IDENTIFY, given)
    claims.contend(table="tmp_hers", params=given)
    sql.execute(FOUND)
    return count


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
