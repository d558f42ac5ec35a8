"""How lists of guides' work are narrowed: by the place of whom it was given to."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newretail.kernel.verbadmin import Pick
from stores.models import Region, Store


class StorePick(Pick):
    """By a store within sight."""

    title, parameter_name, field = _("store"), "store", "post__store_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the stores this person may see."""
        rows = Store.objects.visible_to(request.user).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in rows]


class RegionPick(Pick):
    """By a region within sight."""

    title, parameter_name, field = _("region"), "region", "post__store__region_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the regions of the stores this person may see."""
        return [(str(pk), name) for pk, name in Region.objects.visible_to(request.user).values_list("pk", "name")]
