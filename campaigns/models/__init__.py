"""Nouns of the campaigns floor."""

from campaigns.models.channels import ChannelSetup
from campaigns.models.plans import PlanForecast, PlanMember, TouchPlan
from campaigns.models.segments import (
    ChangedMember,
    SeatMap,
    Segment,
    SegmentMember,
    SegmentMove,
    SegmentVersion,
    Snapshot,
)

__all__ = [
    "ChangedMember",
    "ChannelSetup",
    "PlanForecast",
    "PlanMember",
    "SeatMap",
    "Segment",
    "SegmentMember",
    "SegmentMove",
    "SegmentVersion",
    "Snapshot",
    "TouchPlan",
]
