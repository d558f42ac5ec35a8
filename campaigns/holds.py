"""What the columns of campaigns hold: where a member stands and stood is told; bits name nobody."""

from newretail.kernel.personal import declare, of_nobody

HERS = "t.member_id = ANY(%(members)s)"

declare("campaigns.SegmentMember", hers=HERS, tells="segment since")
declare("campaigns.SegmentMove", hers=HERS, tells="segment kind moved_at", plain="version")
declare("campaigns.Segment", mentions="note", plain="code name state members refreshed_at due")
of_nobody("campaigns.SegmentVersion", "campaigns.Snapshot", "campaigns.SeatMap", "campaigns.ChangedMember",
          "campaigns.ChannelSetup", "campaigns.TouchPlan",
          "campaigns.PlanForecast")  # fmt: skip
declare("campaigns.PlanMember", hers=HERS, tells="plan occasion day arm")
