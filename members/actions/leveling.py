"""Bring members to the levels their growth reaches: up at once, down when the grace has ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from members.queries import growth, schemes
from members.queries.schemes import Live
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

# In the order of their ids, as everybody does who changes members.
LOCK = """
SELECT 1 FROM members_member WHERE id IN (SELECT member_id FROM {who}) ORDER BY id FOR NO KEY UPDATE
"""
TARGET = """
SELECT x.*, x.from_id IS NULL OR x.to_rank > x.from_rank OR x.falls AS moves FROM (
  SELECT g.member_id, g.growth, m.level_id AS from_id, f.rank AS from_rank, t.level_id AS to_id, t.rank AS to_rank,
    CASE WHEN f.rank > t.rank THEN coalesce(s.grace_until, %(grace)s::date) END AS grace_until,
    %(demote)s AND f.rank > t.rank AND coalesce(s.grace_until, %(grace)s::date) <= %(as_of)s::date AS falls,
    s.member_id IS NULL AS fresh, s.growth AS was, s.grace_until AS had, s.scheme_id <> %(scheme)s AS anew
  FROM tmp_growth g JOIN members_member m ON m.id = g.member_id LEFT JOIN members_level f ON f.id = m.level_id
  LEFT JOIN members_levelstanding s ON s.member_id = g.member_id
  CROSS JOIN LATERAL (
    SELECT level_id, rank FROM tmp_reached r WHERE r.growth <= g.growth ORDER BY r.growth DESC LIMIT 1) t) x
"""
DIFFER = """
SELECT member_id FROM tmp_target
WHERE moves OR fresh OR was <> growth OR had IS DISTINCT FROM CASE WHEN NOT falls IS TRUE THEN grace_until END
"""
STAND = """
INSERT INTO members_levelstanding AS s (member_id, growth, as_of, grace_until, scheme_id, entry_id)
SELECT member_id, growth, %(as_of)s, CASE WHEN falls IS NOT TRUE THEN grace_until END, %(scheme)s, %(entry)s
FROM tmp_target ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET growth = excluded.growth, as_of = excluded.as_of,
  grace_until = excluded.grace_until, scheme_id = excluded.scheme_id, entry_id = excluded.entry_id
"""
# The level she still has is the judge: of two who move her at once one does.
MOVE = """
WITH moved AS (
  UPDATE members_member m SET level_id = t.to_id FROM tmp_target t
  WHERE t.moves AND m.id = t.member_id AND m.level_id IS NOT DISTINCT FROM t.from_id RETURNING m.id)
INSERT INTO members_levelmove
  (member_id, from_level_id, to_level_id, reason, growth, scheme_id, moved_on, entry_id)
SELECT t.member_id, t.from_id, t.to_id,
  CASE WHEN t.from_id IS NULL THEN 'first' WHEN t.falls THEN 'grace_ended'
    WHEN t.anew AND %(by_night)s THEN 'new_scheme' ELSE %(why)s END,
  t.growth, %(scheme)s, %(as_of)s, %(entry)s
FROM tmp_target t JOIN moved ON moved.id = t.member_id ORDER BY t.member_id
"""
UP = "SELECT count(*) FROM tmp_target WHERE moves AND falls IS NOT TRUE"


@dataclass(frozen=True)
class Assessed:
    """What an assessment did: whose growth changed, how many came up, how many went down."""

    changed: int = 0
    up: int = 0
    down: int = 0


OF_EVENTS = "members.event.recorded"
# Why those come up whom a line of this name lifts; whoever else comes up has reached the growth by her own deeds.
LIFTS = {"members.growth.adjusted": "adjusted", "members.member.merged": "merged"}


def _target(who: str, live: Live, as_of: date, *, demote: bool) -> None:
    reached, codes = growth.reached(live.terms)
    sql.temporary("tmp_reached", reached, codes)
    growth.build("tmp_growth", who, live.terms, as_of)
    params: sql.Params = {
        "as_of": as_of, "grace": as_of + timedelta(days=live.terms.grace_days), "demote": demote,
        "scheme": live.scheme.pk,
    }  # fmt: skip
    sql.temporary("tmp_target", TARGET, params)


def _write(live: Live, as_of: date, at: datetime, *, line: str = "") -> Assessed:
    entry = journal.reserve()
    params: sql.Params = {
        "as_of": as_of, "scheme": live.scheme.pk, "entry": entry, "why": LIFTS.get(line, "reached"),
        "by_night": not line,
    }  # fmt: skip
    changed = sql.execute(STAND, params)
    moved = sql.execute(MOVE, params)
    up = int(sql.rows(UP)[0][0]) if moved else 0
    if changed:
        journal.write(
            "members.level.moved", at=at, entry_id=entry, as_of=as_of.isoformat(), version=live.scheme.version,
            changed=changed, up=up, down=moved - up,
        )  # fmt: skip
    return Assessed(changed, up, moved - up)


@verb
def assess(*, members: str, as_of: date, at: datetime, demote: bool = False, line: str = "") -> Assessed:
    """Derive the growth of the persons of a temporary table (member_id) anew, and move who reached another level.

    `line` names the journal line that made it necessary: why they move follows from it. Who no longer reaches hers
    keeps it through the grace; `demote` ends that of those whose last day has passed.
    Without a published scheme nothing happens.
    Writes: members.level.moved.
    """
    live = schemes.live(as_of)
    if live is None:
        return Assessed()
    sql.rows(LOCK.format(who=members))
    _target(members, live, as_of, demote=demote)
    return _write(live, as_of, at, line=line)


@verb
def assess_all(*, as_of: date, at: datetime) -> Assessed:
    """Derive everybody's growth as of the end of a day: the window moves on, graces end.

    Everybody is looked at without a lock, those of whom something differs once more with it.
    Writes: members.level.moved, members.level.assessed.
    """
    live = schemes.live(as_of)
    if live is None:
        return Assessed()
    sql.temporary("tmp_everybody", growth.EVERYBODY)
    _target("tmp_everybody", live, as_of, demote=True)
    sql.temporary("tmp_differ", DIFFER)
    sql.rows(LOCK.format(who="tmp_differ"))
    _target("tmp_differ", live, as_of, demote=True)
    done = _write(live, as_of, at)
    journal.write("members.level.assessed", at=at, as_of=as_of.isoformat(), version=live.scheme.version)
    return done


# Whose books a line's rows are in; members themselves are looked for only where the line brought some.
TOUCHED = """
SELECT DISTINCT coalesce(m.merged_into_id, m.id) AS member_id FROM members_member m WHERE m.id IN (
  SELECT member_id FROM members_order WHERE entry_id = %(entry)s
  UNION ALL SELECT o.member_id FROM members_refund f JOIN members_order o ON o.id = f.order_id
    WHERE f.entry_id = %(entry)s
  UNION ALL SELECT member_id FROM members_growthadjustment WHERE entry_id = %(entry)s
  UNION ALL SELECT member_id FROM members_event WHERE entry_id = %(entry)s AND kind = ANY(%(kinds)s)
  UNION ALL SELECT unnest(ARRAY[member_id, into_id]) FROM members_merge WHERE entry_id = %(entry)s
  UNION ALL SELECT unnest(ARRAY[g.member_id, g.into_id]) FROM members_mergeundone u
    JOIN members_merge g ON g.id = u.merge_id WHERE u.entry_id = %(entry)s
  UNION ALL SELECT id FROM members_member WHERE %(of_members)s AND entry_id = %(entry)s
  UNION ALL SELECT unnest(%(left)s::bigint[]))
"""


@verb
def reassess(*, entry_id: int, line: str, facts: dict[str, Any], at: datetime) -> Assessed:
    """Derive anew the growth of those whose books a journal line's rows are in; never as of before the last night.

    Writes: members.level.moved.
    """
    as_of = clock.business_day(at)
    live = schemes.live(as_of)
    if live is None:
        return Assessed()
    kinds = [each.kind for each in live.terms.growth.events] if line == OF_EVENTS else []
    if line == OF_EVENTS and not kinds:
        return Assessed()
    params: sql.Params = {
        "entry": entry_id, "of_members": line == "members.member.recorded", "kinds": kinds,
        "left": list(facts.get("left_members") or []),
    }  # fmt: skip
    sql.temporary("tmp_touched_members", TOUCHED, params)
    last_night = growth.last_night()
    return assess(members="tmp_touched_members", as_of=max(as_of, last_night or as_of), at=at, line=line)
