"""Bare endpoints: DRF writes the same rows, by the ORM or by one statement; no key, no scope, no journal."""

import json
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.models import Member, Order, OrderLine
from newretail.kernel import sql
from newretail.kernel.models import InboxMessage
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


class Spending(serializers.Serializer[Any]):
    """Points to be spent, as it is sent."""

    source = serializers.CharField()
    source_no = serializers.CharField()
    points = serializers.IntegerField()


SPEND = """
WITH account AS (
  UPDATE members_pointsaccount a SET balance = balance - %(points)s FROM members_member m
  WHERE m.member_no = %(member_no)s AND a.member_id = m.id AND a.balance >= %(points)s RETURNING a.id, a.member_id),
lot AS (
  UPDATE members_pointslot SET remaining = remaining - %(points)s WHERE origin_id = (
    SELECT l.origin_id FROM members_pointslot l JOIN account a ON a.id = l.account_id
    WHERE l.state = 'open' AND l.remaining >= %(points)s ORDER BY l.earned_at, l.origin_id LIMIT 1)
  RETURNING origin_id),
entry AS (
  INSERT INTO members_pointsentry (account_id, member_id, kind, points, pending, owed, source, source_no, line_no, rule,
    nth, reason, made_at, entry_id)
  SELECT id, member_id, 'spend', -%(points)s, 0, 0, %(source)s, %(source_no)s, 0, '', 0, '', now(), 0 FROM account
  RETURNING id)
INSERT INTO members_pointsuse (points_entry_id, lot_id, points)
SELECT entry.id, lot.origin_id, %(points)s FROM entry, lot RETURNING id
"""


class Spend(Door):
    """Points spent."""

    def post(self, request: Request, member_no: str) -> Response:
        """Check the fields, write it all in one statement."""
        read = Spending(data=request.data)
        read.is_valid(raise_exception=True)
        written = sql.rows(SPEND, {**read.validated_data, "member_no": member_no})
        return Response(read.data, 201 if written else 409)


class Redemption(serializers.Serializer[Any]):
    """A coupon shown for a purchase, as it is sent."""

    code = serializers.CharField()
    source = serializers.CharField()
    source_no = serializers.CharField()
    amount = serializers.DecimalField(14, 2)
    store_code = serializers.CharField()


REDEEM = """
WITH coupon AS (
  UPDATE members_coupon c SET state = 'redeemed', source = %(source)s, source_no = %(source_no)s, redeemed_at = now(),
    store_id = s.id, amount_cents = %(amount)s * 100, discount_cents = p.amount_cents, moves = moves + 1
  FROM members_couponplan p, stores_store s
  WHERE c.code = %(code)s AND c.state = 'issued' AND p.id = c.plan_id AND s.code = %(store_code)s
  RETURNING c.*),
plan AS (
  UPDATE members_couponplan p SET redeemed = redeemed + 1 FROM coupon WHERE p.id = coupon.plan_id)
INSERT INTO members_couponevent
  (coupon_id, nth, move, at, source, source_no, store_id, amount_cents, discount_cents, entry_id)
SELECT id, moves, 'redeemed', redeemed_at, source, source_no, store_id, amount_cents, discount_cents, 0 FROM coupon
RETURNING id
"""


class Redeem(Door):
    """A coupon redeemed."""

    def post(self, request: Request) -> Response:
        """Check the fields, write it all in one statement."""
        read = Redemption(data=request.data)
        read.is_valid(raise_exception=True)
        written = sql.rows(REDEEM, read.validated_data)
        return Response(read.data, 200 if written else 409)


class Message(serializers.Serializer[Any]):
    """A message of another system, as it is sent."""

    source = serializers.IntegerField()
    id = serializers.CharField()
    type = serializers.CharField()
    data = serializers.JSONField()


class Kept(Door):
    """A message kept; nobody asks who signed it."""

    def post(self, request: Request) -> Response:
        """Check the fields, create the row."""
        read = Message(data=request.data)
        read.is_valid(raise_exception=True)
        given, now = read.validated_data, timezone.now()
        InboxMessage.objects.create(
            source_id=given["source"], message_id=given["id"], digest="", kind=given["type"],
            body=json.dumps(given["data"]), size=0, state="done", received_at=now, begun_at=now, due_at=now,
        )  # fmt: skip
        return Response({"id": given["id"]}, 202)


urlpatterns = [
    path("single", Single.as_view()), path("many", Many.as_view()),
    path("spend/<str:member_no>", Spend.as_view()), path("redeem", Redeem.as_view()),
    path("kept", Kept.as_view()),
]  # fmt: skip
