"""Nouns of the members floor, lowest first."""

from members.models.member import Identity, Level, Member, MemberTag, SeatCounter, Tag, TagSource
from members.models.merges import Claim, Duplicate, Merge, MergeUndone
from members.models.orders import Order, OrderLine, Refund
from members.models.portraits import Portrait, ScoreCut, StageChange
from members.models.reveals import PhoneReveal
from members.models.tagging import TagMove, TagRule

__all__ = [
    "Claim",
    "Duplicate",
    "Identity",
    "Level",
    "Member",
    "MemberTag",
    "Merge",
    "MergeUndone",
    "Order",
    "OrderLine",
    "PhoneReveal",
    "Portrait",
    "Refund",
    "ScoreCut",
    "SeatCounter",
    "StageChange",
    "Tag",
    "TagMove",
    "TagRule",
    "TagSource",
]
