"""Write what was learned about members: scores and stages, computed on a higher floor."""

from datetime import date, datetime
from typing import Any

from members.models import ScoreCut
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

CELLS = (
    "first_day", "last_day", "purchases", "frequency", "monetary_cents", "r", "f", "m", '"group"', "is_super",
    "relationship",
)  # fmt: skip


# What is told of each row that a scoring writes.
TOLD = ("r", "f", "m", "stage", "relationship", "is_super", "frequency", "monetary_cents")


@verb
def drop_unlisted(*, until: datetime) -> int:
    """Take out of the portrait who is not listed on its day: who joined at `until` or later, or lives on in another.

    Begins `tmp_written`, where a scoring tells which rows stand no longer (`n` -1) and which do (`n` 1).
    Writes no line: `keep_cuts` writes the scoring's.
    """
    told = ", ".join(TOLD)
    sql.temporary("tmp_written", f"SELECT {told}, 1 AS n FROM members_portrait WHERE false", analyze=False)
    return sql.execute(
        "WITH gone AS (DELETE FROM members_portrait p USING"
        " (SELECT id FROM members_member WHERE joined_at >= %(until)s"
        "  UNION SELECT id FROM members_member WHERE merged_into_id IS NOT NULL) m"
        f" WHERE m.id = p.member_id RETURNING {', '.join(f'p.{cell}' for cell in TOLD)})"
        f" INSERT INTO tmp_written SELECT {told}, -1 FROM gone",
        {"until": until},
    )


# Who had been merged into another comes back to the stage in which she stood last.
STOOD = """
CASE WHEN t.member_id IN (SELECT member_id FROM members_merge) THEN coalesce((SELECT c.to_stage
  FROM members_stagechange c WHERE c.member_id = t.member_id ORDER BY c.changed_on DESC, c.id DESC LIMIT 1), '')
ELSE '' END
"""


@verb
def write_scores(*, table: str) -> int:
    """Write sums and scores of a temporary table: member_id, the portrait's cells, `fresh` where she has no row yet.

    Tells of each row in `tmp_written`, as it was and as it is; `drop_unlisted` has begun it.
    Returns how many rows changed. Writes no line: `keep_cuts` writes the scoring's.
    """
    was, now, told = (", ".join(f"{side}{cell}" for cell in TOLD) for side in ("w.was_", "w.", ""))
    versions = ", ".join(f"old.{cell} AS was_{cell}, new.{cell}" for cell in TOLD)
    changed = sql.execute(
        f"WITH w AS (UPDATE members_portrait p SET {', '.join(f'{cell} = t.{cell}' for cell in CELLS)}"
        f" FROM {table} t WHERE p.member_id = t.member_id AND NOT t.fresh RETURNING {versions})"
        f" INSERT INTO tmp_written SELECT v.* FROM w CROSS JOIN LATERAL (VALUES ({was}, -1), ({now}, 1)) v"
    )
    return changed // 2 + sql.execute(
        f"WITH w AS (INSERT INTO members_portrait (member_id, {', '.join(CELLS)}, stage)"
        f" SELECT t.member_id, {', '.join(f't.{cell}' for cell in CELLS)}, {STOOD} FROM {table} t"
        f" WHERE t.fresh ORDER BY t.member_id ON CONFLICT (member_id) DO NOTHING RETURNING {told})"
        f" INSERT INTO tmp_written SELECT {told}, 1 FROM w"
    )


@verb
def keep_cuts(*, as_of: date, at: datetime, changed: int, **cuts: Any) -> None:
    """Keep the cuts of a scoring as its version, by the fields of `ScoreCut`; the newest is the live portrait's.

    Writes: members.portrait.scored.
    """
    scored = cuts["scored"]
    line = journal.write("members.portrait.scored", at=at, as_of=as_of.isoformat(), changed=changed, scored=scored)
    ScoreCut.objects.create(as_of=as_of, entry_id=line.pk, **cuts)


@verb
def move_stages(*, table: str, as_of: date, at: datetime) -> int:
    """Move members to the stages of a temporary table (member_id, stage, since, changed_on); one StageChange per move.

    Returns how many moved. Both directions move alike; a member who stays is not touched.
    Writes: members.stage.moved.
    """
    entry_id = journal.reserve()
    params: sql.Params = {"entry": entry_id}
    moved = sql.execute(
        "INSERT INTO members_stagechange (member_id, from_stage, to_stage, changed_on, entry_id)"
        f" SELECT t.member_id, p.stage, t.stage, t.changed_on, %(entry)s FROM {table} t"
        " JOIN members_portrait p ON p.member_id = t.member_id WHERE p.stage <> t.stage ORDER BY t.member_id"
        " ON CONFLICT DO NOTHING",
        params,
    )
    sql.execute(
        f"UPDATE members_portrait p SET stage = t.stage, stage_since = t.since FROM {table} t"
        " WHERE p.member_id = t.member_id AND p.stage <> t.stage"
    )
    journal.write("members.stage.moved", at=at, entry_id=entry_id, as_of=as_of.isoformat(), moved=moved)
    return moved
