"""A touch goes out once, through the gate of consent, and ends in the ledger with its reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from members.actions import merges, persons, touches
from members.models import Touch
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from tests import world
from tests.members.consenting import claim, member, plan, row, say, texts, withdraw


@pytest.fixture(autouse=True)
def allowed(noon):
    world.chain()
    texts()
    say(row())


def states():
    return sorted(Touch.objects.values_list("member__member_no", "state", "reason"))


def settle(state, reason="", at=world.NOW, touch=None):
    ref = (touch or Touch.objects.get()).ref
    return touches.settle(results=[touches.Settlement(ref, state, reason)], at=at)


def test_a_plan_touches_a_member_once_a_day_by_a_channel():
    assert (plan(numbers=["V1", "V2"]), plan(numbers=["V1", "V2"])) == (2, 0)
    assert plan(numbers=["V1"], source="campaigns.wave:2") == 1
    assert plan(numbers=["V1"], at=world.NOW + timedelta(days=1)) == 1
    assert [line.facts for line in JournalEntry.objects.filter(name="members.touch.planned").order_by("pk")] == [
        {"planned": 2}, {"planned": 1}, {"planned": 1},
    ]  # fmt: skip


def test_nobody_who_was_erased_is_planned_for():
    persons.erase(member=member(), reason="request", at=world.NOW)
    assert plan(numbers=["V1", "V2"]) == 1
    assert states() == [("V2", "planned", "")]


def test_the_day_of_a_touch_is_the_brands():
    plan(numbers=["V1"], at=world.NOW.replace(hour=23))
    assert Touch.objects.get().day == world.NOW.date() + timedelta(days=1)


def test_who_allowed_it_is_claimed_once_and_who_did_not_is_suppressed_with_the_reason():
    withdraw(row("V2", proof=None))
    world.people({"member_no": "V3"}, {"member_no": "V4", "birthday": "2020-01-01"})
    say(row("V4"))
    plan(numbers=["V1", "V2", "V3", "V4"])
    assert [(each.channel, each.source) for each in claim()] == [("sms", "campaigns.wave:1")]
    assert claim() == []
    assert states() == [("V1", "claimed", ""), ("V2", "suppressed", "withdrawn"), ("V3", "suppressed", "no_consent"),
                        ("V4", "suppressed", "under_14")]  # fmt: skip
    line = JournalEntry.objects.get(name="members.touch.claimed")
    assert line.facts == {"claimed": 1, "suppressed": 3, "held": 0}


def test_nothing_is_claimed_before_its_time_nor_by_another_channel():
    plan(numbers=["V1"], at=world.NOW + timedelta(hours=1))
    assert claim() == claim("call", at=world.NOW + timedelta(hours=1)) == []
    assert len(claim(at=world.NOW + timedelta(hours=1))) == 1


def test_as_many_are_claimed_as_asked_for_the_longest_due_first():
    say(row("V2"))
    plan(numbers=["V2"], at=world.NOW - timedelta(hours=2))
    plan(numbers=["V1"])
    assert [each.member_id for each in claim(most=1)] == [Touch.objects.earliest("planned_for").member_id]


@pytest.mark.parametrize(("state", "reason"), [("sent", ""), ("failed", "refused"), ("unknown", "no_answer")])
def test_what_became_of_a_touch_is_settled_once(state, reason):
    plan(numbers=["V1"])
    claim()
    assert (settle(state, reason), settle(state, reason)) == (1, 0)
    assert states() == [("V1", state, reason)]
    assert JournalEntry.objects.filter(name="members.touch.settled").count() == 1


def test_what_was_sent_never_turns_into_a_failure():
    plan(numbers=["V1"])
    claim()
    settle("sent")
    with pytest.raises(touches.SettledOtherwise):
        settle("failed", "refused")
    assert states() == [("V1", "sent", "")]


def test_what_was_never_claimed_has_no_end_and_the_whole_batch_is_refused():
    say(row("V2"))
    plan(numbers=["V1", "V2"])
    claim(most=1)
    results = [touches.Settlement(ref, "sent") for ref in Touch.objects.values_list("ref", flat=True)]
    with pytest.raises(touches.SettledOtherwise):
        touches.settle(results=results, at=world.NOW)
    assert [state for _no, state, _reason in states()] == ["claimed", "planned"]


@pytest.mark.parametrize(("state", "reason"), [("claimed", ""), ("planned", ""), ("failed", ""), ("sent", "refused")])
def test_an_end_that_is_none_is_a_mistake_of_the_caller(state, reason):
    plan(numbers=["V1"])
    claim()
    with pytest.raises(ValueError, match="Settlement"):
        settle(state, reason)
    assert states() == [("V1", "claimed", "")]


def test_a_claim_nobody_settled_is_unknown_and_is_asked_about_but_never_sent_again():
    plan(numbers=["V1"])
    claim()
    assert touches.doubt(at=world.NOW + touches.LEASE - timedelta(seconds=1)) == 0
    later = world.NOW + touches.LEASE
    assert (touches.doubt(at=later), touches.doubt(at=later)) == (1, 0)
    assert states() == [("V1", "unknown", "no_answer")]
    assert claim(at=later) == []
    assert plan(numbers=["V1"]) == 0
    assert settle("sent", at=later) == 1
    assert states() == [("V1", "sent", "")]


@pytest.mark.parametrize(
    "more",
    [{"state": "suppressed"}, {"state": "sent"}, {"channel": "any"}, {"purpose": "profiling"},
     {"state": "planned", "reason": "withdrawn"}],
)  # fmt: skip
def test_a_row_that_makes_no_sense_the_database_itself_refuses(more):
    plan(numbers=["V1"])
    kept = Touch.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic(), writing("tests"):
        Touch.objects.filter(pk=kept["id"]).update(**more)
    assert Touch.objects.values().get() == kept


def test_what_she_said_under_a_former_number_holds_for_the_person():
    world.people({"member_no": "V9", "store_code": "SH01"})
    say(row("V9"))
    withdraw(row("V9", proof=None), at=world.NOW + timedelta(seconds=1))
    merges.merge(member=member("V9"), into=member("V1"), reason="one person", at=world.NOW, by=None)
    plan(numbers=["V1", "V9"])
    assert claim(at=world.NOW + timedelta(seconds=1)) == []
    assert {reason for _no, _state, reason in states()} == {"withdrawn"}
