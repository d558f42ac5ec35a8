"""Nouns of the campaigns floor."""

from campaigns.models.segments import (
    ChangedMember,
    SeatMap,
    Segment,
    SegmentMember,
    SegmentMove,
    SegmentVersion,
    Snapshot,
)

__all__ = ["ChangedMember", "SeatMap", "Segment", "SegmentMember", "SegmentMove", "SegmentVersion", "Snapshot"]
