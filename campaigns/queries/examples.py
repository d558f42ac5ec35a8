"""Plans that ship with the product: one of each kind, in words a brand can send as they stand."""

from typing import Any

from campaigns.models import TouchPlan

Kind = TouchPlan.Kind
SMS, BY_WECOM = ["sms"], ["wecom", "sms"]
# code, name, kind, what differs from a draft, the words.
EXAMPLES: tuple[tuple[str, str, str, dict[str, Any], str], ...] = (
    ("birthday", "生日祝福", Kind.BIRTHDAY,
     {"terms": {"days_before": 3}, "purpose": "care", "promised": True, "holdout_bp": 0, "priority": 90,
      "channels": BY_WECOM},
     "{name}，生日快乐！{brand}为您准备了一份生日心意，期待您到{store}来坐坐。"),
    ("gift-giving", "送礼场景", Kind.SCENE, {"terms": {"tags": ["送礼"], "again_days": 60}, "channels": BY_WECOM},
     "{name}，送礼季到了，{brand}的礼盒可免费代写贺卡，{store}可自提，也可快递到家。"),
    ("running-low", "补货提醒", Kind.REPLENISHMENT, {"terms": {"categories": ["零食"], "days_before": 3}},
     "{name}，您常买的零食差不多该补货了，{brand}新鲜到货。"),
    ("mothers-day", "节日问候", Kind.HOLIDAY,
     {"terms": {"families": ["mothers_day", "mid_autumn", "spring_festival"], "days_before": 5}, "channels": BY_WECOM},
     "{name}，佳节将至，{brand}精选好礼已上架，提前订购可准时送达。"),
    ("after-sale", "购后关怀", Kind.SERVICE,
     {"terms": {"categories": ["生鲜"], "days_after": 1}, "purpose": "service", "holdout_bp": 0, "priority": 80},
     "{name}，您购买的冷藏商品请尽快放入冰箱，两日内食用口感最佳。如有问题请联系{store}。"),
    ("wake-up", "沉睡唤醒", Kind.LIFECYCLE,
     {"terms": {"stages": ["wake", "win_back", "dormant"]}, "priority": 60, "channels": BY_WECOM},
     "{name}，好久不见！您的{points}积分还在等您，来{store}看看新品吧。"),
    ("new-arrivals", "新品上市", Kind.PROMOTION, {"variants": 2}, "{name}，{brand}新品上市，会员本周专享。"),
    ("member-day", "会员日", Kind.MEMBER_DAY,
     {"terms": {"day_of_month": 18}, "promised": True, "holdout_bp": 0, "priority": 70},
     "{name}，今天是18日会员日，到店即享会员价与双倍积分。"),
)  # fmt: skip
