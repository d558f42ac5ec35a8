"""What HQ sees and writes of campaigns."""

from campaigns.admin.channels import ChannelSetupAdmin
from campaigns.admin.plans import TouchPlanAdmin
from campaigns.admin.segment_builder import SegmentBuilder
from campaigns.admin.segment_pick import SegmentPick
from campaigns.admin.segments import SegmentAdmin
from campaigns.admin.segments_of_member import segments_of_member

__all__ = ["ChannelSetupAdmin", "SegmentAdmin", "SegmentBuilder", "SegmentPick", "TouchPlanAdmin", "segments_of_member"]
