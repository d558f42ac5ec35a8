"""Materials of the demo: posters, words and links of the content centre, what guides shared, who opened it."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from PIL import Image, ImageDraw

from guides.actions import materials, shares
from guides.actions.materials import Content
from guides.actions.shares import KIND, Visit
from guides.models import Bond, Material, Share
from members.actions import events
from members.actions.events import EVENTS
from members.models import Order
from newretail.demo import logins
from newretail.kernel.files.rows import batch_of
from newretail.kernel.files.shrinking import jpeg
from stores.models import Post

DAYS, EACH, GUIDES = 12, 9, 24  # shares of the last days: so many a guide, of so many guides
NAMES = uuid.UUID("6b1f6f6e-2f0c-4f0f-9c86-2f3f6b0e7a10")
SIZE = (900, 1100)
POSTERS = {
    "SUMMER": ("#2f9e6e", "#d8f3e5"), "BREAKFAST": ("#e08a2c", "#fff1dc"), "MEMBERDAY": ("#2f5bea", "#dfe7ff"),
    "STORE": ("#8a5cd6", "#efe6ff"), "FRESH": ("#c2413b", "#ffe3e1"),
}  # fmt: skip
CONTENTS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("SUMMER", "夏日清凉食谱", "poster", "life",
     "天热没胃口？三道十分钟凉菜，食材店里都有，照着做就行。", ""),
    ("BREAKFAST", "三分钟早餐", "picture", "life",
     "牛奶、燕麦、坚果，三分钟一份营养早餐，上班族和孩子都合适。", ""),
    ("KITCHEN", "冰箱收纳小技巧", "text", "life",
     "冷藏分三层：上放熟食，中放奶蛋，下放生鲜。叶菜用厨房纸包好，能多放三天。", ""),
    ("STORE", "店里的一天", "picture", "life",
     "早上六点到货，七点上架，给您挑的都是当天的。", ""),
    ("FRESH", "今日到货：时令水果", "poster", "product",
     "今早到的时令水果，甜度够、个头匀，想要的回我一声，给您留着。", ""),
    ("MILK", "鲜奶第二件半价", "text", "product",
     "每天现到的鲜奶，本周第二件半价，保质期新鲜，家里有孩子的可以多备两瓶。", ""),
    ("RICE", "新米上市", "text", "product",
     "当季新米到店，蒸出来油亮有香味。一袋五公斤，可以送到家门口。", ""),
    ("WASH", "洗护囤货清单", "text", "product",
     "洗衣液、抽纸、洗洁精这周一起买更划算，清单给您整理好了，直接对着买。", ""),
    ("SNACK", "办公室零食", "text", "product",
     "坚果、酸奶、全麦饼干，下午三点不犯困，独立小包装带着也方便。", ""),
    ("MALL", "小程序商城", "link", "product",
     "没空来店也可以线上下单，最快一小时送到。", "https://mall.example.com/new"),
    ("MEMBERDAY", "每月 18 日会员日", "poster", "brand",
     "每月 18 日会员日，积分翻倍，部分商品会员专享价。", ""),
    ("PROMISE", "不好吃就退", "text", "brand",
     "生鲜不满意，凭小票当天可退，放心买。", ""),
)  # fmt: skip


def fill(*, at: datetime) -> int:
    """Publish the materials and let guides of some stores share them; how many shares there are."""
    if Material.objects.exists():
        return 0
    since = at - timedelta(days=DAYS)
    for code, title, kind, category, words, url in CONTENTS:
        _publish(code, {"title": title, "kind": kind, "category": category, "words": words, "url": url}, since)
    made = [_shared(post, turn, at) for post in _guides() for turn in range(EACH)]
    _open(made, at)
    return len(made)


def _publish(code: str, fields: dict[str, object], at: datetime) -> None:
    picture = _drawn(*POSTERS[code]) if code in POSTERS else None
    materials.publish(material=materials.keep(code=code, content=Content(fields, picture), at=at), at=at)


def _drawn(strong: str, soft: str) -> bytes:
    """Draw a plain picture in two colours: a horizon with a round sun over it."""
    picture = Image.new("RGB", SIZE, soft)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((270, 180, 630, 540), fill=strong)
    pen.polygon([(0, 1100), (0, 760), (330, 620), (620, 780), (900, 640), (900, 1100)], fill=strong)
    return jpeg(picture)


def _guides() -> list[Post]:
    """Take the guides of the busiest store, then others."""
    guides = Post.objects.filter(role="guide", until__isnull=True).select_related("user").order_by("pk")
    own = list(guides.filter(store=logins.busiest()))
    return [*own, *guides.exclude(pk__in=[post.pk for post in own])][:GUIDES]


def _shared(post: Post, turn: int, at: datetime) -> Share:
    code = CONTENTS[(post.pk * 5 + turn * 7) % len(CONTENTS)][0]
    when = at - timedelta(days=1 + (turn * 11 + post.pk) % (DAYS - 1), minutes=(post.pk * 37 + turn * 101) % 600)
    ref = uuid.uuid5(NAMES, f"{post.pk}:{turn}")
    channel = (Share.Channel.CHAT, Share.Channel.MOMENTS, Share.Channel.CHAT)[turn % 3]
    return shares.share(ref=ref, material=code, post=post, channel=channel, at=when, by=post.user)


@transaction.atomic
def _open(made: list[Share], at: datetime) -> None:
    """Let nobody open some, strangers some, and members who bought soon after some: the app tells of these."""
    for turn, share in enumerate(made):
        for visitor in range(turn % 4):
            _visit(share, f"198.51.100.{(turn * 7 + visitor) % 250}", 11 + (turn * 13 + visitor * 29) % 90, at)
    events.record(batch=batch_of(EVENTS, _told(made, at)), at=at)


def _visit(share: Share, address: str, seconds: int, at: datetime) -> None:
    when = min(share.at + timedelta(minutes=20 + seconds * 3), at)
    opening = shares.open_link(share=share, visit=Visit(address, "WeChat"), at=when)
    if opening:
        shares.leave(opening=opening, seconds=seconds, at=when + timedelta(seconds=seconds))


def _told(made: list[Share], at: datetime) -> list[dict[str, object]]:
    """Write what the app saw: of each guide's newest buyers one opened a share of hers on the day before she bought."""
    rows: list[dict[str, object]] = []
    for turn, share in enumerate(made[::3]):
        own = Bond.objects.open().filter(post=share.post_id).values("member")
        after = Order.objects.filter(member__in=own, paid_at__gt=share.at + timedelta(hours=2), paid_at__lte=at)
        order = after.select_related("member").order_by("paid_at", "pk")[turn % 5 : turn % 5 + 1].first()
        if order and order.member:
            opened = max(share.at + timedelta(minutes=30), order.paid_at - timedelta(days=1))
            rows.append({"source": "mini", "event_no": f"OPEN-{turn:04}", "member_no": order.member.member_no,
                         "kind": KIND, "subject": share.token, "channel": "小程序", "happened_at": opened.isoformat(),
                         "data": f'{{"seconds": "{20 + turn % 70}"}}'})  # fmt: skip
    return rows
