"""Staff over the API, by number."""

from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from newretail.kernel import clock, scopes
from newretail.kernel.api import items, kinds
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.models import User
from stores.actions import posts
from stores.api.confined import must_reach_the_brand
from stores.importers import STAFF
from stores.models import Post, sight_of, store_ids_in

# No machine gives a post that sees the whole brand.
GIVEN = {
    word: role
    for column in STAFF.columns
    for word, role in column.choices.items()
    if column.name == "role" and role not in scopes.SECOND_FACTOR
}
SHEET = replace(
    STAFF, columns=tuple(replace(each, choices=GIVEN) if each.name == "role" else each for each in STAFF.columns)
)


class PostOut(serializers.Serializer[Any]):
    """Where somebody stands."""

    role = serializers.CharField()
    store_code = serializers.CharField(source="store.code", allow_null=True, default=None)
    region = serializers.CharField(source="region.name", allow_null=True, default=None)


class StaffOut(serializers.Serializer[Any]):
    """Somebody of the staff, with the posts held today."""

    staff_no = serializers.CharField()
    name = serializers.CharField()
    joined_on = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()
    posts = serializers.SerializerMethodField()

    @extend_schema_field(PostOut(many=True))
    def get_posts(self, row: User) -> Any:
        """Give the posts held today."""
        return PostOut(row.posts.all(), many=True).data


def seen(user: Any) -> QuerySet[User]:
    """Give the staff who stand within sight."""
    stores = store_ids_in(sight_of(user, "staff", "view"))
    held = Post.objects.filter(until__isnull=True, **({} if stores is None else {"store_id__in": stores}))
    shown = held.select_related("store", "region").order_by("pk")
    return User.objects.filter(staff_no__isnull=False, pk__in=held.values("user_id")).prefetch_related(
        Prefetch("posts", shown)
    )


def since(entry_id: int) -> Q:
    """Narrow to the staff whose posts this line or a later one wrote."""
    return Q(pk__in=Post.objects.filter(entry_id__gte=entry_id).values("user_id"))


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    must_reach_the_brand(request, "staff")
    return posts.record(batch=items.batch(SHEET, given), at=clock.now(), by=request.user)


KIND = kinds.Kind(
    one="staff_member", many="staff", resource="staff", sheet=SHEET, out=StaffOut, seen=seen, record=record,
    key=("staff_no",), find={"staff_no": "staff_no"}, place="<str:staff_no>", since=since,
)  # fmt: skip
