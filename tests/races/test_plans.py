"""A plan paused while its touches are being claimed: the pause waits, and nothing is claimed after it."""

import pytest

from campaigns.actions import dispatching, plans
from campaigns.models import TouchPlan
from members.models import Touch
from tests import world
from tests.campaigns import sending
from tests.campaigns.planning import live, planned
from tests.races.race import Beside, Once

pytestmark = pytest.mark.django_db(transaction=True)


def paused_meanwhile(brand, monkeypatch):
    """Pause a plan between the look at plans and the claim; tell how many were claimed, and whether it was over before."""
    world.chain()
    sending.people("M1")
    plan = live()
    planned(plan)
    begun, over = [], []

    def beside(name):
        if name == "dispatch.plans":
            inside()
            over.append(bool(begun[0].given))

    pause = lambda: plans.move(plan=plan, do="pause", at=world.NOW)  # noqa: E731 - told once, beside
    inside = Once(lambda: begun.append(Beside(brand, pause).start()))
    monkeypatch.setattr(dispatching, "failpoint", beside)
    claimed = dispatching.claim(channel="sms", most=9, at=world.NOW)
    begun[0].answer  # noqa: B018 - waits
    return len(claimed), over[0]


def test_a_pause_waits_for_the_claim_under_way_and_nothing_is_claimed_after_it(brand, monkeypatch):
    assert paused_meanwhile(brand, monkeypatch) == (1, False)
    assert TouchPlan.objects.get().state == "paused"
    left = Touch.objects.filter(state="planned").count()
    assert dispatching.claim(channel="sms", most=9, at=world.NOW) == []
    assert Touch.objects.filter(state="planned").count() == left


def test_without_holding_the_plans_touches_of_a_paused_one_would_be_claimed(brand, monkeypatch):
    monkeypatch.setattr(dispatching, "HELD_PLANS", dispatching.PLANS)
    assert paused_meanwhile(brand, monkeypatch) == (1, True)
