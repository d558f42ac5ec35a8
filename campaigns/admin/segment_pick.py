"""On the list of members: those of a segment, so that whatever is done with a list is done with a segment."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.models import Segment
from members.models import Member
from newretail.kernel import scopes
from newretail.kernel.verbadmin import Pick, offer


@offer(Member)
class SegmentPick(Pick):
    """By segment."""

    title, parameter_name = _("segment"), "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the segments, to whom may see them."""
        if not scopes.may(request.user, "segments", "view"):
            return []
        return list(Segment.objects.order_by("code").values_list("code", "name"))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the members of the segment."""
        return queryset.filter(segment_links__segment__code=value)
