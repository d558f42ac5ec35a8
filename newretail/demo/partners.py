"""Other systems of the demo: a mall that sends signed messages, tills with keys, an ERP told at a dead address."""

import json
from datetime import datetime, timedelta
from typing import Any

from members.actions import refunds
from members.models import Member
from newretail.kernel.actions import endpoints, inbox, keys, sources
from newretail.kernel.api.inbox import items_of
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import InboxSource, User
from stores.actions import posts
from stores.models import Store

MALL, NOWHERE = "mall", "https://erp.newretail.example/hooks"  # a name that is never given out
KINDS = {"order.paid": "orders", "order.refunded": "refunds"}
EVENTS = ("order.recorded", "refund.recorded", "member.merged")
ORDERS = 3


def connect(*, at: datetime) -> int:
    """Let the mall send a few messages, one of a store nobody knows; add the ERP's endpoint. How many messages came."""
    if InboxSource.objects.exists():
        return 0
    chief = User.objects.filter(username="hq").first()
    account = posts.admit_system(name="mall-demo", at=at, by=chief)
    mall = sources.add(code=MALL, account=account, kinds=KINDS, description="线上商城", at=at, by=chief).source
    messages = _messages(at)
    for number, (kind, item) in enumerate(messages, 1):
        body = json.dumps({"type": kind, "data": item}, ensure_ascii=False).encode()
        inbox.receive(source=mall, ref=f"demo-{number:03}", kind=kind, body=body, at=at)
    while inbox.work_one(at=at, read=items_of):
        pass
    _keys(chief, account, at)
    _ahead_of_its_order(at)
    erp = endpoints.add(url=NOWHERE, events=EVENTS, description="ERP", at=at, by=chief).endpoint
    endpoints.ping(endpoint=erp, at=at, by=chief)
    return len(messages)


def _keys(chief: User | None, mall: User, at: datetime) -> None:
    """Let the mall and the tills of a store come in by the API; the keys' texts are thrown away."""
    first = Store.objects.order_by("code")[0]
    tills = posts.admit_system(name="pos-demo", store=first, at=at, by=chief)
    for account, right in ((mall, "points:change"), (tills, "redemptions:change")):
        keys.issue(account=account, rights=("members:view", "orders:change", right), at=at, by=chief)


def _ahead_of_its_order(at: datetime) -> None:
    """Let a refund come before its order, from a till that was offline."""
    row = {"source": "pos", "order_no": "OFFLINE-0007", "refund_no": "OFFLINE-R7", "amount": "36.50",
           "refunded_at": (at - timedelta(hours=3)).isoformat()}  # fmt: skip
    refunds.record(batch=batch_of(IMPORTERS["refunds"].sheet, [row]), at=at, park=True)


def _messages(at: datetime) -> list[tuple[str, dict[str, Any]]]:
    store = Store.objects.order_by("code").values_list("code", flat=True)[0]
    numbers = Member.objects.order_by("member_no").values_list("member_no", flat=True)[:ORDERS]
    paid_at = (at - timedelta(days=1)).isoformat()
    orders = [
        {"source": MALL, "order_no": f"MALL-{n:03}", "member_no": member_no, "store_code": store, "paid_at": paid_at,
         "amount": f"{n * 59 + 9}.00"}
        for n, member_no in enumerate(numbers, 1)
    ]  # fmt: skip
    unknown = {**orders[0], "order_no": "MALL-900", "store_code": "POPUP-01"}
    back = {"source": MALL, "order_no": orders[0]["order_no"], "refund_no": "MALL-R1", "amount": "9.00",
            "refunded_at": at.isoformat()}  # fmt: skip
    paid = [("order.paid", order) for order in (*orders, unknown)]
    return [*paid, ("order.refunded", back), ("order.shipped", orders[1])]
