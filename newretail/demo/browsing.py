"""What the demo's members did lately on the mini-programme: pages seen, materials opened, goods put aside."""

from datetime import datetime, timedelta

import numpy as np

from members.actions import events
from members.actions.events import EVENTS
from members.models import Event, Member
from newretail.demo import draws
from newretail.kernel.files.rows import batch_of
from stores.models import Product

WEEKS, SHARE, MOST = 3, 0.35, 9
KINDS = ("page_view", "material_open", "add_to_cart", "sign_in")
WEIGHTS = (0.6, 0.15, 0.15, 0.1)
PAGES = ("首页", "会员日专场", "积分商城", "新品上架", "我的优惠券", "附近门店")
MATERIALS = ("夏日清凉食谱", "三分钟早餐", "会员日攻略", "宝宝辅食指南")


def browse(*, at: datetime) -> int:
    """Tell what a third of the members did lately, once; how many events there are."""
    if Event.objects.exists():
        return 0
    seats = np.array(Member.objects.order_by("seat").values_list("seat", flat=True), dtype=np.int64)
    seats = seats[draws.unit(seats, "browses") < SHARE]
    who = np.repeat(seats, draws.between(seats, "how often", 1, MOST))
    keys = draws.pair(who, np.arange(len(who)))
    numbers = dict(Member.objects.values_list("seat", "member_no"))
    goods = list(Product.objects.order_by("sku").values_list("name", flat=True)[:40])
    subjects = {"page_view": PAGES, "material_open": MATERIALS, "add_to_cart": goods, "sign_in": ("",)}
    ago = draws.whole(keys, "ago", WEEKS * 7 * 24 * 60)
    rows = [
        {"source": "mini", "event_no": f"EV-{number:06}", "kind": kind, "member_no": numbers[int(seat)],
         "happened_at": (at - timedelta(minutes=1 + int(minutes))).isoformat(), "channel": "小程序",
         "subject": subjects[kind][int(which * len(subjects[kind]))]}
        for number, (seat, kind, minutes, which) in enumerate(
            zip(who, draws.pick(keys, "kind", KINDS, WEIGHTS), ago, draws.unit(keys, "which"), strict=True), 1
        )
    ]  # fmt: skip
    return events.record(batch=batch_of(EVENTS, rows), at=at).created
