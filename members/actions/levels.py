"""Record the steps of the membership."""

from datetime import datetime

from newretail.kernel import sql, staging
from newretail.kernel.actions import images
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

MOST_RANK = 9_999
ASIDE = 20_000  # where ranks stand while those of a batch change places
RECIPE = staging.Recipe(
    name="levels",
    line_name="members.level.recorded",
    types={"line": "int", "dup_of": "int", "rank": "bigint"},
    resolve="""
SELECT i.*, l.id AS existing, l.id IS NOT NULL AND (l.name, l.rank) IS NOT DISTINCT FROM (i.name, i.rank) AS same,
  CASE WHEN i.rank > %(most)s THEN 'rank_too_high' END AS error, 'rank' AS error_column
FROM tmp_levels_in i LEFT JOIN members_level l ON l.code = i.code
""",
    write="""
INSERT INTO members_level AS l (code, name, rank, entry_id)
SELECT t.code, t.name, t.rank, %(entry)s FROM tmp_levels t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.code
ON CONFLICT (code) DO UPDATE SET name = excluded.name, rank = excluded.rank, entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="members.level.withdrawn",
    trail=Trail(creates=("members_level",), counted=(("members_level", "created"),)),
)
# Kept before ranks are moved aside, so that what is kept is where each level stood.
CHANGING = "k.id IN (SELECT existing FROM tmp_levels WHERE error IS NULL AND same IS NOT TRUE)"
LOCK = "SELECT pg_advisory_xact_lock(hashtext('members.level:' || current_schema()))"
# A rank belongs to the first line that asks for it, or to the level that holds it and is not moved by the batch. A
# refused line leaves its level where it stands, so that what it holds is taken after all: judged until nothing changes.
TAKEN = """
UPDATE tmp_levels t SET error = 'rank_taken', error_column = 'rank'
WHERE t.error IS NULL AND (
  EXISTS (SELECT 1 FROM tmp_levels o WHERE o.error IS NULL AND o.rank = t.rank AND o.line < t.line)
  OR EXISTS (SELECT 1 FROM members_level l WHERE l.rank = t.rank AND l.code <> t.code
    AND NOT EXISTS (SELECT 1 FROM tmp_levels m WHERE m.code = l.code AND m.error IS NULL AND m.rank <> l.rank)))
"""
MAKE_ROOM = """
UPDATE members_level l SET rank = l.rank + %(aside)s FROM tmp_levels t
WHERE t.code = l.code AND t.error IS NULL AND t.same IS NOT TRUE AND l.rank <> t.rank
"""


def _judge_ranks(params: sql.Params, _outcome: Outcome) -> None:
    while sql.execute(TAKEN):
        pass
    images.keep("members_level", CHANGING, params)
    sql.execute(MAKE_ROOM, {"aside": ASIDE})


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, subject: str = "") -> Outcome:
    """Record levels by code; two levels may change ranks within one batch, and none shares a rank with another.

    Batch columns: those of `members.importers.LEVELS`. `subject` names the one level that a page edits.
    Row refusals: rank_taken, rank_too_high.
    Writes: members.level.recorded.
    """
    sql.rows(LOCK)
    steps = staging.Steps(between=_judge_ranks)
    return staging.record(RECIPE, batch, at=at, by=by, params={"most": MOST_RANK}, steps=steps, subject=subject)
