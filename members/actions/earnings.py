"""What orders earn: by the rules in force on their day, pending until the return window ends, less what was refunded.

Nothing is added to what was earned before: what each line should have earned is derived from the order as it stands,
compared with what the books say, and the difference is posted. Whatever is sent twice, late or in another order ends
at the same points.
"""

from datetime import date, datetime
from typing import Any

from members.actions import postings
from members.models import EarnRule
from newretail.kernel import brand, clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

# The orders a journal line is about, and the names under which they earn; before the first rule none did.
TOUCHED = """
SELECT o.id, o.source, {number} AS source_no FROM members_order o WHERE o.id IN (
  SELECT id FROM members_order WHERE entry_id = %(line)s
  UNION SELECT order_id FROM members_orderline WHERE entry_id = %(line)s
  UNION SELECT order_id FROM members_refund WHERE entry_id = %(line)s)
  AND o.paid_at >= (SELECT min(from_on) FROM members_earnrule)::timestamp AT TIME ZONE %(zone)s
""".format(number=postings.NUMBER.format("o.order_no"))
# What members whom an order has left have had from orders that are not theirs any more.
FORMER = """
UNION SELECT NULL::bigint, e.source, e.source_no FROM members_pointsentry e
JOIN members_pointsaccount a ON a.id = e.account_id
WHERE a.member_id = ANY(%(members)s) AND e.kind = 'earn' AND e.rule <> '' AND NOT EXISTS (
  SELECT FROM members_order o WHERE o.member_id = a.member_id AND o.source = e.source
    AND {number} = e.source_no)
""".format(number=postings.NUMBER.format("o.order_no"))
OF_DAYS = """
UNION SELECT o.id, o.source, {number} FROM members_order o, unnest(%(days)s::date[]) d(day)
WHERE o.paid_at >= d.day::timestamp AT TIME ZONE %(zone)s
  AND o.paid_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s AND o.member_id IS NOT NULL
""".format(number=postings.NUMBER.format("o.order_no"))
BUYERS = "SELECT o.member_id FROM members_order o JOIN tmp_points_orders t ON t.id = o.id"
HOLDERS = f"""
SELECT a.id FROM members_pointsaccount a WHERE a.member_id IN ({BUYERS})
UNION SELECT e.account_id FROM members_pointsentry e
  JOIN tmp_points_orders t ON t.source = e.source AND t.source_no = e.source_no
"""
# What each line of an order should have earned by each rule. An order without lines earns as a whole, as line 0.
# The points of an order are split among its lines by largest remainder, as `money.split` does; a refund takes back
# whole points of its part, rounded down, so that parts of a line sum to it exactly. Money given back without a line
# weighs on all of them.
SHOULD = """
WITH orders AS (
  SELECT DISTINCT ON (t.source, t.source_no) o.id, t.source, t.source_no, o.member_id, o.channel_id, o.paid_at,
    (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.amount_cents, a.id AS account_id,
    coalesce(f.level_id, CASE WHEN f.id IS NULL THEN m.level_id END) AS level_id
  FROM tmp_points_orders t
  JOIN members_order o ON o.id = t.id
  JOIN members_member m ON m.id = o.member_id
  JOIN members_pointsaccount a ON a.member_id = m.id
  LEFT JOIN LATERAL (SELECT e.id, e.level_id FROM members_pointsentry e WHERE e.source = t.source
    AND e.source_no = t.source_no AND e.kind = 'earn' AND e.rule <> '' ORDER BY e.id LIMIT 1) f ON true
  ORDER BY t.source, t.source_no, o.id),
lines AS (
  SELECT o.*, l.line_no, l.product_id, p.category_id, l.amount_cents AS cents
  FROM orders o JOIN members_orderline l ON l.order_id = o.id JOIN stores_product p ON p.id = l.product_id
  UNION ALL SELECT o.*, 0, NULL, NULL, o.amount_cents FROM orders o
  WHERE NOT EXISTS (SELECT FROM members_orderline l WHERE l.order_id = o.id)),
rules AS (
  SELECT r.*, least(r.until_on, (SELECT min(n.from_on) FROM members_earnrule n
    WHERE n.code = r.code AND n.version > r.version)) AS ends_on FROM members_earnrule r),
earning AS (
  SELECT l.*, r.code, r.valid_days, r.points_per_yuan::numeric * r.multiplier_bp / 1000000 AS rate
  FROM lines l JOIN rules r ON l.day >= r.from_on AND (r.ends_on IS NULL OR l.day < r.ends_on)
    AND l.amount_cents >= r.min_cents AND (r.channel_id IS NULL OR r.channel_id = l.channel_id)
    AND (r.category_id IS NULL OR r.category_id = l.category_id)
    AND (r.product_id IS NULL OR r.product_id = l.product_id)
    AND (r.level_id IS NULL OR r.level_id = l.level_id)
    AND (NOT r.member_day OR extract(day FROM l.day) = %(member_day)s)
  WHERE l.cents > 0 AND r.points_per_yuan * r.multiplier_bp > 0),
whole AS (
  SELECT e.*, sum(e.cents) OVER w AS total, floor(sum(e.cents) OVER w * e.rate) AS whole
  FROM earning e WINDOW w AS (PARTITION BY e.id, e.code)),
parts AS (
  SELECT w.*, div(w.whole * w.cents, w.total) AS part, mod(w.whole * w.cents, w.total) AS rest FROM whole w),
split AS (
  SELECT p.*, p.part + (row_number() OVER (PARTITION BY p.id, p.code ORDER BY p.rest DESC, p.line_no)
    <= p.whole - sum(p.part) OVER (PARTITION BY p.id, p.code))::int AS points FROM parts p),
refunds AS (
  SELECT o.id, f.line_no, sum(f.amount_cents) AS cents, NOT EXISTS (
    SELECT FROM lines l WHERE l.id = o.id AND l.line_no = f.line_no) AS loose
  FROM orders o JOIN members_refund f ON f.order_id = o.id GROUP BY o.id, f.line_no),
back AS (
  SELECT id, coalesce(sum(cents) FILTER (WHERE loose), 0) AS loose, coalesce(sum(cents) FILTER (WHERE NOT loose), 0)
    AS of_lines FROM refunds GROUP BY id)
SELECT s.account_id, s.member_id, s.source, s.source_no, s.line_no, s.code AS rule, s.level_id, s.paid_at,
  s.day + %(window)s::int AS opens_on, s.day + s.valid_days AS expires_on,
  (s.points - CASE WHEN b.id IS NULL THEN 0 WHEN coalesce(r.cents, 0) >= s.cents THEN s.points
    ELSE div(s.points * (coalesce(r.cents, 0) * (s.amount_cents - b.of_lines)
      + b.loose * (s.cents - coalesce(r.cents, 0))), s.cents * (s.amount_cents - b.of_lines)) END)::bigint AS points
FROM split s LEFT JOIN back b ON b.id = s.id
LEFT JOIN refunds r ON r.id = s.id AND r.line_no = s.line_no AND NOT r.loose
WHERE s.points > 0
"""
HAS = """
SELECT e.account_id, e.source, e.source_no, e.line_no, e.rule, sum(e.points + e.pending - e.owed) AS points
FROM members_pointsentry e
WHERE (e.source, e.source_no) IN (SELECT source, source_no FROM tmp_points_orders)
  AND e.kind IN ('earn', 'refund') AND e.rule <> ''
GROUP BY e.account_id, e.source, e.source_no, e.line_no, e.rule
"""
NTH = """(SELECT count(*) FROM members_pointsentry n WHERE (n.source, n.source_no, n.kind, n.line_no, n.rule)
  = (d.source, d.source_no, {}, d.line_no, d.rule))"""
EARN = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, wait, source, source_no, line_no, rule, nth,
  level_id, earned_at, opens_on, expires_on)
SELECT {postings.NEXT_ENTRY}, d.* FROM (
  SELECT d.account_id, d.member_id, 'earn', CASE WHEN d.opens_on <= %(today)s THEN d.points - d.had ELSE 0 END,
    CASE WHEN d.opens_on > %(today)s THEN d.points - d.had ELSE 0 END, d.source, d.source_no, d.line_no, d.rule,
    CASE WHEN d.known THEN {NTH.format("'earn'")} ELSE 0 END, d.level_id, d.paid_at, d.opens_on, d.expires_on
  FROM (SELECT s.*, coalesce(h.points, 0) AS had, (s.source, s.source_no) IN (SELECT source, source_no FROM
      tmp_points_has) AS known
    FROM tmp_points_should s LEFT JOIN tmp_points_has h USING (account_id, source, source_no, line_no, rule)) d
  WHERE d.points > d.had AND (d.expires_on IS NULL OR d.expires_on > %(today)s)
  ORDER BY d.source, d.source_no, d.line_no, d.rule) d
"""
# What has expired unused is gone already: it is not taken a second time.
EXPIRED = """coalesce((SELECT sum(u.points) FROM members_pointsentry e JOIN members_pointsuse u ON u.lot_id = e.id
  JOIN members_pointsentry x ON x.id = u.points_entry_id AND x.kind = 'expire'
  WHERE (e.source, e.source_no, e.kind, e.line_no, e.rule, e.account_id)
    = (h.source, h.source_no, 'earn', h.line_no, h.rule, h.account_id)), 0)"""
TAKE_BACK = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, need, owes, source, source_no, line_no, rule, nth)
SELECT {postings.NEXT_ENTRY}, d.account_id, a.member_id, 'refund', d.need, true, d.source, d.source_no, d.line_no,
  d.rule, {NTH.format("'refund'")} + row_number() OVER (PARTITION BY d.source, d.source_no, d.line_no, d.rule
    ORDER BY d.account_id) - 1
FROM (SELECT h.*, h.points - coalesce(s.points, 0) - {EXPIRED} AS need
  FROM tmp_points_has h LEFT JOIN tmp_points_should s USING (account_id, source, source_no, line_no, rule)
  WHERE h.points > coalesce(s.points, 0)) d
JOIN members_pointsaccount a ON a.id = d.account_id
WHERE d.need > 0 ORDER BY d.source, d.source_no, d.line_no, d.rule
"""
RELEASE = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, nth)
SELECT {postings.NEXT_ENTRY}, l.account_id, a.member_id, 'release', l.points, 'points', l.source_no,
  (SELECT count(*) FROM members_pointsentry e WHERE e.source = 'points' AND e.source_no = l.source_no)
FROM (SELECT account_id, sum(remaining) AS points, 'RELEASE:' || %(as_of)s::date || ':' || account_id AS source_no
  FROM members_pointslot WHERE state = 'pending' AND remaining > 0 AND opens_on <= %(as_of)s
    AND account_id IN (SELECT id FROM tmp_points_locked) GROUP BY account_id) l
JOIN members_pointsaccount a ON a.id = l.account_id ORDER BY l.account_id
"""
RELEASED = f"""{postings.INTO_ENTRIES}
SELECT id, account_id, member_id, kind, gain, -gain, 0, source, source_no, 0, '', nth, NULL, NULL, '', %(at)s, %(by)s,
  %(entry)s FROM tmp_points_moves ORDER BY id
"""
OPENED = """
UPDATE members_pointslot SET state = 'open'
WHERE state = 'pending' AND opens_on <= %(as_of)s AND account_id IN (SELECT account_id FROM tmp_points_moves)
"""
DUE = "SELECT account_id FROM members_pointslot WHERE state = 'pending' AND remaining > 0 AND opens_on <= %(as_of)s"


def _terms(given: sql.Params) -> sql.Params:
    return {**given, "window": brand.setting("points_return_days"), "member_day": brand.setting("points_member_day")}


def _find_orders(given: sql.Params, facts: dict[str, Any]) -> int:
    """Keep the orders that a line is about, with those that members or days it leaves behind had."""
    members, instants = facts.get("left_members") or [], facts.get("left_instants") or []
    days = sorted({clock.business_day(datetime.fromisoformat(text)) for text in instants})
    asked = TOUCHED + (FORMER if members else "") + (OF_DAYS if days else "")
    sql.temporary("tmp_points_orders", asked, {**given, "members": members, "days": days})
    return sql.count("tmp_points_orders")


def _compare(given: sql.Params) -> None:
    """Lock whoever is concerned, then put down what orders should have earned and what the books say they have."""
    postings.open_accounts(BUYERS, given)
    postings.lock(HOLDERS, given)
    sql.temporary("tmp_points_should", SHOULD, _terms(given))
    sql.temporary("tmp_points_has", HAS, given)


@verb
def settle(*, line: int, facts: dict[str, Any], at: datetime, by: User | None = None) -> int:
    """Bring the earnings of the orders that a journal line is about to what they should be; return the entries made.

    Earns what is missing and takes back what is too much: from what the line itself earned, then from the oldest open
    points, and what was spent already is owed. Again, it finds nothing to do.
    Writes: members.points.earned.
    """
    if not EarnRule.objects.exists():
        return 0
    given = {**postings.params(entry=journal.reserve(), at=at, by=by), "line": line}
    if not _find_orders(given, facts):
        return 0
    _compare(given)
    postings.begin()
    earned = sql.execute(EARN, given)
    taken_back = sql.execute(TAKE_BACK, given)
    if not earned + taken_back:
        return 0
    postings.post(given)
    failpoint("points.earned")
    journal.write(
        "members.points.earned", at=at, by=by, entry_id=given["entry"], earned=earned, taken_back=taken_back, line=line
    )
    return earned + taken_back


@verb
def release(*, as_of: date, at: datetime, by: User | None = None) -> int:
    """Open the points whose return window has ended by the start of a day; return how many accounts had some.

    Writes: members.points.released.
    """
    given = {**postings.params(entry=journal.reserve(), at=at, by=by), "as_of": as_of}
    postings.lock(DUE, given)
    postings.begin()
    released = sql.execute(RELEASE, given)
    if not released:
        return 0
    sql.execute(RELEASED, given)
    sql.execute(OPENED, given)
    postings.settle_up(given)
    journal.write("members.points.released", at=at, by=by, entry_id=given["entry"], as_of=str(as_of), accounts=released)
    return released
