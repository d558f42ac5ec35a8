"""Points over the API: what a member holds, every move, spending and putting back, earning, giving."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import points
from members.actions.points import (
    LONGEST_NUMBER,
    LONGEST_REASON,
    LONGEST_SOURCE,
    MOST_POINTS,
    Name,
    NoNumber,
    NoPoints,
)
from members.actions.postings import Used
from members.api import whom
from members.api.identities import IdentityIn
from members.models import Member, PointsEntry
from members.queries import families
from members.queries import points as held
from members.queries.gifts import POINTS_SOURCE
from newretail.kernel import clock
from newretail.kernel.api import asked, items, schema
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.strict import Number
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

ASKED = ("member_no", "home_store", "merged_into")  # what is asked of whose points they are
TEXTS = ("source", "source_no", "reason")
SOURCE = "来源系统 · the system that states it"
NOT_TRUE = gettext_noop("Say true or false.")
NUMBER = "该来源自己的单号，永久唯一，重发不会重复 · its own number there, for ever: sent again, it happens once"
Act = Callable[[dict[str, Any]], Used]


class MoveIn(serializers.Serializer[Any]):
    """Points to be moved, under a name that is theirs for ever."""

    source = serializers.CharField(max_length=LONGEST_SOURCE, help_text=SOURCE)
    source_no = serializers.CharField(max_length=LONGEST_NUMBER, help_text=NUMBER)
    points = serializers.IntegerField(min_value=1, max_value=MOST_POINTS)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False)


class SpendIn(MoveIn):
    """Points to be spent."""

    partly = serializers.BooleanField(required=False, help_text="不足时用完为止 · as many as there are")


class GiftIn(MoveIn):
    """Points to be given to another member."""

    to = serializers.CharField(max_length=40, help_text="受赠会员号 · the member no. of the other")


class ReverseIn(serializers.Serializer[Any]):
    """Spent points to be put back: all that is left of the spending, or so many."""

    source = serializers.CharField(max_length=LONGEST_SOURCE, help_text=SOURCE)
    source_no = serializers.CharField(max_length=LONGEST_NUMBER, help_text="原使用单号 · of the spending")
    reversal_no = serializers.CharField(max_length=LONGEST_NUMBER, help_text=NUMBER)
    points = serializers.IntegerField(min_value=1, max_value=MOST_POINTS, required=False)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False)


class EarnIn(MoveIn):
    """Points to be earned by a member who is named in one way."""

    member_no = serializers.CharField(max_length=40, required=False)
    member_code = serializers.CharField(
        required=False, help_text="会员码，为该单号计一次 · counts for this number once"
    )
    identity = IdentityIn(required=False, help_text="手机号、卡号等 · a phone, a card")


class MovedOut(serializers.Serializer[Any]):
    """So many points were moved."""

    source = serializers.CharField()
    source_no = serializers.CharField()
    points = serializers.IntegerField()


class EndingOut(serializers.Serializer[Any]):
    """Points that end in a month."""

    month = serializers.CharField(help_text="2026-12")
    points = serializers.IntegerField()


class PointsOut(serializers.Serializer[Any]):
    """What a person holds, all rows that are she together."""

    member_no = serializers.CharField()
    balance = serializers.IntegerField(help_text="可用 · may be spent")
    pending = serializers.IntegerField(help_text="待入账 · open when the return window has ended")
    debt = serializers.IntegerField(help_text="欠扣 · paid by what comes in next")
    ending = EndingOut(many=True, help_text="按到期月 · by the month in which they end")


class EntryOut(serializers.Serializer[Any]):
    """One move of points."""

    made_at = serializers.DateTimeField()
    member_no = serializers.CharField(source="member.member_no", help_text="使用身份 · by whose number it was made")
    kind = serializers.ChoiceField(choices=PointsEntry.Kind.values)
    points = serializers.IntegerField()
    pending = serializers.IntegerField()
    owed = serializers.IntegerField()
    source = serializers.CharField()
    source_no = serializers.CharField()
    line_no = serializers.IntegerField()
    rule = serializers.CharField()
    reason = serializers.CharField()


def _wrong(field: str, code: str, sentence: str = "") -> Problem:
    sentence = "" if code == "unknown_field" else sentence
    return Problem(422, "refused", items.REFUSED, faults=[Fault(code, field, sentence=sentence)])


def _points_in(body: dict[str, Any], *, needed: bool) -> int | None:
    """Read points: a number written with digits alone."""
    value = body.get("points")
    if value is None and not needed:
        return None
    if not isinstance(value, Number) or not (value.isascii() and value.isdigit() and len(value) <= 10):
        raise _wrong("points", NoPoints.code, NoPoints.sentence)
    if not 1 <= int(value) <= MOST_POINTS:
        raise _wrong("points", NoPoints.code, NoPoints.sentence)
    return int(value)


def _read(body: dict[str, Any], *more: str, needed: bool = True) -> dict[str, Any]:
    """Read a body strictly: points, texts, and `partly` where it is named in `more`.

    Raises Problem: refused.
    """
    partly = body.get("partly")
    if partly is not None and ("partly" not in more or not isinstance(partly, bool)):
        raise _wrong("partly", "unknown_field" if "partly" not in more else "not_boolean", NOT_TRUE)
    left = {name: value for name, value in body.items() if name not in ("points", "partly")}
    texts = items.texts(left, (*TEXTS, *more))
    for name in ("source", "source_no", *(each for each in more if each != "partly")):
        if not texts.get(name, "").strip():
            raise _wrong(name, "missing")
    if texts["source"] == POINTS_SOURCE:
        raise _wrong("source", "source_of_gifts")
    if len(texts.get("reason", "")) > LONGEST_REASON:
        raise _wrong("reason", "too_long")
    return {**texts, "points": _points_in(body, needed=needed), "partly": bool(partly)}


class _Points(Door):
    resource: ClassVar[Resource] = "points"

    def member(self, request: Request, member_no: str) -> Member:
        """Find the member this number leads to, if the key may see her."""
        rows = whom.members_within(request.user, "points", self.action_at(request.method or "GET"))
        return whom.numbered(rows.filter(erased_at__isnull=True).only(*ASKED), member_no)

    def moved(self, given: dict[str, Any], used: Used) -> tuple[int, Any]:
        """Answer with what was moved: 201, or 200 where it was moved before."""
        told = {"source": given["source"], "source_no": given["source_no"], "points": used.points}
        return (200 if used.again else 201), told

    def act(self, request: Request, given: dict[str, Any], act: Act) -> tuple[int, Any]:
        """Act, and answer."""
        try:
            return self.moved(given, act(given))
        except NoNumber as refused:
            raise _wrong("source_no", refused.code, refused.sentence) from None


class MemberPoints(_Points):
    """What a member holds."""

    @extend_schema(operation_id="get_points", responses=schema.one(PointsOut, 200))
    def get(self, request: Request, member_no: str) -> Response:
        """Tell what a member may spend, what waits, what she owes, and when her points end."""
        row = self.member(request, member_no)
        found = held.held(row, clock.business_day(self.at))
        ending = [{"month": month, "points": amount} for month, amount in found.ending]
        return Response({"member_no": families.root_of(row).member_no, "balance": found.balance,
                         "pending": found.pending, "debt": found.debt, "ending": ending})  # fmt: skip


class MemberEntries(_Points):
    """Every move of a member's points."""

    queries: ClassVar[frozenset[str]] = asked.PAGED

    @extend_schema(
        operation_id="list_points_entries", parameters=schema.PAGE, responses=schema.page_of(EntryOut, "PointsEntries")
    )  # fmt: skip
    def get(self, request: Request, member_no: str) -> Response:
        """List the moves of her points, the oldest first."""
        family = families.ids_of(self.member(request, member_no))
        rows: QuerySet[PointsEntry] = PointsEntry.objects.filter(account__member__in=family).select_related("member")
        return schema.listed(request, rows, ("made_at", "id"), EntryOut)


class Spend(_Points):
    """Points spent."""

    @extend_schema(
        operation_id="spend_points", request=SpendIn, parameters=[schema.ONCE], responses=schema.one(MovedOut, 201, 200)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Spend a member's points, the oldest first; (source, source_no) spends once."""
        row = self.member(request, member_no)
        return self.once(request, lambda: self._spend(request, row))

    def _spend(self, request: Request, row: Member) -> tuple[int, Any]:
        given = _read(request.data, "partly")
        return self.act(request, given, lambda one: points.spend(
            member=row, points=one["points"], name=Name(one["source"], one["source_no"]), partly=one["partly"],
            reason=one.get("reason", ""), at=self.at, by=request.user,
        ))  # fmt: skip


class Earn(_Points):
    """Points that another system has counted."""

    @extend_schema(
        operation_id="earn_points", request=MoveIn, parameters=[schema.ONCE], responses=schema.one(MovedOut, 201, 200)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Let a member earn points at once; (source, source_no) earns once. Orders earn by themselves."""
        row = self.member(request, member_no)
        return self.once(request, lambda: self._earn(request, row))

    def _earn(self, request: Request, row: Member) -> tuple[int, Any]:
        given, root = _read(request.data), families.root_of(row)
        return self.act(request, given, lambda one: points.earn(
            member=root, points=one["points"], name=Name(one["source"], one["source_no"]),
            reason=one.get("reason", ""), at=self.at, by=request.user,
        ))  # fmt: skip


class EarnAtTill(_Points):
    """Points for whoever stands at the till."""

    @extend_schema(
        operation_id="earn_points_of_whom", request=EarnIn, parameters=[schema.ONCE],
        responses=schema.one(MovedOut, 201, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Let a member earn points who is named by number, by her code or by an identity; otherwise as by number."""
        return self.once(request, lambda: self._earn(request))

    def _earn(self, request: Request) -> tuple[int, Any]:
        whom.guard(request.data, user=request.user, at=self.at)
        given = _read({name: value for name, value in request.data.items() if name not in whom.WAYS})
        within = whom.members_within(request.user, "points", "change")
        member = whom.named(request.data, within, user=request.user, at=self.at)
        return self.act(request, given, lambda one: points.earn(
            member=member, points=one["points"], name=Name(one["source"], one["source_no"]),
            reason=one.get("reason", ""), at=self.at, by=request.user,
        ))  # fmt: skip


class Gift(_Points):
    """Points given to another member."""

    @extend_schema(
        operation_id="give_points", request=GiftIn, parameters=[schema.ONCE], responses=schema.one(MovedOut, 201, 200)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Give points of a member to another; (source, source_no) gives once."""
        row = self.member(request, member_no)
        return self.once(request, lambda: self._give(request, row))

    def _give(self, request: Request, row: Member) -> tuple[int, Any]:
        given = _read(request.data, "to")
        other = families.root_of(self.member(request, given["to"]))
        return self.act(request, given, lambda one: points.gift(
            member=row, to=other, points=one["points"], name=Name(one["source"], one["source_no"]),
            reason=one.get("reason", ""), at=self.at, by=request.user,
        ))  # fmt: skip


class Reverse(_Points):
    """Spent points put back."""

    @extend_schema(
        operation_id="reverse_points", request=ReverseIn, parameters=[schema.ONCE],
        responses=schema.one(MovedOut, 201, 200),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Put spent points back into the lots they came from; (source, reversal_no) puts back once."""
        return self.once(request, lambda: self._reverse(request))

    def _reverse(self, request: Request) -> tuple[int, Any]:
        given = _read(request.data, "reversal_no", needed=False)
        stores = store_ids_in(sight_of(request.user, "points", "change"))
        return self.act(request, given, lambda one: points.reverse(
            spending=Name(one["source"], one["source_no"]), name=Name(one["source"], one["reversal_no"]),
            points=one["points"], reason=one.get("reason", ""), at=self.at, by=request.user, within=stores,
        ))  # fmt: skip
