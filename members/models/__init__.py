"""Nouns of the members floor, lowest first."""

from members.models.benefits import (
    BenefitGift,
    BenefitKind,
    BenefitUse,
    GrowthAdjustment,
    LevelMove,
    LevelScheme,
    LevelStanding,
    SchemeStart,
)
from members.models.codes import MemberCodeUse
from members.models.consents import Consent, ConsentLink, ConsentText, GuardianConsent, Purpose, Source, TouchChannel
from members.models.coupons import Coupon, CouponBatch, CouponEvent, CouponPlan
from members.models.events import Event
from members.models.gifts import Gift, GiftOrder, GiftReturn, GiftStock, GiftSupply
from members.models.member import Identity, Level, Member, MemberTag, SeatCounter, Tag, TagSource
from members.models.merges import Claim, Duplicate, Merge, MergeUndone
from members.models.orders import Order, OrderLine, ParkedRefund, Refund
from members.models.persons import PersonFile, PersonRequest, Tombstone
from members.models.points import EarnRule, PointsAccount, PointsEntry, PointsLot, PointsUse
from members.models.portraits import Portrait, ScoreCut, StageChange
from members.models.reveals import PhoneReveal
from members.models.tagging import TagMove, TagRule
from members.models.touches import QuietHours, Touch, TouchCap, TouchContent, TouchReceipt

__all__ = [
    "BenefitGift",
    "BenefitKind",
    "BenefitUse",
    "Claim",
    "Consent",
    "ConsentLink",
    "ConsentText",
    "Coupon",
    "CouponBatch",
    "CouponEvent",
    "CouponPlan",
    "Duplicate",
    "EarnRule",
    "Event",
    "Gift",
    "GiftOrder",
    "GiftReturn",
    "GiftStock",
    "GiftSupply",
    "GrowthAdjustment",
    "GuardianConsent",
    "Identity",
    "Level",
    "LevelMove",
    "LevelScheme",
    "LevelStanding",
    "Member",
    "MemberCodeUse",
    "MemberTag",
    "Merge",
    "MergeUndone",
    "Order",
    "OrderLine",
    "ParkedRefund",
    "PersonFile",
    "PersonRequest",
    "PhoneReveal",
    "PointsAccount",
    "PointsEntry",
    "PointsLot",
    "PointsUse",
    "Portrait",
    "Purpose",
    "QuietHours",
    "Refund",
    "SchemeStart",
    "ScoreCut",
    "SeatCounter",
    "Source",
    "StageChange",
    "Tag",
    "TagMove",
    "TagRule",
    "TagSource",
    "Tombstone",
    "Touch",
    "TouchCap",
    "TouchChannel",
    "TouchContent",
    "TouchReceipt",
]
