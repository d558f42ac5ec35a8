"""Record what members did elsewhere, as other systems saw it, and forget it in time."""

from datetime import datetime, timedelta

from members.queries import growth
from newretail.kernel import brand, clock, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import Column, Sheet
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

EVENTS = Sheet(
    kind="events",
    columns=(
        Column("source", "来源", required=True, limit=40),
        Column("event_no", "事件号", required=True),
        Column("kind", "行为", required=True, limit=40),
        Column("member_no", "会员号", limit=40),
        Column("phone", "手机号", type="phone"),
        Column("happened_at", "发生时间", type="moment", required=True),
        Column("subject", "对象", limit=120),
        Column("channel", "渠道", limit=40),
        Column("data", "数据", type="text", limit=8000),
    ),
    key=("source", "event_no"),
)
TOLD = "(i.kind, i.happened_at, coalesce(i.subject, ''), coalesce(i.channel, ''), coalesce(i.data, '{}')::jsonb)"
KEPT = "(e.kind, e.happened_at, e.subject, e.channel, e.data)"
SAME = f"e.id IS NOT NULL AND e.member_id = m.id AND {TOLD} IS NOT DISTINCT FROM {KEPT}"
OUTSIDE = "(%(within)s::bigint[] IS NOT NULL AND (m.home_store_id IS NULL OR m.home_store_id <> ALL(%(within)s)))"
UNKNOWN = f"(m.id IS NULL OR m.erased_at IS NOT NULL OR {OUTSIDE})"
TWO = "(n.id IS NOT NULL AND d.member_id <> n.id)"
RECIPE = staging.Recipe(
    name="events",
    line_name="members.event.recorded",
    types={"line": "int", "dup_of": "int", "happened_at": "timestamptz"},
    resolve=f"""
SELECT i.*, e.id AS existing, m.id AS member_id, {SAME} AS same,
  CASE WHEN {UNKNOWN} THEN 'unknown_member' WHEN {TWO} THEN 'two_members'
    WHEN i.happened_at > %(at)s::timestamptz + interval '1 day' THEN 'in_future'
    WHEN e.id IS NOT NULL AND NOT ({SAME}) THEN 'event_differs' END AS error,
  CASE WHEN {UNKNOWN} OR {TWO} THEN CASE WHEN i.member_no IS NULL THEN 'phone' ELSE 'member_no' END
    WHEN i.happened_at > %(at)s::timestamptz + interval '1 day' THEN 'happened_at' ELSE 'event_no' END
    AS error_column
FROM tmp_events_in i
LEFT JOIN members_member n ON n.member_no = i.member_no
LEFT JOIN members_identity d ON d.kind = 'phone' AND d.value = i.phone
LEFT JOIN members_member m ON m.id = coalesce(n.id, d.member_id)
LEFT JOIN members_event e ON e.source = i.source AND e.event_no = i.event_no
""",
    write="""
INSERT INTO members_event (source, event_no, member_id, kind, happened_at, subject, channel, data, entry_id)
SELECT t.source, t.event_no, t.member_id, t.kind, t.happened_at, coalesce(t.subject, ''), coalesce(t.channel, ''),
  coalesce(t.data, '{}')::jsonb, %(entry)s
FROM tmp_events t WHERE t.error IS NULL AND t.existing IS NULL ORDER BY t.source, t.event_no
ON CONFLICT DO NOTHING RETURNING true
""",
)
FORGET = """
DELETE FROM members_event WHERE happened_at < %(before)s
  AND NOT (kind = ANY(%(kinds)s) AND happened_at >= %(counts_since)s)
"""


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None) -> Outcome:
    """Record events; (source, event no.) is the key for ever, a recorded one never changes.

    Batch columns: those of EVENTS. `within`: stores (ids) beyond which no member is there.
    Row refusals: unknown_member, two_members, in_future, event_differs.
    Writes: members.event.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, params={"within": within})


@verb
def forget(*, at: datetime) -> int:
    """Forget events that happened longer ago than the brand keeps them; return how many.

    Those that still count for growth stay until their window has passed.

    Writes: members.event.forgotten.
    """
    counted = growth.counted(clock.business_day(at))
    gone = sql.execute(FORGET, {
        "before": at - timedelta(days=brand.setting("event_days")), "kinds": counted.kinds,
        "counts_since": clock.day_start(counted.since),
    })  # fmt: skip
    if gone:
        journal.write("members.event.forgotten", at=at, events=gone)
    return gone
