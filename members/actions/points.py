"""Spend points and put spending back, give them to another member, grant, adjust, let them expire."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from members.actions import postings
from members.actions.postings import AnotherMove, Used
from members.models import Member
from newretail.kernel import brand, clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

MOST_POINTS = 1_000_000_000
LONGEST_REASON = 200
LONGEST_SOURCE, LONGEST_NUMBER = 40, 100
STATED = f"""
SELECT id, account_id, member_id, points, entry_id, reverses_id FROM members_pointsentry
WHERE (source, source_no) = {postings.KEY} AND kind = %(kind)s ORDER BY nth
"""
# The lots a spending used, the newest first: what is put back leaves a smaller spending, as if it had been made so.
PUT_BACK = """
INSERT INTO tmp_points_draws
WITH used AS (
  SELECT s.id AS spend_id, u.lot_id, l.earned_at, sum(u.points) AS points FROM members_pointsentry s
  JOIN members_pointsentry e ON e.id = s.id OR e.reverses_id = s.id
  JOIN members_pointsuse u ON u.points_entry_id = e.id JOIN members_pointslot l ON l.origin_id = u.lot_id
  WHERE s.id = ANY(%(spends)s) GROUP BY s.id, u.lot_id, l.earned_at HAVING sum(u.points) > 0),
held AS (SELECT u.*, sum(u.points) OVER w - u.points AS low FROM used u
  WINDOW w AS (ORDER BY u.earned_at DESC, u.lot_id DESC))
SELECT h.spend_id, h.lot_id, -least(h.points, %(points)s - h.low) FROM held h WHERE h.low < %(points)s
"""
PUT_BACK_BY = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, nth, reverses_id, reason)
SELECT {postings.NEXT_ENTRY}, s.account_id, s.member_id, 'reverse', d.points, k.source, k.source_no,
  row_number() OVER (ORDER BY s.account_id) - 1, s.id, %(reason)s
FROM (SELECT move_id, -sum(points) AS points FROM tmp_points_draws GROUP BY move_id) d
JOIN members_pointsentry s ON s.id = d.move_id, (VALUES {postings.KEY}) k (source, source_no)
"""
REVERSED = f"""{postings.INTO_ENTRIES}
SELECT id, account_id, member_id, kind, gain, 0, 0, source, source_no, 0, '', nth, NULL, reverses_id, reason, %(at)s,
  %(by)s, %(entry)s FROM tmp_points_moves ORDER BY id
"""
BACK_TO_MOVES = "UPDATE tmp_points_draws d SET move_id = m.id FROM tmp_points_moves m WHERE m.reverses_id = d.move_id"
# What is given keeps its age and its end: giving makes no points younger.
GIVEN_ON = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, nth, reason, earned_at,
  expires_on)
SELECT {postings.NEXT_ENTRY}, a.id, a.member_id, 'gift_in', u.points, k.source, k.source_no,
  row_number() OVER (ORDER BY l.earned_at, l.origin_id) - 1, %(reason)s, l.earned_at, l.expires_on
FROM (VALUES {postings.KEY}) k (source, source_no)
JOIN members_pointsentry e ON (e.source, e.source_no, e.kind) = (k.source, k.source_no, 'gift_out')
JOIN members_pointsuse u ON u.points_entry_id = e.id JOIN members_pointslot l ON l.origin_id = u.lot_id
JOIN members_pointsaccount a ON a.member_id = %(to)s
"""
GRANTED = """
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, gain, source, source_no, rule, reason, expires_on)
SELECT {next}, a.id, g.member_id, %(kind)s, g.points, %(source)s, {number}, %(rule)s, %(reason)s, %(expires_on)s
FROM ({given}) g JOIN members_pointsaccount a ON a.member_id = g.member_id
WHERE g.points > 0 AND NOT EXISTS (SELECT FROM members_pointsentry e
  WHERE (e.source, e.source_no, e.kind, e.rule) = (%(source)s, {number}, %(kind)s, %(rule)s))
ORDER BY {number}
"""
ENDED = "FROM members_pointslot WHERE remaining > 0 AND state = 'open' AND expires_on <= %(as_of)s"
EXPIRE = f"""
INSERT INTO tmp_points_moves (id, account_id, member_id, kind, need, source, source_no, nth)
SELECT {postings.NEXT_ENTRY}, l.account_id, a.member_id, 'expire', l.points, 'points', l.source_no,
  (SELECT count(*) FROM members_pointsentry e WHERE e.source = 'points' AND e.source_no = l.source_no)
FROM (SELECT account_id, sum(remaining) AS points, 'EXPIRE:' || %(as_of)s::date || ':' || account_id AS source_no
  {ENDED} AND account_id IN (SELECT id FROM tmp_points_locked) GROUP BY account_id) l
JOIN members_pointsaccount a ON a.id = l.account_id ORDER BY l.account_id
"""
EXPIRING = f"""
INSERT INTO tmp_points_draws SELECT m.id, l.origin_id, l.remaining FROM (SELECT * {ENDED}) l
JOIN tmp_points_moves m ON m.account_id = l.account_id
"""


class NoPoints(Refused):
    """Not a number of points."""

    code = "bad_points"
    sentence = gettext_noop("Points are a whole number from 1 to 1,000,000,000.")


class NoNumber(Refused):
    """It has no name by which it could be known again."""

    code = "bad_source_no"
    sentence = gettext_noop("Give the source and a number of its own, of at most 40 and 100 characters.")


class UnknownSpending(Refused):
    """There is none of that number."""

    code = "unknown_spending"
    sentence = gettext_noop("No points were spent under this number.")


class BeyondSpending(Refused):
    """More would go back than was spent."""

    code = "beyond_spending"
    sentence = gettext_noop("Of this spending no more than %(most)s points can be put back.")


class ToHerself(Refused):
    """Both are one person."""

    code = "gift_to_herself"
    sentence = gettext_noop("Points are given to another member.")


class PointsWhyMissing(Refused):
    """Nobody said why."""

    code = "why_missing"
    sentence = gettext_noop("Say why, in at most 200 characters.")


@dataclass(frozen=True)
class Name:
    """The name of a move for ever: the system that states it, and its number there, however it is typed."""

    source: str
    number: str

    def params(self) -> sql.Params:
        """Give it to a statement.

        Refuses: NoNumber.
        """
        given = ((self.source, LONGEST_SOURCE), (self.number, LONGEST_NUMBER))
        if not all(text.strip() and text.isprintable() and len(text) <= longest for text, longest in given):
            raise NoNumber
        return {"source": self.source, "source_no": self.number}


def _check(points: int) -> None:
    if type(points) is not int or not 1 <= points <= MOST_POINTS:
        raise NoPoints


def _use(
    member: Member, points: int, name: Name, *, kind: str, at: datetime, by: User | None, reason: str,
    partly: bool = False,
) -> Used:  # fmt: skip
    _check(points)
    return postings.use({
        **name.params(), "member": member.pk, "points": points, "kind": kind, "partly": partly, "reason": reason,
        "at": at, "by": by.pk if by else None, "today": clock.business_day(at),
    })  # fmt: skip


@verb
def spend(
    *, member: Member, points: int, name: Name, at: datetime, by: User | None = None, partly: bool = False,
    reason: str = "",
) -> Used:  # fmt: skip
    """Spend points of a member's family, the oldest first; `partly` spends what there is where there is less.

    Sent again under its name, the same spending is told and nothing moves. Two at once queue on the account.
    Refuses: NoPoints, NoNumber, AnotherMove, NotEnough.
    Writes: members.points.spent.
    """
    used = _use(member, points, name, kind="spend", at=at, by=by, reason=reason, partly=partly)
    failpoint("points.spent")
    if not used.again:
        subject = f"member:{member.pk}"
        journal.write("members.points.spent", at=at, by=by, subject=subject, entry_id=used.line, points=used.points)
    return used


def _is_within(members: list[int], stores: list[int] | None) -> bool:
    return stores is None or not Member.objects.filter(pk__in=members).exclude(home_store__in=stores).exists()


def _known_reversal(given: sql.Params, spends: list[int], points: int | None) -> Used | None:
    known = sql.rows(STATED, {**given, "kind": "reverse"})
    if not known:
        return None
    moved = sum(row[3] for row in known)
    if not {row[5] for row in known} <= set(spends) or points not in (None, moved):
        raise AnotherMove
    return Used(moved, known[0][4], again=True)


@verb
def reverse(
    *, spending: Name, name: Name, at: datetime, points: int | None = None, by: User | None = None, reason: str = "",
    within: list[int] | None = None,
) -> Used:  # fmt: skip
    """Put spent points back into the very lots they came from: all that is left of the spending, or so many.

    What has expired meanwhile expires again. A spending by members of stores beyond `within` (ids) is not there.
    Refuses: NoPoints, NoNumber, AnotherMove, UnknownSpending, BeyondSpending.
    Writes: members.points.reversed.
    """
    _check(1 if points is None else points)
    stated = sql.rows(STATED, {**spending.params(), "kind": "spend"})
    if not stated or not _is_within([row[2] for row in stated], within):
        raise UnknownSpending
    spends = [row[0] for row in stated]
    given = {**postings.params(entry=journal.reserve(), at=at, by=by), **name.params(), "spends": spends,
             "accounts": [row[1] for row in stated], "reason": reason, "points": points or MOST_POINTS}  # fmt: skip
    postings.lock("SELECT unnest(%(accounts)s::bigint[])", given)
    if known := _known_reversal(given, spends, points):
        return known
    postings.begin()
    sql.execute(PUT_BACK, given)
    put_back = int(sql.rows("SELECT coalesce(-sum(points), 0) FROM tmp_points_draws")[0][0])
    if not put_back or (points and put_back < points):
        raise BeyondSpending(most=put_back)
    sql.execute(PUT_BACK_BY, given)
    sql.execute(BACK_TO_MOVES)
    postings.book_draws(REVERSED, given)
    postings.settle_up(given)
    journal.write("members.points.reversed", at=at, by=by, entry_id=given["entry"], points=put_back)
    return Used(put_back, given["entry"])


@verb
def gift(
    *, member: Member, to: Member, points: int, name: Name, at: datetime, by: User | None = None, reason: str = ""
) -> Used:
    """Give points of a member to another, the oldest first, each with the day on which it expires.

    Refuses: NoPoints, NoNumber, AnotherMove, ToHerself, NotEnough.
    Writes: members.points.gifted.
    """
    if member.pk == to.pk:
        raise ToHerself
    given = {"member": member.pk, "to": to.pk, "reason": reason, **name.params()}
    postings.open_accounts("SELECT unnest(ARRAY[%(member)s, %(to)s]::bigint[]) AS member_id", given)
    both = f"SELECT id FROM members_pointsaccount WHERE member_id IN ({postings.FAMILY} UNION SELECT %(to)s)"
    postings.lock(both, given)
    used = _use(member, points, name, kind="gift_out", at=at, by=by, reason=reason)
    if used.again:
        if {row[2] for row in sql.rows(STATED, {**given, "kind": "gift_in"})} != {to.pk}:
            raise AnotherMove
        return used
    postings.begin()
    sql.execute(GIVEN_ON, given)
    postings.post(postings.params(entry=used.line, at=at, by=by))
    journal.write("members.points.gifted", at=at, by=by, subject=f"member:{member.pk}", entry_id=used.line,
                  points=used.points, to=to.member_no)  # fmt: skip
    return used


@verb
def grant(
    *, given: str, params: sql.Params, source: str, at: datetime, by: User | None = None, rule: str = "",
    kind: str = "grant", reason: str = "",
) -> int:  # fmt: skip
    """Give points to members; return how many were given some. A name that was granted before gets nothing again.

    `given` is a SELECT of member_id, points, source_no over `params`; (source, source no., rule) names each grant for
    ever. They are valid for as many days as the brand's setting says.
    Writes: members.points.granted.
    """
    granted, line = _grant(given, {**params, "source": source, "rule": rule, "reason": reason, "kind": kind}, at, by)
    if granted:
        journal.write("members.points.granted", at=at, by=by, entry_id=line, granted=granted, rule=rule)
    return granted


def _grant(given: str, params: sql.Params, at: datetime, by: User | None) -> tuple[int, int]:
    entry = {**postings.params(entry=journal.reserve(), at=at, by=by), **params, "expires_on": _end_of_granted(at)}
    number = postings.NUMBER.format("g.source_no")
    postings.open_accounts(given, entry)
    postings.lock(f"SELECT a.id FROM members_pointsaccount a JOIN ({given}) g ON g.member_id = a.member_id", entry)
    postings.begin()
    granted = sql.execute(GRANTED.format(given=given, number=number, next=postings.NEXT_ENTRY), entry)
    if granted:
        failpoint("points.granted")
        postings.post(entry)
    return granted, entry["entry"]


def _end_of_granted(at: datetime) -> date:
    return clock.business_day(at) + timedelta(days=brand.setting("points_granted_days"))


ONE = "SELECT %(member)s::bigint AS member_id, %(points)s::bigint AS points, %(source_no)s::text AS source_no"


def _give_one(
    member: Member, points: int, name: Name, *, kind: str, reason: str, at: datetime, by: User | None
) -> Used:
    """Give points to one member under a name; the same again is told.

    Refuses: AnotherMove.
    """
    given = {**name.params(), "member": member.pk, "points": points, "kind": kind, "rule": "", "reason": reason}
    granted, line = _grant(ONE, given, at, by)
    if granted:
        return Used(points, line)
    known = sql.rows(STATED, given)[0]
    if known[2:4] != (member.pk, points):
        raise AnotherMove
    return Used(points, known[4], again=True)


@verb
def earn(*, member: Member, points: int, name: Name, at: datetime, by: User | None = None, reason: str = "") -> Used:
    """Let a member earn points that another system has counted; they may be spent at once.

    Refuses: NoPoints, NoNumber, AnotherMove.
    Writes: members.points.granted.
    """
    _check(points)
    earned = _give_one(member, points, name, kind="earn", reason=reason, at=at, by=by)
    if not earned.again:
        journal.write("members.points.granted", at=at, by=by, subject=f"member:{member.pk}", entry_id=earned.line,
                      granted=1, rule="")  # fmt: skip
    return earned


@verb
def adjust(*, member: Member, points: int, name: Name, reason: str, at: datetime, by: User) -> Used:
    """Correct what a member holds, by more or by less than nothing, for a reason that is kept.

    Refuses: NoPoints, NoNumber, PointsWhyMissing, AnotherMove, NotEnough.
    Writes: members.points.adjusted.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise PointsWhyMissing
    _check(abs(points))
    if points > 0:
        moved = _give_one(member, points, name, kind="adjust", reason=reason, at=at, by=by)
    else:
        moved = _use(member, -points, name, kind="adjust", at=at, by=by, reason=reason)
    if not moved.again:
        journal.write("members.points.adjusted", at=at, by=by, subject=f"member:{member.pk}", entry_id=moved.line,
                      points=points)  # fmt: skip
    return moved


@verb
def expire(*, as_of: date, at: datetime, by: User | None = None) -> int:
    """End the points whose last day has passed at the start of a day; return how many accounts had some.

    Writes: members.points.expired.
    """
    given = {**postings.params(entry=journal.reserve(), at=at, by=by), "as_of": as_of}
    postings.lock(f"SELECT account_id {ENDED}", given)
    postings.begin()
    expired = sql.execute(EXPIRE, given)
    if not expired:
        return 0
    sql.execute(EXPIRING, given)
    postings.book_draws(postings.TAKEN, given)
    postings.settle_up(given)
    journal.write("members.points.expired", at=at, by=by, entry_id=given["entry"], as_of=str(as_of), accounts=expired)
    return expired
