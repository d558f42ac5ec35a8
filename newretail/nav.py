"""What stands in the side bar, composed from the floors by URL name."""

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

SOME = "newretail.kernel.verbadmin.sight.sees_places"
ALL = "newretail.kernel.verbadmin.sight.sees_everything"


def _item(title: Any, icon: str, url_name: str, seen_by: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{url_name}"), "permission": seen_by}


SIDEBAR: dict[str, Any] = {
    "show_search": False,
    "show_all_applications": False,
    "navigation": [
        {
            "title": None,
            "items": [
                _item(_("Overview"), "monitoring", "index", SOME),
                _item(_("Members"), "group", "members_member_changelist", SOME),
                _item(_("Orders"), "receipt_long", "members_order_changelist", SOME),
                _item(_("Stores"), "storefront", "stores_store_changelist", SOME),
                _item(_("Products"), "inventory_2", "stores_product_changelist", SOME),
            ],
        },
        {
            "title": _("Running the house"),
            "separator": True,
            "items": [
                _item(_("Imports"), "upload_file", "kernel_importfile_changelist", ALL),
                _item(_("Job runs"), "schedule", "kernel_jobrun_changelist", ALL),
                _item(_("Journal"), "history", "kernel_journalentry_changelist", ALL),
            ],
        },
    ],
}
