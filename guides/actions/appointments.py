"""Book appointments with guides, move them, say what became of them; a guide's slot is given once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop

from guides.models import Appointment
from guides.queries import booking, rosters
from members.models import Member
from newretail.kernel import brand, clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

State = Appointment.State
FARTHEST, LONGEST = timedelta(days=180), timedelta(hours=8)
# What comes with one number of a source queues, whichever guide it names.
QUEUE = "SELECT pg_advisory_xact_lock(hashtextextended('guides.appointment:' || %(source)s || ':' || %(number)s, 0))"
# Whoever books with a guide queues at her post: what is counted behind it stands still.
HOLD = "SELECT id FROM stores_post WHERE id = %(post)s FOR NO KEY UPDATE"
LIVING = "SELECT id FROM members_member WHERE id = %(member)s AND erased_at IS NULL FOR KEY SHARE"


class UnknownAppointment(Refused):
    """There is no such appointment within reach."""

    code = "unknown_appointment"
    sentence = gettext_noop("There is no such appointment of yours, or it went to a colleague.")


class UnknownVisitor(Refused):
    """She is not there any more."""

    code = "unknown_member"
    sentence = gettext_noop("There is no such member.")


class BadSlot(Refused):
    """Nobody can come then."""

    code = "bad_slot"
    sentence = gettext_noop("An appointment begins within the next 180 days and lasts 8 hours at most.")


class SlotTaken(Refused):
    """She sees somebody else then."""

    code = "slot_taken"
    sentence = gettext_noop("%(guide)s has another appointment at this time.")


class GuideOff(Refused):
    """She does not work then."""

    code = "guide_off"
    sentence = gettext_noop("%(guide)s does not work on this day: choose another day, or a colleague.")


class AnotherAppointment(Refused):
    """The number booked something else."""

    code = "another_appointment"
    sentence = gettext_noop("This number has booked an appointment for another member already.")


class AppointmentEnded(Refused):
    """Nothing can be changed any more."""

    code = "appointment_ended"
    sentence = gettext_noop("This appointment is settled already: %(state)s.")


class TooEarly(Refused):
    """It cannot be said yet."""

    code = "too_early"
    sentence = gettext_noop("She arrives on the day itself; that she did not come can be said when the time is over.")


@dataclass(frozen=True)
class Slot:
    """With whom, from when until when."""

    post: Post
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Told:
    """The appointment, and whether its number had booked it before."""

    appointment: Appointment
    again: bool = False


def _judge(slot: Slot, at: datetime, but: int = 0) -> None:
    """Judge a slot behind the lock of its guide's post."""
    guide = slot.post.user
    if not at < slot.starts_at < min(slot.ends_at, at + FARTHEST) or slot.ends_at - slot.starts_at > LONGEST:
        raise BadSlot
    if rosters.is_off(slot.post.pk, clock.business_day(slot.starts_at)):
        raise GuideOff(guide=guide)
    if booking.at_once(slot.post.pk, slot.starts_at, slot.ends_at, but=but) >= brand.setting("appointments_at_once"):
        raise SlotTaken(guide=guide)
    failpoint("appointment.judged")


@verb
def book(
    *, source: str, number: str, member: Member, slot: Slot, note: str = "", at: datetime, by: User | None
) -> Told:  # fmt: skip
    """Book an appointment for a member; a number of a source books once: again, what stands is told.

    A guide has as many at once as the brand allows, and none on a day off of her roster.
    Refuses: UnknownVisitor, AnotherAppointment, BadSlot, GuideOff, SlotTaken.
    Writes: guides.appointment.booked.
    """
    sql.rows(QUEUE, {"source": source, "number": number})
    sql.rows(HOLD, {"post": slot.post.pk})
    root = member.merged_into_id or member.pk
    before = Appointment.objects.filter(source=source, number=number).select_related("member").first()
    if before:
        if root not in (before.member_id, before.member.merged_into_id):
            raise AnotherAppointment
        return Told(before, again=True)
    if not sql.rows(LIVING, {"member": root}):
        raise UnknownVisitor
    _judge(slot, at)
    line = journal.write("guides.appointment.booked", at=at, by=by, subject=f"member:{root}", source=source)
    made = Appointment.objects.create(
        source=source, number=number, member_id=root, post=slot.post, starts_at=slot.starts_at, ends_at=slot.ends_at,
        note=note, booked_at=at, by=by, entry_id=line.pk,
    )  # fmt: skip
    return Told(made)


def _locked(ref: UUID, within: list[int]) -> Appointment:
    """Lock an appointment of these posts (ids)."""
    rows = Appointment.objects.select_related("member", "post__user", "post__store")
    found = rows.select_for_update(no_key=True, of=("self",)).filter(ref=ref, post_id__in=within).first()
    if found is None:
        raise UnknownAppointment
    return found


@verb
def reschedule(*, ref: UUID, within: list[int], slot: Slot, at: datetime, by: User | None) -> Appointment:
    """Move an appointment of these posts to another time, with the same guide or a colleague.

    Refuses: UnknownAppointment, AppointmentEnded, BadSlot, GuideOff, SlotTaken.
    Writes: guides.appointment.rescheduled.
    """
    sql.rows(HOLD, {"post": slot.post.pk})
    found = _locked(ref, within)
    if found.state != State.BOOKED:
        raise AppointmentEnded(state=found.get_state_display())
    if (found.post_id, found.starts_at, found.ends_at) == (slot.post.pk, slot.starts_at, slot.ends_at):
        return found
    _judge(slot, at, but=found.pk)
    found.post, found.starts_at, found.ends_at = slot.post, slot.starts_at, slot.ends_at
    line = journal.write("guides.appointment.rescheduled", at=at, by=by, subject=f"appointment:{found.pk}")
    found.entry_id = line.pk
    found.save()
    return found


@verb
def end(*, ref: UUID, within: list[int], state: str, at: datetime, by: User | None) -> Appointment:
    """Say what became of an appointment of these posts: she arrived, did not come, or it was cancelled.

    Said again, it stays. Who was said not to come may still arrive.
    Refuses: UnknownAppointment, AppointmentEnded, TooEarly.
    Writes: guides.appointment.ended.
    """
    found = _locked(ref, within)
    if found.state == state:
        return found
    if found.state != State.BOOKED and (found.state, state) != (State.NO_SHOW, State.ARRIVED):
        raise AppointmentEnded(state=found.get_state_display())
    on_the_day = clock.business_day(found.starts_at) <= clock.business_day(at)
    if not {State.ARRIVED: on_the_day, State.NO_SHOW: found.ends_at <= at}.get(State(state), True):
        raise TooEarly
    line = journal.write("guides.appointment.ended", at=at, by=by, subject=f"appointment:{found.pk}", state=state)
    found.state, found.ended_at, found.end_entry_id = state, at, line.pk
    found.save()
    return found
