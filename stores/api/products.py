"""Products over the API, by SKU."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from newretail.kernel import clock
from newretail.kernel.api import items, kinds, schema
from newretail.kernel.files.outcome import Outcome
from stores.actions import catalogue
from stores.api.confined import must_reach_the_brand
from stores.importers import PRODUCTS
from stores.models import Product


class ProductOut(serializers.Serializer[Any]):
    """A product as it stands."""

    sku = serializers.CharField()
    name = serializers.CharField()
    category = schema.named("category.name")
    price = schema.Money(source="price_cents")


def seen(_user: object) -> QuerySet[Product]:
    """Give the products: whoever may see them sees all."""
    return Product.objects.select_related("category")


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    must_reach_the_brand(request, "products")
    return catalogue.record(batch=items.batch(PRODUCTS, given), at=clock.now(), by=request.user)


KIND = kinds.Kind(
    one="product", many="products", resource="products", sheet=PRODUCTS, out=ProductOut, seen=seen, record=record,
    key=("sku",), find={"sku": "sku"}, place="<str:sku>",
)  # fmt: skip
