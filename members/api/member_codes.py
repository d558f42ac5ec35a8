"""The member's code over the API: made for the mini-programme's server, taken by a till."""

from typing import Any, ClassVar

import segno
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.api import whom
from members.api.coupons import CouponOut
from members.models import Coupon
from members.queries import families, points
from members.queries import member_codes as codes
from newretail.kernel import clock, scopes
from newretail.kernel.api import schema
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource

MOST_COUPONS, QR_SCALE = 50, 5


class CodeOut(serializers.Serializer[Any]):
    """A member's code of this half minute; ask again at `until`."""

    code = serializers.CharField(help_text="18 位数字 · 18 digits, for a QR or Code 128")
    until = serializers.DateTimeField()
    qr = serializers.SerializerMethodField(help_text="二维码 SVG · the code as a QR, drawn as SVG")

    def get_qr(self, told: Any) -> str:
        """Draw the code as it is shown to a till's scanner."""
        return str(segno.make_qr(told.code, error="m").svg_inline(scale=QR_SCALE))


class TakeIn(serializers.Serializer[Any]):
    """A member's code as scanned, and the purchase it is shown for."""

    code = serializers.CharField()
    source = serializers.CharField(max_length=40)
    source_no = serializers.CharField(max_length=64)


class TakenOut(serializers.Serializer[Any]):
    """Whose code it is, and what she can use now."""

    member_no = serializers.CharField()
    level = schema.named("level.code")
    points = serializers.IntegerField(
        allow_null=True, help_text="可用积分 · what she may spend; null without points:view"
    )
    coupons = CouponOut(many=True)


class OneCode(Door):
    """The code of a member."""

    resource: ClassVar[Resource] = "member_codes"

    @extend_schema(operation_id="get_member_code", responses=CodeOut)
    def get(self, request: Request, member_no: str) -> Response:
        """Make the code to be shown now."""
        member = whom.numbered(whom.members_within(request.user, "member_codes", "view"), member_no)
        return Response(CodeOut(codes.of(families.root_of(member), self.at)).data)


class Take(Door):
    """A member's code at a till."""

    resource: ClassVar[Resource] = "member_codes"

    @extend_schema(
        operation_id="verify_member_code", request=TakeIn, parameters=[schema.ONCE],
        responses=schema.one(TakenOut, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Take a code for a purchase: it counts once, for about a minute; the same purchase meets the same answer."""
        whom.may_show(request.user, self.at)
        return self.once(request, lambda: self._take(request))

    def _take(self, request: Request) -> tuple[int, Any]:
        fields = Fields(request.data, frozenset({"code", "source", "source_no"}))
        member = whom.shown(fields, "code", user=request.user, at=self.at)
        usable = Coupon.objects.usable(families.ids_of(member), self.at).select_related("plan", "member", "store")
        sees_points = scopes.may(request.user, "points", "view")
        balance = points.held(member, clock.business_day(self.at)).balance if sees_points else None
        told = {"member_no": member.member_no, "level": member.level, "points": balance,
                "coupons": usable[:MOST_COUPONS]}  # fmt: skip
        return 200, TakenOut(told).data
