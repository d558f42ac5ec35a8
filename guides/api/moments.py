"""Moments over the API: the platform's receipts of what guides posted are pushed in batches."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from guides.actions import moment_receipts
from newretail.kernel.api import items, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

MomentPostIn = items.serializer(moment_receipts.RECEIPTS, "MomentPostIn")


class MomentPostsIn(serializers.Serializer[Any]):
    """Up to 1 000 receipts of posts."""

    moment_posts = MomentPostIn(many=True)


class ConfirmMoments(Door):
    """Many at once."""

    resource: ClassVar[Resource] = "moments"

    @extend_schema(
        operation_id="confirm_moment_posts", request=MomentPostsIn, parameters=[schema.ONCE], responses=schema.RESULTS
    )
    def post(self, request: Request) -> HttpResponse:
        """Take up to 1 000 receipts: what a guide told of is confirmed, what she did not tell of is kept."""
        return self.once(request, lambda: self._confirm(request))

    def _confirm(self, request: Request) -> tuple[int, Any]:
        given: Sequence[Any] = items.listed(request.data, "moment_posts")
        within = store_ids_in(sight_of(request.user, "moments", "change"))
        batch = items.batch(moment_receipts.RECEIPTS, given)
        outcome = moment_receipts.confirm(batch=batch, at=self.at, by=request.user, within=within)
        return 200, items.results(len(given), outcome.fates, items.by_row(outcome.refusals))
