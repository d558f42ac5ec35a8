"""Take snapshots of segments: whom one holds at an instant, or held at the start of a past day."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from campaigns.models import Segment, Snapshot
from campaigns.queries import seats, segments
from campaigns.queries.segments import Moment
from members.queries.conditions import tree
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LONGEST_NAME = 60
MOST = 1_000
LOCK = "SELECT 1 FROM campaigns_segment WHERE id = %(segment)s FOR NO KEY UPDATE"
KEEP = """
INSERT INTO campaigns_snapshot (segment_id, version, as_of, name, members, width, seats, taken_at, by_id, entry_id)
VALUES (%(segment)s, %(version)s, %(as_of)s, %(name)s, %(members)s, %(width)s, %(bits)s::varbit, %(at)s, %(by)s,
  %(entry)s)
RETURNING id
"""


class BadSnapshot(Refused):
    """A snapshot is called by a name of its own, and is of today or a past day."""

    code = "bad_snapshot"
    sentence = gettext_noop(
        "A snapshot has a name of 60 characters at most that no other of this segment has, and a day not after today;"
        " a segment has 1 000 at most."
    )


@verb
def take(
    *, segment: Segment, name: str, at: datetime, by: User | None = None, as_of: date | None = None
) -> Snapshot:  # fmt: skip
    """Keep whom a segment holds now, or, by its newest version, held at the start of a past day.

    Refuses: BadSnapshot, NotDated.
    Writes: campaigns.snapshot.taken.
    """
    sql.rows(LOCK, {"segment": segment.pk})
    day = as_of or clock.business_day(at)
    named = name.isprintable() and 0 < len(name.strip()) <= LONGEST_NAME
    if not named or day > clock.business_day(at) or segment.snapshots.count() >= MOST:
        raise BadSnapshot
    if segment.snapshots.filter(name=name).exists():
        raise BadSnapshot
    version = segments.newest(segment)
    select, params = segments.whom(tree.read(version.conditions), Moment.of(day, at))
    held = sql.rows(f"SELECT array_agg(seat) FROM ({select}) found", params)[0][0] or []
    width = seats.width()
    line = journal.write(
        "campaigns.snapshot.taken", at=at, by=by, subject=segment.code, version=version.version, members=len(held)
    )
    given = {
        "segment": segment.pk, "version": version.version, "as_of": day, "name": name, "members": len(held),
        "width": width, "bits": seats.packed(held, width), "at": at, "by": by.pk if by else None, "entry": line.pk,
    }  # fmt: skip
    return Snapshot.objects.defer("seats").get(pk=sql.rows(KEEP, given)[0][0])
