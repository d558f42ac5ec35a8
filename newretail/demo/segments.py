"""Segments of the demo brand: whom HQ speaks to, each kept and judged, one of them with snapshots to compare."""

from datetime import date, datetime
from typing import Any

from campaigns.actions import refreshing, segments, snapshots
from campaigns.models import Segment, SegmentMember
from newretail.kernel import clock
from newretail.kernel.actions import relay

Tree = dict[str, Any]


def _is(field: str, op: str, value: object, **narrowed: object) -> Tree:
    return {"field": field, "op": op, "value": value, **narrowed}


BOUGHT_LATELY = _is("orders.count", "at_least", 1, days=30)
SEGMENTS: tuple[tuple[str, str, str, Tree], ...] = (
    ("super", "超级客户", "一年内三次以上且金额达标", _is("portrait.super", "is", value=True)),
    ("repeat-90", "近 90 天复购", "90 天内两单及以上", _is("orders.count", "at_least", 2, days=90)),
    ("wake", "唤醒期老客", "进入唤醒期、曾复购", {"all": [
        _is("portrait.stage", "one_of", ["wake"]), _is("portrait.relationship", "one_of", ["repeat"])]}),
    ("win-back", "流失召回（有过高消费）", "召回期或沉睡期，累计消费满 500 元", {"all": [
        _is("portrait.stage", "one_of", ["win_back", "dormant"]), _is("orders.amount", "at_least", "500")]}),
    ("birthday-30", "30 天内生日", "公历与农历生日都算", _is("member.birthday_in", "at_most", 30)),
    ("coupon-idle", "有券未用", "手里有券，近 30 天没有下单", {"all": [
        _is("coupons.held", "any_of", ["SALE-20", "SHIP"]), {"none": [BOUGHT_LATELY]}]}),
    ("no-guide", "无导购的复购客", "公海里买过两次以上的会员", {"all": [
        _is("guide.bonded", "is", value=False), _is("orders.count", "at_least", 2)]}),
    ("sms-reachable", "可短信营销且 30 天未打扰", "同意短信营销，近 30 天没有触达", {"all": [
        _is("consents.allowed", "any_of", ["sms:marketing"]), _is("touches.sent", "at_most", 0, days=30)]}),
    ("speak-first", "优先沟通", "唤醒期老客或流失召回，且可短信触达", {"all": [
        {"any": [_is("segment", "any_of", ["wake", "win-back"])]}, _is("segment", "any_of", ["sms-reachable"])]}),
)  # fmt: skip


def describe(*, today: date, at: datetime) -> int:
    """Keep the segments and judge everybody by them, once; how many memberships there are."""
    relay.drain(at=at)
    known = set(Segment.objects.values_list("code", flat=True))
    for code, name, note, conditions in SEGMENTS:
        if code not in known:
            version = segments.keep(code=code, name=name, note=note, conditions=conditions, at=at)
            refreshing.refresh(version=version, at=at)
    row = Segment.objects.get(code="repeat-90")
    if not row.snapshots.exists():
        snapshots.take(segment=row, name="上月月初", as_of=clock.month_before(today), at=at)
        snapshots.take(segment=row, name="本月月初", as_of=clock.month_start(today), at=at)
    while refreshing.refresh_changed(at=at):
        pass
    return SegmentMember.objects.count()
