"""What the addresses of stores, products, staff, webhooks, files and job runs are asked with and answer."""

import hashlib

from newretail.kernel.api.illustrate import Asked, Both, Examples

FILE = Both(
    "sku,name,category,price\nOIL,山茶油,粮油,88.00\nRICE,五常大米,粮油,1.005\n",
    "sku,name,category,price\nOIL,Camellia oil,Groceries,88.00\nRICE,Wuchang rice,Groceries,1.005\n",
)
STORE = {"code": "HZ02", "name": Both("杭州湖滨店", "Hangzhou Lakeside"), "region": Both("华东", "East China"),
         "city": Both("杭州", "Hangzhou"),
         "latitude": 30.2527, "longitude": 120.1632, "opened_on": "2026-05-01"}  # fmt: skip
PRODUCT = {
    "sku": "OIL",
    "name": Both("山茶油", "Camellia oil"),
    "category": Both("粮油", "Groceries"),
    "price": "88.00",
}
STAFF = {"staff_no": "G8", "name": Both("陈小丽", "Lily Chen"), "store_code": "SH01", "role": "guide",
         "joined_on": "2026-06-01"}  # fmt: skip
ENDPOINT = {"url": "https://hooks.example.com/newretail", "events": ["order.recorded"],
            "description": Both("商城订单同步", "Orders for the mall")}  # fmt: skip

ASKED = {
    "list_stores": Asked("门店列表", "List stores"),
    "get_store": Asked("按编码查门店", "Look a store up"),
    "push_store": Asked("推送一家新门店", "Push a new store", STORE),
    "push_stores": Asked("批量推送门店", "Push many stores", {"stores": [STORE]}),
    "list_products": Asked("商品列表", "List products"),
    "get_product": Asked("按 SKU 查商品", "Look a product up"),
    "push_product": Asked("推送一个商品", "Push a product", PRODUCT),
    "push_products": Asked("批量推送商品", "Push many products", {"products": [PRODUCT]}),
    "list_staff": Asked("员工列表", "List the staff"),
    "get_staff_member": Asked("按工号查员工", "Look somebody of the staff up"),
    "push_staff_member": Asked("推送一名导购", "Push a guide", STAFF),
    "push_staff": Asked("批量推送员工", "Push many of the staff", {"staff": [STAFF]}),
    "list_endpoints": Asked("本系统的回调地址", "List this system's endpoints"),
    "add_endpoint": Asked("新增回调地址，密钥只显示一次", "Open an endpoint; its secret is shown once", ENDPOINT),
    "get_endpoint": Asked("查回调地址", "Look an endpoint up"),
    "change_endpoint": Asked("修改回调地址或订阅的事件", "Change an endpoint or what it hears",
                             {**ENDPOINT, "events": ["order.recorded", "refund.recorded"]}),
    "close_endpoint": Asked("关闭回调地址", "Close an endpoint"),
    "enable_endpoint": Asked("重新启用被停用的回调地址", "Enable an endpoint that was disabled"),
    "rotate_secret": Asked("更换签名密钥，旧密钥再用 24 小时", "Renew the secret; the former serves for 24 hours"),
    "ping_endpoint": Asked("发送一条测试消息", "Send a test message"),
    "list_deliveries": Asked("回调地址的发送记录", "List what was sent to an endpoint"),
    "replay_deliveries": Asked("重发此刻以来放弃的消息", "Send again what was given up since then",
                               {"since": "2026-06-14T00:00:00+08:00"}),
    "list_imports": Asked("已提交的文件", "List files handed in"),
    "push_import": Asked("提交一个商品文件试算", "Hand a file of products in, to be tried",
                         {"file": FILE, "kind": "products"}),
    "get_import": Asked("查文件进度", "Tell how far a file is"),
    "confirm_import": Asked("试算后确认导入", "Let a file in after its trial"),
    "list_import_errors": Asked("被拒绝的行", "List the rows that were refused"),
    "get_import_errors_file": Asked("被拒绝的行（CSV 文件）", "The rows that were refused, as CSV"),
    "list_job_runs": Asked("任务运行列表", "List runs of jobs"),
    "push_job_run": Asked("请求运行一次任务", "Ask for a run of a job", {"name": "score_rfm", "as_of": "2026-06-15"}),
    "get_job_run": Asked("查任务进度", "Tell how far a run is"),
}  # fmt: skip

COUNTS = {"rows": 2, "created": 1, "updated": 0, "skipped": 0, "rejected": 1, "enrolled": 0}
WORDS = {
    "StoreOut.code": "SH01", "get_store.code": "SH01", "sku": "TEA", "staff_no": "G1", "store_code": "SH01",
    "role": "guide", "is_active": True,
    "StoreOut.name": Both("上海南京西路店", "Shanghai West Nanjing Road"), "region": Both("华东", "East China"),
    "city": Both("上海", "Shanghai"), "latitude": 31.2304, "longitude": 121.4737, "opened_on": "2024-09-28",
    "ProductOut.name": Both("明前龙井", "Longjing tea"), "category": Both("茶", "Tea"), "price": "128.00",
    "StaffOut.name": Both("小美", "Mei"), "joined_on": "2025-03-01",
    "ref": "ep_9f2c41d7a3b80e65", "EndpointOut.id": "ep_9f2c41d7a3b80e65", "SecretOut.id": "ep_9f2c41d7a3b80e65",
    "url": ENDPOINT["url"], "events": ENDPOINT["events"], "EndpointOut.description": ENDPOINT["description"],
    "SecretOut.description": ENDPOINT["description"], "EndpointOut.state": "active", "SecretOut.state": "active",
    "EndpointOut.reason": "", "SecretOut.reason": "", "opened_at": "2026-06-15T12:00:00+08:00",
    "last_success_at": None,
    "failing_since": None, "secret": "whsec_c2hvd24gb25jZSBhbmQga2VwdCBub3doZXJl",
    "DeliveryOut.id": "msg_5b1e7c30f4a92d86", "event": "order.recorded",
    "DeliveryOut.made_at": "2026-06-15T12:00:03+08:00", "DeliveryOut.state": "delivered", "attempts": 1,
    "due_at": "2026-06-15T12:00:03+08:00", "DeliveryOut.ended_at": "2026-06-15T12:00:04+08:00", "deliveries": 3,
    "number": Both(*(hashlib.sha256(text.encode()).hexdigest() for text in (FILE.zh, FILE.en))),
    "ImportOut.kind": "products", "ImportOut.source": "", "file_name": "products.csv", "ImportOut.state": "tried",
    "uploaded_at": "2026-06-15T12:00:00+08:00", "trial": COUNTS, "result": None,
    "JobRunOut.name": "score_rfm", "get_job_run.name": "score_rfm", "as_of": "2026-06-15",
    "JobRunOut.state": "done", "progress": 100,
    "counts": {"members": 12_408, "changed": 356}, "failure": "", "started_at": "2026-06-15T12:00:05+08:00",
    "ended_at": "2026-06-15T12:00:41+08:00",
}  # fmt: skip
EXAMPLES = Examples(ASKED, WORDS)
