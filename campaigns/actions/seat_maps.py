"""Draw the bits of conditions when they are first counted, keep them true while they are asked for, drop them after."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from campaigns.queries import counting, seats, segments
from campaigns.queries.segments import ALIVE, Moment
from members.queries.conditions import tree
from members.queries.conditions.tree import Leaf, Node
from newretail.kernel import sql
from newretail.kernel.verbs import verb

KEPT = timedelta(hours=1)  # so long after it was last asked for a condition's bits are kept true
EVERYBODY = f"SELECT m.id AS member_id, m.seat FROM members_member m WHERE {ALIVE}"
PUT = """
INSERT INTO campaigns_seatmap (digest, condition, as_of, width, seats, asked_at)
VALUES (%(digest)s, %(condition)s::jsonb, %(as_of)s, %(width)s, %(bits)s::varbit, %(at)s)
ON CONFLICT (digest) DO UPDATE SET as_of = excluded.as_of, width = excluded.width, seats = excluded.seats,
  asked_at = excluded.asked_at
"""
ASKED = "UPDATE campaigns_seatmap SET asked_at = %(at)s WHERE digest = ANY(%(digests)s) AND asked_at < %(before)s"
DROP = "DELETE FROM campaigns_seatmap WHERE as_of <> %(as_of)s OR width <> %(width)s OR asked_at < %(before)s"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('campaigns.seatmap'), hashtext(current_schema()))"


@verb
def draw(*, nodes: Sequence[Node], at: datetime) -> int:
    """Draw the bits of all conditions of these trees that have none as of today; returns how many were drawn.

    Writes no line: bits are what the books say, written otherwise.
    """
    moment, wanted = Moment.now(at), counting.wanted(nodes)
    sql.execute(ASKED, {"at": at, "before": at - KEPT / 2, "digests": list(wanted)})
    missing = wanted.keys() - counting.drawn(list(wanted), moment.as_of)
    if missing:
        sql.rows(LOCK)
        for digest in sorted(missing):
            _draw(wanted[digest], moment)
    return len(missing)


def _draw(leaf: Leaf | None, moment: Moment) -> None:
    select, params = segments.whom(leaf, moment) if leaf else (EVERYBODY, {})
    condition = segments.condition(leaf) if leaf else {}
    held = sql.rows(f"SELECT array_agg(seat) FROM ({select}) found", params)[0][0] or []
    width = seats.width()
    sql.execute(PUT, {
        "digest": segments.digest(condition), "condition": json.dumps(condition), "as_of": moment.as_of, "width": width,
        "bits": seats.packed(held, width), "at": moment.until,
    })  # fmt: skip


REDRAWN = """
SELECT digest, condition::text, varbit_send(seats) FROM campaigns_seatmap ORDER BY digest FOR NO KEY UPDATE
"""
JUDGED = f"SELECT m.id AS member_id, m.seat FROM tmp_judged j JOIN members_member m ON m.id = j.member_id WHERE {ALIVE}"
TOUCHED = """
SELECT m.seat FROM members_member m
WHERE m.id IN (SELECT member_id FROM tmp_taken UNION ALL SELECT member_id FROM tmp_judged)
"""
SET = "UPDATE campaigns_seatmap SET seats = %(bits)s::varbit WHERE digest = %(digest)s"


@verb
def redraw(*, moment: Moment) -> int:
    """Set the bits of the members of `tmp_judged` anew in every map that is still asked for; returns how many maps.

    Maps of another day, of another width and those nobody asks for go. A part of `refresh_changed`.
    Writes no line.
    """
    sql.rows(LOCK)
    sql.execute(DROP, {"as_of": moment.as_of, "width": seats.width(), "before": moment.until - KEPT})
    touched = [seat for (seat,) in sql.rows(TOUCHED)]
    maps = sql.rows(REDRAWN)
    for digest, text, sent in maps:
        condition = json.loads(text)
        select, params = segments.whom(tree.read(condition), moment, "tmp_judged") if condition else (JUDGED, {})
        held = [seat for _member, seat in sql.rows(select, params)]
        sql.execute(SET, {"bits": seats.changed(sent, off=touched, on=held), "digest": digest})
    return len(maps)
