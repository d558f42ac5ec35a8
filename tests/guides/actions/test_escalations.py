"""Escalations: taken up once, answered within their time or handed up, closed for good."""

import uuid
from datetime import timedelta

import pytest

from guides.actions import escalations
from guides.models import Escalation, EscalationMessage
from members.actions import persons
from newretail.kernel import books
from newretail.kernel.actions import settings
from stores.models import Store
from tests import serving, world

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


@pytest.fixture
def raised(_shops):
    return serving.take_up("G1")


def answer(found, words="请先安抚，我来处理。", within=None, at=world.NOW):
    return escalations.answer(escalation=found.ref, within=within, words=words, at=at, by=serving.guide("M1"))


def add(found, words="顾客又来了。", at=world.NOW, staff_no="G1"):
    posts = [serving.post(staff_no).pk]
    return escalations.add(escalation=found.ref, posts=posts, words=words, at=at, by=serving.guide(staff_no))


def stands(found):
    found.refresh_from_db()
    return found.state, found.level, found.handed_up


def test_a_guides_waits_for_her_manager_and_a_managers_for_the_supervisor(raised):
    assert stands(raised) == ("open", "manager", 0)
    assert raised.due_at == world.NOW + 24 * HOUR
    assert stands(serving.take_up("M1")) == ("open", "supervisor", 0)


def test_taken_up_again_under_its_number_it_is_one():
    ref = uuid.uuid4()
    assert serving.take_up("G1", ref=ref) == serving.take_up("G1", ref=ref, title="另一件")
    with pytest.raises(escalations.UnknownEscalation):
        serving.take_up("G2", ref=ref)
    assert (Escalation.objects.count(), EscalationMessage.objects.count()) == (1, 1)


@pytest.mark.parametrize("given", [{"title": " "}, {"words": ""}, {"title": "x" * 61}, {"words": "x" * 1001}])
def test_what_says_nothing_or_too_much_is_not_taken_up(given):
    with pytest.raises(escalations.WordsMissing):
        serving.take_up("G1", **given)
    assert not Escalation.objects.exists()


def test_what_nobody_answers_goes_up_to_hq_and_stays_there(raised):
    assert escalations.hand_up(at=world.NOW + 23 * HOUR) == 0
    seen = []
    for hours in (24, 25, 48, 72, 96):
        escalations.hand_up(at=world.NOW + hours * HOUR)
        seen.append(stands(raised)[1:])
    assert seen == [("supervisor", 1), ("supervisor", 1), ("hq", 2), ("hq", 2), ("hq", 2)]
    assert [m.kind for m in EscalationMessage.objects.order_by("nth")] == ["raised", "handed_up", "handed_up"]
    assert books.verify() == []


def test_the_time_limit_is_a_setting():
    settings.put(key="escalation_hours", value=2, at=world.NOW)
    found = serving.take_up("G1")
    assert escalations.hand_up(at=world.NOW + 2 * HOUR) == 1
    found.refresh_from_db()
    assert found.due_at == world.NOW + 4 * HOUR


def test_what_was_answered_is_not_handed_up_until_it_is_asked_again(raised):
    answer(raised)
    assert escalations.hand_up(at=world.NOW + 30 * HOUR) == 0
    add(raised, at=world.NOW + 30 * HOUR)
    assert escalations.hand_up(at=world.NOW + 53 * HOUR) == 0
    assert escalations.hand_up(at=world.NOW + 54 * HOUR) == 1
    assert stands(raised) == ("open", "supervisor", 1)
    assert books.verify() == []


def test_asked_again_while_it_waits_its_time_is_not_stretched(raised):
    add(raised, at=world.NOW + 20 * HOUR)
    assert escalations.hand_up(at=world.NOW + 24 * HOUR) == 1


def test_only_who_sees_the_store_answers_and_only_the_raiser_asks_again(raised):
    elsewhere = [Store.objects.get(code="GZ01").pk]
    with pytest.raises(escalations.UnknownEscalation):
        answer(raised, within=elsewhere)
    with pytest.raises(escalations.UnknownEscalation):
        add(raised, staff_no="G2")
    with pytest.raises(escalations.WordsMissing):
        answer(raised, words=" ")
    assert stands(raised) == ("open", "manager", 0)
    answer(raised, within=[raised.post.store_id])
    assert stands(raised)[0] == "answered"


def test_closed_nothing_more_is_said(raised):
    escalations.close(escalation=raised.ref, posts=[raised.post_id], at=world.NOW, by=serving.guide("G1"))
    for verb in (answer, add):
        with pytest.raises(escalations.EscalationClosed):
            verb(raised)
    assert escalations.hand_up(at=world.NOW + 99 * HOUR) == 0
    assert EscalationMessage.objects.count() == 2
    assert books.verify() == []


def test_who_neither_raised_it_nor_sees_the_store_does_not_close_it(raised):
    for reach in ({"posts": [serving.post("G2").pk]}, {"within": [Store.objects.get(code="GZ01").pk]}, {}):
        with pytest.raises(escalations.UnknownEscalation):
            escalations.close(escalation=raised.ref, at=world.NOW, by=serving.guide("G2"), **reach)
    assert stands(raised)[0] == "open"


def test_who_is_erased_is_struck_out_of_what_was_said_of_her():
    member = world.member("V1")
    found = serving.take_up("G1", member=member, title="张三退货", words="张三来电 13800000001。")
    persons.erase(member=member, reason="request", at=world.NOW)
    found.refresh_from_db()
    assert "张三" not in found.title + EscalationMessage.objects.get().words
    assert "13800000001" not in EscalationMessage.objects.get().words
