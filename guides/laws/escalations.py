"""Laws of escalations: one stands as its thread left it, and the thread has no gap."""

from newretail.kernel.books import law, lined

LAST = "SELECT DISTINCT ON (escalation_id) * FROM guides_escalationmessage ORDER BY escalation_id, nth DESC"
law(
    "an escalation stands as its last message left it",
    "SELECT e.id::text, e.state || ' ' || e.level || ' ' || e.messages, m.kind || ' ' || m.level || ' ' || m.nth"
    f" FROM guides_escalation e LEFT JOIN ({LAST}) m ON m.escalation_id = e.id"
    " WHERE m.id IS NULL OR e.messages <> m.nth OR e.level <> m.level OR e.state <> CASE m.kind"
    " WHEN 'closed' THEN 'closed' WHEN 'answered' THEN 'answered' ELSE 'open' END",
)
law(
    "the messages of an escalation are counted without a gap",
    "SELECT escalation_id::text, count(*)::text, max(nth)::text FROM guides_escalationmessage"
    " GROUP BY 1 HAVING count(*) <> max(nth)",
)
law(
    "an escalation was handed up as often as its thread says",
    "SELECT e.id::text, e.handed_up::text, count(m.id)::text FROM guides_escalation e"
    " LEFT JOIN guides_escalationmessage m ON m.escalation_id = e.id AND m.kind = 'handed_up'"
    " GROUP BY e.id HAVING e.handed_up <> count(m.id)",
)
lined("guides_escalationmessage")
