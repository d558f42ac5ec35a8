"""Tags over the API: the brand's tags, those a member carries, one put on and taken off."""

from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from members.actions import tags
from members.actions.tags import Word
from members.api.levels import found
from members.models import Member, MemberTag, Tag
from members.queries import families
from newretail.kernel import sql
from newretail.kernel.api import schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in


class TagOut(serializers.Serializer[Any]):
    """A tag."""

    name = serializers.CharField()
    family = serializers.CharField()
    colour = serializers.CharField(source="tone")
    region = serializers.CharField(source="region_name")
    store_code = serializers.CharField()
    expires_days = serializers.IntegerField(allow_null=True)


class MemberTagOut(serializers.Serializer[Any]):
    """A tag that a member carries."""

    tag = serializers.CharField(source="tag.name")
    source = serializers.CharField(help_text="hand | import | rule | score | wecom")
    set_at = serializers.DateTimeField()
    expires_on = serializers.DateField(allow_null=True)


class Tags(Door):
    """The tags within sight."""

    resource: ClassVar[Resource] = "tags"

    @extend_schema(operation_id="list_tags", parameters=schema.PAGE, responses=schema.page_of(TagOut, "Tags"))
    def get(self, request: Request) -> Response:
        """List the tags by name."""
        rows = Tag.objects.visible_to(request.user).select_related("region", "store")
        return schema.listed(request, rows, ("name",), TagOut)


def _carried(request: Request, member: Member) -> Any:
    rows = MemberTag.objects.filter(member__in=families.ids_of(member), tag__in=Tag.objects.visible_to(request.user))
    return rows.select_related("tag").order_by("tag__name")


class MemberTags(Door):
    """What a member carries."""

    resource: ClassVar[Resource] = "member_tags"

    @extend_schema(operation_id="list_member_tags", responses=schema.one(MemberTagOut(many=True), 200))
    def get(self, request: Request, member_no: str) -> Response:
        """List the tags of a member that are within sight."""
        return Response(MemberTagOut(_carried(request, found(request, member_no)), many=True).data)


class MemberTagOne(Door):
    """One tag of a member; again is the same."""

    resource: ClassVar[Resource] = "member_tags"

    def _asked(self, request: Request, member_no: str, tag: str) -> tuple[Member, Tag, Word]:
        row = families.root_of(found(request, member_no))
        one = Tag.objects.visible_to(request.user).filter(name=tag).first()
        if one is None:
            raise Http404
        sql.temporary("tmp_one_member", "SELECT %(id)s::bigint AS member_id", {"id": row.pk})
        within = store_ids_in(sight_of(request.user, "member_tags", "change"))
        return row, one, Word(within=within)

    @extend_schema(operation_id="put_member_tag", request=None, responses=schema.one(MemberTagOut, 200))
    @transaction.atomic
    def put(self, request: Request, member_no: str, tag: str) -> Response:
        """Put the tag on her; a tag of another place is refused."""
        row, one, word = self._asked(request, member_no, tag)
        tags.put_on(tag=one, members="tmp_one_member", at=self.at, by=request.user, word=word)
        return Response(MemberTagOut(_carried(request, row).filter(tag=one).first()).data)

    @extend_schema(operation_id="delete_member_tag", request=None, responses={204: None, **schema.PROBLEMS})
    @transaction.atomic
    def delete(self, request: Request, member_no: str, tag: str) -> Response:
        """Take the tag off her."""
        _row, one, word = self._asked(request, member_no, tag)
        tags.take_off(tag=one, members="tmp_one_member", at=self.at, by=request.user, word=word)
        return Response(status=204)
