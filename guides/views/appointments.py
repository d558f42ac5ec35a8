"""Appointments on the phone: booked on a customer's page, settled by a tap; a manager sees those of her stores."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from guides.actions import appointments
from guides.actions.appointments import Slot, UnknownAppointment
from guides.models import Appointment
from guides.models.appointments import LONGEST_NOTE
from guides.queries import booking
from guides.queries.portrait import bond_of
from guides.views.day import NothingAsked
from guides.views.pages import once, page, person, post_ids, posts, told
from members.models import Member
from members.queries import families
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.refs import number
from stores.models import Post, sight_of, store_ids_in

PHONE = "phone"  # the source of what is booked on the pages
MINUTES = (30, 60, 90, 120)
TEAM_DAYS = 7


def slot_in(request: HttpRequest, post: Post) -> Slot:
    """Read when she comes; times are the brand's.

    Raises NothingAsked.
    """
    try:
        starts = datetime.fromisoformat(request.POST.get("starts", "")).replace(tzinfo=clock.brand_zone())
        minutes = next(each for each in MINUTES if str(each) == request.POST.get("minutes"))
        return Slot(post, starts, starts + timedelta(minutes=minutes))
    except (ValueError, OverflowError, StopIteration):
        raise NothingAsked from None


def note_in(request: HttpRequest) -> str:
    """Read a note."""
    return " ".join(request.POST.get("note", "").replace("\0", "").split())[:LONGEST_NOTE]


def book_hers(request: HttpRequest, member: Member, at: datetime) -> None:
    """Book an appointment with a customer of hers, or move one, as the form of her page asks."""
    moved = number(request.POST.get("appointment", ""))
    if not moved:
        book_with(request, member, posts(request), at)
        return
    bond = bond_of(families.ids_of(member), posts(request))
    if bond is None:
        raise NothingAsked
    slot = slot_in(request, bond.post)
    appointments.reschedule(ref=moved, within=post_ids(request), slot=slot, at=at, by=person(request))


def book_with(request: HttpRequest, member: Member, serving: list[Post], at: datetime) -> None:
    """Book an appointment of a member with whoever of these posts serves her, as the form asks."""
    bond = bond_of(families.ids_of(member), serving)
    if bond is None:
        raise NothingAsked
    appointments.book(
        source=PHONE, number=str(number(request.POST.get("ref", "")) or uuid.uuid4()), member=member,
        slot=slot_in(request, bond.post), note=note_in(request), at=at, by=person(request),
    )  # fmt: skip


def _end(request: HttpRequest, within: list[int], at: datetime) -> None:
    ref, state = number(request.POST.get("appointment", "")), request.POST.get("do", "")
    if ref is None or state not in Appointment.State.values or state == Appointment.State.BOOKED:
        raise NothingAsked
    appointments.end(ref=ref, within=within, state=state, at=at, by=person(request))


def _visits(request: HttpRequest, refused: str) -> dict[str, Any]:
    return {"visits": booking.visits(post_ids(request), clock.now()), "refused": refused}


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest) -> HttpResponse:
    """Say what became of an appointment of hers."""
    subject = f"appointment:{request.POST.get('appointment', '')[:40]}"
    _stands, refused = once(request, "appointment.end", subject, lambda: _end(request, post_ids(request), clock.now()))
    if request.headers.get("hx-request"):
        return page(request, "g/_visits.html", _visits(request, refused))
    return told(request, refused=refused, back=reverse("guide_day"))


def _within(request: HttpRequest) -> QuerySet[Appointment]:
    """Give the appointments in the stores in sight."""
    stores = store_ids_in(sight_of(request.user, "appointments", "change"))
    rows = Appointment.objects.get_queryset()
    return rows if stores is None else rows.filter(post__store_id__in=stores)


@scoped("appointments", "change")
def team(request: HttpRequest) -> HttpResponse:
    """Show the appointments of the week to come, with every guide of the stores in sight."""
    return _team(request)


def _team(request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
    found = booking.ahead(_within(request), clock.now(), days=TEAM_DAYS)
    context = {
        "tab": "me", "rows": [(each, eyes().called(each.row.member)) for each in found], "refused": refused,
    }  # fmt: skip
    return page(request, "g/team_visits.html", context, status=status)


@require_POST
@scoped("appointments", "change")
def team_do(request: HttpRequest) -> HttpResponse:
    """Say what became of an appointment of a guide of hers."""
    ref = number(request.POST.get("appointment", ""))
    found = _within(request).filter(ref=ref).first() if ref else None
    if found is None:
        return _team(request, str(UnknownAppointment()), status=422)
    _stands, refused = once(
        request, "team.visit", f"appointment:{found.pk}", lambda: _end(request, [found.post_id], clock.now())
    )
    if refused and not request.headers.get("x-queue"):
        return _team(request, refused, status=422)
    return told(request, refused=refused, back=reverse("team_visits"))
