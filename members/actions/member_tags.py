"""Tags that a file puts on members and takes off."""

from datetime import datetime

from newretail.kernel import sql, staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

RECIPE = staging.Recipe(
    name="member_tags",
    line_name="members.member_tag.recorded",
    types={"line": "int", "dup_of": "int"},
    resolve="""
SELECT i.*, m.id AS member_id, g.id AS tag_id, l.id AS existing, %(today)s::date + g.expires_days AS until,
  CASE WHEN i.take_off = 'yes' THEN l.id IS NULL
    ELSE l.id IS NOT NULL AND l.source <> 'rule' AND
      (l.expires_on IS NULL OR l.expires_on >= %(today)s::date + g.expires_days) IS TRUE END AS same,
  CASE WHEN m.id IS NULL THEN 'unknown_member' WHEN g.id IS NULL THEN 'unknown_tag'
    WHEN num_nonnulls(g.store_id, g.region_id) = 1 AND (g.store_id = h.id OR g.region_id = h.region_id) IS NOT TRUE
    THEN 'tag_elsewhere' END AS error,
  CASE WHEN m.id IS NULL THEN 'member_no' ELSE 'tag' END AS error_column
FROM tmp_member_tags_in i
LEFT JOIN members_member m ON m.member_no = i.member_no
LEFT JOIN stores_store h ON h.id = m.home_store_id
LEFT JOIN members_tag g ON g.name = i.tag
LEFT JOIN members_membertag l ON l.member_id = m.id AND l.tag_id = g.id
""",
    write="""
WITH given AS (SELECT * FROM tmp_member_tags WHERE error IS NULL AND same IS NOT TRUE),
gone AS (
  DELETE FROM members_membertag l USING given t WHERE t.take_off = 'yes' AND l.id = t.existing
  RETURNING l.member_id, l.tag_id),
put AS (
  INSERT INTO members_membertag AS l (member_id, tag_id, source, set_at, set_by_id, expires_on, entry_id)
  SELECT member_id, tag_id, 'import', %(at)s, %(by)s, until, %(entry)s FROM given t
  WHERE t.take_off IS DISTINCT FROM 'yes' ORDER BY 1, 2
  ON CONFLICT (member_id, tag_id) DO UPDATE SET source = excluded.source, set_at = excluded.set_at,
    set_by_id = excluded.set_by_id, expires_on = excluded.expires_on, entry_id = excluded.entry_id
  RETURNING member_id, tag_id, xmax = 0 AS created),
told AS (
  INSERT INTO members_tagmove (member_id, tag_id, kind, source, reason, moved_at, by_id, entry_id)
  SELECT member_id, tag_id, kind, 'import', '', %(at)s, %(by)s, %(entry)s
  FROM (SELECT member_id, tag_id, 'added' FROM put UNION ALL SELECT member_id, tag_id, 'removed' FROM gone)
    m(member_id, tag_id, kind) ORDER BY 1, 2)
SELECT created FROM put UNION ALL SELECT false FROM gone
""",
    back_name="members.member_tag.withdrawn",
    trail=Trail(
        creates=("members_tagmove", "members_membertag"),
        counted=(("members_membertag", "created"),),
        keeps=(
            ("members_membertag", "k.id IN (SELECT existing FROM tmp_member_tags WHERE error IS NULL AND NOT same)"),
        ),
    ),
)
# In the order of the links, as everybody does who changes them.
LOCK_LINKS = """
SELECT 1 FROM members_membertag l JOIN tmp_member_tags t ON t.existing = l.id WHERE t.error IS NULL AND NOT t.same
ORDER BY l.member_id, l.tag_id FOR UPDATE OF l
"""


def _lock(_params: sql.Params, _outcome: Outcome) -> None:
    sql.execute(LOCK_LINKS)


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Put tags on members, and take off those whose row says so.

    Batch columns: those of `members.importers.MEMBER_TAGS`.
    Row refusals: unknown_member, unknown_tag, tag_elsewhere.
    Writes: members.member_tag.recorded.
    """
    params = {"by": by.pk if by else None}
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=staging.Steps(between=_lock))
