"""Appointments over the API: booked by a mini-programme, moved, ended, listed."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guides.actions import appointments
from guides.actions.appointments import Slot, UnknownAppointment
from guides.models import Appointment
from guides.models.appointments import LONGEST_NOTE
from guides.queries.serving import guide_of, serving_in
from members.models import Member
from members.queries import families
from newretail.kernel.api import asked, schema
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import Post, Store, sight_of, store_ids_in

LONGEST_SOURCE, LONGEST_NUMBER = 32, 64
ENDS = (Appointment.State.ARRIVED, Appointment.State.NO_SHOW, Appointment.State.CANCELLED)
NUMBER = "该来源自己的单号，永久唯一，重发不会重复 · its own number there, for ever: sent again, it books once"
GUIDE = "空：会员自己的导购（在该店时），否则该店店长 · empty: her guide if she serves there, else the manager"
NAMED = frozenset({"source", "appointment_no"})
SLOT = frozenset({"store_code", "staff_no", "starts_at", "ends_at"})
FILTERS = [
    OpenApiParameter("member_no", str, description="只看这位会员的 · of this member alone"),
    OpenApiParameter("store_code", str, description="只看这家门店的 · of this store alone"),
]
FINDS: asked.Narrowing = {"member_no": "member__member_no", "store_code": "post__store__code"}


class AppointmentOut(serializers.Serializer[Any]):
    """An appointment of a member with a guide."""

    source = serializers.CharField()
    appointment_no = serializers.CharField(source="number")
    member_no = serializers.CharField(source="member.member_no")
    store_code = serializers.CharField(source="post.store.code")
    staff_no = schema.named("post.user.staff_no")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    note = serializers.CharField()
    state = serializers.CharField(help_text="booked · arrived · no_show · cancelled")
    booked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class _Named(serializers.Serializer[Any]):
    source = serializers.CharField(max_length=LONGEST_SOURCE)
    appointment_no = serializers.CharField(max_length=LONGEST_NUMBER, help_text=NUMBER)


class SlotIn(_Named):
    """With whom, where, from when until when."""

    store_code = serializers.CharField()
    staff_no = serializers.CharField(required=False, help_text=GUIDE)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class AppointmentIn(SlotIn):
    """A member's wish to see a guide."""

    member_no = serializers.CharField()
    note = serializers.CharField(required=False, max_length=LONGEST_NOTE)


class AppointmentEndIn(_Named):
    """What became of an appointment."""

    state = serializers.ChoiceField(choices=ENDS)


def _named(fields: Fields) -> tuple[str, str]:
    return (
        fields.text("source", most=LONGEST_SOURCE, required=True),
        fields.text("appointment_no", most=LONGEST_NUMBER, required=True),
    )


def _post(store: Store, staff_no: str, member: Member | None) -> Post | None:
    """Find who serves in a store: by her number, else the member's own guide, else the manager."""
    serving = serving_in(store.pk).select_related("user", "store")
    if staff_no:
        return serving.filter(user__staff_no=staff_no).first()
    own = guide_of(member) if member else None
    return (own and serving.filter(pk=own.pk).first()) or serving.filter(role=Post.Role.MANAGER).first()


class _Appointments(Door):
    resource: ClassVar[Resource] = "appointments"

    def seen(self, request: Request) -> QuerySet[Appointment]:
        """Give the appointments within this key's sight."""
        return Appointment.objects.visible_to(request.user).select_related("member", "post__user", "post__store")

    def found(self, request: Request, source: str, number: str) -> dict[str, Any]:
        """Name an appointment within sight as the verbs take it.

        Raises UnknownAppointment.
        """
        row = self.seen(request).filter(source=source, number=number).first()
        if row is None:
            raise UnknownAppointment
        return {"ref": row.ref, "within": [row.post_id], "at": self.at, "by": request.user}

    def member(self, request: Request, member_no: str) -> Member | None:
        """Find a person at home in the stores in which the key may book."""
        stores = store_ids_in(sight_of(request.user, "appointments", "change"))
        person = families.numbered(member_no)
        if person is None or person.erased_at or (stores is not None and person.home_store_id not in stores):
            return None
        return person

    def slot(self, request: Request, fields: Fields, member: Member | None) -> Slot:
        """Read with whom and when, as far as the key reaches.

        Raises Problem: refused.
        """
        within = store_ids_in(sight_of(request.user, "appointments", "change"))
        code, staff_no = fields.text("store_code", required=True), fields.text("staff_no")
        starts, ends = fields.moment("starts_at"), fields.moment("ends_at")
        store = Store.objects.filter(code=code).first() if code else None
        if code and (store is None or (within is not None and store.pk not in within)):
            fields.wrong("store_code", "unknown_store")
            store = None
        post = _post(store, staff_no, member) if store else None
        if store and post is None:
            fields.wrong("staff_no", "unknown_staff")
        fields.judge()
        if post is None or starts is None or ends is None:
            raise Http404
        return Slot(post, starts, ends)


class Appointments(_Appointments):
    """Appointments."""

    queries: ClassVar[frozenset[str]] = asked.PAGED | set(FINDS)

    @extend_schema(
        operation_id="list_appointments", parameters=[*schema.PAGE, *FILTERS],
        responses=schema.page_of(AppointmentOut, "Appointments"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List appointments by the time at which they begin."""
        rows = asked.narrow(request.query_params, self.seen(request), FINDS)
        return schema.listed(request, rows, ("starts_at", "id"), AppointmentOut, _written_since)

    @extend_schema(
        operation_id="book_appointment", request=AppointmentIn, parameters=[schema.ONCE],
        responses=schema.one(AppointmentOut, 201, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Book a guide's time for a member; (source, appointment_no) books once: 201, and 200 when sent again."""
        return self.once(request, lambda: self._book(request))

    def _book(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, NAMED | SLOT | {"member_no", "note"})
        source, number = _named(fields)
        member_no, note = fields.text("member_no", required=True), fields.text("note", most=LONGEST_NOTE)
        member = self.member(request, member_no) if member_no else None
        if member_no and member is None:
            fields.wrong("member_no", "unknown_member")
        slot = self.slot(request, fields, member)
        if member is None:
            raise Http404
        told = appointments.book(
            source=source, number=number, member=member, slot=slot, note=note, at=self.at, by=request.user
        )
        return (200 if told.again else 201), AppointmentOut(told.appointment).data


def _written_since(line: int) -> Q:
    return Q(entry_id__gte=line) | Q(end_entry_id__gte=line)


class RescheduleAppointment(_Appointments):
    """An appointment moved."""

    @extend_schema(
        operation_id="reschedule_appointment", request=SlotIn, parameters=[schema.ONCE],
        responses=schema.one(AppointmentOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Move an appointment to another time, guide or store; sent again, it stays so."""
        return self.once(request, lambda: self._reschedule(request))

    def _reschedule(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, NAMED | SLOT)
        named = _named(fields)
        row = self.seen(request).filter(source=named[0], number=named[1]).first()
        slot = self.slot(request, fields, row.member if row else None)
        return 200, AppointmentOut(appointments.reschedule(**self.found(request, *named), slot=slot)).data


class EndAppointment(_Appointments):
    """What became of an appointment."""

    @extend_schema(
        operation_id="end_appointment", request=AppointmentEndIn, parameters=[schema.ONCE],
        responses=schema.one(AppointmentOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Tell that she arrived, did not come, or that it is cancelled; sent again, it stays so."""
        return self.once(request, lambda: self._end(request))

    def _end(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, NAMED | {"state"})
        named, state = _named(fields), fields.text("state", required=True)
        if state and state not in ENDS:
            fields.wrong("state", "not_a_choice")
        fields.judge()
        return 200, AppointmentOut(appointments.end(**self.found(request, *named), state=state)).data
