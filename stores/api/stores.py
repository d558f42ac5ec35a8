"""Stores over the API, by code."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from newretail.kernel import clock
from newretail.kernel.api import items, kinds, schema
from newretail.kernel.files.outcome import Outcome
from stores.actions import places
from stores.api.confined import must_reach_the_brand
from stores.importers import STORES
from stores.models import Store


class StoreOut(serializers.Serializer[Any]):
    """A store as it stands."""

    code = serializers.CharField()
    name = serializers.CharField()
    region = schema.named("region.name")
    city = serializers.CharField()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    opened_on = serializers.DateField(allow_null=True)


def seen(user: object) -> QuerySet[Store]:
    """Give the stores within sight."""
    return Store.objects.visible_to(user).select_related("region")


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    must_reach_the_brand(request, "stores")
    return places.record(batch=items.batch(STORES, given), at=clock.now(), by=request.user)


KIND = kinds.Kind(
    one="store", many="stores", resource="stores", sheet=STORES, out=StoreOut, seen=seen, record=record,
    key=("code",), find={"code": "code"}, place="<str:code>",
)  # fmt: skip
