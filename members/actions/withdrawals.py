"""Take back what an import brought: members, what they bought and gave back, levels and tags, exactly as they were."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from members.actions import levels, member_tags, members, orders, refunds, tags
from members.models import Refund
from newretail.kernel import clock, sql, staging
from newretail.kernel.actions.images import StillNeeded
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

IMAGES = 'SELECT row_id FROM kernel_beforeimage WHERE entry_id = %(entry)s AND before IS NOT NULL AND "table" = '
BEFORE = """
SELECT r.* FROM kernel_beforeimage b, jsonb_populate_record(NULL::{table}, b.before) r
WHERE b.entry_id = %(entry)s AND b.before IS NOT NULL AND b."table" = '{table}'
"""
# One instant for each business day tells which days to count anew.
INSTANTS = "SELECT min(at) FROM ({}) s WHERE at IS NOT NULL GROUP BY (at AT TIME ZONE %(zone)s)::date ORDER BY 1"
JOININGS = f"""
SELECT joined_at AS at FROM members_member
WHERE id IN (SELECT id FROM tmp_gone_members_member UNION {IMAGES}'members_member')
UNION ALL SELECT joined_at FROM ({BEFORE.format(table="members_member")}) m
"""
BOUGHT = f"""
SELECT member_id, paid_at AS at FROM members_order
WHERE id IN (SELECT id FROM tmp_gone_members_order UNION {IMAGES}'members_order')
UNION ALL SELECT member_id, paid_at FROM ({BEFORE.format(table="members_order")}) o
"""
LINED = f"""
SELECT DISTINCT order_id AS id FROM members_orderline
WHERE id IN (SELECT id FROM tmp_gone_members_orderline UNION {IMAGES}'members_orderline')
"""
STAYING = (
    "SELECT DISTINCT member_id FROM ({}) s WHERE member_id NOT IN (SELECT id FROM tmp_gone_members_member) ORDER BY 1"
)
REFUNDED = """
SELECT DISTINCT order_id AS id FROM members_refund WHERE id IN (SELECT id FROM tmp_gone_members_refund)
"""
NOT_REFUNDED = """
UPDATE members_order o SET refunded_cents = o.refunded_cents - r.cents
FROM (SELECT order_id, sum(amount_cents) AS cents FROM members_refund
  WHERE id IN (SELECT id FROM tmp_gone_members_refund) GROUP BY order_id) r
WHERE o.id = r.order_id
"""
LATER_REFUNDS = f"""
SELECT count(*) FROM members_refund f JOIN members_orderline l ON l.order_id = f.order_id AND l.line_no = f.line_no
WHERE f.entry_id > %(entry)s
  AND l.id IN (SELECT id FROM tmp_gone_members_orderline UNION {IMAGES}'members_orderline')
"""
SEATED_ABOVE = """
SELECT count(*) FROM members_member WHERE seat > (SELECT min(seat) FROM members_member
  WHERE id IN (SELECT id FROM tmp_gone_members_member)) AND id NOT IN (SELECT id FROM tmp_gone_members_member)
"""
OVER = """
SELECT count(*) FROM members_order o JOIN tmp_touched t ON t.id = o.id
WHERE o.amount_cents < (SELECT sum(l.amount_cents) FROM members_orderline l WHERE l.order_id = o.id)
"""


class MembersSince(Refused):
    """Members joined after those of the import: seats stay dense."""

    code = "members_since"
    sentence = gettext_noop("%(count)s members joined after those of this import; undo what brought them first.")


class BelowLines(Refused):
    """An order would be less than its lines."""

    code = "lines_since"
    sentence = gettext_noop("%(count)s orders have lines that no longer fit what they were before; undo those first.")


def _told(statement: str, params: sql.Params) -> list[Any]:
    return [one for (one,) in sql.rows(statement, params)]


def _left(params: sql.Params, *, members_of: str, instants_of: str) -> staging.Facts:
    """Name the members and days whose figures are counted anew."""
    given = {**params, "zone": clock.brand_zone().key}
    left = {
        "left_members": _told(STAYING.format(members_of), given),
        "left_instants": [at.isoformat() for at in _told(INSTANTS.format(instants_of), given)],
    }
    return {name: found for name, found in left.items() if found}


def _free_seats() -> None:
    """Give back the seats of the members that go: they must be the last ones.

    Refuses: MembersSince.
    """
    gone = sql.count("tmp_gone_members_member")
    above = int(sql.rows(SEATED_ABOVE)[0][0]) if gone else 0
    if above:
        raise MembersSince(count=above)
    members.take_seats(-gone)


@verb
def withdraw_members(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the members that a line recorded, with their identities and tags, and what nights made of them.

    A portrait goes with its member as long as she has bought nothing: it says no more than that she joined.
    Refuses: ChangedSince, StillNeeded, MembersSince.
    Writes: members.member.withdrawn.
    """
    members.take_seats(0)

    def left(params: sql.Params) -> staging.Facts:
        _free_seats()
        known = f"SELECT row_id AS member_id FROM ({IMAGES}'members_member') i"
        portraits = sql.count("members_portrait WHERE member_id IN (SELECT id FROM tmp_gone_members_member)")
        told = {"left_portraits": portraits} if portraits else {}
        return {**_left(params, members_of=known, instants_of=JOININGS), **told}

    staging.withdraw(members.RECIPE, entry_id=entry_id, at=at, by=by, left=left)


def _check_lines() -> None:
    over = int(sql.rows(OVER)[0][0])
    if over:
        raise BelowLines(count=over)


@verb
def withdraw_orders(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the orders that a line recorded, with the members who joined by paying them.

    Refuses: ChangedSince, StillNeeded, MembersSince, BelowLines.
    Writes: members.order.withdrawn.
    """
    members.take_seats(0)

    def left(params: sql.Params) -> staging.Facts:
        _free_seats()
        sql.temporary("tmp_touched", f"SELECT row_id AS id FROM ({IMAGES}'members_order') i", params)
        moved = f"SELECT row_id AS member_id FROM ({IMAGES}'members_member') i"
        both = f"SELECT member_id FROM ({BOUGHT}) b UNION ALL {moved}"
        return _left(params, members_of=both, instants_of=f"SELECT at FROM ({BOUGHT}) b UNION ALL {JOININGS}")

    staging.withdraw(orders.ORDERS, entry_id=entry_id, at=at, by=by, left=left)
    _check_lines()


def _lock_touched() -> None:
    sql.execute("SELECT 1 FROM members_order WHERE id IN (SELECT id FROM tmp_touched) ORDER BY id FOR NO KEY UPDATE")


def _days_of_touched(params: sql.Params) -> staging.Facts:
    days = "SELECT paid_at AS at FROM members_order WHERE id IN (SELECT id FROM tmp_touched)"
    found = _told(INSTANTS.format(days), {**params, "zone": clock.brand_zone().key})
    return {"left_instants": [at.isoformat() for at in found]} if found else {}


@verb
def withdraw_lines(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the order lines that a line recorded; not where money was given back for them.

    Refuses: ChangedSince, StillNeeded, BelowLines.
    Writes: members.order_line.withdrawn.
    """

    def left(params: sql.Params) -> staging.Facts:
        sql.temporary("tmp_touched", LINED, params)
        _lock_touched()
        refunds = int(sql.rows(LATER_REFUNDS, params)[0][0])
        if refunds:
            raise StillNeeded(what=f"{Refund._meta.verbose_name_plural} {refunds:,}")
        return _days_of_touched(params)

    staging.withdraw(orders.LINES, entry_id=entry_id, at=at, by=by, left=left)
    _check_lines()


@verb
def withdraw_refunds(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the refunds that a line recorded; nothing stands upon a refund, and its days are counted anew.

    Refuses: ChangedSince, StillNeeded.
    Writes: members.refund.withdrawn.
    """

    def left(params: sql.Params) -> staging.Facts:
        sql.temporary("tmp_touched", REFUNDED, params)
        _lock_touched()
        sql.execute(NOT_REFUNDED, params)
        members_of = "SELECT member_id FROM members_order WHERE id IN (SELECT id FROM tmp_touched)"
        found = _told(f"SELECT DISTINCT member_id FROM ({members_of}) m WHERE member_id IS NOT NULL ORDER BY 1", params)
        return {**({"left_members": found} if found else {}), **_days_of_touched(params)}

    staging.withdraw(refunds.REFUNDS, entry_id=entry_id, at=at, by=by, left=left)


@verb
def withdraw_levels(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the levels that a line recorded; those it changed have their names and ranks again.

    Refuses: ChangedSince, StillNeeded.
    Writes: members.level.withdrawn.
    """
    sql.rows(levels.LOCK)

    def left(params: sql.Params) -> staging.Facts:
        sql.execute(
            f"UPDATE members_level SET rank = rank + %(aside)s WHERE id IN ({IMAGES}'members_level')",
            {**params, "aside": levels.ASIDE},
        )
        return {}

    staging.withdraw(levels.RECIPE, entry_id=entry_id, at=at, by=by, left=left)


@verb
def withdraw_tags(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the tags that a line recorded; one that members carry is still needed.

    Refuses: ChangedSince, StillNeeded.
    Writes: members.tag.withdrawn.
    """
    staging.withdraw(tags.RECIPE, entry_id=entry_id, at=at, by=by)


@verb
def withdraw_member_tags(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the tags that a file put on members; those it took off are on them again.

    Refuses: ChangedSince, StillNeeded.
    Writes: members.member_tag.withdrawn.
    """
    staging.withdraw(member_tags.RECIPE, entry_id=entry_id, at=at, by=by)
