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
from members.models import Member
from members.queries import families
from newretail.kernel.api import items, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Action, Resource
from stores.models import sight_of, store_ids_in

BondIn = items.serializer(bonds.ADDED, "BondIn")


class BondsIn(serializers.Serializer[Any]):
    """Up to 1 000 customers who were added to guides."""

    bonds = BondIn(many=True)


class BondOut(serializers.Serializer[Any]):
    """Whose customer she is."""

    staff_no = schema.named("post.user.staff_no")
    store_code = schema.named("post.store.code")
    source = serializers.CharField(allow_null=True)
    began_at = serializers.DateTimeField(allow_null=True)
    locked_until = serializers.DateTimeField(allow_null=True)


def _person(request: Request, member_no: str, action: Action) -> Member:
    """Find a person at home in the stores that the key reaches with this right.

    Raises Http404.
    """
    stores = store_ids_in(sight_of(request.user, "bonds", action))
    person = families.numbered(member_no)
    if person is None or person.erased_at or (stores is not None and person.home_store_id not in stores):
        raise Http404
    return person


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
        """Tell which guide serves a member; all is null where nobody does."""
        family = families.ids_of(_person(request, member_no, "view"))
        rows = Bond.objects.open().filter(member__in=family).select_related("post__user", "post__store")
        found = rows.order_by(F("member__merged_into").asc(nulls_first=True), "began_at", "id").first()
        return Response(BondOut(found).data if found else dict.fromkeys(BondOut().fields))

    @extend_schema(operation_id="delete_member_bond", request=None, responses={204: None, **schema.PROBLEMS})
    def delete(self, request: Request, member_no: str) -> Response:
        """Tell that she deleted her guide: she is nobody's customer, and the guide gets a task; again is the same."""
        handovers.part(member=_person(request, member_no, "change"), at=self.at, by=request.user)
        return Response(status=204)
