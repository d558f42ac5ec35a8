"""Contests of the demo's guides: one of last month that is closed, one of this month that runs."""

from datetime import date, datetime, timedelta

from analytics.actions import contests, facts
from analytics.actions.contests import Rules
from analytics.models import Contest, ContestStanding
from newretail.kernel import clock
from newretail.kernel.actions import relay

PRIZES = ("奖金 2000 元", "奖金 1000 元", "带薪假一天")


def hold(*, at: datetime) -> int:
    """Hold both, once; how many guides ended the first."""
    if Contest.objects.exists():
        return ContestStanding.objects.count()
    relay.drain(at=at)
    facts.refresh_stale(at=at)
    today = clock.business_day(at)
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    _hold(Rules("sales-last-month", "上月销售冠军赛", Contest.Metric.SALES, before, first - timedelta(days=1), PRIZES,
                Contest.Grouping.REGION), clock.day_start(before))  # fmt: skip
    contests.close(code="sales-last-month", at=at)
    _hold(Rules("sales-of-stores", "本月门店之星", Contest.Metric.SALES, first, _month_end(first), PRIZES[1:],
                Contest.Grouping.STORE), clock.day_start(first))  # fmt: skip
    _hold(Rules("reach-of-all", "本周触达先锋", Contest.Metric.REACH, today - timedelta(days=today.weekday()),
                today - timedelta(days=today.weekday() - 6), PRIZES), at)  # fmt: skip
    return ContestStanding.objects.count()


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _hold(rules: Rules, at: datetime) -> None:
    contests.keep(rules=rules, at=at)
    contests.publish(code=rules.code, at=at)
