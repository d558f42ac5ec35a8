"""A guide's time booked by several at the same moment: as many have it as may, a number books once."""

import threading

import pytest
from django.db import IntegrityError

from guides.actions import appointments, leaves
from guides.actions.appointments import AppointmentEnded, GuideOff, SlotTaken
from guides.models import Appointment
from tests import rostering, serving, visits
from tests.races.race import PATIENCE, RACERS, Beside, Once, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 4


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()


def booked(brand, count):
    """Let so many numbers book one time of 小美's at once; gives the errors met."""
    wished = visits.slot("G1")
    return errors(race(brand, count, lambda n: visits.tell("V1", f"Y{n}", wished)))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_one_time_wished_by_many_at_once_is_booked_once(brand, count):
    refused = booked(brand, count)
    assert ({type(error) for error in refused}, len(refused)) == ({SlotTaken}, count - 1)
    assert Appointment.objects.count() == 1


def meet(monkeypatch):
    """Let nobody queue at a guide's post, and two have judged before either books."""
    together = threading.Barrier(2)
    monkeypatch.setattr(appointments, "HOLD", "SELECT 1 WHERE %(post)s > 0")
    monkeypatch.setattr(appointments, "failpoint", lambda _name: together.wait(PATIENCE))


def test_without_the_lock_two_are_booked_at_one_time(brand, monkeypatch):
    meet(monkeypatch)
    assert booked(brand, 2) == []
    assert Appointment.objects.booked().count() == 2


def moved_and_booked(brand):
    """Move one to a time while another books it; gives the errors met."""
    moved, wished = visits.book("V1", "G2", "Y1"), visits.slot("G1")
    return errors(each(brand, [lambda: visits.move(moved, wished), lambda: visits.tell("V2", "Y2", wished)]))


def test_a_time_moved_to_and_booked_at_once_is_taken_by_one(brand):
    assert [type(error) for error in moved_and_booked(brand)] == [SlotTaken]
    assert Appointment.objects.filter(post=serving.post("G1")).count() == 1


def test_without_the_lock_one_is_moved_to_where_another_is_booked(brand, monkeypatch):
    moved, wished = visits.book("V1", "G2", "Y1"), visits.slot("G1")
    meet(monkeypatch)
    acts = [lambda: visits.move(moved, wished), lambda: visits.tell("V2", "Y2", wished)]
    assert errors(each(brand, acts)) == []
    assert Appointment.objects.filter(post=serving.post("G1")).count() == 2


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_one_number_sent_by_many_at_once_books_once_whomever_it_names(brand, count):
    wished = [visits.slot("G1"), visits.slot("G2")]
    told = race(brand, count, lambda n: visits.tell("V1", "Y1", wished[n % 2]))
    assert errors(told) == []
    assert (sum(not each.again for each in told), Appointment.objects.count()) == (1, 1)


def test_taken_blindly_a_number_books_for_two_guides_and_the_database_refuses_one(brand, monkeypatch):
    wished, together = [visits.slot("G1"), visits.slot("G2")], threading.Barrier(2)
    monkeypatch.setattr(appointments, "QUEUE", "SELECT 1 WHERE %(number)s <> '' AND %(source)s <> ''")
    monkeypatch.setattr(appointments, "failpoint", lambda _name: together.wait(PATIENCE))
    told = race(brand, 2, lambda n: visits.tell("V1", "Y1", wished[n]))
    assert [type(error) for error in errors(told)] == [IntegrityError]
    assert Appointment.objects.count() == 1


def test_said_to_have_come_and_cancelled_at_once_one_of_both_happened(brand):
    row = visits.book("V1", "G1", "Y1")
    acts = [lambda: visits.end(row, "arrived", at=visits.TOMORROW), lambda: visits.end(row, "cancelled")]
    found = each(brand, acts)
    assert [type(error) for error in errors(found)] == [AppointmentEnded]
    row.refresh_from_db()
    assert {each.state for each in found if not isinstance(each, Exception)} == {row.state}


def booked_while_leave_is_taken(brand, monkeypatch):
    """Book a time of 小美's tomorrow while a leave of hers is being taken; gives what the booking told."""
    begun = []
    inside = Once(lambda: begun.append(Beside(brand, lambda: visits.book("V1", "G1", "Y1")).start()))
    monkeypatch.setattr(leaves, "failpoint", lambda name: inside() if name == "leave.handed" else None)
    rostering.away("G1")
    return begun[0].answer


def test_who_is_taking_a_leave_is_booked_no_more(brand, monkeypatch):
    assert isinstance(booked_while_leave_is_taken(brand, monkeypatch), GuideOff)


def test_not_queueing_at_her_post_one_books_whom_the_leave_takes_away(brand, monkeypatch):
    monkeypatch.setattr(appointments, "HOLD", "SELECT 1 WHERE %(post)s > 0")
    assert booked_while_leave_is_taken(brand, monkeypatch).post == serving.post("G1")
