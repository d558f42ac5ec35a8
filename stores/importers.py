"""Files about places, products and staff: their columns, and the verb each goes to."""

from newretail.kernel.files.importing import Importer, enter
from newretail.kernel.files.sheets import Column, Sheet
from stores.actions import catalogue, places, posts, targets, withdrawals

STORES = Sheet(
    kind="stores",
    columns=(
        Column("code", "门店编码", required=True, limit=40, also=("编码", "store_code")),
        Column("name", "门店名称", type="text", required=True, limit=120, also=("名称",)),
        Column("region", "区域", limit=60),
        Column("city", "城市", limit=60),
        Column("latitude", "纬度", type="float"),
        Column("longitude", "经度", type="float"),
        Column("opened_on", "开业日期", type="date"),
    ),
    key=("code",),
)
PRODUCTS = Sheet(
    kind="products",
    columns=(
        Column("sku", "商品编码", required=True, limit=60, also=("编码",)),
        Column("name", "商品名称", type="text", required=True, limit=200, also=("名称",)),
        Column("category", "品类", limit=120, also=("分类",)),
        Column("price", "价格", type="money", also=("售价",)),
    ),
    key=("sku",),
)
STAFF = Sheet(
    kind="staff",
    columns=(
        Column("staff_no", "工号", required=True, limit=40),
        Column("name", "姓名", type="text", required=True, limit=80),
        Column("store_code", "门店编码", limit=80, also=("门店", "区域", "门店/区域", "store or region")),
        Column(
            "role", "岗位", type="choice", required=True, default="guide", also=("角色",),
            choices={
                "guide": "guide", "导购": "guide", "manager": "manager", "店长": "manager",
                "supervisor": "supervisor", "督导": "supervisor", "hq": "hq", "总部": "hq", "总部运营": "hq",
                "auditor": "auditor", "审计": "auditor",
            },
        ),
        Column("phone", "手机号", type="phone", also=("手机", "电话")),
        Column("joined_on", "入职日期", type="date"),
    ),
    key=("staff_no",),
)  # fmt: skip
TARGETS = Sheet(
    kind="targets",
    columns=(
        Column("month", "月份", required=True, limit=10),
        Column(
            "metric", "指标", type="choice", required=True, default="sales",
            choices={
                "sales": "sales", "销售额": "sales", "recruits": "recruits", "拉新": "recruits", "reach": "reach",
                "触达": "reach", "repeat_rate": "repeat_rate", "复购率": "repeat_rate",
            },
        ),
        Column(
            "place", "层级", type="choice", required=True, default="store",
            choices={
                "brand": "brand", "品牌": "brand", "online": "online", "线上": "online", "region": "region",
                "区域": "region", "store": "store", "门店": "store", "guide": "guide", "导购": "guide",
            },
        ),
        Column("code", "编码", limit=80, also=("门店编码", "工号", "staff_no", "store_code")),
        Column("amount", "目标", type="money", required=True, also=("目标值", "target")),
    ),
    key=("month", "metric", "place", "code"),
)  # fmt: skip

enter(Importer(STORES, places.record, tables=("stores_store",), withdraw=withdrawals.withdraw_stores))
enter(Importer(PRODUCTS, catalogue.record, tables=("stores_product",), withdraw=withdrawals.withdraw_products))
enter(Importer(STAFF, posts.record, tables=("kernel_user", "stores_post"), withdraw=withdrawals.withdraw_staff))
enter(Importer(TARGETS, targets.record, tables=("stores_target",), withdraw=withdrawals.withdraw_targets))
