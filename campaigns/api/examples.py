"""What the addresses of campaigns are asked with and answer."""

from newretail.kernel.api.illustrate import Asked, Both, Examples

CONDITIONS = {"all": [{"field": "member.gender", "op": "one_of", "value": ["f"]}]}
EXAMPLES = Examples(
    {
        "list_segments": Asked("人群列表", "List segments"),
        "get_segment": Asked("一个人群", "One segment"),
        "list_members_of_segment": Asked("人群里的会员", "Whom a segment holds"),
    },
    {
        "segment_code": "women",
        "SegmentOut.code": "women",
        "SegmentOut.name": Both("女性会员", "Women"),
        "SegmentOut.note": "",
        "SegmentOut.state": "active",
        "SegmentOut.members": 1,
        "SegmentOut.refreshed_at": "2026-06-15T12:00:00+08:00",
        "OneSegmentOut.code": "women",
        "OneSegmentOut.name": Both("女性会员", "Women"),
        "OneSegmentOut.note": "",
        "OneSegmentOut.state": "active",
        "OneSegmentOut.members": 1,
        "OneSegmentOut.refreshed_at": "2026-06-15T12:00:00+08:00",
        "OneSegmentOut.version": 1,
        "conditions": CONDITIONS,
        "SegmentMemberOut.member_no": "V1",
        "SegmentMemberOut.since": "2026-06-15T12:00:00+08:00",
    },
)
