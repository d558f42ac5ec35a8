"""Segments over the API: what they are made of, how many they hold, and whom."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Segment, SegmentMember
from campaigns.queries import segments
from members.models import Member
from newretail.kernel.api import asked, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource

FINDS: asked.Narrowing = {"state": "state"}


class SegmentOut(serializers.Serializer[Any]):
    """A segment: how many it holds, and when everybody was last judged."""

    code = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField()
    state = serializers.CharField(help_text="active · ended")
    members = serializers.IntegerField()
    refreshed_at = serializers.DateTimeField(allow_null=True)


class OneSegmentOut(SegmentOut):
    """A segment with its conditions in their newest version."""

    version = serializers.IntegerField()
    conditions = serializers.JSONField(help_text="条件树 · a tree of conditions")


class SegmentMemberOut(serializers.Serializer[Any]):
    """Who is in a segment, since when."""

    member_no = serializers.CharField(source="member.member_no")
    since = serializers.DateTimeField()


class Segments(Door):
    """All of them."""

    resource: ClassVar[Resource] = "segments"
    queries: ClassVar[frozenset[str]] = asked.PAGED | set(FINDS)

    @extend_schema(
        operation_id="list_segments", parameters=[*schema.PAGE, *schema.narrowing(FINDS)],
        responses=schema.page_of(SegmentOut, "Segments"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List segments by their code."""
        rows = asked.narrow(request.query_params, Segment.objects.order_by("code"), FINDS)
        return schema.listed(request, rows, ("code",), SegmentOut)


class OneSegment(Door):
    """One of them."""

    resource: ClassVar[Resource] = "segments"

    @extend_schema(operation_id="get_segment", responses=OneSegmentOut)
    def get(self, request: Request, segment_code: str) -> Response:
        """Give a segment with its conditions."""
        row = _segment(segment_code)
        newest = segments.newest(row)
        told = {"version": newest.version, "conditions": newest.conditions}
        return Response({**SegmentOut(row).data, **told})


def _segment(code: str) -> Segment:
    row = Segment.objects.filter(code=code).first()
    if row is None:
        raise Http404
    return row


class MembersOfSegment(Door):
    """Whom it holds."""

    resource: ClassVar[Resource] = "segments"
    queries: ClassVar[frozenset[str]] = asked.PAGED

    @extend_schema(
        operation_id="list_members_of_segment", parameters=[*schema.PAGE],
        responses=schema.page_of(SegmentMemberOut, "SegmentMembers"),
    )  # fmt: skip
    def get(self, request: Request, segment_code: str) -> Response:
        """List whom a segment holds, in the order in which members were made."""
        row = _segment(segment_code)
        links = SegmentMember.objects.filter(segment=row, member__in=Member.objects.visible_to(request.user))
        return schema.listed(request, links.select_related("member"), ("member_id",), SegmentMemberOut)
