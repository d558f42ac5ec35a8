"""Identities over the API: whom one leads to, those a member has, a further one stated."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import claims
from members.api import whom
from members.models import Claim, Identity, Member
from members.queries import families
from newretail.kernel import masking
from newretail.kernel.api import schema
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.views import Door
from newretail.kernel.files import identities
from newretail.kernel.scopes import Action, Resource

KINDS = " | ".join(Identity.Kind.values)
STATUS = {"accepted": 201, "known": 200, "pending": 202, "rejected": 200}


class IdentityIn(serializers.Serializer[Any]):
    """An identity as it is written where it comes from."""

    kind = serializers.CharField(help_text=KINDS)
    value = serializers.CharField(max_length=identities.LONGEST)


class StateIn(IdentityIn):
    """An identity that is said to be a member's."""

    source = serializers.CharField(max_length=40, required=False, help_text="来源系统 · the system that says so")


class IdentityOut(serializers.Serializer[Any]):
    """An identity as far as the key may see it."""

    kind = serializers.CharField(help_text=KINDS)
    value = serializers.SerializerMethodField(help_text="中间隐去 · its middle hidden")
    state = serializers.CharField(help_text="accepted | pending 待认领：另有人持有 · another holds it")

    def get_value(self, row: Mapping[str, Any]) -> str:
        """Show its beginning and end, or that there is one."""
        eyes, value = masking.eyes(), row["value"]
        return eyes.phone(value) if row["kind"] == Identity.Kind.PHONE else eyes.value(value)


class FoundOut(serializers.Serializer[Any]):
    """Whom an identity leads to: the number she goes by, and what else she is known by."""

    member_no = serializers.CharField()
    name = serializers.SerializerMethodField(help_text="无个人信息权限时只留首字 · its beginning without the right")
    identities = IdentityOut(many=True)

    def get_name(self, row: Mapping[str, Any]) -> str:
        """Show her name, or its beginning."""
        return masking.eyes().name(row["name"])


class HersOut(serializers.Serializer[Any]):
    """What a member is known by."""

    items = IdentityOut(many=True)


class StatedOut(serializers.Serializer[Any]):
    """What became of an identity that was stated."""

    member_no = serializers.CharField()
    kind = serializers.CharField(help_text=KINDS)
    state = serializers.CharField(help_text="accepted | known | pending | rejected 总部已驳回 · HQ said no")


def hers(member: Member) -> list[dict[str, Any]]:
    """List what a person is known by, all rows that are she together, then what waits to be decided."""
    of = {"member__in": families.ids_of(member)}
    rows = Identity.objects.filter(**of).order_by("kind", "value").values("kind", "value")
    claimed = Claim.objects.filter(**of, state=Claim.State.PENDING).order_by("kind", "value").values("kind", "value")
    return [{**row, "state": "accepted"} for row in rows] + [{**row, "state": "pending"} for row in claimed]


class Lookup(Door):
    """Whom an identity leads to; asked by POST, so that no phone stands in an address or a log."""

    resource: ClassVar[Resource] = "identities"

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: nothing is changed here."""
        return "view"

    @extend_schema(
        operation_id="lookup_identity", request=IdentityIn, parameters=[schema.ONCE],
        responses=schema.one(FoundOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Find the member an identity leads to; a merged one is told by the number she goes by now."""
        whom.may_guess(request.user, self.at)
        return self.once(request, lambda: self._find(request))

    def _find(self, request: Request) -> tuple[int, Any]:
        within = whom.members_within(request.user, "identities", "view")
        fields = Fields(request.data, frozenset({"kind", "value"}))
        person = whom.identified(fields, within, user=request.user, at=self.at)
        told = {"member_no": person.member_no, "name": person.name, "identities": hers(person)}
        return 200, FoundOut(told).data


class MemberIdentities(Door):
    """What a member is known by."""

    resource: ClassVar[Resource] = "identities"

    def _member(self, request: Request, member_no: str) -> Member:
        rows = whom.members_within(request.user, "identities", self.action_at(request.method or "GET"))
        return whom.numbered(rows.select_related("merged_into").filter(erased_at__isnull=True), member_no)

    @extend_schema(operation_id="list_member_identities", responses=schema.one(HersOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """List what a member is known by, with what waits to be decided."""
        return Response(HersOut({"items": hers(self._member(request, member_no))}).data)

    @extend_schema(
        operation_id="state_member_identity", request=StateIn, parameters=[schema.ONCE],
        responses=schema.one(StatedOut, 201, 200, 202),
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """State an identity of hers: 201 it is hers now, 200 it was, 202 another holds it and HQ decides."""
        row = self._member(request, member_no)
        return self.once(request, lambda: self._state(request, row))

    def _state(self, request: Request, row: Member) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"kind", "value", "source"}))
        source = fields.text("source", most=40) or "api"
        kind, value = whom.spelled(fields)
        fate = claims.state(member=row, kind=kind, value=value, source=source, at=self.at, by=request.user)
        return STATUS[fate], StatedOut({"member_no": row.member_no, "kind": kind, "state": fate}).data
