"""Notices read and reminded of by several at once, escalations answered while they are handed up: once each."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError

from guides.actions import escalations, notices
from guides.models import Escalation, EscalationMessage, Notice, NoticeReceipt, Task
from newretail.kernel import books
from newretail.kernel.actions import relay
from tests import noticing, serving, world
from tests.races.race import RACERS, Beside, Once, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
LATE = world.NOW + timedelta(hours=24)


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()
    noticing.hq()


def test_sent_by_many_taps_of_one_form_it_is_one_notice(brand):
    ref, by = uuid.uuid4(), noticing.hq()
    found = race(brand, RACERS, lambda _: noticing.send(ref=ref, by=by))
    assert not errors(found)
    assert (Notice.objects.count(), NoticeReceipt.objects.count()) == (1, 4)
    assert books.verify() == []


def newcomer():
    """Somebody who gets a post in Shanghai."""
    world.staff({"staff_no": "G4", "name": "小雨", "store_code": "SH01", "role": "guide"})


def deliver():
    return notices.deliver(at=world.NOW)


@pytest.mark.parametrize("count", [4, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_delivered_by_many_at_once_each_has_one_receipt_and_one_task(brand, count):
    noticing.send(due_days=2)
    newcomer()
    found = race(brand, count, lambda _: deliver())
    assert not errors(found)
    assert (sum(found), NoticeReceipt.objects.count(), Task.objects.count()) == (1, 5, 5)
    assert books.verify() == []


def test_without_its_key_a_receipt_delivered_meanwhile_is_refused_by_the_database(brand, monkeypatch):
    monkeypatch.setattr(notices, "DELIVER", notices.DELIVER.replace("ON CONFLICT DO NOTHING", ""))
    noticing.send()
    with pytest.raises(IntegrityError):
        deliver()
    assert NoticeReceipt.objects.count() == 4


def test_who_gets_a_post_while_a_notice_is_being_sent_receives_it_too(noon, brand, monkeypatch):
    begun = []

    def arrive():
        newcomer()
        relay.drain(at=world.NOW)

    inside = Once(lambda: begun.append(Beside(brand, arrive).start()))
    monkeypatch.setattr(notices, "failpoint", lambda name: inside() if name == "notice.sent" else None)
    notice = noticing.send(due_days=2)
    assert begun[0].answer is None
    relay.drain(at=world.NOW)
    assert noticing.reached(notice) == ["G1", "G2", "G4", "G9", "M1"]
    assert (NoticeReceipt.objects.count(), Task.objects.count()) == (5, 5)


def test_read_by_many_taps_at_once_it_is_read_once(brand):
    notice = noticing.send()
    assert sum(race(brand, RACERS, lambda _: noticing.read(notice, "G1"))) == 1
    assert books.verify() == []


def remind(notice):
    return notices.remind(notice=notice, within=None, at=world.NOW, by=noticing.hq())


def test_reminded_by_two_at_once_each_is_reminded_once(brand):
    notice = noticing.send()
    found = each(brand, [lambda: remind(notice)] * 2)
    assert [type(error) for error in errors(found)] == [notices.NobodyToRemind]
    assert set(NoticeReceipt.objects.values_list("reminders", flat=True)) == {1}


@pytest.mark.books_may_break
def test_without_the_lock_two_remind_the_same_reader(brand, monkeypatch):
    loose = notices.REMIND.replace("FOR NO KEY UPDATE OF r", "")
    monkeypatch.setattr(notices, "REMIND", loose)
    notice, begun = noticing.send(), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: remind(notice)).start()))
    monkeypatch.setattr(notices, "failpoint", lambda name: inside() if name == "notice.reminded" else None)
    remind(notice)
    assert begun[0].answer == 4
    assert set(NoticeReceipt.objects.values_list("reminders", flat=True)) == {2}


def withdraw(notice):
    return notices.withdraw(notice=notice, reason="价格有误", at=world.NOW, by=noticing.hq())


def withdrawn_while_delivered(brand, monkeypatch):
    """Withdraw a notice while it is on its way to somebody who came later; gives how many tasks ended with it."""
    notice, begun = noticing.send(due_days=2), []
    newcomer()
    inside = Once(lambda: begun.append(Beside(brand, lambda: withdraw(notice)).start()))
    monkeypatch.setattr(notices, "failpoint", lambda name: inside() if name == "notice.received" else None)
    assert deliver() == 1
    return begun[0].answer


def test_what_is_being_delivered_is_withdrawn_with_all_its_tasks(brand, monkeypatch):
    assert withdrawn_while_delivered(brand, monkeypatch) == 5
    assert not Task.objects.open().exists()
    assert books.verify() == []


@pytest.mark.books_may_break
def test_not_waited_for_a_delivery_gives_a_task_of_what_was_withdrawn(brand, monkeypatch):
    monkeypatch.setattr(notices, "DELIVERING", "SELECT 1")
    assert withdrawn_while_delivered(brand, monkeypatch) == 4
    assert Task.objects.open().count() == 1


def delivered_while_withdrawn(brand, monkeypatch):
    """Deliver while a notice is being withdrawn; gives how many receipts were written."""
    notice, begun = noticing.send(due_days=2), []
    newcomer()
    inside = Once(lambda: begun.append(Beside(brand, deliver).start()))
    monkeypatch.setattr(notices, "failpoint", lambda name: inside() if name == "notice.withdrawn" else None)
    withdraw(notice)
    return begun[0].answer


def test_what_is_being_withdrawn_reaches_nobody_more(brand, monkeypatch):
    assert delivered_while_withdrawn(brand, monkeypatch) == 0
    assert (NoticeReceipt.objects.count(), Task.objects.open().count()) == (4, 0)


def test_not_waiting_a_delivery_reaches_somebody_with_what_is_being_withdrawn(brand, monkeypatch):
    monkeypatch.setattr(notices, "WITHDRAWING", "SELECT 1")
    assert delivered_while_withdrawn(brand, monkeypatch) == 1


@pytest.mark.prove
def test_withdrawn_by_many_while_many_deliver_it_is_withdrawn_once_and_leaves_no_task(brand):
    notice = noticing.send(due_days=2)
    newcomer()
    found = race(brand, RACERS, lambda n: deliver() if n % 2 else withdraw(notice))
    assert {type(error) for error in errors(found)} == {notices.AlreadyWithdrawn}
    assert (len(errors(found)), Task.objects.open().count()) == (RACERS // 2 - 1, 0)
    assert books.verify() == []


def answer(found):
    return escalations.answer(
        escalation=found.ref, within=None, words="我来处理", at=LATE, by=serving.guide("M1")
    )  # fmt: skip


def handed_up_while_answered(brand, monkeypatch):
    """Hand up while an answer is between its lock and its end; give the escalation as it stands then."""
    found, begun = serving.take_up("G1"), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: escalations.hand_up(at=LATE)).start()))
    monkeypatch.setattr(escalations, "failpoint", lambda name: inside() if name == "escalation.kept" else None)
    answer(found)
    assert begun[0].answer in (0, 1)
    return Escalation.objects.get()


def test_what_is_being_answered_is_not_handed_up(brand, monkeypatch):
    found = handed_up_while_answered(brand, monkeypatch)
    assert (found.state, found.level, found.handed_up) == ("answered", "manager", 0)
    assert [m.kind for m in EscalationMessage.objects.order_by("nth")] == ["raised", "answered"]
    assert books.verify() == []


def test_what_is_being_handed_up_is_answered_one_level_up(brand, monkeypatch):
    found, begun = serving.take_up("G1"), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: answer(found)).start()))
    monkeypatch.setattr(escalations, "failpoint", lambda name: inside() if name == "escalations.overdue" else None)
    assert escalations.hand_up(at=LATE) == 1
    assert begun[0].answer.level == "supervisor"
    assert [m.kind for m in EscalationMessage.objects.order_by("nth")] == ["raised", "handed_up", "answered"]
    assert books.verify() == []


@pytest.mark.books_may_break
def test_without_the_lock_an_answer_is_lost_in_the_handing_up(brand, monkeypatch):
    monkeypatch.setattr(escalations, "OVERDUE", escalations.OVERDUE.partition("FOR NO KEY")[0])
    found, begun = serving.take_up("G1"), []
    inside = Once(lambda: begun.append(Beside(brand, lambda: answer(found)).start().answer))
    monkeypatch.setattr(escalations, "failpoint", lambda name: inside() if name == "escalations.overdue" else None)
    assert escalations.hand_up(at=LATE) == 1
    found.refresh_from_db()
    assert (found.state, found.handed_up) == ("answered", 1)  # an answered one was handed up
