"""Write what was learned about members: scores and stages, computed on a higher floor."""

from datetime import date, datetime

from members.models import ScoreCut
from newretail.kernel import staging
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

CELLS = (
    "first_day", "last_day", "purchases", "frequency", "monetary_cents", "r", "f", "m", '"group"', "is_super",
    "relationship",
)  # fmt: skip


@verb
def write_scores(*, table: str) -> int:
    """Write sums and scores of a temporary table: member_id, the portrait's cells, `fresh` where she has no row yet.

    Returns how many rows changed. Writes no line: `keep_cuts` writes the scoring's.
    """
    changed = staging.execute(
        f"UPDATE members_portrait p SET {', '.join(f'{cell} = t.{cell}' for cell in CELLS)}"
        f" FROM {table} t WHERE p.member_id = t.member_id AND NOT t.fresh"
    )
    return changed + staging.execute(
        f"INSERT INTO members_portrait (member_id, {', '.join(CELLS)}, stage)"
        f" SELECT t.member_id, {', '.join(f't.{cell}' for cell in CELLS)}, '' FROM {table} t"
        " WHERE t.fresh ORDER BY t.member_id ON CONFLICT (member_id) DO NOTHING"
    )


@verb
def drop_unlisted(*, table: str, among: str = "") -> int:
    """Take out of the portrait who is not listed in a temporary table, of all members or of those in `among`.

    Writes no line: `keep_cuts` writes the scoring's.
    """
    only = f" AND p.member_id IN (SELECT member_id FROM {among})" if among else ""
    return staging.execute(
        "DELETE FROM members_portrait p WHERE NOT EXISTS"
        f" (SELECT 1 FROM {table} t WHERE t.member_id = p.member_id){only}"
    )


@verb
def keep_cuts(
    *, as_of: date, cuts: dict[str, object], super_cents: int, scored: int, changed: int, at: datetime
) -> None:
    """Keep the cuts of a scoring as its version; the newest says as of which day the portrait stands.

    Writes: members.portrait.scored.
    """
    line = journal.write("members.portrait.scored", at=at, as_of=as_of.isoformat(), changed=changed, scored=scored)
    ScoreCut.objects.create(as_of=as_of, cuts=cuts, super_cents=super_cents, scored=scored, entry_id=line.pk)


@verb
def move_stages(*, table: str, as_of: date, at: datetime) -> int:
    """Move members to the stages of a temporary table (member_id, stage, since, changed_on); one StageChange per move.

    Returns how many moved. Both directions move alike; a member who stays is not touched.
    Writes: members.stage.moved.
    """
    entry_id = journal.reserve()
    params: staging.Params = {"entry": entry_id}
    moved = staging.execute(
        "INSERT INTO members_stagechange (member_id, from_stage, to_stage, changed_on, entry_id)"
        f" SELECT t.member_id, p.stage, t.stage, t.changed_on, %(entry)s FROM {table} t"
        " JOIN members_portrait p ON p.member_id = t.member_id WHERE p.stage <> t.stage ORDER BY t.member_id"
        " ON CONFLICT DO NOTHING",
        params,
    )
    staging.execute(
        f"UPDATE members_portrait p SET stage = t.stage, stage_since = t.since FROM {table} t"
        " WHERE p.member_id = t.member_id AND p.stage <> t.stage"
    )
    journal.write("members.stage.moved", at=at, entry_id=entry_id, as_of=as_of.isoformat(), moved=moved)
    return moved
