"""A kind of file as addresses: its rows listed by key and looked up, taken singly or by the thousand, by one verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from newretail.kernel.api import asked, items, problems, schema
from newretail.kernel.api.problems import Problem
from newretail.kernel.api.views import Door
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.sheets import Sheet
from newretail.kernel.scopes import Resource

Rows = QuerySet[Any]
ACCEPTED = 202
STATUSES = {"created": 201, "parked": ACCEPTED}


@dataclass(frozen=True)
class Kind:
    """A kind of rows that other systems send and read.

    `seen` gives the rows within an account's sight, `record` takes items to the verb; `key` orders the list, `find`
    names the row that an item is of, `since` the rows that a line has written or that hang on them. `place` is the
    path of one row below the list's, without it rows are not looked up; `beside` describes fields that are no columns
    of a file.
    """

    one: str
    many: str
    resource: Resource
    sheet: Sheet
    out: type[serializers.Serializer[Any]]
    seen: Callable[[Any], Rows]
    record: Callable[[Request, list[Any]], Outcome]
    key: tuple[str, ...]
    find: Mapping[str, str]
    place: str = ""
    since: Callable[[int], Q] = asked.written_since
    narrowed: asked.Narrowing = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def item(self) -> type[serializers.Serializer[Any]]:
        """Describe an item as it is sent."""
        return items.serializer(self.sheet, f"{self.one.title().replace('_', '')}In", **self.beside)

    def named(self, rows: Rows, values: Mapping[str, Any]) -> Rows:
        """Narrow to the row that these values name."""
        defaults = {column.name: column.default for column in self.sheet.columns}
        return rows.filter(**{path: values.get(name) or defaults.get(name) for name, path in self.find.items()})


def _listing(kind: Kind) -> type[Door]:
    item = kind.item

    class Listing(Door):
        resource: ClassVar[Resource] = kind.resource
        queries: ClassVar[frozenset[str]] = asked.PAGED | frozenset(kind.narrowed)

        @extend_schema(
            operation_id=f"list_{kind.many}", parameters=[*schema.PAGE, *schema.narrowing(kind.narrowed)],
            responses=schema.page_of(kind.out, kind.many.title()),
        )  # fmt: skip
        def get(self, request: Request) -> Response:
            """List rows in the order of their names."""
            rows = asked.narrow(request.query_params, kind.seen(request.user), kind.narrowed)
            return schema.listed(request, rows, kind.key, kind.out, kind.since)

        @extend_schema(
            operation_id=f"push_{kind.one}", request=item, parameters=[schema.ONCE],
            responses=schema.one(kind.out, 201, 200),
        )  # fmt: skip
        def post(self, request: Request) -> HttpResponse:
            """Take one; sent again it is brought up to date."""
            return self.once(request, lambda: _push(kind, request))

    return Listing


def _push(kind: Kind, request: Request) -> tuple[int, Any]:
    given = request.data
    outcome = kind.record(request, [given])
    if outcome.refusals:
        raise Problem(422, "refused", items.REFUSED, faults=problems.of_refusals(outcome.refusals, rows=False))
    state = outcome.fates[1]
    if state == "parked":
        return ACCEPTED, {"state": state, **{name: given.get(name) for name in kind.find}}
    row = kind.named(kind.seen(request.user), given).get()
    return STATUSES.get(state, 200), kind.out(row).data


def _batch(kind: Kind) -> type[Door]:
    whole = inline_serializer(f"{kind.many.title()}In", {kind.many: kind.item(many=True)})

    class Batch(Door):
        resource: ClassVar[Resource] = kind.resource

        @extend_schema(
            operation_id=f"push_{kind.many}", request=whole, parameters=[schema.ONCE], responses=schema.RESULTS
        )  # fmt: skip
        def post(self, request: Request) -> HttpResponse:
            """Take up to 1 000: good ones go in, each refused one is named with its reasons."""
            return self.once(request, lambda: _push_all(kind, request))

    return Batch


def _push_all(kind: Kind, request: Request) -> tuple[int, Any]:
    given = items.listed(request.data, kind.many)
    outcome = kind.record(request, given)
    return 200, items.results(len(given), outcome.fates, items.by_row(outcome.refusals))


def looked_up(kind: Kind) -> type[Door]:
    """Make the address of one row."""

    class One(Door):
        resource: ClassVar[Resource] = kind.resource
        queries: ClassVar[frozenset[str]] = asked.SPARSE

        @extend_schema(operation_id=f"get_{kind.one}", parameters=[schema.FIELDS], responses=schema.one(kind.out, 200))
        def get(self, request: Request, **names: str) -> Response:
            """Look one up by its name."""
            row = kind.named(kind.seen(request.user), names).first()
            if row is None:
                raise Http404
            return Response(asked.sparse(request.query_params, kind.out)(row).data)

    return One


def paths(kind: Kind) -> list[URLPattern]:
    """Give the addresses of a kind."""
    shown = kind.many.replace("_", "-")
    found = [
        path(shown, _listing(kind).as_view(), name=kind.many),
        path(f"{shown}:batch", _batch(kind).as_view(), name=f"{kind.many}_batch"),
    ]
    return [*found, path(f"{shown}/{kind.place}", looked_up(kind).as_view(), name=kind.one)] if kind.place else found
