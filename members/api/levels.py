"""Levels over the API: the steps, where a member stands, what her level gives her, and a use of it booked."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import benefits as verbs
from members.api import whom
from members.api.members import seen
from members.models import Level, Member
from members.queries import benefits
from newretail.kernel.api import items, problems, schema
from newretail.kernel.api.problems import Problem
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource


class LevelOut(serializers.Serializer[Any]):
    """A step of the membership."""

    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()


class StandingOut(serializers.Serializer[Any]):
    """Where a member stands."""

    member_no = serializers.CharField()
    level = serializers.CharField(allow_null=True, help_text="等级编码 · code of the level")
    growth = serializers.IntegerField(help_text="成长值")
    kept_until = serializers.DateField(allow_null=True, help_text="保级至 · a level no longer reached is kept until")
    next_level = serializers.CharField(allow_null=True)
    next_growth = serializers.IntegerField(allow_null=True, help_text="下一等级所需成长值")
    missing = serializers.IntegerField(allow_null=True, help_text="还差 · still missing")


class OfferOut(serializers.Serializer[Any]):
    """Something to be booked within the year."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="partner | vip | exchange | tour")
    per_year = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()


class BenefitsOut(serializers.Serializer[Any]):
    """What her level gives a member, as a till reads it."""

    member_no = serializers.CharField()
    level = serializers.CharField(allow_null=True)
    discount_bp = serializers.IntegerField(help_text="等级折扣，万分比 · discount in basis points")
    free_shipping_over = schema.Money(allow_null=True, help_text="满此金额包邮 · free shipping from this amount")
    points_exchange_bp = serializers.IntegerField(help_text="积分商城应付积分，万分比；0 为未开放")
    bookable = OfferOut(many=True)


class BookingIn(serializers.Serializer[Any]):
    """A use to be booked; the key books it once."""

    name = serializers.CharField(max_length=60)
    key = serializers.CharField(max_length=100)
    note = serializers.CharField(max_length=200, required=False)


class BookingOut(serializers.Serializer[Any]):
    """A use that is booked."""

    member_no = serializers.CharField()
    name = serializers.CharField()
    year = serializers.IntegerField()
    left = serializers.IntegerField()


def found(request: Request, member_no: str) -> Member:
    """Find a member within the key's sight."""
    return whom.numbered(seen(request.user), member_no)


class Levels(Door):
    """The steps of the membership."""

    resource: ClassVar[Resource] = "levels"

    @extend_schema(operation_id="list_levels", responses=schema.one(LevelOut(many=True), 200))
    def get(self, request: Request) -> Response:
        """List the levels, the lowest first."""
        return Response(LevelOut(Level.objects.order_by("rank"), many=True).data)


class MemberLevel(Door):
    """Where a member stands."""

    resource: ClassVar[Resource] = "benefits"

    @extend_schema(operation_id="get_member_level", responses=schema.one(StandingOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """Tell her level, her growth and what the next level needs."""
        row = found(request, member_no)
        held = benefits.held(row, self.at)
        return Response({
            "member_no": row.member_no, "level": held.level.code if held.level else None, "growth": held.growth,
            "kept_until": held.grace_until, "next_level": held.following.level if held.following else None,
            "next_growth": held.following.growth if held.following else None, "missing": held.missing,
        })  # fmt: skip


class MemberBenefits(Door):
    """What her level gives a member."""

    resource: ClassVar[Resource] = "benefits"

    @extend_schema(operation_id="get_member_benefits", responses=schema.one(BenefitsOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """Tell the discount, the free shipping, the mall and what she may book this year."""
        row = found(request, member_no)
        held = benefits.held(row, self.at)
        terms = held.terms
        offers = benefits.offers(row, self.at)
        return Response(BenefitsOut({
            "member_no": row.member_no, "level": held.level.code if held.level else None,
            "discount_bp": terms.discount_bp if terms else 0,
            "free_shipping_over": terms.free_shipping_cents if terms else None,
            "points_exchange_bp": terms.points_exchange_bp if terms else 0, "bookable": offers,
        }).data)  # fmt: skip

    @extend_schema(
        operation_id="book_benefit", request=BookingIn, parameters=[schema.ONCE], responses=schema.one(BookingOut, 201)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Book one use of what her level gives her; the key books it once, whatever is sent again."""
        found(request, member_no)  # who is out of sight is not there, whatever is sent
        return self.once(request, lambda: self._book(request, member_no))

    def _book(self, request: Request, member_no: str) -> tuple[int, Any]:
        row = found(request, member_no)
        given = items.texts(request.data, ("name", "key", "note"))
        if not given.get("key"):
            raise Problem(422, "refused", items.REFUSED, faults=[problems.Fault("missing", "key")])
        use = verbs.book(
            member=row, name=given.get("name", ""), key=f"{request.user.pk}:{given.get('key', '')}"[:120], at=self.at,
            by=request.user, note=given.get("note", ""),
        )  # fmt: skip
        left = next((offer.left for offer in benefits.offers(row, self.at) if offer.name == use.name), 0)
        return 201, {"member_no": row.member_no, "name": use.name, "year": use.year, "left": left}
