"""Laws of touches: none is lost between the plan and its end, and none goes out without a claim."""

from members.models import Touch
from newretail.kernel.books import law, waiting

SENT = f"({', '.join(repr(str(state)) for state in Touch.WENT_OUT)})"
FURTHEST = "array_position(ARRAY[{}]::varchar[], {{}})".format(", ".join(repr(str(state)) for state in Touch.TOLD))

law(
    "what was planned is in the ledger",
    "SELECT j.id::text, j.facts ->> 'planned', count(t.id)::text FROM kernel_journalentry j"
    " LEFT JOIN members_touch t ON t.entry_id = j.id WHERE j.name IN ('members.touch.planned', 'members.touch.made')"
    " GROUP BY j.id, j.facts HAVING (j.facts ->> 'planned')::bigint <> count(t.id)",
)
law(
    "what was planned was sent, failed, is unknown, was refused, was suppressed, or is not due to an end yet",
    "SELECT source, count(*)::text, count(*) FILTER (WHERE state IN"
    " ('planned', 'held', 'claimed', 'waiting', 'failed', 'unknown', 'refused', 'over_quota')"
    f" OR state IN {SENT} OR state = 'suppressed' AND reason <> '')::text FROM members_touch GROUP BY source"
    " HAVING count(*) <> count(*) FILTER (WHERE state IN"
    " ('planned', 'held', 'claimed', 'waiting', 'failed', 'unknown', 'refused', 'over_quota')"
    f" OR state IN {SENT} OR state = 'suppressed' AND reason <> '')",
)
law(
    "what was claimed was claimed once",
    "SELECT 'claimed', told::text, held::text FROM (SELECT"
    " (SELECT coalesce(sum((facts ->> 'claimed')::bigint), 0) FROM kernel_journalentry"
    " WHERE name IN ('members.touch.claimed', 'members.touch.made')) AS told,"
    " (SELECT count(*) FROM members_touch WHERE claimed_at IS NOT NULL) AS held) s WHERE told <> held",
)
waiting("touches whose end nobody knows", "SELECT count(*) FROM members_touch WHERE state = 'unknown'")
law(
    "a touch stands as far as its furthest receipt tells",
    "SELECT t.id::text, t.state, f.kind FROM members_touch t FULL JOIN (SELECT DISTINCT ON (touch_id) touch_id, kind"
    f" FROM members_touchreceipt ORDER BY touch_id, {FURTHEST.format('kind')} DESC) f ON f.touch_id = t.id"
    f" WHERE (t.state IN {SENT} AND t.state <> 'sent' OR f.kind IS NOT NULL) AND t.state IS DISTINCT FROM f.kind",
)
