"""Bonds over the API: who was added to which guide is pushed in batches; whose customer a member is, is read."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import F
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guides.actions import bonds, handovers
from guides.models import Bond
from members.queries import families
from newretail.kernel.api import items, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

BondIn = items.serializer(bonds.ADDED, "BondIn")


class BondsIn(serializers.Serializer[Any]):
    """Up to 1 000 customers who were added to guides."""

    bonds = BondIn(many=True)


class BondOut(serializers.Serializer[Any]):
    """Whose customer she is."""

    staff_no = schema.named("post.user.staff_no")
    store_code = schema.named("post.store.code")
    source = serializers.CharField()
    began_at = serializers.DateTimeField()
    locked_until = serializers.DateTimeField(allow_null=True)


def _held(request: Request, member_no: str) -> Bond:
    """Find the bond of a person within sight: her root's, else that of a row merged into her.

    Raises Http404.
    """
    person = families.numbered(member_no)
    rows = Bond.objects.open().visible_to(request.user).select_related("member", "post__user", "post__store")
    family = families.ids_of(person) if person else []
    found = rows.filter(member__in=family).order_by(F("member__merged_into").asc(nulls_first=True), "began_at", "id")
    bond = found.first()
    if bond is None:
        raise Http404
    return bond


class BondsBatch(Door):
    """Many at once."""

    resource: ClassVar[Resource] = "bonds"

    @extend_schema(operation_id="push_bonds", request=BondsIn, parameters=[schema.ONCE], responses=schema.RESULTS)
    def post(self, request: Request) -> HttpResponse:
        """Take up to 1 000 additions: each binds by the brand's mode, each refused one is named with its reasons."""
        return self.once(request, lambda: self._push(request))

    def _push(self, request: Request) -> tuple[int, Any]:
        given: Sequence[Any] = items.listed(request.data, "bonds")
        within = store_ids_in(sight_of(request.user, "bonds", "change"))
        outcome = bonds.record(batch=items.batch(bonds.ADDED, given), at=self.at, by=request.user, within=within)
        return 200, items.results(len(given), outcome.fates, items.by_row(outcome.refusals))


class MemberBond(Door):
    """Whose customer a member is."""

    resource: ClassVar[Resource] = "bonds"

    @extend_schema(operation_id="get_member_bond", responses=schema.one(BondOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """Tell which guide serves a member; 404 where nobody within sight does."""
        return Response(BondOut(_held(request, member_no)).data)

    @extend_schema(operation_id="delete_member_bond", request=None, responses={204: None, **schema.PROBLEMS})
    def delete(self, request: Request, member_no: str) -> Response:
        """Tell that she deleted her guide: she is nobody's customer, and the guide gets a task."""
        handovers.part(member=_held(request, member_no).member, at=self.at, by=request.user)
        return Response(status=204)
