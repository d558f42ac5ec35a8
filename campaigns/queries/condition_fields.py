"""What the campaigns' floor offers conditions to ask: which segments a member is in."""

from django.utils.translation import gettext_lazy as _

from members.queries.conditions.fields import Field, Named, Source, add

# Of each segment she ever was in, which way she went last.
STOOD = """
(SELECT DISTINCT ON (v.member_id, v.segment_id) v.member_id, v.segment_id, v.kind FROM campaigns_segmentmove v
 WHERE v.moved_at < %(until)s {among} ORDER BY v.member_id, v.segment_id, v.id DESC) k
JOIN campaigns_segment s ON s.id = k.segment_id
"""

add(
    Field("segment", _("segment"), "set", "s.code", "segments", _("segments"), named="segments", dated=True),
    sources={
        "segments": Source(
            "campaigns_segmentmember k JOIN campaigns_segment s ON s.id = k.segment_id", "k.member_id",
            past=Source(STOOD, "k.member_id", counts="k.kind = 'entered'", inner="v.member_id"),
        ),
    },
    named={"segments": Named("campaigns_segment", "code", _("segments"), "name")},
)  # fmt: skip
