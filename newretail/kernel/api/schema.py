"""How the API describes itself (OpenAPI 3.1), and the shapes that its answers share."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from newretail.kernel import money
from newretail.kernel.api import asked, items, paging, problems

FIELDS = OpenApiParameter(
    "fields", str, description="只要这些字段，用逗号分隔 · only these fields of an item, parted by commas"
)
PAGE = [
    OpenApiParameter("after", str, description="游标：上一页的 next · the cursor: next of the page before"),
    OpenApiParameter("limit", int, description="每页条数 1–500 · items on a page"),
    OpenApiParameter(
        "updated_since", datetime, description="此刻起写入或改动过的 · written or changed at this time or later"
    ),
    FIELDS,
]
DAYS = [
    OpenApiParameter("from", date, description="从这一天起（含） · from this day on"),
    OpenApiParameter("to", date, description="到这一天止（含） · until this day, which is included"),
]
ONCE = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="重发时用同一个键，24 小时内得到同一个答复 · sent again with the same key, it meets the same answer",
)  # fmt: skip


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["128.00"]})
class Money(serializers.Field[int, Any, str, Any]):
    """Cents, written as yuan with two decimals."""

    def to_representation(self, value: int) -> str:
        """Write it."""
        return money.to_yuan(value)


def named(path: str) -> serializers.CharField:
    """Write the business name of a row pointed to; null where nothing is."""
    return serializers.CharField(source=path, allow_null=True)


class Error(serializers.Serializer[Any]):
    """One thing that is wrong."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A problem (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    errors = Error(many=True, required=False)


class Result(serializers.Serializer[Any]):
    """What became of one item."""

    row = serializers.IntegerField()
    state = serializers.ChoiceField(choices=items.STATES)
    errors = Error(many=True, required=False)


class Results(serializers.Serializer[Any]):
    """What became of each item of a batch."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    parked = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = Result(many=True)


PROBLEMS: dict[Any, Any] = {
    (status, "application/problem+json"): OpenApiResponse(Problem) for status in (400, 401, 403, 409, 422, 429)
}
RESULTS: dict[Any, Any] = {200: Results, **PROBLEMS}


class Nothing(serializers.Serializer[Any]):
    """An empty object."""


def nothing_in(body: Mapping[str, Any]) -> None:
    """Refuse whatever a body holds.

    Raises Problem: unknown_field.
    """
    if body:
        name = min(body)[:64]
        raise problems.Problem(400, "unknown_field", faults=[problems.Fault("unknown_field", name)])


def one(out: type[serializers.BaseSerializer[Any]], *statuses: int) -> dict[Any, Any]:
    """Describe answers that hold one item."""
    told: dict[Any, Any] = dict.fromkeys(statuses, out)
    return told | PROBLEMS


def page_of(out: type[serializers.BaseSerializer[Any]], name: str) -> Any:
    """Describe a page of items."""
    return inline_serializer(
        f"PageOf{name}", {"items": out(many=True), "next": serializers.CharField(allow_null=True)}
    )  # fmt: skip


def narrowing(names: Iterable[str]) -> list[OpenApiParameter]:
    """Describe the parameters that narrow a list."""
    return [OpenApiParameter(name, str, description="只看这一个的 · those of this one alone") for name in names]


def listed(
    request: Request,
    rows: QuerySet[Any],
    key: Sequence[str],
    out: type[serializers.Serializer[Any]],
    written: asked.Since = asked.written_since,
) -> Response:
    """Answer with a page of rows in the order of a key."""
    query = request.query_params
    told, limit = asked.sparse(query, out), paging.limit_of(query.get("limit"))
    found, following = paging.page(asked.since(query, rows, written), key, query.get("after", ""), limit)
    return Response({"items": told(found, many=True).data, "next": following})


class Schema(AutoSchema):
    """Describes an address by what its door says."""

    def get_tags(self) -> list[str]:
        """Put an address under its resource."""
        return [getattr(self.view, "resource", "api")]


__all__ = ["FIELDS", "ONCE", "PAGE", "RESULTS", "Money", "Schema", "listed", "named", "narrowing", "one", "page_of"]
