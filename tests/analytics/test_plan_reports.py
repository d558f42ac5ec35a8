"""What a plan brought: the same figures as counted by hand, per arm, window and person; and what cannot be said."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from analytics.queries import plan_reports
from campaigns.actions import plans
from campaigns.models import PlanMember
from members.actions import merges
from newretail.kernel import clock
from tests import sights, world
from tests.campaigns import sending
from tests.campaigns.planning import DAY, live, planned
from tests.members.consenting import row, withdraw

FIRST, LATER = date(2026, 6, 1), world.NOW
MANY = [f"M{nth}" for nth in range(60)]


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    sending.people(*MANY, channels=("sms",))


def arms():
    return dict(PlanMember.objects.values_list("member__member_no", "arm"))


def spent(*rows):
    world.buy(*(world.order(f"R{nth}", amount, day, member_no=who) for nth, (who, amount, day) in enumerate(rows)))


def tried(**more):
    """A plan of which half is held out; the treated spend 100 each after, everybody 10 before."""
    plan = live(**{"holdout_bp": 5_000, "starts_on": FIRST, **more})
    planned(plan, FIRST)
    rows = [(who, "10", "2026-05-20") for who in MANY]
    rows += [(who, str(100 + nth), "2026-06-05") for nth, who in enumerate(MANY) if arms()[who] != "held_out"]
    rows += [(who, str(1 + nth), "2026-06-05") for nth, who in enumerate(MANY) if arms()[who] == "held_out" and nth % 2]
    spent(*rows)
    return plan, rows


def test_arms_are_counted_as_by_hand():
    plan, rows = tried()
    report = plan_reports.report(plan, LATER)
    for outcome in report.outcomes:
        own = [who for who in (*MANY, "V1", "V2") if arms()[who] == outcome.arm]
        spend = [sum(int(amount) for who, amount, day in rows if who == each and day > "2026-06-01") for each in own]
        assert outcome.members == len(own)
        assert outcome.bought == sum(amount > 0 for amount in spend)
        assert outcome.sums.spend == 100 * sum(spend)
        assert outcome.sums.before == sum(1_000 for who in own if who in MANY)
    assert (report.waiting, report.measurable, report.balance.alarm) == (0, True, False)
    assert report.lift.adjusted.low > 0
    assert report.lift.total.value == pytest.approx(report.lift.adjusted.value * report.lift.treated)
    assert report.check.low is not None
    assert report.roi is None
    costly = replace(report, cost_cents=100)
    assert costly.roi == pytest.approx([(each - 100) / 100 for each in (
        report.lift.total.value, report.lift.total.low, report.lift.total.high)])  # fmt: skip


def test_what_came_back_before_and_after_the_window_does_not_count():
    plan, _rows = tried(window_days=3)
    report = plan_reports.report(plan, LATER)
    assert [each.bought for each in report.outcomes] == [0, 0]
    assert report.lift.reason == "same"


def test_a_refund_is_taken_off():
    plan, rows = tried()
    before = plan_reports.report(plan, LATER).outcomes[0].sums.spend
    nth = next(nth for nth, (who, _amount, day) in enumerate(rows) if day > "2026-06-01" and arms()[who] == "A")
    world.refund({"refund_no": "Z1", "order_no": f"R{nth}", "amount": "40", "refunded_at": "2026-06-12"})
    assert plan_reports.report(plan, LATER).outcomes[0].sums.spend == before - 4_000


def test_who_is_within_the_window_still_waits():
    plan, _rows = tried()
    report = plan_reports.report(plan, clock.day_start(FIRST + 5 * DAY))
    assert (report.waiting, report.outcomes, report.measurable) == (62, [], False)


def test_she_spends_by_all_rows_that_are_she():
    plan, _rows = tried()
    one, other = [who for who in MANY if arms()[who] == "A"][:2]
    before = plan_reports.report(plan, LATER)
    merges.merge(member=world.member(other), into=world.member(one), reason="一人", at=world.NOW)
    after = plan_reports.report(plan, LATER)
    assert after.outcomes[0].sums.spend > before.outcomes[0].sums.spend


def test_without_anybody_held_out_it_is_observational():
    plan, _rows = tried(holdout_bp=0)
    report = plan_reports.report(plan, LATER)
    assert (report.measurable, report.lift, len(report.outcomes)) == (False, None, 1)


def test_who_withdrew_within_the_window_is_fatigue():
    plan, _rows = tried()
    who = next(who for who in MANY if arms()[who] == "A")
    withdraw(row(who, proof=None), at=world.NOW - timedelta(days=5))
    assert [each.withdrew for each in plan_reports.report(plan, LATER).outcomes] == [1, 0]


def test_variants_are_compared_with_each_other():
    plan, _rows = tried(variants=2, holdout_bp=3_000)
    report = plan_reports.report(plan, LATER)
    assert [(each.variant, each.against) for each in report.variants] == [
        ("A", "held_out"),
        ("B", "held_out"),
        ("A", "B"),
    ]


def test_costs_and_touches_are_those_of_the_ledger():
    plan = live(holdout_bp=5_000)
    planned(plan)
    sending.send(sending.connected("sms", "sandbox"))
    report = plan_reports.report(plan, LATER)
    assert report.cost_cents == 5 * report.reached > 0
    assert report.roi is None
    plans.move(plan=plan, do="end", at=world.NOW)


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_plan_says_it_in_both_languages():
    plan, _rows = tried()
    for language, word in (("zh-hans", "效果评估"), ("en", "What it brought")):
        client = sights.browser("hq", language) if language == "zh-hans" else sights.browser("auditor", language)
        shown = sights.text(client.get(reverse("admin:campaigns_touchplan_change", args=[plan.pk])))
        assert word in shown
