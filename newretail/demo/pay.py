"""Pay of the demo's guides: a year of months from its orders, paid up to the last, which waits for review."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from analytics.queries import guide_kpis
from guides.actions import (
    commission_adjustments,
    commission_extras,
    commission_months,
    commissions,
    guide_levels,
    pay_simulations,
    policies,
)
from guides.actions import credits as claims
from guides.actions.credits import Claim
from guides.models import CommissionEntry, CommissionMonth, CommissionStatement, Policy
from members.actions import refunds
from members.models import Order, OrderLine
from newretail.demo import logins
from newretail.kernel import clock, money
from newretail.kernel.actions import jobs, relay
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import User
from stores.models import Post

MONTHS = 12
TRIED = 6  # last months that a draft is simulated on
LATE = 4  # lines that come back after their month was paid
PAID_ON = timedelta(days=9, hours=10)  # on the 10th of the month after
CREDITS: dict[str, Any] = {
    "channels": {
        "*": {"seller": 10_000},
        "mall": {"bonded": 7_000, "sharer": 3_000},
        "live": {"bonded": 6_000, "pool": 4_000},
        "group_buy": {"bonded": 8_000, "sharer": 2_000},
    },
    "share_days": 7,
}
SCHEME: dict[str, Any] = {
    "levels": {str(level): 200 + 50 * (level - 1) for level in range(1, 13)},
    "channels": {"live": 8_000},
    "fresh_bp": 12_000,
    "most_bp": 1_000,
    "return_days": 7,
    "bounty_cents": 500,
    "bounty_days": 30,
    "task_cents": 50,
    "tasks_most": 100,
    "steps": [{"from_cents": 200_000, "pay_cents": 2_000}, {"from_cents": 300_000, "pay_cents": 5_000}],
    "month_most_cents": 2_000_000,
    "recovery_bp": 3_000,
}
# By what the demo's guides sell in a month, which is less than a real chain's do (yuan).
BANDS = (0, 200, 500, 800, 1_000, 1_300, 1_600, 1_900, 2_200, 2_600, 3_000, 3_500)
THEMES = ("操作流程", "操作流程", "运营方法", "运营方法", "用户运营", "用户运营", "精准细分", "精准细分", "客单提升",
          "内容创作", "带教", "带教")  # fmt: skip
NOTE = "演示：按演示数据的销售分布设定"
# A next version that waits to be simulated: beginners have more, a first purchase no more than another.
DRAFT = {**SCHEME, "levels": {**SCHEME["levels"], "1": 300, "2": 300, "3": 350}, "fresh_bp": 10_000}
DRAFT_NOTE = "演示草稿：提高新人佣金率，取消首购加成"


def settle(*, today: date, at: datetime) -> int:
    """Let the guides be levelled, credited and paid for a year; how many entries there are."""
    if Policy.objects.exists():
        return 0
    first = clock.month_before(today, MONTHS)
    _publish(first, clock.day_start(first) - timedelta(days=1))
    for month in clock.months(first, clock.month_after(today)):
        over = clock.day_start(clock.month_after(month)) + timedelta(hours=2)
        for bring in (commissions.settle_days, commission_extras.settle_days):
            bring(first=month, last=clock.month_after(month), at=min(over, at))
        if over < at:
            _assess(month, over)
            _bring(
                month,
                min(clock.day_start(clock.month_after(month)) + PAID_ON, at),
                last=clock.month_after(month) == clock.month_start(today),
            )
    _give_back(at)
    last = CommissionMonth.objects.filter(state=CommissionMonth.State.COMPUTED).first()
    if last is not None:
        _review(commission_months.compute(month=last.month, at=at, by=_hq()), at)
    _claim(at)
    _try(today, at)
    return CommissionEntry.objects.count()


def _try(today: date, at: datetime) -> None:
    """Keep a draft, and let it be simulated on the last months."""
    draft = policies.keep(kind=Policy.Kind.COMMISSION, terms=DRAFT, at=at, note=DRAFT_NOTE, by=_hq())
    first = clock.month_before(today, TRIED)
    asked = pay_simulations.ask(policy=draft, first=first, last=clock.month_start(today), at=at, by=_hq())
    if asked.run:
        jobs.perform(run=asked.run)


def _publish(first: date, at: datetime) -> None:
    """Keep and publish what guides are levelled, credited and paid by from a day on."""
    ends = [*(yuan * 100 for yuan in BANDS[1:]), None]
    levels = [
        {"level": n, "low_cents": low * 100, "high_cents": high, "theme": theme,
         "abilities": {"content": n // 3 + 1, "operation": n // 4 + 1, "portrait": n // 4 + 1, "tools": n // 3 + 1}}
        for n, (low, high, theme) in enumerate(zip(BANDS, ends, THEMES, strict=True), 1)
    ]  # fmt: skip
    table = {"basis": "credited", "grace_months": 1, "levels": levels}
    for kind, terms in (
        (Policy.Kind.LEVELS, table), (Policy.Kind.CREDITS, CREDITS), (Policy.Kind.COMMISSION, SCHEME)
    ):  # fmt: skip
        policies.publish(policy=policies.keep(kind=kind, terms=terms, at=at, note=NOTE), starts_on=first, at=at)


@transaction.atomic
def _assess(month: date, at: datetime) -> None:
    guide_kpis.lay("tmp_guide_kpis", month=month)
    guide_levels.assess(month=month, kpis="tmp_guide_kpis", at=at)


def _bring(month: date, at: datetime, *, last: bool) -> None:
    """Compute a month; all but the last were closed, exported and paid."""
    if not CommissionEntry.objects.filter(month=month).exists():
        return
    by = _hq()
    commission_months.compute(month=month, at=at, by=by)
    if last:
        return
    commission_months.close(month=month, at=at, by=by, unreviewed=True)
    commission_months.export(month=month, at=at, by=by)
    commission_months.pay(month=month, at=at, by=by)


def _review(kept: CommissionMonth, at: datetime) -> None:
    """Let managers of one store in two have reviewed the statements of their guides."""
    managers = {post.store_id: post.user for post in Post.objects.filter(role="manager", until__isnull=True)
                .select_related("user") if post.store_id and post.store_id % 2}  # fmt: skip
    guides = dict(Post.objects.filter(role="guide", until__isnull=True).values_list("user_id", "store_id"))
    for statement in CommissionStatement.objects.filter(month=kept).select_related("account", "month"):
        manager = managers.get(guides.get(statement.account.user_id) or 0)
        if manager:
            commission_months.review(statement=statement, seen_cents=statement.gross_cents, at=at, by=manager)


def _hq() -> User:
    return User.objects.get(posts__role="hq", posts__until__isnull=True)


def _give_back(at: datetime) -> None:
    """Let the dearest orders of a month that is paid come back late: what they earned is owed."""
    paid = CommissionMonth.objects.filter(state=CommissionMonth.State.PAID).order_by("-month").first()
    mine = Post.objects.filter(store=logins.busiest(), role="guide", until__isnull=True).order_by("pk").first()
    if paid is None or mine is None:
        return
    since = clock.day_start(paid.month)
    sold = Order.objects.filter(sold_by=mine, paid_at__gte=since, paid_at__lt=since + timedelta(days=20))
    rows = [
        {"source": line.order.source, "order_no": line.order.order_no, "line_no": line.line_no, "refund_no": "LATE",
         "amount": money.to_yuan(line.amount_cents), "refunded_at": at.isoformat()}
        for line in OrderLine.objects.filter(order__in=sold.filter(refunded_cents=0)).order_by("-amount_cents")[:LATE]
        .select_related("order")
    ]  # fmt: skip
    refunds.record(batch=batch_of(IMPORTERS["refunds"].sheet, rows), at=at)
    relay.drain(at=at)


def _claim(at: datetime) -> None:
    """Let two guides of the busiest store claim orders of a colleague: one is granted a half, the other waits."""
    guides = list(Post.objects.filter(store=logins.busiest(), role="guide", until__isnull=True).order_by("pk")[:2])
    if len(guides) < 2:
        return
    mine, other = guides
    recent = Order.objects.filter(sold_by=other, paid_at__lt=at, amount_cents__gt=1_000).order_by("-paid_at")[:2]
    words = ("顾客在我这里试穿，第二天来付的款", "是我预约的客人，当天我休息")
    raised = [
        claims.dispute(order=order, post=mine, claim=Claim(said), ref=uuid.uuid4(), at=at)
        for order, said in zip(recent, words, strict=False)
    ]
    if raised:
        claims.grant(
            dispute=raised[0], shares={mine: 5_000, other: 5_000}, reason="两人共同接待，各半", at=at, by=_hq()
        )
    commission_adjustments.adjust(
        user=mine.user, month=clock.month_start(clock.business_day(at)), cents=2_000, reason="陈列评比第一名",
        ref=uuid.uuid4(), at=at, by=_hq(),
    )  # fmt: skip
