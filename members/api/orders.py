"""Orders over the API: pushed one by one or by the thousand, listed, looked up by their number."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Upper
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import arrivals
from members.api import purchases, tenders
from members.api.coupons import RedemptionOut
from members.importers import ORDER_LINES, ORDERS
from members.models import Order, OrderLine, Refund
from members.queries import orders as questions
from newretail.kernel import money
from newretail.kernel.api import asked, items, problems, schema
from newretail.kernel.api.problems import Problem
from newretail.kernel.api.views import Door
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import Sheet
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

BESIDE = frozenset({"lines", "freight"})
MOST_LINES = 200
NO_LINES = Batch((), b"", 0)
LINE = Sheet(
    kind="order_lines",
    columns=tuple(column for column in ORDER_LINES.columns if column.name not in ("order_no", "source")),
    key=("line_no",),
)
LineIn = items.serializer(LINE, "OrderLineIn")
OF_AN_ORDER = {
    "lines": LineIn(
        many=True, required=False, help_text="商品行 · the lines; the order goes in with all of them or not"
    ),
    "freight": serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, help_text="运费等 · amount = Σ lines + freight"
    ),
}
OrderIn = items.serializer(ORDERS, "OrderIn", **OF_AN_ORDER)
OrderPaidIn = items.serializer(ORDERS, "OrderPaidIn", **OF_AN_ORDER, **tenders.SERIALIZED)


class OrdersIn(serializers.Serializer[Any]):
    """Up to 1 000 orders."""

    orders = OrderIn(many=True)


class LineOut(serializers.Serializer[Any]):
    """A line of an order."""

    line_no = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    amount = schema.Money(source="amount_cents")
    discount = schema.Money(source="discount_cents")


class OrderOut(serializers.Serializer[Any]):
    """An order as it stands."""

    source = serializers.CharField()
    order_no = serializers.CharField()
    member_no = schema.named("member.member_no")
    store_code = schema.named("store.code")
    channel = schema.named("channel.code")
    scene = schema.named("scene.code")
    staff_no = schema.named("sold_by.user.staff_no")
    paid_at = serializers.DateTimeField()
    amount = schema.Money(source="amount_cents")
    refunded = schema.Money(source="refunded_cents")
    lines = LineOut(many=True)


class OrderPaidOut(OrderOut):
    """An order as it stands; where it was sent with coupons or points, also what it took with them."""

    coupons = RedemptionOut(
        source="redeemed", many=True, required=False,
        help_text="随单发来的券各抵多少 · what each of the coupons sent took off",
    )  # fmt: skip
    points_spent = serializers.IntegerField(required=False, help_text="随单使用的积分 · points spent of those sent")


def _lines_of(given: Sequence[Any]) -> tuple[Batch, list[int]]:
    """Read the lines of all orders, with the number of the order each is of."""
    rows: list[Any] = []
    owners: list[int] = []
    wrong: dict[int, tuple[str, str]] = {}
    for number, order in enumerate(given, 1):
        lines = order.get("lines") if isinstance(order, dict) else None
        for line in lines if isinstance(lines, list) else []:
            owners.append(number)
            if found := items.wrong_shape(LINE, line):
                wrong[len(owners)] = found
            named = {"order_no": order.get("order_no"), "source": order.get("source")}
            rows.append({**line, **named} if isinstance(line, dict) else line)
    return (items.batch(ORDER_LINES, rows, known=wrong) if rows else NO_LINES), owners


def _cents(value: Any) -> int | None:
    try:
        return money.to_cents(str(value))
    except money.NotMoney:
        return None


def _wrong_shape(order: Any) -> tuple[str, str] | None:
    """Tell whether the lines of an order are no list, too many, or do not sum to its amount with the freight."""
    if not isinstance(order, dict) or ("lines" not in order and "freight" not in order):
        return None
    lines, freight = order.get("lines", []), _cents(order.get("freight", "0"))
    if freight is None:
        return "freight", "not_money"
    if not isinstance(lines, list):
        return "lines", "not_a_list"
    if len(lines) > MOST_LINES:
        return "lines", "too_many_items"
    amounts = [_cents(line.get("amount")) if isinstance(line, dict) else None for line in lines]
    total = _cents(order.get("amount"))
    if total is None or None in amounts or not lines:
        return None
    return None if sum(filter(None, amounts)) + freight == total else ("amount", "wrong_sum")


def sent(given: Sequence[Any]) -> arrivals.Sent:
    """Read orders with their lines; what one was paid with beside money is read by the door of a single order."""
    lines, owners = _lines_of(given)
    wrong = {line: found for line, order in enumerate(given, 1) if (found := _wrong_shape(order))}
    wrong |= {line: (name, "one_at_a_time") for line, order in enumerate(given, 1) if (name := tenders.named_in(order))}
    taken = items.batch(ORDERS, given, BESIDE, wrong)
    return arrivals.Sent(taken, lines, owners)


def _since(entry_id: int) -> Q:
    """Narrow to orders that this line or a later one wrote, or whose lines or refunds it did."""
    lines = OrderLine.objects.filter(entry_id__gte=entry_id).values("order_id")
    refunds = Refund.objects.filter(entry_id__gte=entry_id).values("order_id")
    return asked.written_since(entry_id) | Q(pk__in=lines) | Q(pk__in=refunds)


class _Orders(Door):
    resource: ClassVar[Resource] = "orders"

    def seen(self, request: Request) -> QuerySet[Order]:
        """Give the orders within the key's sight, with all that is told of them."""
        lines = Prefetch("lines", OrderLine.objects.select_related("product").order_by("line_no"))
        related = ("member", "store", "channel", "scene", "sold_by__user")
        return Order.objects.visible_to(request.user).select_related(*related).prefetch_related(lines)

    def within(self, request: Request) -> list[int] | None:
        """Give the stores in which this key may take orders."""
        return store_ids_in(sight_of(request.user, "orders", "change"))

    def take(self, request: Request, given: Sequence[Any]) -> arrivals.Arrival:
        """Take what was sent."""
        return arrivals.take(sent=sent(given), at=self.at, by=request.user, within=self.within(request))


class Orders(_Orders):
    """Orders listed by number, and one at a time."""

    queries: ClassVar[frozenset[str]] = asked.PAGED

    @extend_schema(operation_id="list_orders", parameters=schema.PAGE, responses=schema.page_of(OrderOut, "Orders"))
    def get(self, request: Request) -> Response:
        """List orders in the order of source and number."""
        rows = self.seen(request).annotate(no=Upper("order_no"))
        return schema.listed(request, rows, ("no", "source"), OrderOut, _since)

    @extend_schema(
        operation_id="push_order", request=OrderPaidIn, parameters=[schema.ONCE],
        responses=schema.one(OrderPaidOut, 201, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Take one order, with its lines; sent again it is brought up to date.

        With the coupons and points it was paid with it goes in whole or not at all: they are redeemed and spent once,
        and each answer tells what they took.
        """
        return self.once(request, lambda: self._push(request))

    def _take_paid(self, request: Request) -> arrivals.Arrival:
        order = {name: value for name, value in request.data.items() if name not in tenders.FIELDS}
        tender = tenders.read(request.data, request.user, _cents(order.get("freight", "0")) or 0)
        return arrivals.take_paid(
            sent=sent([order]), name=(str(order.get("source")), str(order.get("order_no"))), tender=tender,
            at=self.at, by=request.user, within=self.within(request),
        )  # fmt: skip

    def _push(self, request: Request) -> tuple[int, Any]:
        paid = bool(tenders.named_in(request.data))
        if paid:
            arrival = purchases.counted(lambda: self._take_paid(request), user=request.user, at=self.at)
        else:
            arrival = self.take(request, [request.data])
        if arrival.refusals:
            raise Problem(422, "refused", items.REFUSED, faults=problems.of_refusals(arrival.refusals[1], rows=False))
        told = questions.told(request.data["source"], request.data["order_no"])
        if paid:
            told |= {"redeemed": arrival.redeemed, "points_spent": arrival.points_spent}
        return (201 if arrival.fates[1] == "created" else 200), (OrderPaidOut if paid else OrderOut)(told).data


class OrdersBatch(_Orders):
    """Many orders at once."""

    @extend_schema(
        operation_id="push_orders", request=OrdersIn, parameters=[schema.ONCE], responses=schema.RESULTS
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Take up to 1 000 orders: good ones go in, each refused one is named with its reasons."""
        return self.once(request, lambda: self._push(request))

    def _push(self, request: Request) -> tuple[int, Any]:
        given = items.listed(request.data, "orders")
        arrival = self.take(request, given)
        return 200, items.results(len(given), arrival.fates, arrival.refusals)


class OneOrder(_Orders):
    """One order."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE

    @extend_schema(operation_id="get_order", parameters=[schema.FIELDS], responses=schema.one(OrderOut, 200))
    def get(self, request: Request, source: str, order_no: str) -> Response:
        """Look an order up by source and number."""
        row = self.seen(request).filter(source=source, order_no__iexact=order_no).first()
        if row is None:
            raise Http404
        return Response(asked.sparse(request.query_params, OrderOut)(row).data)
