"""Keep what segments are made of, end them, let them be kept fresh again."""

import re
from datetime import datetime

from django.utils.translation import gettext_noop

from campaigns.models import Segment, SegmentVersion
from campaigns.queries import segments
from members.queries.conditions import tree
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

# What a segment asks of others must not change between the look at it and its keeping.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('campaigns.segment'), hashtext(current_schema()))"
CODE = re.compile(r"[A-Za-z0-9_\-]{1,40}", re.ASCII)
LONGEST_NAME, LONGEST_NOTE = 60, 200
MOST_ACTIVE = 500


class BadSegment(Refused):
    """A segment is called by a code and a name."""

    code = "bad_segment"
    sentence = gettext_noop(
        "A segment has a code of 1 to 40 letters, digits, - and _, and a name of 60 characters at most."
    )


class SegmentChanged(Refused):
    """Somebody else kept another version meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this segment meanwhile; look at it as it stands now.")


class AsksItself(Refused):
    """The segment would depend on itself."""

    code = "asks_itself"
    sentence = gettext_noop("With these conditions the segment would depend on itself, through its own or others.")


class TooManySegments(Refused):
    """So many are not kept fresh."""

    code = "too_many_segments"
    sentence = gettext_noop("%(most)s segments are kept fresh at most; end one that nobody needs.")


class StillAsked(Refused):
    """Others ask for its members."""

    code = "still_asked"
    sentence = gettext_noop("Other segments ask for the members of this one: %(codes)s.")


@verb
def keep(
    *, code: str, name: str, conditions: object, at: datetime, by: User | None = None, note: str = "",
    seen: int | None = None,
) -> SegmentVersion:  # fmt: skip
    """Keep a segment: a new one, or the next version of that with this code; the same again is no new version.

    `conditions` are a tree as JSON (`members.queries.conditions.tree`); `seen`: the version that was shown, 0 where
    there was none.
    Refuses: BadSegment, BadConditions, AsksItself, SegmentChanged, TooManySegments.
    Writes: campaigns.segment.kept.
    """
    sql.rows(LOCK)
    segment = Segment.objects.filter(code=code).first()
    last = segments.newest(segment) if segment else None
    if seen is not None and seen != (last.version if last else 0):
        raise SegmentChanged
    _check(code, name, note)
    node = tree.read(conditions)
    tree.check_names(node)
    written = tree.written(node)
    if segments.asks_itself(code, written):
        raise AsksItself
    if segment is None and Segment.objects.filter(state=Segment.State.ACTIVE).count() >= MOST_ACTIVE:
        raise TooManySegments(most=MOST_ACTIVE)
    if segment and last and (last.conditions, segment.name, segment.note) == (written, name, note):
        return last
    version = last.version if last else 0
    line = journal.write("campaigns.segment.kept", at=at, by=by, subject=code, version=version + 1)
    if segment is None:
        segment = Segment(code=code, entry_id=line.pk)
    segment.name, segment.note, segment.due = name, note, segment.due or not last or last.conditions != written
    segment.save()
    if last and last.conditions == written:
        return last
    return SegmentVersion.objects.create(
        segment=segment, version=version + 1, conditions=written, kept_at=at, by=by, entry_id=line.pk
    )


def _check(code: str, name: str, note: str) -> None:
    texts = name.isprintable() and note.isprintable()
    if not (CODE.fullmatch(code) and texts and 0 < len(name.strip()) <= LONGEST_NAME and len(note) <= LONGEST_NOTE):
        raise BadSegment


@verb
def end(*, segment: Segment, at: datetime, by: User | None = None) -> Segment:
    """Keep a segment fresh no longer: its members stand as they were; ended already, nothing changes.

    Refuses: StillAsked.
    Writes: campaigns.segment.ended.
    """
    sql.rows(LOCK)
    asking = [row.segment.code for row in segments.kept_fresh() if segment.code in segments.asked_for(row.conditions)]
    if asking:
        raise StillAsked(codes=", ".join(asking[:5]))
    return _become(segment, Segment.State.ENDED, "campaigns.segment.ended", at, by)


@verb
def resume(*, segment: Segment, at: datetime, by: User | None = None) -> Segment:
    """Keep a segment fresh again; active already, nothing changes.

    Refuses: TooManySegments.
    Writes: campaigns.segment.resumed.
    """
    sql.rows(LOCK)
    if Segment.objects.filter(state=Segment.State.ACTIVE).count() >= MOST_ACTIVE:
        raise TooManySegments(most=MOST_ACTIVE)
    return _become(segment, Segment.State.ACTIVE, "campaigns.segment.resumed", at, by)


def _become(segment: Segment, state: str, line: str, at: datetime, by: User | None) -> Segment:
    segment.refresh_from_db()
    if segment.state != state:
        journal.write(line, at=at, by=by, subject=segment.code)
        segment.state, segment.due = state, state == Segment.State.ACTIVE
        segment.save(update_fields=["state", "due"])
    return segment
