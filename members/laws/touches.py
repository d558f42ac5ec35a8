"""Laws of touches: none is lost between the plan and its end, and none goes out without a claim."""

from newretail.kernel.books import law, waiting

law(
    "what was planned is in the ledger",
    "SELECT j.id::text, j.facts ->> 'planned', count(t.id)::text FROM kernel_journalentry j"
    " LEFT JOIN members_touch t ON t.entry_id = j.id WHERE j.name IN ('members.touch.planned', 'members.touch.made')"
    " GROUP BY j.id, j.facts HAVING (j.facts ->> 'planned')::bigint <> count(t.id)",
)
law(
    "what was planned was sent, failed, is unknown, was suppressed, or is not due to an end yet",
    "SELECT source, count(*)::text, count(*) FILTER (WHERE state IN"
    " ('planned', 'claimed', 'sent', 'failed', 'unknown', 'suppressed'))::text FROM members_touch"
    " GROUP BY source HAVING count(*) <> count(*) FILTER (WHERE state IN ('planned', 'claimed'))"
    " + count(*) FILTER (WHERE state = 'sent') + count(*) FILTER (WHERE state = 'failed')"
    " + count(*) FILTER (WHERE state = 'unknown') + count(*) FILTER (WHERE state = 'suppressed' AND reason <> '')",
)
law(
    "what was claimed was claimed once",
    "SELECT 'claimed', told::text, held::text FROM (SELECT"
    " (SELECT coalesce(sum((facts ->> 'claimed')::bigint), 0) FROM kernel_journalentry"
    " WHERE name IN ('members.touch.claimed', 'members.touch.made')) AS told,"
    " (SELECT count(*) FROM members_touch WHERE claimed_at IS NOT NULL) AS held) s WHERE told <> held",
)
law(
    "a touch has an end when it was settled, and only then",
    "SELECT id::text, state, coalesce(settled_at::text, 'never') FROM members_touch"
    " WHERE (state IN ('planned', 'claimed')) <> (settled_at IS NULL)",
)
waiting("touches whose end nobody knows", "SELECT count(*) FROM members_touch WHERE state = 'unknown'")
