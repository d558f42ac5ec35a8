"""Bare endpoints: DRF and the ORM write the same orders, with no key, no scope, no journal, no second chance."""

from typing import Any

from django.db import transaction
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.models import Member, Order, OrderLine
from stores.models import Channel, Product, Store


class Line(serializers.Serializer[Any]):
    """A line as it is sent."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    amount = serializers.DecimalField(14, 2)


class Bare(serializers.Serializer[Any]):
    """An order as it is sent."""

    source = serializers.CharField()
    order_no = serializers.CharField()
    store_code = serializers.CharField()
    member_no = serializers.CharField()
    paid_at = serializers.DateTimeField()
    amount = serializers.DecimalField(14, 2)
    lines = Line(many=True)


class Door(APIView):
    """Whoever comes is let in."""

    authentication_classes = ()
    permission_classes = ()


def _order(given: dict[str, Any], store: int, member: int, channel: int) -> Order:
    return Order(
        source=given["source"], order_no=given["order_no"], store_id=store, member_id=member, channel_id=channel,
        paid_at=given["paid_at"], amount_cents=int(given["amount"] * 100), entry_id=0,
    )  # fmt: skip


def _lines(order: Order, given: list[dict[str, Any]], products: dict[str, int]) -> list[OrderLine]:
    return [
        OrderLine(order=order, line_no=line["line_no"], product_id=products[line["sku"]], quantity=line["quantity"],
                  amount_cents=int(line["amount"] * 100), entry_id=0)
        for line in given
    ]  # fmt: skip


def _products(orders: list[dict[str, Any]]) -> dict[str, int]:
    wanted = {line["sku"] for order in orders for line in order["lines"]}
    return dict(Product.objects.filter(sku__in=wanted).values_list("sku", "pk"))


class Single(Door):
    """One order with its lines."""

    def post(self, request: Request) -> Response:
        """Check the fields, look the names up, create the rows."""
        read = Bare(data=request.data)
        read.is_valid(raise_exception=True)
        given = read.validated_data
        with transaction.atomic():
            order = _order(
                given, Store.objects.get(code=given["store_code"]).pk,
                Member.objects.get(member_no=given["member_no"]).pk, Channel.objects.get(code="store").pk,
            )  # fmt: skip
            order.save()
            OrderLine.objects.bulk_create(_lines(order, given["lines"], _products([given])))
        return Response(read.data, 201)


class Many(Door):
    """Many orders with their lines."""

    def post(self, request: Request) -> Response:
        """Check the fields, look the names up by the batch, create the rows by the batch."""
        read = Bare(data=request.data["orders"], many=True)
        read.is_valid(raise_exception=True)
        given: list[dict[str, Any]] = read.validated_data
        numbers, codes = {each["member_no"] for each in given}, {each["store_code"] for each in given}
        members = dict(Member.objects.filter(member_no__in=numbers).values_list("member_no", "pk"))
        stores = dict(Store.objects.filter(code__in=codes).values_list("code", "pk"))
        channel, products = Channel.objects.get(code="store").pk, _products(given)
        with transaction.atomic():
            orders = Order.objects.bulk_create(
                [_order(each, stores[each["store_code"]], members[each["member_no"]], channel) for each in given]
            )
            OrderLine.objects.bulk_create(
                line
                for order, each in zip(orders, given, strict=True)
                for line in _lines(order, each["lines"], products)
            )
        return Response({"created": len(orders)}, 200)


urlpatterns = [path("single", Single.as_view()), path("many", Many.as_view())]
