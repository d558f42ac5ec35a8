"""Files about members and what they bought: their columns, and the verb each goes to."""

from members.actions import consents, coupons, levels, member_tags, members, orders, refunds, tags, withdrawals
from newretail.kernel.files.importing import Importer, enter
from newretail.kernel.files.sheets import Column, Sheet

# By what else a member is recognised, besides number and phone.
IDENTITIES = (
    Column("card_no", "会员卡号", type="identity", limit=120),
    Column("unionid", "微信unionid", type="identity", limit=120),
    Column("external_userid", "企微external_userid", type="identity", limit=120),
    Column("openid", "微信openid", type="identity", limit=120),
    Column("mall_id", "商城ID", type="identity", limit=120),
    Column("email", "邮箱", type="identity", limit=120),
    Column("payer_id", "支付账号", type="identity", limit=120),
)
MEMBERS = Sheet(
    kind="members",
    columns=(
        Column("member_no", "会员号", required=True, limit=40, also=("会员编号", "卡号")),
        Column("name", "姓名", type="name", limit=80),
        Column("phone", "手机号", type="phone", also=("手机", "电话")),
        Column(
            "gender", "性别", type="choice",
            choices={"f": "f", "m": "m", "female": "f", "male": "m", "女": "f", "男": "m"},
        ),
        Column("birthday", "生日", type="birthday"),
        Column(
            "birthday_calendar", "生日历法", type="choice", default="solar",
            choices={
                "solar": "solar", "lunar": "lunar", "阳历": "solar", "公历": "solar", "农历": "lunar", "阴历": "lunar",
            },
        ),
        Column("joined_at", "入会时间", type="moment"),
        Column("store_code", "门店编码", limit=40, also=("门店",)),
        Column("source", "来源", limit=40),
        Column("tags", "标签", type="text", limit=1000),
        *IDENTITIES,
    ),
    key=("member_no",),
)  # fmt: skip
ORDERS = Sheet(
    kind="orders",
    columns=(
        Column("order_no", "订单号", required=True),
        Column("source", "来源", required=True, limit=40, also=("来源系统",)),
        Column("store_code", "门店编码", limit=40, also=("门店",)),
        Column("channel", "渠道", limit=40),
        Column("scene", "场景", limit=40),
        Column("member_no", "会员号", limit=40, also=("会员编号", "卡号")),
        Column("phone", "手机号", type="phone", also=("手机", "电话")),
        Column("paid_at", "支付时间", type="moment", required=True),
        Column("amount", "实付金额", type="money", required=True, also=("金额",)),
        Column("staff_no", "工号", limit=40, also=("导购工号",)),
        *IDENTITIES,
    ),
    key=("source", "order_no"),
    any_case=("order_no",),
)
ORDER_LINES = Sheet(
    kind="order_lines",
    columns=(
        Column("order_no", "订单号", required=True),
        Column("source", "来源", required=True, limit=40, also=("来源系统",)),
        Column("line_no", "行号", type="integer", required=True),
        Column("sku", "商品编码", required=True, limit=60, also=("SKU",)),
        Column("quantity", "数量", type="integer", required=True),
        Column("amount", "实付金额", type="money", required=True, also=("金额",)),
        Column("discount", "优惠金额", type="money", also=("折扣",)),
    ),
    key=("source", "order_no", "line_no"),
    any_case=("order_no",),
)
REFUNDS = Sheet(
    kind="refunds",
    columns=(
        Column("refund_no", "退款单号", required=True),
        Column("order_no", "订单号", required=True),
        Column("source", "来源", required=True, limit=40, also=("来源系统",)),
        Column("line_no", "行号", type="integer", default="0"),
        Column("quantity", "数量", type="integer"),
        Column("amount", "退款金额", type="money", required=True, also=("金额",)),
        Column("refunded_at", "退款时间", type="moment", required=True),
    ),
    key=("source", "order_no", "refund_no", "line_no"),
    any_case=("order_no", "refund_no"),
)
LEVELS = Sheet(
    kind="levels",
    columns=(
        Column("code", "等级编码", required=True, limit=40, also=("编码",)),
        Column("name", "等级名称", type="text", required=True, limit=60, also=("名称",)),
        Column("rank", "顺序", type="integer", required=True),
    ),
    key=("code",),
)
TAGS = Sheet(
    kind="tags",
    columns=(
        Column("name", "标签", type="text", required=True, limit=60, also=("名称",)),
        Column(
            "family", "标签族", type="choice",
            choices={
                "purchase": "purchase", "购买": "purchase", "operation": "operation", "运营": "operation",
                "attribute": "attribute", "属性": "attribute", "life": "life", "生活": "life",
                "personal": "personal", "个性化": "personal",
            },
        ),
        Column("owner_no", "负责人工号", limit=40, also=("工号",)),
        Column("expires_days", "有效天数", type="integer"),
        Column(
            "colour", "颜色", type="choice",
            choices={
                "-": "-", "grey": "grey", "灰": "grey", "red": "red", "红": "red", "orange": "orange", "橙": "orange",
                "green": "green", "绿": "green", "teal": "teal", "青": "teal", "blue": "blue", "蓝": "blue",
                "purple": "purple", "紫": "purple",
            },
        ),
        Column("region", "所属区域", limit=60, also=("区域",)),
        Column("store_code", "所属门店", limit=40, also=("门店", "门店编码")),
    ),
    key=("name",),
)  # fmt: skip
MEMBER_TAGS = Sheet(
    kind="member_tags",
    columns=(
        Column("member_no", "会员号", required=True, limit=40, also=("会员编号", "卡号")),
        Column("tag", "标签", type="text", required=True, limit=60, also=("标签名称",)),
        Column("take_off", "取下", type="choice", choices={"yes": "yes", "是": "yes", "no": "no", "否": "no"}),
    ),
    key=("member_no", "tag"),
)
CONSENTS = Sheet(
    kind="consents",
    columns=(
        Column("member_no", "会员号", required=True, limit=40),
        Column(
            "channel", "触达渠道", type="choice", required=True, also=("渠道",),
            choices={
                "wecom": "wecom", "企微单聊": "wecom", "wecom_mass": "wecom_mass", "企微群发": "wecom_mass",
                "moments": "moments", "朋友圈": "moments", "official": "official", "公众号": "official",
                "miniapp": "miniapp", "小程序": "miniapp", "sms": "sms", "短信": "sms", "call": "call", "电话": "call",
                "ai_call": "ai_call", "智能外呼": "ai_call", "email": "email", "邮件": "email", "any": "any",
                "不限渠道": "any",
            },
        ),
        Column(
            "purpose", "用途", type="choice", required=True,
            choices={
                "service": "service", "服务通知": "service", "care": "care", "关怀": "care", "marketing": "marketing",
                "营销": "marketing", "personalisation": "personalisation", "个性化推荐": "personalisation",
                "profiling": "profiling", "消费画像": "profiling",
            },
        ),
        Column(
            "decision", "授权", type="choice", required=True,
            choices={"given": "given", "同意": "given", "withdrawn": "withdrawn", "撤回": "withdrawn"},
        ),
        Column("stated_at", "表示时间", type="moment", also=("时间",)),
        Column("text_version", "文本版本", type="integer"),
        Column(
            "source", "来源", type="choice", default="import",
            choices={
                "till": "till", "收银台": "till", "miniapp": "miniapp", "page": "page", "会员页面": "page",
                "import": "import", "导入": "import", "api": "api", "guide": "guide", "导购": "guide", "hq": "hq",
                "总部": "hq",
            },
        ),
        Column("proof", "凭证", limit=80),
    ),
    key=("member_no", "channel", "purpose", "stated_at"),
)  # fmt: skip
COUPONS = Sheet(
    kind="coupons",
    columns=(
        Column("plan", "券方案", required=True, limit=40, also=("券方案编码", "方案编码")),
        Column("member_no", "会员号", required=True, limit=40, also=("会员编号",)),
        Column("occasion", "发放事由", type="text", limit=64, also=("事由",)),
    ),
    key=("plan", "member_no", "occasion"),
)

enter(
    Importer(
        MEMBERS,
        members.record,
        tables=("members_member", "members_identity", "members_membertag", "members_tagmove"),
        withdraw=withdrawals.withdraw_members,
    )
)
enter(
    Importer(
        ORDERS,
        orders.record,
        tables=("members_order", "members_member"),
        enrols=True,
        withdraw=withdrawals.withdraw_orders,
    )
)
enter(Importer(ORDER_LINES, orders.record_lines, tables=("members_orderline",), withdraw=withdrawals.withdraw_lines))
enter(
    Importer(
        REFUNDS,
        refunds.record,
        tables=("members_refund", "members_order"),
        withdraw=withdrawals.withdraw_refunds,
    )
)
enter(Importer(LEVELS, levels.record, tables=("members_level",), withdraw=withdrawals.withdraw_levels))
enter(Importer(TAGS, tags.record, tables=("members_tag",), withdraw=withdrawals.withdraw_tags))
enter(
    Importer(
        MEMBER_TAGS,
        member_tags.record,
        tables=("members_membertag", "members_tagmove"),
        withdraw=withdrawals.withdraw_member_tags,
    )
)
enter(Importer(CONSENTS, consents.record, tables=("members_consent",), withdraw=consents.take_back))
enter(Importer(COUPONS, coupons.record, tables=("members_coupon",), withdraw=coupons.take_back))
