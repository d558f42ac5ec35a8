"""Keep segments fresh: judge whoever changed, or everybody; write who came in, who went out; keep their bits true."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.actions import seat_maps
from campaigns.models import SegmentVersion
from campaigns.queries import segments
from campaigns.queries.segments import Moment
from members.queries.conditions import tree
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.verbs import verb

MOST_CHANGED = 5_000  # members judged at one beat
MANY = 50_000  # when so many wait, everybody is judged instead
LOCK = "SELECT 1 FROM campaigns_segment WHERE id = ANY(%(segments)s) ORDER BY id FOR NO KEY UPDATE"
MARK = "INSERT INTO campaigns_changedmember (member_id) {} ORDER BY 1 ON CONFLICT DO NOTHING"
TAKEN = """
DROP TABLE IF EXISTS pg_temp.tmp_taken; CREATE TEMPORARY TABLE tmp_taken (member_id bigint) ON COMMIT DROP;
WITH gone AS (
  DELETE FROM campaigns_changedmember WHERE member_id IN (
    SELECT member_id FROM campaigns_changedmember ORDER BY member_id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
  RETURNING member_id)
INSERT INTO tmp_taken SELECT member_id FROM gone
"""
# Whoever was merged is judged where she lives on, and stands nowhere herself.
ROOTS = """
SELECT DISTINCT coalesce(m.merged_into_id, m.id) AS member_id
FROM tmp_taken t JOIN members_member m ON m.id = t.member_id
"""
GONE = """
WITH went AS (
  DELETE FROM campaigns_segmentmember s WHERE s.segment_id = %(segment)s {among}
    AND NOT EXISTS (SELECT FROM tmp_wanted w WHERE w.member_id = s.member_id) RETURNING s.member_id)
INSERT INTO campaigns_segmentmove (segment_id, member_id, kind, version, moved_at, entry_id)
SELECT %(segment)s, member_id, 'left', %(version)s, %(at)s, %(entry)s FROM went ORDER BY member_id
"""
AMONG = "AND s.member_id IN (SELECT member_id FROM tmp_taken UNION ALL SELECT member_id FROM tmp_judged)"
CAME = """
WITH came AS (
  INSERT INTO campaigns_segmentmember (segment_id, member_id, since, entry_id)
  SELECT %(segment)s, w.member_id, %(at)s, %(entry)s FROM tmp_wanted w
  WHERE NOT EXISTS (SELECT FROM campaigns_segmentmember s WHERE s.segment_id = %(segment)s
    AND s.member_id = w.member_id) ORDER BY w.member_id RETURNING member_id)
INSERT INTO campaigns_segmentmove (segment_id, member_id, kind, version, moved_at, entry_id)
SELECT %(segment)s, member_id, 'entered', %(version)s, %(at)s, %(entry)s FROM came ORDER BY member_id
"""
COUNTED = """
UPDATE campaigns_segment SET
  members = CASE WHEN %(recount)s THEN (SELECT count(*) FROM campaigns_segmentmember WHERE segment_id = %(segment)s)
    ELSE members + %(entered)s - %(left)s END,
  due = due AND NOT %(whole)s, refreshed_at = CASE WHEN %(whole)s THEN %(at)s ELSE refreshed_at END
WHERE id = %(segment)s
"""
DUE = "UPDATE campaigns_segment SET due = true WHERE state = 'active' AND NOT due"
# Rows of members whose import was undone went with them.
WITHDRAWN = """
SELECT EXISTS (SELECT FROM tmp_taken t WHERE NOT EXISTS (SELECT FROM members_member m WHERE m.id = t.member_id))
"""
FORGET = "DELETE FROM campaigns_changedmember"


@dataclass(frozen=True)
class Moved:
    """How many came into a segment, and how many went out."""

    entered: int = 0
    left: int = 0


@verb
def refresh(*, version: SegmentVersion, at: datetime) -> Moved:
    """Judge everybody by the newest version of a segment as of an instant.

    Writes: campaigns.segment.moved.
    """
    sql.rows(LOCK, {"segments": [version.segment_id]})
    return _judge(segments.newest(version.segment), Moment.now(at), among=False, recount=True)


@verb
def mark(*, select: str, params: sql.Params) -> int:
    """Note the members that a SELECT names as changed; returns how many were not noted yet.

    Writes no line: what changed has its own.
    """
    return sql.execute(MARK.format(select), params)


@verb
def mark_everybody() -> int:
    """Note that every active segment is to judge everybody; returns for how many that is new.

    Writes no line: what changed has its own.
    """
    return sql.execute(DUE)


@verb
def refresh_changed(*, at: datetime) -> int:
    """Judge members about whom something changed, by every active segment; returns how many were taken up.

    What changes while they are judged is noted again, and judged at the next beat. Where too many wait, everybody is to
    be judged.
    Writes: campaigns.segment.moved.
    """
    fresh = segments.kept_fresh()
    sql.rows(LOCK, {"segments": [version.segment_id for version in fresh]})
    if sql.count("campaigns_changedmember") > MANY:
        mark_everybody()
        return sql.execute(FORGET)
    sql.execute(TAKEN, {"most": MOST_CHANGED})
    failpoint("segments.taken")
    taken = sql.count("tmp_taken")
    if not taken:
        return 0
    sql.temporary("tmp_judged", ROOTS)
    recount = bool(sql.rows(WITHDRAWN)[0][0])
    for version in fresh:
        _judge(version, Moment.now(at), among=True, recount=recount)
    seat_maps.redraw(moment=Moment.now(at))
    return taken


def _judge(version: SegmentVersion, moment: Moment, *, among: bool, recount: bool) -> Moved:
    """Bring the members of a segment, those of `tmp_judged` alone or all, to what its conditions say."""
    select, params = segments.whom(tree.read(version.conditions), moment, "tmp_judged" if among else None)
    sql.temporary("tmp_wanted", select, params, analyze=not among)
    entry = journal.reserve()
    given: sql.Params = {"segment": version.segment_id, "version": version.version, "at": moment.until, "entry": entry}
    left = sql.execute(GONE.format(among=AMONG if among else ""), given)
    entered = sql.execute(CAME, given)
    failpoint("segments.moved")
    if entered or left or recount:
        counted = {"entered": entered, "left": left, "whole": not among, "recount": recount}
        sql.execute(COUNTED, {**given, **counted})
    if entered or left:
        journal.write(
            "campaigns.segment.moved", at=moment.until, subject=version.segment.code, entry_id=entry,
            version=version.version, entered=entered, left=left,
        )  # fmt: skip
    return Moved(entered, left)
