"""Gifts over the API: the catalogue with what stores have left; orders placed, cancelled, picked up, taken back."""

from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import gift_orders, gift_returns
from members.actions.gift_orders import LONGEST_NUMBER, LONGEST_PICKUP, LONGEST_SOURCE, Pickup, Told, Wish
from members.actions.gift_returns import Handing
from members.actions.phones import LONGEST_NOTE
from members.api import purchases, whom
from members.api.coupons import Till
from members.models import Gift, GiftOrder, Member
from members.queries import families
from members.queries import gift_reasons as reasons
from members.queries import gifts as questions
from newretail.kernel.api import asked, schema
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.paging import refused
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Action, Resource
from newretail.kernel.verbs import Refused
from stores.models import Store, sight_of, store_ids_in

NUMBER = "该来源自己的单号，永久唯一，重发不会重复 · its own number there, for ever: sent again, it happens once"
STORE = OpenApiParameter("store_code", str, description="某门店的可兑件数 · how many are left in this store")


class GiftOut(serializers.Serializer[Any]):
    """A gift of the catalogue; `left` in the store asked for."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    points = serializers.IntegerField()
    extra = schema.Money(source="extra_cents", help_text="另付金额 · paid on top at the till")
    state = serializers.CharField(help_text="active · paused")
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    per_member = serializers.IntegerField(help_text="每人限兑，0 为不限 · 0: no limit")
    least_level = schema.named("least_level.code")
    pickup_days = serializers.IntegerField(allow_null=True, help_text="空：按品牌设置 · null: as the brand has set")
    left = serializers.IntegerField(allow_null=True, default=None)


class LeftOut(serializers.Serializer[Any]):
    """How many pieces are left in a store."""

    store_code = serializers.CharField(source="store.code")
    left = serializers.IntegerField()


class WholeGiftOut(GiftOut):
    """A gift with what is left of it in each store."""

    stores = LeftOut(many=True)


class GiftOrderOut(serializers.Serializer[Any]):
    """An order of a gift; its code is what the member shows to pick it up."""

    source = serializers.CharField()
    order_no = serializers.CharField()
    gift_code = serializers.CharField(source="gift.code")
    name = serializers.CharField(source="gift.name")
    member_no = serializers.CharField(source="member.member_no")
    store_code = serializers.CharField(source="store.code")
    points = serializers.IntegerField()
    extra = schema.Money(source="extra_cents")
    state = serializers.CharField(help_text="open · handed · cancelled · lapsed")
    code = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class GiftOrderIn(serializers.Serializer[Any]):
    """A gift that a member wants to pick up in a store, for her points."""

    source = serializers.CharField(max_length=LONGEST_SOURCE)
    order_no = serializers.CharField(max_length=LONGEST_NUMBER, help_text=NUMBER)
    gift_code = serializers.CharField()
    member_no = serializers.CharField()
    store_code = serializers.CharField()


class GiftCancelIn(serializers.Serializer[Any]):
    """An order that is not wanted any more."""

    source = serializers.CharField(max_length=LONGEST_SOURCE)
    order_no = serializers.CharField(max_length=LONGEST_NUMBER)
    reason = serializers.CharField(max_length=LONGEST_NOTE)


class PickupIn(serializers.Serializer[Any]):
    """A code that is shown in a store; (source, source_no) names the handing over."""

    code = serializers.CharField(help_text="提货码 · as typed or scanned")
    store_code = serializers.CharField()
    source = serializers.CharField(max_length=LONGEST_SOURCE)
    source_no = serializers.CharField(max_length=LONGEST_PICKUP, help_text=NUMBER)


class TakeBackIn(serializers.Serializer[Any]):
    """A handing over to be undone: its order, its own name, and why."""

    source = serializers.CharField(max_length=LONGEST_SOURCE)
    order_no = serializers.CharField(max_length=LONGEST_NUMBER)
    pickup_source = serializers.CharField(
        max_length=LONGEST_SOURCE, help_text="交付时发来的 source · the source sent when it was handed over"
    )
    pickup_no = serializers.CharField(
        max_length=LONGEST_PICKUP, help_text="交付时发来的 source_no · the source_no sent when it was handed over"
    )
    reason = serializers.CharField(max_length=LONGEST_NOTE)


def store_within(fields: Fields, request: Request, resource: Resource, action: Action) -> Store | None:
    """Read the store, if the key may do this there."""
    code, within = fields.text("store_code", required=True), store_ids_in(sight_of(request.user, resource, action))
    store = Store.objects.filter(code=code).first() if code else None
    if code and (store is None or (within is not None and store.pk not in within)):
        fields.wrong("store_code", "unknown_store")
    return store


class Gifts(Door):
    """The catalogue of gifts."""

    resource: ClassVar[Resource] = "gifts"
    queries: ClassVar[frozenset[str]] = asked.PAGED | {"store_code"}

    @extend_schema(
        operation_id="list_gifts", parameters=[*schema.PAGE, STORE], responses=schema.page_of(GiftOut, "Gifts")
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List gifts by code; with a store, how many are left in it."""
        rows: QuerySet[Gift] = Gift.objects.visible_to(request.user).select_related("least_level")
        code = request.query_params.get("store_code")
        if code is not None:
            store = Store.objects.filter(code=code).first()
            if store is None:
                raise refused("store_code", "bad_parameter", asked.BAD_VALUE)
            rows = questions.with_left_in(rows, store.pk)
        return schema.listed(request, rows, ("code",), GiftOut)


class OneGift(Door):
    """One gift."""

    resource: ClassVar[Resource] = "gifts"

    @extend_schema(operation_id="get_gift", responses=schema.one(WholeGiftOut, 200))
    def get(self, request: Request, gift_code: str) -> Response:
        """Look a gift up by its code, with what is left of it in each store."""
        row = Gift.objects.visible_to(request.user).select_related("least_level").filter(code=gift_code).first()
        if row is None:
            raise Http404
        stores = row.stocks.select_related("store").annotate(left=F("stock") - F("reserved")).order_by("store__code")
        return Response({**GiftOut(row).data, "stores": LeftOut(stores, many=True).data})


class _GiftOrders(Door):
    resource: ClassVar[Resource] = "gift_orders"

    def seen(self, request: Request) -> QuerySet[GiftOrder]:
        """Give the orders within this key's sight."""
        return GiftOrder.objects.visible_to(request.user).select_related("gift", "member", "store")

    def member(self, request: Request, member_no: str, action: Action) -> Member | None:
        """Find the member this number leads to, if the key may do this for her."""
        rows = whom.members_within(request.user, "gift_orders", action)
        return rows.filter(member_no=member_no, erased_at__isnull=True).first()


def answer(told: Told) -> tuple[int, Any]:
    """Answer with an order as it stands: 200."""
    return 200, GiftOrderOut(told.order).data


class GiftOrders(_GiftOrders):
    """Orders of gifts."""

    @extend_schema(
        operation_id="place_gift_order", request=GiftOrderIn, parameters=[schema.ONCE],
        responses=schema.one(GiftOrderOut, 201, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Order a gift for a member's points; (source, order_no) orders once: 201, and 200 when sent again."""
        return self.once(request, lambda: self._place(request))

    def _place(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"source", "order_no", "gift_code", "member_no", "store_code"}))
        source = fields.text("source", most=LONGEST_SOURCE, required=True)
        number = fields.text("order_no", most=LONGEST_NUMBER, required=True)
        gift_code, member_no = fields.text("gift_code", required=True), fields.text("member_no", required=True)
        gift = Gift.objects.filter(code=gift_code).first() if gift_code else None
        if gift_code and gift is None:
            fields.wrong("gift_code", "unknown_gift")
        member = self.member(request, member_no, "change") if member_no else None
        if member_no and member is None:
            fields.wrong("member_no", "unknown_member")
        store = store_within(fields, request, "gift_orders", "change")
        fields.judge()
        if gift is None or member is None or store is None:
            raise Http404
        told = gift_orders.place(wish=Wish(gift, member, store, source, number), at=self.at, by=request.user)
        return (200 if told.again else 201), GiftOrderOut(told.order).data


class OneGiftOrder(_GiftOrders):
    """One order of a gift."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE

    @extend_schema(operation_id="get_gift_order", parameters=[schema.FIELDS], responses=schema.one(GiftOrderOut, 200))
    def get(self, request: Request, source: str, order_no: str) -> Response:
        """Look an order up by source and number."""
        row = self.seen(request).filter(source=source, order_no__iexact=order_no).first()
        if row is None:
            raise Http404
        return Response(asked.sparse(request.query_params, GiftOrderOut)(row).data)


def _written_since(line: int) -> Q:
    return Q(entry_id__gte=line) | Q(end_entry_id__gte=line)


class GiftOrdersOfMember(_GiftOrders):
    """The gift orders of a member."""

    queries: ClassVar[frozenset[str]] = asked.PAGED

    @extend_schema(
        operation_id="list_gift_orders_of_member", parameters=schema.PAGE,
        responses=schema.page_of(GiftOrderOut, "GiftOrders"),
    )  # fmt: skip
    def get(self, request: Request, member_no: str) -> Response:
        """List the gift orders of a member, the oldest first; those of all rows that are this person."""
        member = self.member(request, member_no, "view")
        if member is None:
            raise Http404
        mine = self.seen(request).filter(member__in=families.ids_of(member))
        return schema.listed(request, mine, ("ordered_at", "id"), GiftOrderOut, _written_since)


class CancelGiftOrder(_GiftOrders):
    """An order cancelled."""

    @extend_schema(
        operation_id="cancel_gift_order", request=GiftCancelIn, parameters=[schema.ONCE],
        responses=schema.one(GiftOrderOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Cancel an order that waits: its piece is free again, its points go back; sent again, it stays so."""
        return self.once(request, lambda: self._cancel(request))

    def _cancel(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"source", "order_no", "reason"}))
        named = {
            "source": fields.text("source", most=LONGEST_SOURCE, required=True),
            "order_no": fields.text("order_no", most=LONGEST_NUMBER, required=True),
            "reason": fields.text("reason", most=LONGEST_NOTE, required=True),
        }
        fields.judge()
        within = store_ids_in(sight_of(request.user, "gift_orders", "change"))
        return answer(gift_orders.cancel(**named, within=within, at=self.at, by=request.user))


class HandOver(Till):
    """A gift handed over; who sends too many wrong codes waits."""

    resource: ClassVar[Resource] = "gift_pickups"
    unknown: ClassVar[type[Refused]] = reasons.UnknownPickup

    @extend_schema(
        operation_id="hand_over_gift", request=PickupIn, parameters=[schema.ONCE],
        responses=schema.one(GiftOrderOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Hand a gift over to whoever shows its code; the handing over's name sent again meets the same answer."""
        return self.guarded(request, lambda: self._hand_over(request))

    def _hand_over(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"code", "store_code", "source", "source_no"}))
        code, source = purchases.code_of(fields), fields.text("source", most=LONGEST_SOURCE, required=True)
        number = fields.text("source_no", most=LONGEST_PICKUP, required=True)
        store = store_within(fields, request, "gift_pickups", "change")
        fields.judge()
        if not code or store is None:
            raise reasons.UnknownPickup
        pickup = Pickup(code, store, source, number)
        return answer(gift_orders.hand_over(pickup=pickup, at=self.at, by=request.user))


class TakeBack(Door):
    """A gift taken back."""

    resource: ClassVar[Resource] = "gift_pickups"

    @extend_schema(
        operation_id="take_back_gift", request=TakeBackIn, parameters=[schema.ONCE],
        responses=schema.one(GiftOrderOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Undo a handing over on its own day: the piece lies in the store, the order waits; sent again, it stays so."""
        return self.once(request, lambda: self._take_back(request))

    def _take_back(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"source", "order_no", "pickup_source", "pickup_no", "reason"}))
        handing = Handing(
            source=fields.text("source", most=LONGEST_SOURCE, required=True),
            order_no=fields.text("order_no", most=LONGEST_NUMBER, required=True),
            pickup_source=fields.text("pickup_source", most=LONGEST_SOURCE, required=True),
            pickup_no=fields.text("pickup_no", most=LONGEST_PICKUP, required=True),
        )
        reason = fields.text("reason", most=LONGEST_NOTE, required=True)
        fields.judge()
        within = store_ids_in(sight_of(request.user, "gift_pickups", "change"))
        return answer(
            gift_returns.take_back(handing=handing, reason=reason, within=within, at=self.at, by=request.user)
        )
