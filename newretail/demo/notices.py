"""What the demo's HQ told its guides in the last weeks, who has read it, and what guides took up the line."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from guides.actions import escalations, notices
from guides.actions.escalations import Problem
from guides.actions.notices import Attached, Told
from guides.models import Bond, Escalation, Notice, NoticeReceipt
from guides.queries.notices import Audience
from newretail.demo import logins
from newretail.kernel import clock
from newretail.kernel.files.shrinking import jpeg
from newretail.kernel.models import User
from stores.models import Post, Region, Store

NAMES = uuid.UUID("8f5d2c1e-54a7-4c6e-9a51-6a0f3c2b7d10")
IN_FORCE = timedelta(days=30)
# Days ago, who reads it of a hundred, what it says.
TOLD: tuple[tuple[int, int, dict[str, Any]], ...] = (
    (19, 97, {"title": "会员日物料到店提醒", "must_read": False,
              "body": "本月 18 日会员日的价签、海报已发往各店，请当班同事收到后清点并按陈列图布置。"
                      "缺件请在两天内上报。"}),
    (9, 93, {"title": "冷链商品交付规范（必学）", "must_read": True,
             "body": "冷链商品交付时请当面核对温度标签，并提醒顾客到家后立即冷藏。\n\n"
                     "购后一天内请完成回访：问是否冷藏、口感是否满意；如有异常先道歉、再拍照上报，不要自行承诺赔付金额。"}),
    (5, 84, {"title": "企业微信沟通红线", "must_read": True,
             "body": "未同意联系的顾客不发营销内容；同一位顾客一天最多主动联系一次；晚上九点后不主动发消息。\n\n"
                     "系统提示“请勿联系她”的，一律不联系。请认真阅读后点“已阅读”。"}),
    (2, 61, {"title": "周末品鉴会人员安排", "must_read": True, "due_days": 3,
             "body": "本周六、日下午 2–5 点在各店举行品鉴会，每店至少安排两位导购接待。\n\n"
                     "请从自己的老顾客中邀约不少于 5 位，周五下班前完成，并在任务里登记结果。"}),
    (0, 34, {"title": "调价通知：部分乳品次日生效", "must_read": True,
             "body": "附件为调价清单，明日开门前请更换价签并告知当班同事。顾客询问旧价的，以小票时间为准。"}),
)  # fmt: skip
# Days ago, what it said, why it was taken back.
WITHDRAWN: tuple[int, dict[str, Any], str] = (
    4, {"title": "周三盘点改到下午四点", "body": "周三盘点改到下午四点开始，请各店安排好当班同事。", "must_read": True},
    "时间写错，盘点仍为周三晚打烊后",
)  # fmt: skip
RAISED: tuple[tuple[int, str, str, str], ...] = (
    (70, "顾客要求退已拆封礼盒", "顾客说收到时封口已破，要求全额退款，已超过七天。我先安抚了，请问能不能破例处理？",
     "小票和照片先发我，今天下班前我和仓库核实，确认破损就给她办退款。"),
    (30, "储值卡余额对不上", "顾客说卡里少了 86 元，系统里查不到扣款记录，她很着急，要求今天给说法。", ""),
    (5, "门店冷柜温度报警", "冷柜两小时内报警三次，酸奶先移到备用柜了，需要报修并确认这批货能不能卖。", ""),
)  # fmt: skip


def tell(*, at: datetime) -> int:
    """Send the notices of the last weeks and let most of their readers read; how many receipts there are."""
    by = Post.objects.filter(role=Post.Role.HQ, until__isnull=True).order_by("pk").first()
    if by is None or Notice.objects.exists() or not Bond.objects.exists():
        return 0
    for days, share, words in TOLD:
        sent = min(at - timedelta(minutes=40), _morning(at, days))
        file = {"files": [Attached("调价清单.jpg", "jpeg", _list())]} if days == 0 else {}
        told = Told(**words, until=sent + IN_FORCE)
        notice = notices.send(
            ref=uuid.uuid5(NAMES, str(days)), told=told, audience=Audience(Notice.Audience.BRAND), within=None,
            at=sent, by=by.user, **file,
        )  # fmt: skip
        _read(notice, share, at)
        waits = notice.receipts.filter(read_at__isnull=True).exists()
        if waits and words["must_read"] and days > 1:
            notices.remind(notice=notice, within=None, at=sent + timedelta(days=1), by=by.user)
    _taken_back(by.user, at)
    _of_region(at)
    _take_up(at)
    return NoticeReceipt.objects.count()


def _taken_back(by: User, at: datetime) -> None:
    """Send a notice that is wrong and take it back, when some have read it."""
    days, words, why = WITHDRAWN
    sent = _morning(at, days)
    seen = sent + timedelta(hours=3)
    notice = notices.send(
        ref=uuid.uuid5(NAMES, "withdrawn"), told=Told(**words, until=sent + IN_FORCE),
        audience=Audience(Notice.Audience.BRAND), within=None, at=sent, by=by,
    )  # fmt: skip
    _read(notice, 40, seen)
    notices.withdraw(notice=notice, reason=why, at=seen, by=by)


def _morning(at: datetime, days: int) -> datetime:
    return clock.day_start(clock.business_day(at) - timedelta(days=days)) + timedelta(hours=9)


def _read(notice: Notice, share: int, at: datetime) -> None:
    """Let so many of a hundred read it, hour by hour; of what is new, whoever signs in to the demo leaves some."""
    own = _shown_posts() if notice.sent_at > at - timedelta(days=4) else set()
    hours: dict[datetime, list[Post]] = {}
    for receipt in notice.receipts.select_related("post__user").order_by("post_id"):
        turn = (receipt.post_id * 37 + notice.pk * 11) % 100
        if turn < share and receipt.post_id not in own:
            read_at = min(at - timedelta(minutes=1), notice.sent_at + timedelta(minutes=9 + turn // 8 * 97))
            hours.setdefault(read_at, []).append(receipt.post)
    for read_at, posts in sorted(hours.items()):
        notices.read(notice=notice.ref, posts=[post.pk for post in posts], at=read_at, by=posts[0].user)


def _shown_posts() -> set[int]:
    """Give the posts of the store whose manager and guide sign in to the demo."""
    return set(Post.objects.filter(store=logins.busiest(), until__isnull=True).values_list("pk", flat=True)[:4])


def _of_region(at: datetime) -> None:
    """Let the supervisor tell her region something."""
    region = Region.objects.filter(name=logins.REGION).first()
    post = Post.objects.filter(role=Post.Role.SUPERVISOR, region=region, until__isnull=True).order_by("pk").first()
    if region is None or post is None:
        return
    sent = min(at - timedelta(minutes=30), _morning(at, 3))
    within = list(Store.objects.filter(region=region).values_list("pk", flat=True))
    told = Told("华东片区：陈列检查周四开始", "周四起逐店检查端架陈列与价签，请各店自查并拍照留存。", sent + IN_FORCE)
    audience = Audience(Notice.Audience.REGIONS, regions=(region.pk,))
    notice = notices.send(ref=uuid.uuid5(NAMES, "region"), told=told, audience=audience, within=within, at=sent,
                          by=post.user)  # fmt: skip
    _read(notice, 72, at)


def _take_up(at: datetime) -> None:
    """Let guides of the busiest store take problems up: one answered, one handed up, one fresh."""
    store = logins.busiest()
    posts = Post.objects.filter(store=store, role=Post.Role.GUIDE, until__isnull=True).select_related("user")
    guides = list(posts.order_by("pk")[:2])
    manager = User.objects.filter(posts__store=store, posts__role=Post.Role.MANAGER, posts__until__isnull=True).first()
    if not guides or manager is None or Escalation.objects.exists():
        return
    for turn, (hours, title, words, answer) in enumerate(RAISED):
        post, raised = guides[turn % len(guides)], at - timedelta(hours=hours)
        ref = uuid.uuid5(NAMES, title)
        escalations.begin(ref=ref, problem=Problem(title, words, post), at=raised, by=post.user)
        if answer:
            when = raised + timedelta(hours=3)
            escalations.answer(escalation=ref, within=None, words=answer, at=when, by=manager)
    escalations.hand_up(at=at - timedelta(hours=5))


def _list() -> bytes:
    """Draw a price list as a picture."""
    picture = Image.new("RGB", (640, 360), "#ffffff")
    draw = ImageDraw.Draw(picture)
    for line in range(9):
        draw.rectangle((24, 24 + line * 36, 616, 50 + line * 36), fill="#eef2ff" if line % 2 else "#dbe4ff")
    return jpeg(picture)
