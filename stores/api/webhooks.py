"""Endpoints over the API: another system opens its own, looks at its deliveries, has them sent again."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from newretail.kernel.actions import deliveries, endpoints
from newretail.kernel.api import asked, items, schema
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.views import JSON, Door
from newretail.kernel.models import Delivery, Endpoint
from newretail.kernel.scopes import Resource
from stores.api.confined import must_reach_the_brand

GRACE = timedelta(hours=24)
LONGEST_WORDS = 120
BAD_FIELD = gettext_noop("This field does not have the form the reference gives.")
PAGED = asked.SPARSE | {"after", "limit"}
LISTED = [each for each in schema.PAGE if each.name in PAGED]


class EndpointIn(serializers.Serializer[Any]):
    """An address that shall be told."""

    url = serializers.URLField(max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="留空为全部 · none: all of them"
    )
    description = serializers.CharField(max_length=LONGEST_WORDS, required=False)


class EndpointOut(serializers.Serializer[Any]):
    """An endpoint as it stands."""

    id = serializers.CharField(source="ref")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    last_success_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)


class SecretOut(EndpointOut):
    """An endpoint with its secret, which is shown this once."""

    secret = serializers.CharField()


class DeliveryOut(serializers.Serializer[Any]):
    """A message on its way to an endpoint."""

    id = serializers.CharField(source="message.ref")
    event = serializers.CharField(source="message.event")
    made_at = serializers.DateTimeField(source="message.made_at")
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ReplayIn(serializers.Serializer[Any]):
    """What is sent again: messages by id, or all given up since an instant."""

    ids = serializers.ListField(child=serializers.CharField(), required=False, max_length=1_000)
    since = serializers.DateTimeField(required=False)


class ReplayOut(serializers.Serializer[Any]):
    """How many are sent again."""

    deliveries = serializers.IntegerField()


def _wrong(field: str, code: str = "bad_field") -> Problem:
    sentence = BAD_FIELD if code == "bad_field" else ""
    return Problem(422, "refused", items.REFUSED, faults=[Fault(code, field[:64], sentence=sentence)])


def _texts(given: Mapping[str, Any], known: Mapping[str, type]) -> dict[str, Any]:
    """Read a body of texts and lists of texts strictly.

    Raises Problem: unknown_field, bad_field.
    """
    for name, value in given.items():
        if name not in known:
            raise _wrong(name, "unknown_field")
        listed = isinstance(value, list) and all(type(each) is str for each in value) and len(value) <= 1_000
        if not (listed if known[name] is list else type(value) is str):
            raise _wrong(name)
    return dict(given)


class _Endpoints(Door):
    resource: ClassVar[Resource] = "webhooks"

    def seen(self, request: Request) -> QuerySet[Endpoint]:
        """Give the endpoints this system has opened."""
        return Endpoint.objects.visible_to(request.user).filter(by=request.user)

    def found(self, request: Request, ref: str) -> Endpoint:
        """Find one of them."""
        row = self.seen(request).filter(ref=ref).first()
        if row is None:
            raise Http404
        return row

    def judged(self, request: Request) -> dict[str, Any]:
        """Read what an endpoint shall be."""
        given = _texts(request.data, {"url": str, "events": list, "description": str})
        if "url" not in given:
            raise _wrong("url", "missing")
        words = given.get("description", "")
        if len(words) > LONGEST_WORDS or not words.isprintable():
            raise _wrong("description", "too_long" if len(words) > LONGEST_WORDS else "unprintable")
        return {"url": given["url"], "events": given.get("events", []), "description": words}


@contextmanager
def _naming_the_field() -> Iterator[None]:
    """Tell which field a refusal is about."""
    try:
        yield
    except (endpoints.BadAddress, endpoints.UnknownEvent) as refusal:
        field = "url" if isinstance(refusal, endpoints.BadAddress) else "events"
        fault = Fault(refusal.code, field, facts=refusal.facts, sentence=refusal.sentence)
        raise Problem(422, refusal.code, str(refusal), faults=[fault]) from None


class _Secretive(_Endpoints):
    """Shows a new secret in the first answer alone: what is kept of an answer holds none."""

    secret = ""

    def show(self, opened: endpoints.Opened) -> dict[str, Any]:
        """Describe the endpoint; its secret stays aside."""
        self.secret = opened.secret
        return dict(EndpointOut(opened.endpoint).data)

    def told(self, answer: HttpResponse) -> HttpResponse:
        """Put the secret into the answer that goes out."""
        if not self.secret:
            return answer
        body = {**json.loads(answer.content), "secret": self.secret}
        return HttpResponse(json.dumps(body, ensure_ascii=False), status=answer.status_code, content_type=JSON)


class Endpoints(_Secretive):
    """Endpoints listed, and opened."""

    queries: ClassVar[frozenset[str]] = PAGED

    @extend_schema(operation_id="list_endpoints", parameters=LISTED, responses=schema.page_of(EndpointOut, "Endpoints"))
    def get(self, request: Request) -> Response:
        """List this system's endpoints."""
        return schema.listed(request, self.seen(request), ("ref",), EndpointOut)

    @extend_schema(
        operation_id="add_endpoint", request=EndpointIn, parameters=[schema.ONCE],
        responses=schema.one(SecretOut, 201),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Open an endpoint; its secret is shown this once, a repeated request is answered without it."""
        return self.told(self.once(request, lambda: self._add(request)))

    def _add(self, request: Request) -> tuple[int, Any]:
        must_reach_the_brand(request, self.resource)
        judged = self.judged(request)
        with _naming_the_field():
            return 201, self.show(endpoints.add(**judged, at=self.at, by=request.user))


class OneEndpoint(_Endpoints):
    """One endpoint."""

    @extend_schema(operation_id="get_endpoint", responses=schema.one(EndpointOut, 200))
    def get(self, request: Request, ref: str) -> Response:
        """Look an endpoint up."""
        return Response(EndpointOut(self.found(request, ref)).data)

    @extend_schema(
        operation_id="change_endpoint", request=EndpointIn, parameters=[schema.ONCE],
        responses=schema.one(EndpointOut, 200),
    )  # fmt: skip
    def put(self, request: Request, ref: str) -> HttpResponse:
        """Give an endpoint another address, other events or words."""
        row = self.found(request, ref)
        return self.once(request, lambda: self._change(request, row))

    def _change(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        judged = self.judged(request)
        with _naming_the_field():
            return 200, EndpointOut(endpoints.change(endpoint=row, **judged, at=self.at, by=request.user)).data


class Close(_Endpoints):
    """The end of an endpoint."""

    @extend_schema(
        operation_id="close_endpoint", request=None, parameters=[schema.ONCE], responses=schema.one(EndpointOut, 200)
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Close an endpoint for good; what waits for it is given up."""
        row = self.found(request, ref)
        return self.once(request, lambda: self._close(request, row))

    def _close(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        _texts(request.data, {})
        endpoints.close(endpoint=row, at=self.at, by=request.user)
        return 200, {**EndpointOut(row).data, "state": Endpoint.State.CLOSED}


class Rotate(_Secretive):
    """The secret of an endpoint."""

    @extend_schema(
        operation_id="rotate_secret", request=None, parameters=[schema.ONCE], responses=schema.one(SecretOut, 200)
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Give an endpoint a new secret; for 24 hours messages are signed with the former too."""
        row = self.found(request, ref)
        return self.told(self.once(request, lambda: self._rotate(request, row)))

    def _rotate(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        _texts(request.data, {})
        return 200, self.show(endpoints.rotate(endpoint=row, grace=GRACE, at=self.at, by=request.user))


class State(_Endpoints):
    """Whether an endpoint is called."""

    @extend_schema(
        operation_id="enable_endpoint", request=None, parameters=[schema.ONCE],
        responses=schema.one(EndpointOut, 200),
    )  # fmt: skip
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Call an endpoint again that was disabled, with what waited for it."""
        row = self.found(request, ref)
        return self.once(request, lambda: self._enable(request, row))

    def _enable(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        _texts(request.data, {})
        return 200, EndpointOut(endpoints.enable(endpoint=row, at=self.at, by=request.user)).data


class Ping(_Endpoints):
    """A ping."""

    @extend_schema(
        operation_id="ping_endpoint", request=None, parameters=[schema.ONCE], responses=schema.one(DeliveryOut, 201)
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Send an endpoint a message that says nothing."""
        row = self.found(request, ref)
        return self.once(request, lambda: self._ping(request, row))

    def _ping(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        _texts(request.data, {})
        return 201, DeliveryOut(endpoints.ping(endpoint=row, at=self.at, by=request.user)).data


class Deliveries(_Endpoints):
    """What went to an endpoint."""

    queries: ClassVar[frozenset[str]] = PAGED

    @extend_schema(
        operation_id="list_deliveries", parameters=LISTED, responses=schema.page_of(DeliveryOut, "Deliveries")
    )
    def get(self, request: Request, ref: str) -> Response:
        """List the deliveries of an endpoint, oldest first."""
        rows = Delivery.objects.filter(endpoint=self.found(request, ref)).select_related("message")
        return schema.listed(request, rows.annotate(ref=F("message__ref")), ("ref",), DeliveryOut)


class Replay(_Endpoints):
    """Deliveries once more."""

    @extend_schema(
        operation_id="replay_deliveries", request=ReplayIn, parameters=[schema.ONCE],
        responses=schema.one(ReplayOut, 200),
    )  # fmt: skip
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Send messages again, by their ids, or all that were given up since an instant."""
        row = self.found(request, ref)
        return self.once(request, lambda: self._replay(request, row))

    def _replay(self, request: Request, row: Endpoint) -> tuple[int, Any]:
        given = _texts(request.data, {"ids": list, "since": str})
        since = _moment(given["since"]) if "since" in given else None
        if (since is None) == ("ids" not in given):
            raise _wrong("ids")
        count = deliveries.replay(endpoint=row, refs=given.get("ids", ()), since=since, at=self.at, by=request.user)
        return 200, {"deliveries": count}


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _wrong("since")
    return found
