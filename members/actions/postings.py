"""Post moves of points: lots made, lots used oldest first, accounts added up; what the verbs of points share.

A verb fills `tmp_points_moves` with what shall move and calls `post`. Each row becomes an entry: `gain` makes an open
lot, `wait` a pending one, `need` is taken from lots; with `owes` what lots do not hold becomes debt.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from members.queries import families
from newretail.kernel import clock, sql
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused

# One name for a number however it was typed: width, case and blanks do not count.
NUMBER = "upper(regexp_replace(normalize({}, NFKC), '\\s', '', 'g'))"
KEY = f"(%(source)s, {NUMBER.format('%(source_no)s::text')})"
ROOT = "coalesce((SELECT g.merged_into_id FROM members_member g WHERE g.id = %(member)s::bigint), %(member)s::bigint)"
FAMILY = families.ids_sql(ROOT)
NEXT_ENTRY = "nextval(pg_get_serial_sequence('members_pointsentry', 'id'))"
NEXT_LINE = "nextval(pg_get_serial_sequence('kernel_journalentry', 'id'))"
OPEN_ACCOUNTS = """
INSERT INTO members_pointsaccount (member_id, balance, pending, debt)
SELECT DISTINCT g.member_id, 0, 0, 0 FROM ({}) g WHERE g.member_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM members_pointsaccount a WHERE a.member_id = g.member_id)
ORDER BY 1 ON CONFLICT (member_id) DO NOTHING
"""
LOCK = "SELECT id FROM members_pointsaccount WHERE id IN ({}) ORDER BY id FOR NO KEY UPDATE"
MOVES = """
CREATE TEMPORARY TABLE tmp_points_moves (
  id bigint NOT NULL, account_id bigint NOT NULL, member_id bigint NOT NULL, kind text NOT NULL,
  gain bigint NOT NULL DEFAULT 0, wait bigint NOT NULL DEFAULT 0, need bigint NOT NULL DEFAULT 0,
  owes boolean NOT NULL DEFAULT false, repays boolean NOT NULL DEFAULT false,
  source text NOT NULL, source_no text NOT NULL, line_no int NOT NULL DEFAULT 0, rule text NOT NULL DEFAULT '',
  nth int NOT NULL DEFAULT 0, level_id bigint, reverses_id bigint, reason text NOT NULL DEFAULT '',
  earned_at timestamptz, opens_on date, expires_on date) ON COMMIT DROP
"""
DRAWS = "CREATE TEMPORARY TABLE tmp_points_draws (move_id bigint, lot_id bigint, points bigint) ON COMMIT DROP"
INTO_ENTRIES = """
INSERT INTO members_pointsentry (id, account_id, member_id, kind, points, pending, owed, source, source_no, line_no,
  rule, nth, level_id, reverses_id, reason, made_at, by_id, entry_id)
"""
GAINED = f"""{INTO_ENTRIES}
SELECT m.id, m.account_id, m.member_id, m.kind, m.gain, m.wait, 0, m.source, m.source_no, m.line_no, m.rule,
  m.nth, m.level_id, m.reverses_id, m.reason, %(at)s, %(by)s, %(entry)s
FROM tmp_points_moves m WHERE m.gain + m.wait > 0 ORDER BY m.id
"""
LOTS = """
INSERT INTO members_pointslot (origin_id, account_id, state, earned_at, opens_on, expires_on, points, remaining)
SELECT m.id, m.account_id, CASE WHEN m.wait > 0 THEN 'pending' ELSE 'open' END, coalesce(m.earned_at, %(at)s),
  m.opens_on, m.expires_on, m.gain + m.wait, m.gain + m.wait
FROM tmp_points_moves m WHERE m.gain + m.wait > 0 ORDER BY m.id
"""
ASKED = """
asked AS (
  SELECT n.*, sum(n.need) OVER w - n.need AS low, sum(n.need) OVER w AS high FROM (
    SELECT m.id, m.account_id, m.kind, m.source, m.source_no, m.line_no, m.rule, m.need - coalesce(
      (SELECT sum(d.points) FROM tmp_points_draws d WHERE d.move_id = m.id), 0) AS need
    FROM tmp_points_moves m WHERE m.need > 0) n
  WHERE n.need > 0 WINDOW w AS (PARTITION BY n.account_id ORDER BY n.id))
"""
# What an order's line earned is taken back from that first: from what still waits, then from what is open.
DRAW_OWN = f"""INSERT INTO tmp_points_draws WITH {ASKED},
held AS (
  SELECT a.id, l.origin_id, l.remaining, sum(l.remaining) OVER w - l.remaining AS low
  FROM asked a
  JOIN members_pointsentry e ON (e.source, e.source_no, e.kind, e.line_no, e.rule)
    = (a.source, a.source_no, 'earn', a.line_no, a.rule) AND e.account_id = a.account_id
  JOIN members_pointslot l ON l.origin_id = e.id AND l.remaining > 0
  WHERE a.kind = 'refund' WINDOW w AS (PARTITION BY a.id ORDER BY l.state DESC, l.origin_id))
SELECT h.id, h.origin_id, least(h.remaining, a.need - h.low) FROM held h JOIN asked a ON a.id = h.id
WHERE h.low < a.need
"""
DRAW_OLDEST = f"""INSERT INTO tmp_points_draws WITH {ASKED},
drawn AS (SELECT lot_id, sum(points) AS points FROM tmp_points_draws GROUP BY lot_id),
left_over AS (
  SELECT l.origin_id, l.account_id, l.earned_at, l.remaining - coalesce(d.points, 0) AS points
  FROM members_pointslot l LEFT JOIN drawn d ON d.lot_id = l.origin_id
  WHERE l.account_id IN (SELECT account_id FROM asked) AND l.state = 'open' AND l.remaining > coalesce(d.points, 0)),
held AS (
  SELECT o.*, sum(o.points) OVER w - o.points AS low, sum(o.points) OVER w AS high
  FROM left_over o WINDOW w AS (PARTITION BY o.account_id ORDER BY o.earned_at, o.origin_id))
SELECT a.id, h.origin_id, least(a.high, h.high) - greatest(a.low, h.low)
FROM asked a JOIN held h ON h.account_id = a.account_id AND h.low < a.high AND a.low < h.high
"""
TAKEN = f"""{INTO_ENTRIES}
SELECT m.id, m.account_id, m.member_id, m.kind, -coalesce(d.from_open, 0), -coalesce(d.from_pending, 0),
  CASE WHEN m.repays THEN -m.need
    WHEN m.owes THEN m.need - coalesce(d.from_open, 0) - coalesce(d.from_pending, 0) ELSE 0 END,
  m.source, m.source_no, m.line_no, m.rule, m.nth, m.level_id, m.reverses_id, m.reason, %(at)s, %(by)s, %(entry)s
FROM tmp_points_moves m LEFT JOIN (
  SELECT d.move_id, sum(d.points) FILTER (WHERE l.state = 'open') AS from_open,
    sum(d.points) FILTER (WHERE l.state = 'pending') AS from_pending
  FROM tmp_points_draws d JOIN members_pointslot l ON l.origin_id = d.lot_id GROUP BY d.move_id) d ON d.move_id = m.id
WHERE m.need > 0 ORDER BY m.id
"""
USED = """
INSERT INTO members_pointsuse (points_entry_id, lot_id, points)
SELECT move_id, lot_id, points FROM tmp_points_draws ORDER BY move_id, lot_id
"""
LEFT = """
UPDATE members_pointslot l SET remaining = l.remaining - d.points
FROM (SELECT lot_id, sum(points) AS points FROM tmp_points_draws GROUP BY lot_id) d WHERE l.origin_id = d.lot_id
"""
ADD_UP = """
UPDATE members_pointsaccount a
SET balance = a.balance + e.points, pending = a.pending + e.pending, debt = a.debt + e.owed
FROM (SELECT e.account_id, sum(e.points) AS points, sum(e.pending) AS pending, sum(e.owed) AS owed
  FROM members_pointsentry e JOIN tmp_points_moves m ON m.id = e.id GROUP BY e.account_id) e WHERE a.id = e.account_id
"""
# Whoever owes and has something again pays with it, before she can spend it.
OWING = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, need, repays, source, source_no)
SELECT {NEXT_ENTRY}, a.id, a.member_id, 'repay', least(a.debt, a.balance), true, 'points',
  'REPAY:' || %(entry)s || ':' || a.id
FROM members_pointsaccount a WHERE a.id = ANY(%(accounts)s) AND a.debt > 0 AND a.balance > 0 ORDER BY a.id
"""

# Two statements in one round trip: whoever spends queues on the account, and what the second reads is what the first
# has waited for.
QUEUE = f"SELECT 1 FROM members_pointsaccount WHERE member_id IN ({FAMILY}) ORDER BY id FOR NO KEY UPDATE"
# The walk goes from the oldest lot to the next and stops when enough is found, however many there are.
USE = f"""
WITH RECURSIVE
known AS (
  SELECT e.member_id, -sum(e.points) AS points, min(e.entry_id) AS line FROM members_pointsentry e
  WHERE (e.source, e.source_no) = {KEY} AND e.kind = %(kind)s GROUP BY e.member_id),
accounts AS (SELECT id FROM members_pointsaccount WHERE member_id IN ({FAMILY})),
walk (step, account_id, lot_id, earned_at, taken, lacking) AS (
  SELECT 0, 0::bigint, 0::bigint, '-infinity'::timestamptz, 0::bigint, %(points)s::bigint
  WHERE NOT EXISTS (SELECT FROM known)
  UNION ALL
  SELECT w.step + 1, l.account_id, l.origin_id, l.earned_at, least(l.remaining, w.lacking),
    w.lacking - least(l.remaining, w.lacking)
  FROM walk w CROSS JOIN LATERAL (
    SELECT o.* FROM accounts a CROSS JOIN LATERAL (
      SELECT l.account_id, l.origin_id, l.earned_at, l.remaining FROM members_pointslot l
      WHERE l.account_id = a.id AND l.state = 'open' AND l.remaining > 0
        AND (l.expires_on IS NULL OR l.expires_on > %(today)s)
        AND (l.earned_at, l.origin_id) > (w.earned_at, w.lot_id)
      ORDER BY l.earned_at, l.origin_id LIMIT 1) o
    ORDER BY o.earned_at, o.origin_id LIMIT 1) l
  WHERE w.lacking > 0),
draws AS (SELECT * FROM walk WHERE step > 0 AND (%(partly)s OR (SELECT min(lacking) FROM walk) = 0)),
line AS (SELECT {NEXT_LINE} AS id WHERE EXISTS (SELECT FROM draws)),
entries AS (
  INSERT INTO members_pointsentry (account_id, member_id, kind, points, pending, owed, source, source_no, line_no, rule,
    nth, reason, made_at, by_id, entry_id)
  SELECT d.account_id, %(member)s::bigint, %(kind)s, -sum(d.taken), 0, 0, k.source, k.source_no, 0, '',
    row_number() OVER (ORDER BY d.account_id) - 1, %(reason)s, %(at)s::timestamptz, %(by)s::bigint,
    (SELECT id FROM line)
  FROM draws d, (VALUES {KEY}) k (source, source_no) GROUP BY d.account_id, k.source, k.source_no
  RETURNING id, account_id, points),
uses AS (
  INSERT INTO members_pointsuse (points_entry_id, lot_id, points)
  SELECT e.id, d.lot_id, d.taken FROM draws d JOIN entries e USING (account_id)),
lots AS (
  UPDATE members_pointslot l SET remaining = l.remaining - d.taken FROM draws d WHERE l.origin_id = d.lot_id),
balances AS (
  UPDATE members_pointsaccount a SET balance = a.balance + e.points FROM entries e WHERE a.id = e.account_id)
SELECT (SELECT id FROM line), -(SELECT sum(points) FROM entries), k.points, k.member_id, k.line
FROM (SELECT 1) one LEFT JOIN known k ON true
"""


class NotEnough(Refused):
    """She has fewer points."""

    code = "not_enough_points"
    sentence = gettext_noop("There are not enough points for this.")


class AnotherMove(Refused):
    """The number was used for something else."""

    code = "another_move"
    sentence = gettext_noop("This number was used for other points before; nothing was changed.")


@dataclass(frozen=True)
class Used:
    """So many points were used, told by this journal line; `again` where it was done before."""

    points: int
    line: int
    again: bool = False


def params(*, entry: int, at: datetime, by: User | None) -> sql.Params:
    """Give what every statement of a posting needs."""
    return {
        "entry": entry, "at": at, "by": by.pk if by else None, "today": clock.business_day(at),
        "zone": clock.brand_zone().key,
    }  # fmt: skip


def open_accounts(members: str, given: sql.Params) -> None:
    """Open the accounts of members that a SELECT of `member_id` names, for those who have none."""
    sql.execute(OPEN_ACCOUNTS.format(members), given)


def lock(accounts: str, given: sql.Params) -> None:
    """Lock the accounts whose ids a SELECT names, in their order: whoever moves points queues here, then looks.

    They are kept in `tmp_points_locked`.
    """
    sql.temporary("tmp_points_locked", LOCK.format(accounts), given)


def use(given: sql.Params) -> Used:
    """Use points of the family of `member`, the oldest first, and write what was used, in one round trip.

    Refuses: NotEnough, AnotherMove.
    """
    line, used, known, whose, known_line = sql.prepared(given, QUEUE, USE)[0]
    if known is not None:
        if whose != given["member"] or not (known == given["points"] or (given["partly"] and known < given["points"])):
            raise AnotherMove
        return Used(int(known), known_line, again=True)
    if line is None:
        raise NotEnough
    return Used(int(used), line)


def begin() -> None:
    """Begin with no moves."""
    for table in ("moves", "draws"):
        sql.execute(f"DROP TABLE IF EXISTS pg_temp.tmp_points_{table}")
    sql.execute(MOVES)
    sql.execute(DRAWS)


def _take(given: sql.Params) -> None:
    sql.execute("ANALYZE pg_temp.tmp_points_moves")
    sql.execute(DRAW_OWN, given)
    sql.execute(DRAW_OLDEST, given)
    book_draws(TAKEN, given)


def book_draws(entries: str, given: sql.Params) -> None:
    """Write the entries of the lots drawn by this statement, then what is left of the lots."""
    sql.execute(entries, given)
    sql.execute(USED)
    sql.execute(LEFT)


def post(given: sql.Params) -> int:
    """Write the moves into the books, then let debts be paid of what came in; return how many there were.

    The accounts are locked by the caller.
    """
    count = sql.execute(GAINED, given)
    if count:
        sql.execute(LOTS, given)
    takes = bool(sql.rows("SELECT EXISTS (SELECT FROM tmp_points_moves WHERE need > 0)")[0][0])
    if takes:
        _take(given)
    return settle_up(given)


def settle_up(given: sql.Params) -> int:
    """Add the moves up into their accounts, and let those who owe pay of what they hold."""
    sql.execute(ADD_UP)
    moved = sql.rows("SELECT count(*), coalesce(array_agg(DISTINCT account_id), '{}') FROM tmp_points_moves")[0]
    begin()
    if sql.execute(OWING, {**given, "accounts": list(moved[1])}):
        _take(given)
        sql.execute(ADD_UP)
    return int(moved[0])
