"""Gifts of the demo: a catalogue with stock in stores, ordered by members who hold enough points, picked up or not."""

from datetime import date, datetime, timedelta

from members.actions import gift_endings, gift_orders, gift_returns, gifts
from members.actions.gift_orders import Pickup, Wish
from members.actions.gift_returns import Handing
from members.actions.gifts import Count
from members.models import Gift, GiftOrder, PointsAccount
from newretail.kernel import clock
from stores.models import Store

DAYS_BACK, ORDERS, EACH_DAYS, TAKEN_BACK = 40, 90, 2, 15
CATALOGUE = (
    ("TISSUE-3", "抽纸三连包", "原生木浆，三层加厚。", 120, 0),
    ("BAG-ECO", "环保购物袋", "可折叠，承重 15 公斤。", 150, 0),
    ("HOOK-6", "免打孔挂钩 6 只", "厨房浴室通用。", 180, 0),
    ("SOAP-2", "香皂两块装", "温和清洁，全家可用。", 200, 0),
    ("TOWEL", "纯棉毛巾", "32 股长绒棉。", 260, 0),
    ("BOWL-4", "骨瓷饭碗四只", "可进微波炉。", 380, 0),
    ("UMBRELLA", "晴雨两用伞", "黑胶防晒，十骨抗风。", 450, 990),
    ("BOX-3", "密封保鲜盒三件套", "四面锁扣，可冷冻。", 480, 0),
    ("CUP-500", "不锈钢保温杯 500ml", "316 内胆，保温 12 小时。", 600, 1_990),
    ("RICE-5", "东北大米 5kg", "当季新米。", 800, 0),
    ("OIL-5", "花生油 5L", "物理压榨。", 1_200, 2_990),
    ("PAN-28", "不粘煎锅 28cm", "燃气电磁炉通用。", 1_500, 4_990),
)


def offer(*, today: date) -> int:
    """Keep the catalogue, supply stores, let members order, pick up, return, forget; once. How many were ordered."""
    if Gift.objects.exists():
        return 0
    began = clock.day_start(today - timedelta(days=DAYS_BACK))
    kept = [_keep(turn, began) for turn in range(len(CATALOGUE))]
    _supply(kept, began)
    _order(kept, began)
    gift_endings.lapse(at=clock.day_start(today))
    gifts.pause(gift=kept[-1], at=clock.day_start(today))
    return GiftOrder.objects.count()


def _keep(turn: int, at: datetime) -> Gift:
    code, name, says, points, extra = CATALOGUE[turn]
    limit = 2 if extra else 0
    terms = {"code": code, "name": name, "description": says, "points": points, "extra_cents": extra,
             "per_member": limit}  # fmt: skip
    return gifts.keep(terms=terms, at=at)


def _supply(kept: list[Gift], at: datetime) -> None:
    """Put some of each gift into each store; the dear ones lie in every third store."""
    stores = list(Store.objects.order_by("code").values_list("pk", flat=True))
    for turn, gift in enumerate(kept):
        step = 3 if gift.extra_cents else 1
        counts = {store: Count(8 + (turn * 7 + place) % 23) for place, store in enumerate(stores[::step])}
        gifts.supply(gift=gift, counts=counts, at=at)


def _order(kept: list[Gift], began: datetime) -> None:
    """Let members with points order what they can pay and their store has; two in three pick it up soon."""
    holding = PointsAccount.objects.filter(balance__gte=CATALOGUE[0][3], member__home_store__isnull=False)
    rows = holding.select_related("member__home_store").order_by("-balance", "id")[:ORDERS]
    for turn, account in enumerate(rows):
        affordable = [gift for gift in kept if gift.points <= account.balance]
        gift, store = affordable[turn % len(affordable)], account.member.home_store
        if store is None or not gift.stocks.filter(store=store, stock__gt=0).exists():
            continue
        at = began + timedelta(days=turn * (DAYS_BACK - EACH_DAYS) // len(rows), hours=10 + turn % 8)
        _one(turn, Wish(gift, account.member, store, "app", f"G{turn:05}"), at)


def _one(turn: int, wish: Wish, at: datetime) -> None:
    order = gift_orders.place(wish=wish, at=at).order
    if turn % 3:
        pickup = Pickup(order.code, wish.store, "till", f"{wish.store.code}/{turn:05}")
        handed_at = at + timedelta(days=1 + turn % EACH_DAYS)
        gift_orders.hand_over(pickup=pickup, at=handed_at)
        if turn % TAKEN_BACK == 2:
            handing = Handing(wish.source, wish.order_no, pickup.source, pickup.source_no)
            gift_returns.take_back(handing=handing, reason="拿错颜色，改日再取", at=handed_at + timedelta(minutes=20))
    elif turn % 15 == 0:
        gift_orders.cancel(source=wish.source, order_no=wish.order_no, reason="选错门店", at=at + timedelta(hours=5))
