"""Appointments: a guide's time is given once, a number books once, what became of it is said once."""

from datetime import timedelta

import pytest

from guides.actions import appointments, handovers
from guides.actions.handovers import Spread
from guides.models import Appointment
from guides.queries.portrait import portrait_of
from members.actions import merges, persons
from newretail.kernel.actions import settings
from tests import rostering, serving, visits, world
from tests.visits import HOUR, TOMORROW

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def booked():
    rows = Appointment.objects.order_by("number")
    return [(each.number, each.member.member_no, each.post.user.staff_no, each.state) for each in rows]


def refused(sentence, act, *given, **more):
    before = booked()
    with pytest.raises(sentence):
        act(*given, **more)
    assert booked() == before


def test_a_number_books_once_and_for_one_member_alone():
    assert not visits.tell("V1", "Y1", visits.slot()).again
    assert visits.tell("V1", "Y1", visits.slot()).again
    assert visits.tell("V1", "Y1", visits.slot(starts=TOMORROW + DAY)).appointment.starts_at == TOMORROW
    refused(appointments.AnotherAppointment, visits.tell, "V2", "Y1", visits.slot())
    assert booked() == [("Y1", "V1", "G1", "booked")]


@pytest.mark.parametrize("minutes", [-59, -1, 0, 30, 59])
def test_a_guide_is_not_booked_twice_at_once(minutes):
    visits.book("V1", "G1", "Y1")
    other = visits.slot(starts=TOMORROW + timedelta(minutes=minutes))
    refused(appointments.SlotTaken, visits.tell, "V2", "Y2", other)
    assert not visits.tell("V2", "Y2", visits.slot("G2", other.starts_at)).again


@pytest.mark.parametrize("minutes", [-60, 60])
def test_one_follows_the_other(minutes):
    visits.book("V1", "G1", "Y1")
    visits.book("V2", "G1", "Y2", TOMORROW + timedelta(minutes=minutes))
    assert len(booked()) == 2


def test_a_guide_has_as_many_at_once_as_the_brand_allows():
    settings.put(key="appointments_at_once", value=2, at=world.NOW)
    visits.book("V1", "G1", "Y1")
    visits.book("V2", "G1", "Y2", TOMORROW + HOUR)
    visits.book("V2", "G1", "Y3", TOMORROW, 2 * HOUR)
    refused(appointments.SlotTaken, visits.tell, "V1", "Y4", visits.slot())
    refused(appointments.SlotTaken, visits.tell, "V1", "Y4", visits.slot(starts=TOMORROW + HOUR))


@pytest.mark.parametrize(("starts", "lasts"), [(-HOUR, HOUR), (0 * HOUR, HOUR), (200 * DAY, HOUR), (DAY, 9 * HOUR), (DAY, 0 * HOUR),
                                               (DAY, -HOUR)])  # fmt: skip
def test_a_time_at_which_nobody_can_come_is_refused(starts, lasts):
    refused(appointments.BadSlot, visits.tell, "V1", "Y1", visits.slot(starts=world.NOW + starts, lasts=lasts))
    assert booked() == []


def test_on_her_day_off_a_guide_sees_nobody():
    rostering.week("G1", "早班", "休", "早班")
    refused(appointments.GuideOff, visits.tell, "V1", "Y1", visits.slot())
    assert not visits.tell("V1", "Y1", visits.slot(starts=TOMORROW + DAY)).again


def test_who_was_erased_books_nothing():
    slot = visits.slot()
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)
    refused(appointments.UnknownVisitor, visits.tell, "V1", "Y1", slot)


def test_it_is_moved_to_another_time_or_guide_but_not_onto_another():
    first, second = visits.book("V1", "G1", "Y1"), visits.book("V2", "G2", "Y2")
    visits.move(first, visits.slot(starts=TOMORROW + timedelta(minutes=30)))
    refused(appointments.SlotTaken, visits.move, second, visits.slot())
    visits.move(first, visits.slot("G2", TOMORROW + HOUR))
    visits.move(second, visits.slot())
    assert [each[2] for each in booked()] == ["G2", "G1"]
    refused(appointments.UnknownAppointment, visits.move, first, visits.slot("G9"))


def test_what_became_of_it_is_said_once_and_on_time():
    row = visits.book("V1", "G1", "Y1")
    refused(appointments.TooEarly, visits.end, row, "arrived")
    refused(appointments.TooEarly, visits.end, row, "no_show", TOMORROW + HOUR / 2)
    visits.end(row, "no_show", TOMORROW + HOUR)
    visits.end(row, "no_show", TOMORROW + 2 * HOUR)
    assert Appointment.objects.get().ended_at == TOMORROW + HOUR
    visits.end(row, "arrived", TOMORROW + 2 * HOUR)
    refused(appointments.AppointmentEnded, visits.end, row, "cancelled")
    refused(appointments.AppointmentEnded, visits.move, row, visits.slot(starts=TOMORROW + DAY))
    assert booked() == [("Y1", "V1", "G1", "arrived")]


def test_a_time_that_was_cancelled_is_free_again():
    visits.end(visits.book("V1", "G1", "Y1"), "cancelled")
    visits.book("V2", "G1", "Y2")
    assert len(booked()) == 2


def test_nobody_elses_is_there():
    row = visits.book("V1", "G1", "Y1")
    given = {"ref": row.ref, "within": [serving.post("G2").pk], "at": world.NOW, "by": serving.guide("G2")}
    refused(appointments.UnknownAppointment, appointments.end, state="cancelled", **given)
    refused(appointments.UnknownAppointment, appointments.reschedule, slot=visits.slot("G2"), **given)


def test_it_is_her_roots_when_she_is_merged():
    visits.book("V2", "G1", "Y1")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    own = serving.guide("G1")
    seen = portrait_of(world.member("V1"), user=own, posts=[serving.post("G1")], at=world.NOW)
    assert [each.row.starts_at for each in seen.visits] == [TOMORROW]
    assert visits.tell("V1", "Y1", visits.slot()).again
    assert visits.book("V2", "G1", "Y2", TOMORROW + HOUR).member == world.member("V1")


def test_who_hands_customers_over_hands_their_visits_to_come_over():
    over = visits.book("V1", "G1", "Y0", world.NOW + HOUR)
    visits.book("V1", "G1", "Y1")
    visits.book("V2", "G1", "Y2", TOMORROW + HOUR)
    spread = Spread((serving.post("G2").pk,))
    handovers.hand_over(post=serving.post("G1"), spread=spread, at=over.ends_at, by=serving.guide("M1"))
    assert [each[2] for each in booked()] == ["G1", "G2", "G1"]
