"""Coupons over the API: plans, issuing, and what a till does with one: verify, lock, redeem, give back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import code_batches, coupons, redemptions
from members.actions.redemptions import Redemption
from members.api import purchases, whom
from members.models import Coupon, CouponPlan
from members.queries import coupons as questions
from members.queries import families
from members.queries.coupon_reasons import UnknownCoupon
from newretail.kernel.api import items, schema
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

Body = dict[str, Any]
Act = Callable[[], tuple[int, Any]]


class PlanOut(serializers.Serializer[Any]):
    """A plan as it stands."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    amount = schema.Money(source="amount_cents")
    off_bp = serializers.IntegerField(help_text="折扣，万分比 · the rate off in basis points")
    cap = schema.Money(source="cap_cents", allow_null=True)
    threshold = schema.Money(source="threshold_cents")
    product_sku = schema.named("product.sku")
    stacks = serializers.CharField()
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)
    days_valid = serializers.IntegerField(allow_null=True)
    stock = serializers.IntegerField()
    issued = serializers.IntegerField()
    redeemed = serializers.IntegerField()
    per_member = serializers.IntegerField()
    terms = serializers.CharField()


class CouponOut(serializers.Serializer[Any]):
    """A coupon in its owner's hand; the code is what her QR shows."""

    code = serializers.CharField()
    plan = serializers.CharField(source="plan.code")
    name = serializers.CharField(source="plan.name")
    member_no = schema.named("member.member_no")
    state = serializers.CharField()
    issued_at = serializers.DateTimeField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    redeemed_at = serializers.DateTimeField(allow_null=True)
    store_code = schema.named("store.code")
    discount = schema.Money(source="discount_cents")


class RedemptionOut(serializers.Serializer[Any]):
    """What a coupon gives, or what became of it; `until`: the end of its lock, or of the time to undo."""

    code = serializers.CharField()
    plan = serializers.CharField(source="plan_code")
    name = serializers.CharField(source="plan_name")
    discount = schema.Money(source="discount_cents")
    product_sku = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class LockIn(purchases.PurchaseIn):
    """A coupon to be held for a purchase, for so many minutes."""

    minutes = serializers.IntegerField(required=False, min_value=1, max_value=1440)


class RollBackIn(purchases.NamedIn):
    """A coupon to be given back; `refunded` when the purchase was, else it is undone at the till."""

    refunded = serializers.BooleanField(required=False)


class ClaimIn(serializers.Serializer[Any]):
    """A code and the member whose it shall be."""

    code = serializers.CharField()
    member_no = serializers.CharField()


class IssueIn(serializers.Serializer[Any]):
    """Whom to give a coupon of a plan; `key` names the occasion: for one occasion a member is given one."""

    plan = serializers.CharField()
    source = serializers.CharField(max_length=40)
    key = serializers.CharField(max_length=64)
    members = serializers.ListField(child=serializers.CharField(), max_length=items.MOST)


class FateOut(serializers.Serializer[Any]):
    """What became of one member's wish."""

    member_no = serializers.CharField()
    state = serializers.ChoiceField(choices=("issued", "again", "over_limit", "no_stock", "unknown_member"))


class IssuedOut(serializers.Serializer[Any]):
    """How many were issued, and what became of each wish."""

    issued = serializers.IntegerField()
    results = FateOut(many=True)


class Plans(Door):
    """Plans of coupons."""

    resource: ClassVar[Resource] = "coupon_plans"

    @extend_schema(
        operation_id="list_coupon_plans", parameters=schema.PAGE, responses=schema.page_of(PlanOut, "CouponPlans")
    )
    def get(self, request: Request) -> Response:
        """List plans by code."""
        return schema.listed(request, CouponPlan.objects.select_related("product"), ("code",), PlanOut)


class OnePlan(Door):
    """One plan."""

    resource: ClassVar[Resource] = "coupon_plans"

    @extend_schema(operation_id="get_coupon_plan", responses=PlanOut)
    def get(self, request: Request, plan_code: str) -> Response:
        """Look a plan up by its code."""
        return Response(PlanOut(_plan(plan_code)).data)


def _plan(code: str) -> CouponPlan:
    row = CouponPlan.objects.select_related("product").filter(code=code).first()
    if row is None:
        raise Http404
    return row


class CouponsOfMember(Door):
    """The coupons of a member."""

    resource: ClassVar[Resource] = "coupons"

    @extend_schema(
        operation_id="list_coupons_of_member", parameters=schema.PAGE, responses=schema.page_of(CouponOut, "Coupons")
    )
    def get(self, request: Request, member_no: str) -> Response:
        """List the coupons of a member, by code; those of all rows that are this person."""
        rows: QuerySet[Coupon] = Coupon.objects.visible_to(request.user)
        member = whom.numbered(whom.members_within(request.user, "coupons", "view"), member_no)
        mine = rows.filter(member_id__in=families.ids_of(member)).select_related("plan", "member", "store")
        return schema.listed(request, mine, ("code",), CouponOut)


class Issue(Door):
    """Coupons given to members."""

    resource: ClassVar[Resource] = "coupons"

    @extend_schema(
        operation_id="issue_coupons", request=IssueIn, parameters=[schema.ONCE], responses=schema.one(IssuedOut, 200)
    )
    def post(self, request: Request) -> HttpResponse:
        """Give each of up to 1 000 members a coupon, once for what (source, key) names."""
        return self.once(request, lambda: self._issue(request))

    def _issue(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"plan", "source", "key", "members"}))
        code, source = fields.text("plan", required=True), fields.text("source", most=40, required=True)
        key, numbers = fields.text("key", required=True), fields.given.get("members")
        if not isinstance(numbers, list) or not 0 < len(numbers) <= items.MOST or {*map(type, numbers)} != {str}:
            fields.wrong("members", "not_a_list")
        fields.judge()
        plan = CouponPlan.objects.filter(code=code).first()
        if plan is None:
            raise Problem(422, "refused", items.REFUSED, faults=[Fault("unknown_plan", "plan")])
        seen = whom.members_within(request.user, "coupons", "change")
        rows = seen.filter(member_no__in=numbers or [])
        roots = {row.member_no: row.merged_into_id or row.pk for row in rows}
        told = coupons.issue(
            plan=plan, members=sorted(set(roots.values())), source=source, key=key, at=self.at, by=request.user
        )  # fmt: skip
        results = [
            {"member_no": number, "state": told.fates[roots[number]] if number in roots else "unknown_member"}
            for number in dict.fromkeys(numbers or [])
        ]
        return 200, {"issued": told.issued, "results": results}


class Till(Door):
    """What a till does with a coupon; who sends too many wrong codes waits."""

    resource: ClassVar[Resource] = "redemptions"
    unknown: ClassVar[type[Refused]] = UnknownCoupon

    def guarded(self, request: Request, act: Act) -> HttpResponse:
        """Act once, and count a wrong code."""
        return self.once(
            request, lambda: purchases.counted(act, user=request.user, at=self.at, unknown=self.unknown)
        )  # fmt: skip


def _told(redemption: Redemption) -> tuple[int, Any]:
    return 200, RedemptionOut(redemption).data


class Verify(Till):
    """A question: nothing is changed."""

    @extend_schema(operation_id="verify_coupon", request=purchases.PurchaseIn, responses=schema.one(RedemptionOut, 200))
    def post(self, request: Request) -> HttpResponse:
        """Tell what a coupon would give for a purchase, or why nothing."""
        return self.guarded(request, lambda: self._verify(request))

    def _verify(self, request: Request) -> tuple[int, Any]:
        use = purchases.use(Fields(request.data, purchases.WHOLE), request.user, required=False)
        coupon = questions.found([use]).get(use.code)
        if coupon is None:
            raise UnknownCoupon
        worth = questions.worth(coupon, use, self.at)
        return _told(
            Redemption(
                coupon.code, coupon.plan_code, coupon.plan_name, worth.discount_cents, self.at, worth.product_sku,
                until=coupon.valid_until,
            )
        )  # fmt: skip


class Lock(Till):
    """A coupon held while its purchase is being paid."""

    @extend_schema(
        operation_id="lock_coupon", request=LockIn, parameters=[schema.ONCE], responses=schema.one(RedemptionOut, 200)
    )
    def post(self, request: Request) -> HttpResponse:
        """Hold a coupon for a purchase: for 30 minutes, or as many as are asked for up to a day."""
        return self.guarded(request, lambda: self._lock(request))

    def _lock(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, purchases.WHOLE | {"minutes"})
        minutes = fields.whole("minutes", usual=redemptions.USUAL_HOLD // timedelta(minutes=1))
        use = purchases.use(fields, request.user)
        return _told(redemptions.lock(use=use, hold=timedelta(minutes=minutes), at=self.at, by=request.user))


class Release(Till):
    """A coupon let go."""

    @extend_schema(
        operation_id="release_coupon", request=purchases.NamedIn, parameters=[schema.ONCE],
        responses=schema.one(RedemptionOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Let a coupon go that a purchase holds."""
        return self.guarded(request, lambda: self._release(request))

    def _release(self, request: Request) -> tuple[int, Any]:
        shown = purchases.named(Fields(request.data, purchases.NAMED))
        return _told(redemptions.release(**vars(shown), at=self.at, by=request.user))


class Redeem(Till):
    """A coupon redeemed."""

    @extend_schema(
        operation_id="redeem_coupon", request=purchases.PurchaseIn, parameters=[schema.ONCE],
        responses=schema.one(RedemptionOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Redeem a coupon in a purchase; the purchase's name sent again meets the same answer."""
        return self.guarded(request, lambda: self._redeem(request))

    def _redeem(self, request: Request) -> tuple[int, Any]:
        use = purchases.use(Fields(request.data, purchases.WHOLE), request.user)
        return _told(redemptions.redeem(use=use, at=self.at, by=request.user))


class RollBack(Till):
    """A redemption taken back."""

    @extend_schema(
        operation_id="roll_back_coupon", request=RollBackIn, parameters=[schema.ONCE],
        responses=schema.one(RedemptionOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Give a coupon back that a purchase has redeemed, as its plan allows."""
        return self.guarded(request, lambda: self._roll_back(request))

    def _roll_back(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, purchases.NAMED | {"refunded"})
        refunded = fields.flag("refunded")
        shown = purchases.named(fields)
        within = store_ids_in(sight_of(request.user, "redemptions", "change"))
        return _told(
            redemptions.roll_back(**vars(shown), refunded=refunded, within=within, at=self.at, by=request.user)
        )


class Claim(Till):
    """A code of a batch, made a member's own."""

    resource: ClassVar[Resource] = "coupons"

    @extend_schema(
        operation_id="claim_coupon", request=ClaimIn, parameters=[schema.ONCE], responses=schema.one(CouponOut, 200)
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a coupon of a code batch a member's own."""
        return self.guarded(request, lambda: self._claim(request))

    def _claim(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"code", "member_no"}))
        code, number = purchases.code_of(fields), fields.text("member_no", required=True)
        member = whom.members_within(request.user, "coupons", "change").filter(member_no=number).first()
        if number and member is None:
            fields.wrong("member_no", "unknown_member")
        fields.judge()
        if member is None or not code:
            raise UnknownCoupon
        return 200, CouponOut(code_batches.claim(code=code, member=member, at=self.at, by=request.user)).data
