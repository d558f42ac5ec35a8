"""Laws of segments: who stands in one is what its moves leave, and its number is theirs."""

from newretail.kernel.books import law, lined, waiting

# Members who changed, or went, and whom segments have not judged since.
UNHEARD = (
    "(EXISTS (SELECT FROM campaigns_changedmember)"
    " OR EXISTS (SELECT FROM kernel_pending WHERE handler = 'campaigns.handlers.mark_changed'))"
)
law(
    "a segment counts the members it has",
    "SELECT s.code, s.members::text, count(k.member_id)::text FROM campaigns_segment s"
    f" LEFT JOIN campaigns_segmentmember k ON k.segment_id = s.id WHERE NOT {UNHEARD} GROUP BY s.id"
    " HAVING s.members <> count(k.member_id)",
)
law(
    "who stands in a segment came in last, who does not went out last",
    "SELECT coalesce(k.segment_id, l.segment_id) || ':' || coalesce(k.member_id, l.member_id),"
    " CASE WHEN k.member_id IS NULL THEN 'out' ELSE 'in' END, coalesce(l.kind, 'never') FROM campaigns_segmentmember k"
    " FULL JOIN (SELECT DISTINCT ON (segment_id, member_id) segment_id, member_id, kind FROM campaigns_segmentmove"
    " ORDER BY segment_id, member_id, id DESC) l ON l.segment_id = k.segment_id AND l.member_id = k.member_id"
    " WHERE (k.member_id IS NOT NULL) <> (l.kind IS NOT DISTINCT FROM 'entered')",
)
law(
    "moves of a segment are those that their line tells",
    "SELECT j.id::text, concat_ws('+', j.facts ->> 'entered', j.facts ->> 'left'),"
    " concat_ws('+', count(v.id) FILTER (WHERE v.kind = 'entered'), count(v.id) FILTER (WHERE v.kind = 'left'))"
    " FROM kernel_journalentry j LEFT JOIN campaigns_segmentmove v ON v.entry_id = j.id"
    " WHERE j.name = 'campaigns.segment.moved' AND NOT EXISTS (SELECT FROM kernel_journalentry w"
    " WHERE w.name = 'members.member.withdrawn' AND w.id > j.id) GROUP BY j.id, j.facts"
    " HAVING (j.facts ->> 'entered')::bigint <> count(v.id) FILTER (WHERE v.kind = 'entered')"
    " OR (j.facts ->> 'left')::bigint <> count(v.id) FILTER (WHERE v.kind = 'left')",
)
law(
    "a snapshot has as many bits as it counts members",
    "SELECT id::text, members::text, bit_count(seats)::text FROM campaigns_snapshot WHERE members <> bit_count(seats)",
)
law(
    "no merged or erased person stands in a segment that is kept fresh",
    "SELECT k.segment_id::text, m.member_no, 'gone' FROM campaigns_segmentmember k"
    " JOIN campaigns_segment s ON s.id = k.segment_id AND s.state = 'active' AND NOT s.due"
    " JOIN members_member m ON m.id = k.member_id WHERE (m.merged_into_id IS NOT NULL OR m.erased_at IS NOT NULL)"
    f" AND NOT {UNHEARD}",
)
law(
    "whom a plan planned for is whom its lines tell",
    "SELECT j.id::text, j.facts ->> 'members', count(k.id)::text FROM kernel_journalentry j"
    " LEFT JOIN campaigns_planmember k ON k.entry_id = j.id WHERE j.name = 'campaigns.plan.planned' AND NOT EXISTS"
    " (SELECT FROM kernel_journalentry w WHERE w.name = 'members.member.withdrawn' AND w.id > j.id)"
    " GROUP BY j.id, j.facts HAVING (j.facts ->> 'members')::bigint <> count(k.id)",
)
law(
    "who is held out of a plan is touched by none of its touches",
    "SELECT p.code, m.member_no, t.state FROM campaigns_planmember k JOIN campaigns_touchplan p ON p.id = k.plan_id"
    " JOIN members_touch t ON t.source = 'campaigns.plan:' || p.id AND t.member_id = k.member_id AND t.day = k.day"
    " JOIN members_member m ON m.id = k.member_id WHERE k.arm = 'held_out' AND t.state <> 'suppressed'",
)
waiting("members to be judged by segments", "SELECT count(*) FROM campaigns_changedmember")
for _table in ("segment", "segmentversion", "segmentmove", "snapshot", "channelsetup", "touchplan", "planmember"):
    lined(f"campaigns_{_table}")
