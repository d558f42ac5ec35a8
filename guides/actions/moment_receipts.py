"""Take the platform's receipts of posts in Moments: what a guide told is confirmed, what she did not tell is kept."""

from datetime import datetime

from newretail.kernel import clock, staging
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import Column, Sheet
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

# Who posted which moment when, as WeCom tells it; the material is what was sent to be posted.
RECEIPTS = Sheet(
    kind="moment_posts",
    columns=(
        Column("moment_id", "朋友圈编号", required=True, limit=120),
        Column("staff_no", "工号", required=True, limit=40),
        Column("material_code", "素材编号", required=True, limit=40),
        Column("posted_at", "发布时间", type="moment", required=True),
    ),
    key=("moment_id", "staff_no"),
)
# Of the week's slots for the material: first the one she told of, then the newest that had come when it was posted.
# Brand advertising that she has posted already leaves no slot for more.
RECIPE = staging.Recipe(
    name="moment_posts",
    line_name="guides.moment_post.confirmed",
    types={"line": "int", "dup_of": "int", "posted_at": "timestamptz"},
    resolve="""
SELECT i.*, p.id AS post_id, p.user_id, s.slot_id, s.week_on, s.category, s.material_id, s.made,
  coalesce(e.id, s.made) AS existing, e.id IS NOT NULL AS same,
  CASE WHEN p.id IS NULL THEN 'unknown_staff' WHEN i.posted_at > %(at)s::timestamptz + interval '5 minutes'
    THEN 'in_future' WHEN e.id IS NULL AND s.slot_id IS NULL THEN 'not_planned' END AS error,
  CASE WHEN p.id IS NULL THEN 'staff_no' WHEN i.posted_at > %(at)s::timestamptz + interval '5 minutes'
    THEN 'posted_at' ELSE 'material_code' END AS error_column
FROM tmp_moment_posts_in i
LEFT JOIN LATERAL (
  SELECT x.id, x.user_id, x.store_id FROM stores_post x JOIN kernel_user u ON u.id = x.user_id
  WHERE u.staff_no = i.staff_no AND u.is_active AND x.until IS NULL AND x.role IN ('guide', 'manager')
    AND (%(within)s::bigint[] IS NULL OR x.store_id = ANY(%(within)s::bigint[]))
  ORDER BY x.role, x.id LIMIT 1) p ON true
LEFT JOIN guides_momentpost e ON e.post_id = p.id AND e.moment_id = i.moment_id
LEFT JOIN LATERAL (
  SELECT k.id AS slot_id, k.week_on, k.category, k.material_id, m.id AS made
  FROM guides_momentslot k JOIN guides_material x ON x.id = k.material_id AND x.code = i.material_code
  LEFT JOIN guides_momentpost m ON m.slot_id = k.id AND m.post_id = p.id AND m.undone_at IS NULL
  WHERE k.store_id = p.store_id AND k.day <= (i.posted_at AT TIME ZONE %(zone)s::text)::date
    AND k.week_on + 7 > (i.posted_at AT TIME ZONE %(zone)s::text)::date
    AND (m.id IS NULL OR m.evidence = 'self')
    AND (m.id IS NOT NULL OR k.category <> 'brand' OR NOT EXISTS (SELECT FROM guides_momentpost b
      WHERE b.by_id = p.user_id AND b.week_on = k.week_on AND b.category = 'brand' AND b.undone_at IS NULL))
  ORDER BY m.id IS NULL, k.day DESC, k.nth LIMIT 1) s ON true
""",
    write="""
WITH taken AS (
  SELECT DISTINCT ON (post_id, slot_id) * FROM tmp_moment_posts WHERE error IS NULL AND NOT same
  ORDER BY post_id, slot_id, line
), confirmed AS (
  UPDATE guides_momentpost m SET evidence = 'platform', moment_id = t.moment_id, at = t.posted_at,
    confirm_entry_id = %(entry)s::bigint
  FROM taken t WHERE m.id = t.made AND m.evidence = 'self' AND m.undone_at IS NULL RETURNING false AS created
), kept AS (
  INSERT INTO guides_momentpost (slot_id, post_id, by_id, week_on, category, material_id, at, evidence, moment_id,
    entry_id, confirm_entry_id)
  SELECT slot_id, post_id, user_id, week_on, category, material_id, posted_at, 'platform', moment_id,
    %(entry)s::bigint, %(entry)s::bigint
  FROM taken WHERE made IS NULL ORDER BY post_id, slot_id ON CONFLICT DO NOTHING RETURNING true AS created
)
SELECT created FROM confirmed UNION ALL SELECT created FROM kept
""",
)


@verb
def confirm(*, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None) -> Outcome:
    """Take receipts of posts, row by row: what she told of is confirmed, with the platform's time; sent again, nothing.

    Batch columns: those of `RECEIPTS`. `within`: stores (ids) beyond which no guide is there.
    Row refusals: unknown_staff, in_future, not_planned.
    Writes: guides.moment_post.confirmed.
    """
    params = {"within": within, "zone": clock.brand_zone().key}
    return staging.record(RECIPE, batch, at=at, by=by, params=params)
