"""Members over the API, by number; personal data as far as the key may see it."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import members, phones
from members.importers import MEMBERS
from members.models import Member, PhoneReveal
from members.queries import families
from newretail.kernel import clock, masking
from newretail.kernel.api import asked, items, kinds, problems, schema
from newretail.kernel.api.problems import Problem
from newretail.kernel.api.views import Door
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.scopes import Action, Resource
from stores.models import sight_of, store_ids_in

PLACE = "<str:member_no>"


class MemberOut(serializers.Serializer[Any]):
    """A member as far as the key may see her: names shortened, phones hidden, birthdays left out without the right."""

    member_no = serializers.CharField()
    name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField(help_text="中间隐去 · its middle hidden")
    gender = serializers.CharField()
    birthday = serializers.SerializerMethodField(help_text="1990-01-31 / 01-31")
    birthday_calendar = serializers.CharField()
    joined_at = serializers.DateTimeField()
    store_code = schema.named("home_store.code")
    level = schema.named("level.code")
    source = serializers.CharField()
    merged_into = schema.named("merged_into.member_no")

    def get_name(self, row: Member) -> str:
        """Show her name, or its beginning."""
        return masking.eyes().name(row.name)

    def get_phone(self, row: Member) -> str:
        """Show her phone with its middle hidden, or that there is one."""
        return masking.eyes().phone(row.phone)

    def get_birthday(self, row: Member) -> str | None:
        """Show her birthday, or nothing."""
        if not masking.eyes().sees_people or not row.birth_month:
            return None
        year = f"{row.birth_year:04}-" if row.birth_year else ""
        return f"{year}{row.birth_month:02}-{row.birth_day:02}"


def seen(user: object) -> QuerySet[Member]:
    """Give the members within sight."""
    return Member.objects.visible_to(user).select_related("home_store", "level", "merged_into")


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    stores = store_ids_in(sight_of(request.user, "members", "change"))
    return members.record(batch=items.batch(MEMBERS, given), at=clock.now(), by=request.user, within=stores)


KIND = kinds.Kind(
    one="member", many="members", resource="members", sheet=MEMBERS, out=MemberOut, seen=seen, record=record,
    key=("member_no",), find={"member_no": "member_no"},
)  # fmt: skip
MemberPatch = items.serializer(MEMBERS, "MemberPatch", without=("member_no",))


class OneMember(Door):
    """One member: looked up, brought up to date; a former number leads to the one she goes by."""

    resource: ClassVar[Resource] = "members"
    queries: ClassVar[frozenset[str]] = asked.SPARSE

    def found(self, request: Request, member_no: str) -> Member:
        """Find a member within sight."""
        person = families.numbered(member_no)
        row = seen(request.user).filter(pk=person.pk).first() if person else None
        if row is None:
            raise Http404
        return row

    @extend_schema(operation_id="get_member", parameters=[schema.FIELDS], responses=schema.one(MemberOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """Look a member up by number."""
        row = self.found(request, member_no)
        return Response(asked.sparse(request.query_params, MemberOut)(row).data)

    @extend_schema(
        operation_id="patch_member", request=MemberPatch, parameters=[schema.ONCE],
        responses=schema.one(MemberOut, 200),
    )  # fmt: skip
    def patch(self, request: Request, member_no: str) -> HttpResponse:
        """Change what is named; what is left out, or null, stays as it is."""
        return self.once(request, lambda: self._patch(request, member_no))

    def _patch(self, request: Request, member_no: str) -> tuple[int, Any]:
        if "member_no" in request.data:
            fault = problems.Fault("unknown_field", "member_no")
            raise Problem(422, "refused", items.REFUSED, faults=[fault])
        number = self.found(request, member_no).member_no
        outcome = record(request, [{"member_no": number, **request.data}])
        if outcome.refusals:
            raise Problem(422, "refused", items.REFUSED, faults=problems.of_refusals(outcome.refusals, rows=False))
        return 200, MemberOut(self.found(request, number)).data


class RevealIn(serializers.Serializer[Any]):
    """What for a whole phone is asked."""

    reason = serializers.ChoiceField(choices=sorted(PhoneReveal.Reason.values))
    note = serializers.CharField(required=False, max_length=phones.LONGEST_NOTE)


class RevealOut(serializers.Serializer[Any]):
    """A whole phone."""

    member_no = serializers.CharField()
    phone = serializers.CharField()


class Phone(Door):
    """A member's whole phone: shown for a reason, counted, written down."""

    resource: ClassVar[Resource] = "phones"

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: whole phones have one of their own."""
        return "reveal"

    @extend_schema(
        operation_id="reveal_phone", request=RevealIn, parameters=[schema.ONCE], responses=schema.one(RevealOut, 200)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Show a member's whole phone, as often a day as the brand's setting allows; who asked and why is kept."""
        return self.once(request, lambda: self._reveal(request, member_no))

    def _reveal(self, request: Request, member_no: str) -> tuple[int, Any]:
        given = items.texts(request.data, ("reason", "note"))
        person = families.numbered(member_no)
        row = Member.objects.whose_phone_is_for(request.user).filter(pk=person.pk).first() if person else None
        if row is None:
            raise Http404
        phone = phones.reveal(
            member=row, reason=given.get("reason", ""), note=given.get("note", ""), at=self.at, by=request.user
        )  # fmt: skip
        return 200, {"member_no": row.member_no, "phone": phone}
