"""Lets the demo's members say what they allow, and plans touches that meet the gate of consent."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Min

from members.actions import consents, persons, touches
from members.models import ConsentText, Member
from newretail.kernel import clock, sql
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of

TEXTS = (
    ("service", "服务通知", "为完成您的购买与售后，我们会向您发送订单、配送、积分变动等必要通知。",
     "Service notices", "To serve what you bought we send you what is needed: orders, parcels, points."),
    ("care", "关怀问候", "在生日、节日等时刻，我们可以向您送上问候和小惊喜。您可以随时撤回。",
     "Care and greetings", "On birthdays and holidays we may greet you. You can withdraw it at any time."),
    ("marketing", "营销活动", "我们可以向您推送新品、优惠和会员日活动。您可以按渠道选择，随时撤回，不影响正常购物。",
     "Offers and news", "We may tell you of new goods, offers and member days, by the channels you choose."),
    ("personalisation", "个性化推荐", "我们可以根据您的购买记录为您挑选商品和优惠；关闭后您仍会收到不针对个人的内容。",
     "Offers chosen for you", "We may choose goods and offers by what you bought; without it, you get general ones."),
    ("profiling", "消费画像", "我们可以分析您的消费频次与偏好，用于改进服务；不会据此设置不合理的价格差异。",
     "Evaluation of purchases", "We may evaluate how often and what you buy, to serve better; never to set prices."),
)  # fmt: skip
CHUNK = 5_000
HELD, WAVE, NEXT_WAVE = timedelta(days=45), "demo.member_day", "demo.new_goods"
TO_TOUCH = """
SELECT id AS member_id, 'sms'::text AS channel, 'marketing'::text AS purpose, %(at)s::timestamptz AS planned_for,
  NULL::bigint AS content_id, NULL::bigint AS post_id, '' AS not_wanted
FROM members_member WHERE seat %% 4 = %(turn)s AND erased_at IS NULL
"""


def speak(*, at: datetime) -> int:
    """Publish the wordings, let members say what they allow, touch some of them; how many statements were recorded."""
    first = Member.objects.aggregate(at=Min("joined_at"))["at"]
    if first is None or ConsentText.objects.exists():
        return 0
    for purpose, title_zh, body_zh, title_en, body_en in TEXTS:
        consents.publish(
            purpose=purpose, title_zh=title_zh, body_zh=body_zh, title_en=title_en, body_en=body_en, at=first
        )  # fmt: skip
    rows, said, sheet = _statements(at), 0, IMPORTERS["consents"].sheet
    while part := list(islice(rows, CHUNK)):
        said += consents.record(batch=batch_of(sheet, part), at=at).created
    _touch(at)
    _ask(at)
    return said


def _statements(at: datetime) -> Iterator[dict[str, Any]]:
    """Give what each member said: most allow short messages when they join, some withdraw them, fewer allow more."""
    for number, seat, joined in Member.objects.order_by("seat").values_list("member_no", "seat", "joined_at"):
        said = {"member_no": number, "source": "till", "proof": f"JOIN-{seat:06}", "decision": "given",
                "stated_at": joined.isoformat()}  # fmt: skip
        if seat % 10 < 7:
            yield {**said, "channel": "sms", "purpose": "marketing"}
        if seat % 8:
            yield {**said, "channel": "wecom", "purpose": "care", "source": "guide"}
        if seat % 4:
            yield {**said, "channel": "wecom", "purpose": "marketing", "source": "guide"}
        if seat % 5 == 0:
            yield {**said, "channel": "any", "purpose": "personalisation", "source": "miniapp"}
        if seat % 17 == 0 and joined + HELD < at:
            yield {**said, "channel": "sms", "purpose": "marketing", "decision": "withdrawn", "source": "page",
                   "proof": None, "stated_at": (joined + HELD).isoformat()}  # fmt: skip


def _touch(at: datetime) -> None:
    """Send one wave of yesterday, a few of which fail or stay without an answer; plan one for tomorrow."""
    day = clock.business_day(at)
    sent_at = clock.day_start(day - timedelta(days=1)) + timedelta(hours=10)
    _plan(WAVE, 0, sent_at, sent_at - timedelta(hours=1))
    while claimed := touches.claim(channel="sms", most=touches.MOST_AT_ONCE, at=sent_at):
        ends = [
            touches.Settlement(each.ref, *(("failed", "unreachable") if number % 29 == 1 else ("sent",)))
            for number, each in enumerate(sorted(claimed, key=lambda each: each.member_id))
            if number % 97
        ]
        touches.settle(results=ends, at=sent_at + timedelta(minutes=2))
    touches.doubt(at=sent_at + touches.LEASE)
    _plan(NEXT_WAVE, 1, datetime.combine(day + timedelta(days=1), time(10), tzinfo=clock.brand_zone()), at)


def _plan(source: str, turn: int, due: datetime, at: datetime) -> None:
    with transaction.atomic():
        sql.temporary("tmp_demo_touches", TO_TOUCH, {"at": due, "turn": turn})
        touches.plan(table="tmp_demo_touches", source=source, at=at)


def _ask(at: datetime) -> None:
    """Let two members ask for their data, one for deletion."""
    for seat, kind in ((8, "export"), (21, "export"), (34, "erase")):
        member = Member.objects.filter(seat=seat).first()
        if member:
            persons.request(member=member, kind=kind, at=at - timedelta(days=seat % 7))
