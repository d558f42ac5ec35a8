"""Record tags: what each speaks of, who answers for it, how long it holds."""

from datetime import datetime

from newretail.kernel import staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

RECIPE = staging.Recipe(
    name="tags",
    line_name="members.tag.recorded",
    types={"line": "int", "dup_of": "int", "expires_days": "bigint"},
    # Zero days: it holds for good.
    resolve="""
SELECT i.*, g.id AS existing, coalesce(i.family, g.family, 'personal') AS new_family,
  coalesce(u.id, g.owner_id) AS new_owner,
  CASE WHEN i.expires_days IS NULL THEN g.expires_days ELSE nullif(i.expires_days, 0) END AS new_days,
  g.id IS NOT NULL AND (coalesce(i.family, g.family), coalesce(u.id, g.owner_id),
      CASE WHEN i.expires_days IS NULL THEN g.expires_days ELSE nullif(i.expires_days, 0) END)
    IS NOT DISTINCT FROM (g.family, g.owner_id, g.expires_days) AS same,
  CASE WHEN i.owner_no IS NOT NULL AND u.id IS NULL THEN 'unknown_staff'
    WHEN i.expires_days > 36500 THEN 'too_many_days' END AS error,
  CASE WHEN i.owner_no IS NOT NULL AND u.id IS NULL THEN 'owner_no' ELSE 'expires_days' END AS error_column
FROM tmp_tags_in i
LEFT JOIN members_tag g ON g.name = i.name
LEFT JOIN kernel_user u ON u.staff_no = i.owner_no
""",
    write="""
INSERT INTO members_tag AS g (name, family, owner_id, expires_days, entry_id)
SELECT t.name, t.new_family, t.new_owner, t.new_days, %(entry)s
FROM tmp_tags t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.name
ON CONFLICT (name) DO UPDATE SET family = excluded.family, owner_id = excluded.owner_id,
  expires_days = excluded.expires_days, entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="members.tag.withdrawn",
    trail=Trail(
        creates=("members_tag",),
        counted=(("members_tag", "created"),),
        keeps=(("members_tag", "k.id IN (SELECT existing FROM tmp_tags WHERE error IS NULL AND same IS NOT TRUE)"),),
    ),
)


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, subject: str = "") -> Outcome:
    """Record tags by name; an empty cell keeps what is there.

    Batch columns: those of `members.importers.TAGS`. `subject` names the one tag that a page edits.
    Row refusals: unknown_staff, too_many_days.
    Writes: members.tag.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, subject=subject)
