"""Shifts over the API: rosters that are made in another system are pushed in batches; who works when is read."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guides.actions import shifts
from guides.models import Shift
from guides.queries import rosters
from newretail.kernel.api import asked, items, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

FINDS: asked.Narrowing = {"store_code": "post__store__code", "staff_no": "post__user__staff_no"}
OF_DAYS: asked.Narrowing = asked.days("day")
WORD = "班次名称；休：休息 · the name of the shift; 休: a day off"

ShiftIn = items.serializer(shifts.SHIFTS, "ShiftIn")


class ShiftsIn(serializers.Serializer[Any]):
    """Up to 1 000 days of guides."""

    shifts = ShiftIn(many=True)


class ShiftOut(serializers.Serializer[Any]):
    """What a day of a guide is planned to be; a day off has no hours."""

    staff_no = schema.named("post.user.staff_no")
    store_code = schema.named("post.store.code")
    day = serializers.DateField()
    shift = serializers.SerializerMethodField(help_text=WORD)
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)

    def get_shift(self, row: Shift) -> str:
        """Write the shift as it is sent."""
        return rosters.word_of(row)


class Shifts(Door):
    """What is planned."""

    resource: ClassVar[Resource] = "shifts"
    queries: ClassVar[frozenset[str]] = asked.PAGED | set(FINDS) | set(OF_DAYS)

    @extend_schema(
        operation_id="list_shifts", parameters=[*schema.PAGE, *schema.narrowing(FINDS), *schema.DAYS],
        responses=schema.page_of(ShiftOut, "Shifts"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List what is planned, day by day; what was taken away again is not there."""
        seen = Shift.objects.visible_to(request.user).select_related("post__user", "post__store")
        rows = asked.narrow(request.query_params, seen, {**FINDS, **OF_DAYS})
        return schema.listed(request, rows, ("day", "id"), ShiftOut)


class ShiftsBatch(Door):
    """Many at once."""

    resource: ClassVar[Resource] = "shifts"

    @extend_schema(operation_id="push_shifts", request=ShiftsIn, parameters=[schema.ONCE], responses=schema.RESULTS)
    def post(self, request: Request) -> HttpResponse:
        """Take up to 1 000 days: each is planned anew or, with - as its shift, no more; refused ones are named."""
        return self.once(request, lambda: self._push(request))

    def _push(self, request: Request) -> tuple[int, Any]:
        given: Sequence[Any] = items.listed(request.data, "shifts")
        within = store_ids_in(sight_of(request.user, "shifts", "change"))
        outcome = shifts.record(batch=items.batch(shifts.SHIFTS, given), at=self.at, by=request.user, within=within)
        return 200, items.results(len(given), outcome.fates, items.by_row(outcome.refusals))
