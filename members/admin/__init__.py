"""What HQ sees of members and what they bought: lists and pages, levels, tags, coupons, phones shown whole."""

from members.admin.arrived import EventAdmin, ParkedRefundAdmin
from members.admin.caps import QuietHoursAdmin, TouchCapAdmin
from members.admin.consents import ConsentAdmin, ConsentTextAdmin, PersonRequestAdmin
from members.admin.coupon_plans import CouponPlanAdmin
from members.admin.coupons import CouponAdmin
from members.admin.duplicates import ClaimAdmin, DuplicateAdmin, MergeAdmin
from members.admin.earn_rules import EarnRuleAdmin
from members.admin.gift_orders import GiftOrderAdmin
from members.admin.gifts import GiftAdmin
from members.admin.growth import GrowthAdjustmentAdmin, LevelMoveAdmin
from members.admin.members import MemberAdmin
from members.admin.orders import OrderAdmin
from members.admin.points import PointsAccountAdmin, PointsEntryAdmin
from members.admin.reveals import PhoneRevealAdmin
from members.admin.schemes import LevelSchemeAdmin
from members.admin.touches import TouchAdmin
from members.admin.words import LevelAdmin, TagAdmin

__all__ = [
    "ClaimAdmin",
    "ConsentAdmin",
    "ConsentTextAdmin",
    "CouponAdmin",
    "CouponPlanAdmin",
    "DuplicateAdmin",
    "EarnRuleAdmin",
    "EventAdmin",
    "GiftAdmin",
    "GiftOrderAdmin",
    "GrowthAdjustmentAdmin",
    "LevelAdmin",
    "LevelMoveAdmin",
    "LevelSchemeAdmin",
    "MemberAdmin",
    "MergeAdmin",
    "OrderAdmin",
    "ParkedRefundAdmin",
    "PersonRequestAdmin",
    "PhoneRevealAdmin",
    "PointsAccountAdmin",
    "PointsEntryAdmin",
    "QuietHoursAdmin",
    "TagAdmin",
    "TouchAdmin",
    "TouchCapAdmin",
]
