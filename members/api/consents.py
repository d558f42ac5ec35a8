"""Consents over the API: recorded in batches, read by member, with the wordings, links to her page, her touches."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import consents, links
from members.api import whom
from members.importers import CONSENTS
from members.models import ConsentLink, Member, Touch
from members.queries import families
from members.queries.consents import Cell, matrix_of, texts_at
from newretail.kernel.api import asked, items, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Action, Resource
from stores.models import sight_of, store_ids_in

# What another system says comes by it, unless it names where she said it.
SENT = replace(
    CONSENTS,
    columns=tuple(replace(column, default="api") if column.name == "source" else column for column in CONSENTS.columns),
)
ConsentIn = items.serializer(SENT, "ConsentIn")


class ConsentsIn(serializers.Serializer[Any]):
    """Up to 1 000 statements."""

    consents = ConsentIn(many=True)


class ConsentOut(serializers.Serializer[Any]):
    """How a consent stands: what she said last, or what holds as long as she said nothing."""

    channel = serializers.CharField()
    purpose = serializers.CharField()
    allowed = serializers.BooleanField()
    said = serializers.SerializerMethodField(help_text="本人是否表示过 · whether she said so herself")
    stated_at = serializers.DateTimeField(source="row.stated_at", allow_null=True)
    text_version = serializers.IntegerField(source="row.text.version", allow_null=True)
    source = schema.named("row.source")

    def get_said(self, cell: Cell) -> bool:
        """Tell whether she said so herself."""
        return cell.row is not None


class TextOut(serializers.Serializer[Any]):
    """The wording in force of a purpose."""

    purpose = serializers.CharField()
    version = serializers.IntegerField()
    title_zh = serializers.CharField()
    body_zh = serializers.CharField()
    title_en = serializers.CharField()
    body_en = serializers.CharField()
    published_at = serializers.DateTimeField()


class LinkOut(serializers.Serializer[Any]):
    """A link to a member's own page, told once."""

    url = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TouchOut(serializers.Serializer[Any]):
    """A touch and what became of it."""

    ref = serializers.UUIDField()
    channel = serializers.CharField()
    purpose = serializers.CharField()
    planned_for = serializers.DateTimeField()
    state = serializers.CharField()
    reason = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)


def _listed(out: type[serializers.Serializer[Any]], name: str) -> Any:
    return inline_serializer(name, {"items": out(many=True)})


def _member(request: Request, member_no: str, resource: Resource, action: Action = "view") -> Member:
    """Find a member as far as the key reaches with this right."""
    return whom.numbered(whom.members_within(request.user, resource, action), member_no)


class ConsentsBatch(Door):
    """Many statements at once."""

    resource: ClassVar[Resource] = "consents"

    @extend_schema(
        operation_id="push_consents", request=ConsentsIn, parameters=[schema.ONCE], responses=schema.RESULTS
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Take up to 1 000 statements: good ones go in, each refused one is named with its reasons."""
        return self.once(request, lambda: self._push(request))

    def _push(self, request: Request) -> tuple[int, Any]:
        given: Sequence[Any] = items.listed(request.data, "consents")
        stores = store_ids_in(sight_of(request.user, "consents", "change"))
        outcome = consents.record(
            batch=items.batch(SENT, given), at=self.at, by=request.user, within=stores
        )  # fmt: skip
        return 200, items.results(len(given), outcome.fates, items.by_row(outcome.refusals))


class MemberConsents(Door):
    """How a member's consents stand."""

    resource: ClassVar[Resource] = "consents"

    @extend_schema(operation_id="list_member_consents", responses=_listed(ConsentOut, "MemberConsents"))
    def get(self, request: Request, member_no: str) -> Response:
        """List how each consent of a member stands, by purpose and channel."""
        rows = matrix_of(_member(request, member_no, "consents"), at=self.at)
        return Response({"items": ConsentOut([cell for row in rows for cell in row.cells], many=True).data})


class ConsentLinks(Door):
    """Links to a member's own page."""

    resource: ClassVar[Resource] = "consents"

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: a link lets somebody change."""
        return "change"

    @extend_schema(
        operation_id="issue_consent_link", request=None, parameters=[schema.ONCE], responses=schema.one(LinkOut, 201)
    )  # fmt: skip
    def post(self, request: Request, member_no: str) -> HttpResponse:
        """Issue a link to a member's own page; it is told in this answer alone. The body is an empty object."""
        member = _member(request, member_no, "consents", "change")
        return self.once(request, lambda: self._issue(request, member))

    def _issue(self, request: Request, member: Member) -> tuple[int, Any]:
        items.texts(request.data, ())
        token = links.issue(member=member, at=self.at, by=request.user)
        link = ConsentLink.objects.get(digest=links.digest_of(token))
        url = request.build_absolute_uri(reverse("own_page", args=[token]))
        return 201, LinkOut({"url": url, "expires_at": link.expires_at}).data


class ConsentTexts(Door):
    """The wordings in force."""

    resource: ClassVar[Resource] = "consent_texts"

    @extend_schema(operation_id="list_consent_texts", responses=_listed(TextOut, "ConsentTexts"))
    def get(self, request: Request) -> Response:
        """List the wording in force of each purpose that has one, in both languages."""
        return Response({"items": TextOut(list(texts_at(self.at).values()), many=True).data})


class MemberTouches(Door):
    """A member's touches."""

    resource: ClassVar[Resource] = "touches"
    queries: ClassVar[frozenset[str]] = asked.PAGED

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: touches are read here, and planned elsewhere."""
        return "view"

    @extend_schema(
        operation_id="list_member_touches", parameters=schema.PAGE, responses=schema.page_of(TouchOut, "Touches")
    )  # fmt: skip
    def get(self, request: Request, member_no: str) -> Response:
        """List the touches of a member in the order they were planned."""
        rows = Touch.objects.filter(member__in=families.ids_of(_member(request, member_no, "touches")))
        return schema.listed(request, rows, ("planned_for", "ref"), TouchOut)
