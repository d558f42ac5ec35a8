"""What the addresses of members, what they buy, hold and allow are asked with and answer."""

from newretail.kernel.api.illustrate import Asked, Both, Examples

LOUNGE = Both("贵宾厅", "Airport lounge")
CODE = "HT1MW3NG1CFETC1295"  # of a coupon or a gift
SHOWN = "284619375028461937"  # of a member
LINES = [
    {"line_no": 1, "sku": "TEA", "quantity": 2, "amount": "246.00", "discount": "10.00"},
    {"line_no": 2, "sku": "NUT", "quantity": 1, "amount": "59.90"},
]
ORDER = {
    "source": "pos", "order_no": "SH01-20260615-0042", "store_code": "SH01", "member_no": "V1", "staff_no": "G1",
    "paid_at": "2026-06-15T11:20:00+08:00", "amount": "313.90", "freight": "8.00", "lines": LINES,
}  # fmt: skip
PAID = {
    **ORDER, "order_no": "SH01-20260615-0045", "amount": "308.90", "points_spent": 60,
    "lines": [{**LINES[0], "amount": "241.00", "discount": "15.00"}, LINES[1]],
    "coupons": [{"code": CODE, "discount": "5.00"}],
}  # fmt: skip
REFUND = {"source": "pos", "order_no": "A1", "refund_no": "R-0615-1", "amount": "20.00",
          "refunded_at": "2026-06-15T11:40:00+08:00"}  # fmt: skip
MEMBER = {"member_no": "V1008", "name": Both("王小美", "Mei Wang"), "phone": "138 0013 8000", "gender": "f",
          "birthday": "1990-08-15", "birthday_calendar": "solar", "store_code": "SH01", "source": "miniapp",
          "joined_at": "2026-06-15T11:00:00+08:00"}  # fmt: skip
EVENT = {
    "source": "app", "event_no": "PV-20260615-77", "kind": "page_view", "member_no": "V1",
    "happened_at": "2026-06-15T11:30:00+08:00", "subject": Both("明前龙井", "Longjing tea"), "channel": "miniapp",
    "data": {"page": Both("新品首发", "New arrivals"), "sku": "TEA"},
}  # fmt: skip
CONSENT = {"member_no": "V1", "channel": "sms", "purpose": "marketing", "decision": "given", "source": "till",
           "stated_at": "2026-06-15T11:00:00+08:00",
           "proof": Both("RUHUI-0042", "FORM-0042")}  # fmt: skip
PURCHASE = {"code": CODE, "source": "pos", "source_no": "SH01-20260615-0043", "amount": "128.00", "store_code": "SH01",
            "member_no": "V1", "lines": [{"sku": "TEA", "quantity": 1, "amount": "128.00"}]}  # fmt: skip
NAMED = {"code": CODE, "source": "pos", "source_no": "SH01-20260615-0043"}
MOVE = {"source": "pos", "source_no": "SH01-20260615-0044", "points": 50}
GAME = {**MOVE, "source": "app", "source_no": "GAME-88", "reason": Both("签到七天", "Seven days in a row")}
PHONE = {"kind": "phone", "value": "138 0000 0001"}
CARD = {"kind": "card", "value": "K-1001"}
REASON = Both("改买其他商品", "Wants something else")

PEOPLE = {
    "list_members": Asked("会员列表", "List members"),
    "get_member": Asked("按会员号查会员", "Look a member up"),
    "push_member": Asked("推送一位新会员", "Push a new member", MEMBER),
    "push_members": Asked("批量推送会员", "Push many members", {"members": [MEMBER]}),
    "patch_member": Asked("修改会员姓名", "Change a member's name", {"name": Both("张三丰", "Sam Zhang")}),
    "reveal_phone": Asked("为送货查看完整手机号", "Be shown a whole phone, to deliver goods",
                          {"reason": "delivery", "note": Both("核对收货电话", "Checking where to deliver")}),
    "lookup_identity": Asked("按手机号查会员", "Find a member by her phone", PHONE),
    "list_member_identities": Asked("会员的全部身份", "List what a member is known by"),
    "state_member_identity": Asked("为会员登记一张卡", "State a card of a member", {**CARD, "source": "crm"}),
    "get_member_code": Asked("取会员码（小程序展示）", "Make the code a member shows"),
    "verify_member_code": Asked("收银台核验会员码", "Take a member's code at the till", {**NAMED, "code": SHOWN}),
    "list_tags": Asked("标签列表", "List tags"),
    "list_member_tags": Asked("会员的标签", "List a member's tags"),
    "put_member_tag": Asked("给会员打标签", "Put a tag on a member"),
    "delete_member_tag": Asked("去掉会员的标签", "Take a tag off a member"),
    "list_levels": Asked("等级列表", "List levels"),
    "get_member_level": Asked("会员的等级与成长值", "Tell a member's level and growth"),
    "get_member_benefits": Asked("会员的等级权益", "Tell what a member's level gives"),
    "book_benefit": Asked("登记使用一次权益", "Book one use of a benefit",
                          {"name": LOUNGE, "key": "PVG-0615-7", "note": Both("浦东 T2", "Pudong, terminal 2")}),
    "push_consents": Asked("批量登记授权", "Push statements of consent", {"consents": [CONSENT]}),
    "list_consent_texts": Asked("现行授权文本", "List the wordings in force"),
    "list_member_consents": Asked("会员的授权状态", "List how a member's consents stand"),
    "issue_consent_link": Asked("生成会员自助授权链接", "Issue a link to a member's own page", {}),
    "list_member_touches": Asked("会员的触达记录", "List a member's touches"),
}  # fmt: skip
TRADE = {
    "list_orders": Asked("订单列表", "List orders"),
    "get_order": Asked("按来源和单号查订单", "Look an order up"),
    "push_order": Asked("推送订单：含明细、用券和积分", "Push an order: lines, a coupon, points", PAID),
    "push_orders": Asked("批量推送订单", "Push many orders", {"orders": [ORDER]}),
    "list_refunds": Asked("退款列表", "List refunds"),
    "push_refund": Asked("推送一笔部分退款", "Push a refund of part of an order", REFUND),
    "push_refunds": Asked("批量推送退款", "Push many refunds", {"refunds": [REFUND]}),
    "list_events": Asked("行为事件列表", "List events"),
    "get_event": Asked("查一条行为事件", "Look an event up"),
    "push_event": Asked("推送一次页面浏览", "Push a page view", EVENT),
    "push_events": Asked("批量推送行为事件", "Push many events", {"events": [EVENT]}),
}  # fmt: skip
WALLET = {
    "get_points": Asked("会员的积分余额", "Tell what points a member holds"),
    "list_points_entries": Asked("会员的积分流水", "List the moves of a member's points"),
    "spend_points": Asked("收银时使用积分", "Spend points at the till", MOVE),
    "earn_points": Asked("活动赠送积分", "Let a member earn points", GAME),
    "earn_points_of_whom": Asked("凭手机号赠送积分", "Let whoever has this phone earn points",
                                 {**GAME, "identity": PHONE}),
    "give_points": Asked("会员转赠积分", "Give points to another member",
                         {**MOVE, "source": "app", "to": "V2", "reason": Both("送给朋友", "For a friend")}),
    "reverse_points": Asked("退还已使用的部分积分", "Put part of spent points back",
                            {"source": "pos", "source_no": "A1", "reversal_no": "A1-R1", "points": 40}),
    "list_coupon_plans": Asked("优惠券活动列表", "List coupon plans"),
    "get_coupon_plan": Asked("查优惠券活动", "Look a coupon plan up"),
    "list_coupons_of_member": Asked("会员的优惠券", "List a member's coupons"),
    "issue_coupons": Asked("给两位会员发券", "Give two members a coupon",
                           {"plan": "FIVE", "source": "app", "key": "2026-06-18", "members": ["V1", "V2"]}),
    "claim_coupon": Asked("会员领取兑换码", "Make a code a member's own", {"code": CODE, "member_no": "V1"}),
    "verify_coupon": Asked("核验优惠券可抵多少", "Tell what a coupon would give", PURCHASE),
    "lock_coupon": Asked("支付时锁定优惠券 15 分钟", "Hold a coupon for 15 minutes", {**PURCHASE, "minutes": 15}),
    "release_coupon": Asked("释放已锁定的优惠券", "Let a held coupon go", NAMED),
    "redeem_coupon": Asked("核销优惠券", "Redeem a coupon", PURCHASE),
    "roll_back_coupon": Asked("退货后退回优惠券", "Give a coupon back after a refund", {**NAMED, "refunded": True}),
    "list_gifts": Asked("积分礼品列表", "List gifts"),
    "get_gift": Asked("查礼品及各店余量", "Look a gift up, with what is left in each store"),
    "place_gift_order": Asked("用积分兑换礼品", "Order a gift for points",
                              {"source": "app", "order_no": "G-20260615-9", "gift_code": "CUP", "member_no": "V1",
                               "store_code": "SH01"}),
    "get_gift_order": Asked("查兑换单", "Look a gift order up"),
    "list_gift_orders_of_member": Asked("会员的兑换单", "List a member's gift orders"),
    "cancel_gift_order": Asked("取消兑换，积分退回", "Cancel a gift order; its points go back",
                               {"source": "app", "order_no": "G-1", "reason": REASON}),
    "hand_over_gift": Asked("凭提货码交付礼品", "Hand a gift over for its code", {**NAMED, "store_code": "SH01"}),
    "take_back_gift": Asked("撤销当天的礼品交付", "Undo a handing over on its own day",
                            {"source": "app", "order_no": "G-1", "pickup_source": NAMED["source"],
                             "pickup_no": NAMED["source_no"],
                             "reason": Both("拿错颜色", "The wrong colour")}),
}  # fmt: skip

NOON, LATER = "2026-06-15T12:00:00+08:00", "2026-07-15T12:00:00+08:00"
WORDS = {
    "member_no": "V1", "source": "pos", "order_no": "A1", "refund_no": "R1", "line_no": 1, "quantity": 1,
    "MemberOut.name": Both("张三", "San Zhang"), "FoundOut.name": Both("张三", "San Zhang"),
    "MemberOut.phone": "138****0001",
    "gender": "f", "birthday": "1990-08-15", "birthday_calendar": "solar", "joined_at": "2025-01-10T00:00:00+08:00",
    "level": "G", "MemberOut.source": "miniapp", "merged_into": None, "RevealOut.phone": "+8613800000001",
    "IdentityOut.kind": "phone", "value": "138****0001", "IdentityOut.state": "accepted", "StatedOut.kind": "card",
    "StatedOut.state": "accepted",
    "CodeOut.code": SHOWN, "qr": "<svg …></svg>", "until": LATER, "CodeOut.until": "2026-06-15T12:00:30+08:00",
    "LevelOut.code": "G", "LevelOut.name": Both("金卡", "Gold"), "rank": 3, "growth": 420, "kept_until": None,
    "next_level": "B", "next_growth": 1000, "missing": 580, "discount_bp": 500, "free_shipping_over": "59.00",
    "points_exchange_bp": 9000, "OfferOut.name": LOUNGE, "OfferOut.kind": "partner", "per_year": 4, "used": 1,
    "left": 3,
    "BookingOut.name": LOUNGE, "year": 2026,
    "channel": "sms", "purpose": "marketing", "allowed": True, "said": True, "stated_at": NOON, "text_version": 1,
    "ConsentOut.source": "till", "version": 1, "title_zh": "营销信息授权", "body_zh": "我同意接收新品与优惠信息。",
    "title_en": "Offers", "body_en": "I agree to be told of new products and offers.", "published_at": NOON,
    "LinkOut.url": "https://demo.example.com/my/0b7c…/", "expires_at": "2026-06-22T12:00:00+08:00",
    "TouchOut.ref": "0b9a6f0e-5d2c-4a7f-9d43-1f6c2e8b7a10", "planned_for": NOON, "TouchOut.state": "sent",
    "TouchOut.reason": "", "settled_at": "2026-06-15T12:00:05+08:00",
    "tag": Both("茶友", "Tea lover"), "MemberTagOut.source": "hand", "set_at": NOON, "expires_on": None,
    "TagOut.name": Both("茶友", "Tea lover"), "family": "life", "colour": "green", "TagOut.region": "",
    "TagOut.store_code": "", "expires_days": None,
    "OrderOut.channel": None, "scene": None, "staff_no": "G1", "paid_at": "2026-06-15T11:20:00+08:00",
    "OrderPaidOut.channel": None, "OrderPaidOut.amount": "308.90", "points_spent": 60,
    "OrderOut.amount": "313.90", "refunded": "0.00", "LineOut.amount": "246.00", "LineOut.quantity": 2,
    "discount": "10.00",
    "RefundOut.amount": "20.00", "RefundOut.line_no": 0, "RefundOut.quantity": 0,
    "refunded_at": "2026-06-15T11:40:00+08:00",
    "EventOut.source": "app", "event_no": "PV-20260615-76", "get_event.source": "app", "EventOut.kind": "page_view",
    "happened_at": EVENT["happened_at"], "subject": EVENT["subject"], "EventOut.channel": "miniapp",
    "data": EVENT["data"],
    "balance": 820, "pending": 313, "debt": 0, "month": "2026-12", "points": 50, "EndingOut.points": 120,
    "made_at": NOON, "EntryOut.kind": "earn", "EntryOut.pending": 0, "owed": 0, "source_no": "A1", "rule": "base",
    "EntryOut.reason": "",
    "plan_code": "FIVE", "PlanOut.code": "FIVE", "PlanOut.name": Both("五元券", "5 yuan off"), "PlanOut.kind": "amount",
    "PlanOut.state": "active", "PlanOut.amount": "5.00", "off_bp": 0, "cap": None, "threshold": "0.00",
    "product_sku": None, "stacks": "with_others", "first_on": None, "last_on": None, "days_valid": 30, "stock": 100,
    "issued": 2,
    "redeemed": 0, "per_member": 1, "terms": Both("全场通用，不与其他券同用", "Any purchase, no other coupon with it"),
    "CouponOut.code": CODE, "plan": "FIVE", "CouponOut.name": Both("五元券", "5 yuan off"), "CouponOut.state": "issued",
    "issued_at": NOON, "valid_from": NOON, "valid_until": LATER, "redeemed_at": None, "CouponOut.store_code": None,
    "CouponOut.discount": "0.00", "FateOut.state": "issued",
    "RedemptionOut.code": CODE, "RedemptionOut.name": Both("五元券", "5 yuan off"), "RedemptionOut.discount": "5.00",
    "at": NOON, "TakenOut.points": 820,
    "gift_code": "CUP", "GiftOut.code": "CUP", "WholeGiftOut.code": "CUP",
    "GiftOut.name": Both("保温杯", "Thermos cup"),
    "WholeGiftOut.name": Both("保温杯", "Thermos cup"), "GiftOrderOut.name": Both("保温杯", "Thermos cup"),
    "GiftOut.description": Both("500 毫升", "500 ml"), "WholeGiftOut.description": Both("500 毫升", "500 ml"),
    "GiftOut.points": 100, "WholeGiftOut.points": 100, "GiftOrderOut.points": 100, "extra": "0.00",
    "GiftOut.state": "active", "WholeGiftOut.state": "active", "least_level": None, "pickup_days": 14,
    "GiftOut.left": None,
    "WholeGiftOut.left": None, "LeftOut.left": 4, "GiftOrderOut.source": "app", "GiftOrderOut.order_no": "G-1",
    "get_gift_order.source": "app", "get_gift_order.order_no": "G-1", "GiftOrderOut.state": "open",
    "GiftOrderOut.code": CODE, "ordered_at": NOON, "ended_at": None,
}  # fmt: skip
EXAMPLES = Examples({**PEOPLE, **TRADE, **WALLET}, WORDS)
