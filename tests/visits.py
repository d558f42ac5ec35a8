"""Appointments of the cast: with 小美 tomorrow at three, for an hour, unless said otherwise."""

from datetime import datetime, timedelta

from guides.actions import appointments
from guides.actions.appointments import Slot, Told
from guides.models import Appointment
from tests import serving, world

HOUR = timedelta(hours=1)
TOMORROW = world.NOW + timedelta(hours=27)  # three in the afternoon


def slot(staff_no: str = "G1", starts: datetime = TOMORROW, lasts: timedelta = HOUR) -> Slot:
    """A time of somebody's."""
    return Slot(serving.post(staff_no), starts, starts + lasts)


def tell(member_no: str, number: str, slot: Slot, at: datetime = world.NOW) -> Told:
    """Book, and say whether it was booked before."""
    return appointments.book(source="app", number=number, member=world.member(member_no), slot=slot, at=at, by=None)


def book(
    member_no: str, staff_no: str, number: str, starts: datetime = TOMORROW, lasts: timedelta = HOUR
) -> Appointment:
    """Book a time of somebody's for a member."""
    return tell(member_no, number, slot(staff_no, starts, lasts)).appointment


def end(row: Appointment, state: str, at: datetime = world.NOW) -> Appointment:
    """Say what became of it."""
    return appointments.end(ref=row.ref, within=[row.post_id], state=state, at=at, by=None)


def move(row: Appointment, slot: Slot, at: datetime = world.NOW) -> Appointment:
    """Move it."""
    return appointments.reschedule(ref=row.ref, within=[row.post_id], slot=slot, at=at, by=None)
