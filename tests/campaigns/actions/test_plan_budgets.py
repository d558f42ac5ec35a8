"""What a plan may spend, and whom its next channel reaches where one failed."""

from datetime import timedelta

import pytest

from campaigns.actions import plans
from members.actions import touches
from members.actions.touches import Settlement
from members.models import Touch
from newretail.kernel.verbs import verb
from tests import world
from tests.campaigns import sending
from tests.campaigns.planning import DAY, TODAY, live, planned
from tests.members.consenting import row, say


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    sending.people("M1", "M2", "M3")


def of(plan):
    rows = Touch.objects.filter(source=plan.source, member__member_no__startswith="M").order_by("pk")
    return [" ".join(each) for each in rows.values_list("member__member_no", "channel", "state")]


@verb
def settled(state="failed", reason="unreachable", at=world.NOW):
    """Claim what is due by SMS; this becomes of it."""
    claimed = touches.claim(channel="sms", most=10, at=at)
    touches.settle(results=[Settlement(each.ref, state, reason) for each in claimed], at=at)
    return len(claimed)


@pytest.mark.parametrize(("cents", "members"), [(4, 0), (5, 1), (14, 2), (100, 5), (None, 5)])
def test_of_its_money_a_plan_spends_no_more_than_the_messages_cost(cents, members):
    sending.connected("sms", "sandbox")  # 5 cents each
    assert planned(live(most_cents=cents)) == members


def test_what_went_out_counts_as_it_was_paid_and_what_waits_as_it_will_be():
    setup = sending.connected("sms", "sandbox")
    plan = live(most_cents=10)
    assert planned(plan) == 2
    assert planned(plan, TODAY + DAY) == 0
    assert sending.send(setup) == {}  # the gate stopped both: their money is free again
    assert planned(plan, TODAY + DAY) == 2
    assert sending.send(setup, at=world.NOW + DAY) == {"sent": 2}
    assert planned(plan, TODAY + 2 * DAY) == 0


def test_what_failed_costs_nothing_and_its_money_reaches_another():
    sending.connected("sms", "sandbox")
    plan = live(most_cents=15)
    assert planned(plan) == 3
    settled()
    assert planned(plan, TODAY + DAY) == 2
    assert planned(plan, TODAY + 2 * DAY) == 0


@pytest.mark.parametrize("money", [0, -5, plans.MOST_MONEY + 1])
def test_money_that_buys_nothing_is_refused(money):
    with pytest.raises(plans.BadPlan, match="money"):
        live(most_cents=money)


@pytest.mark.parametrize(("state", "reason"), [
    ("failed", "unreachable"), ("refused", "refused"), ("over_quota", "quota"),
])  # fmt: skip
def test_where_a_channel_surely_failed_the_next_in_order_is_planned_once(state, reason):
    plan = live(channels=["sms", "email"])
    planned(plan)
    settled(state, reason)
    assert plans.fall_back(plan=plan, at=world.NOW) == 3
    assert plans.fall_back(plan=plan, at=world.NOW) == 0
    assert [each for each in of(plan) if "email" in each] == [f"M{n} email planned" for n in (1, 2, 3)]
    assert {touch.content.body for touch in Touch.objects.filter(channel="email")} == {"{name}，A"}


@pytest.mark.parametrize(("state", "reason"), [
    ("sent", ""), ("unknown", "no_answer"), ("failed", "unwanted"), ("waiting", ""),
])  # fmt: skip
def test_what_may_have_reached_her_or_is_not_wanted_is_not_tried_again(state, reason):
    plan = live(channels=["sms", "email"])
    planned(plan)
    assert settled(state, reason) > 0
    assert plans.fall_back(plan=plan, at=world.NOW) == 0


def test_the_next_channel_asks_for_her_consent_and_address_too():
    plan = live(channels=["sms", "email"])
    planned(plan)
    settled()
    say(row("M1", channel="email", decision="withdrawn"))
    assert plans.fall_back(plan=plan, at=world.NOW) == 2


def test_after_the_last_channel_or_in_a_plan_that_rests_or_long_ago_nothing_falls_back():
    plan, one = live(channels=["sms", "email"]), live(code="one")
    planned(plan)
    planned(one)
    settled()
    settled()
    assert plans.fall_back(plan=one, at=world.NOW) == 0
    assert plans.fall_back(plan=plan, at=world.NOW + timedelta(days=8)) == 0
    plans.move(plan=plan, do="pause", at=world.NOW)
    assert plans.fall_back(plan=plan, at=world.NOW) == 0


def test_the_next_channel_spends_no_more_than_is_left():
    sending.connected("sms", "sandbox")
    sending.connected("email", "sandbox")
    plan = live(channels=["sms", "email"], most_cents=25)
    planned(plan)
    assert settled() == 3
    assert plans.fall_back(plan=plan, at=world.NOW) == 3
    poor = live(code="poor", channels=["sms", "email"], most_cents=5)
    planned(poor)
    settled("sent", "")
    assert plans.fall_back(plan=poor, at=world.NOW) == 0
