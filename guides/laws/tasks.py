"""Laws of tasks: one stands as its last move says, and whom a guide touched stands in the ledger of touches."""

from guides.queries.planned import REF
from members.models import Touch
from newretail.kernel.books import law, lined

LAST = "SELECT DISTINCT ON (task_id) task_id, nth, kind FROM guides_taskmove ORDER BY task_id, nth DESC"
STANDS = """
CASE WHEN k.state = 'done' THEN coalesce(l.kind IN ('done', 'approved'), false)
  WHEN k.state = 'checking' THEN coalesce(l.kind IN ('done', 'transferred'), false)
  WHEN k.state = 'cancelled' THEN coalesce(l.kind = 'cancelled', false)
  ELSE coalesce(l.kind NOT IN ('done', 'approved', 'cancelled'), true) END
"""
law(
    "a task stands as its last move left it",
    f"SELECT k.id::text, k.state, coalesce(l.kind, 'none') FROM guides_task k LEFT JOIN ({LAST}) l ON l.task_id = k.id"
    f" WHERE k.moves <> coalesce(l.nth, 0) OR NOT {STANDS}",
)
law(
    "the moves of a task are counted without a gap",
    "SELECT task_id::text, count(*)::text, max(nth)::text FROM guides_taskmove GROUP BY 1 HAVING count(*) <> max(nth)",
)
law(
    "the photos of a task are counted without a gap",
    "SELECT task_id::text, count(*)::text, max(nth)::text FROM guides_taskphoto GROUP BY 1 HAVING count(*) <> max(nth)",
)
TOUCHED = ", ".join(f"'{outcome}'" for outcome in ("sent", "replied", "bought"))
# The touch of a plan waits for its task, and was made once that is done.
MADE = ", ".join(f"'{state}'" for state in (Touch.State.WAITING, *Touch.WENT_OUT))
law(
    "a task that says she was touched stands in the ledger of touches",
    f"""SELECT k.id::text, m.nth::text, coalesce(t.state, 'none')
FROM guides_task k JOIN guides_taskmove m ON m.task_id = k.id
JOIN members_member e ON e.id = k.member_id
LEFT JOIN members_touch t ON t.source = 'guides.task:' || k.id || '.' || m.nth
WHERE m.kind = 'done' AND m.outcome IN ({TOUCHED}) AND e.erased_at IS NULL
  AND (t.id IS NULL AND NOT EXISTS (
      SELECT FROM members_touch p WHERE p.ref = {REF} AND p.state IN ({MADE}))
    OR (t.reason = '{Touch.Reason.TAKEN_BACK}') <> EXISTS (
    SELECT FROM guides_taskmove u WHERE u.task_id = m.task_id AND u.nth = m.nth + 1 AND u.kind = 'undone'))""",
)
ENDED_OTHERWISE = f"""
k.state = 'open' AND t.state NOT IN ('claimed', 'waiting', 'unknown')
OR k.outcome IN ({TOUCHED}) AND t.state = 'failed'
""".strip()
law(
    "a touch that a guide was asked to make ends as her task does",
    f"SELECT k.id::text, k.state, t.state FROM guides_task k JOIN members_touch t ON t.ref = {REF}"
    f" WHERE {ENDED_OTHERWISE}",
)
for table in ("task", "taskmove", "taskphoto", "brief", "taskrule", "entrypass", "wecomapp"):
    lined(f"guides_{table}")
