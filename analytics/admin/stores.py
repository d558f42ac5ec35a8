"""The list of stores as a board: each store with what its days of this month tell."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from analytics.queries import home, trading
from analytics.queries.seasons import Span
from analytics.views import links
from newretail.kernel import clock, money, numbers
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick
from newretail.kernel.verbadmin.tables import TableAdmin
from stores.models import Region, Store


class RegionPick(Pick):
    """By region within sight."""

    title, parameter_name, field = _("region"), "region", "region_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the regions of the stores this person may see."""
        seen = Region.objects.visible_to(request.user).values_list("pk", "name")
        return [(str(pk), name) for pk, name in seen]


def _behind(link: Callable[[Span, object], str], figure: str, row: Any) -> str:
    """Lead from a figure of the month to the list behind it."""
    return format_html('<a href="{}">{}</a>', link(Span(row.month_first, row.month_until), row.pk), figure)


@admin.register(Store)
class StoreAdmin(TableAdmin):
    """Stores by code; figures are of the month to date, net of refunds."""

    resource = "stores"
    kind = "stores"
    cells: ClassVar[dict[str, Any]] = {"region": lambda row: row.region}
    key = ("code",)
    list_select_related = ("region",)
    list_filter = (RegionPick,)
    list_display = (
        "who", "region", "city", "sales_shown", "change_shown", "orders_shown", "recruits_shown", "opened_shown",
    )  # fmt: skip
    search_fields = ("code__startswith", "name__icontains", "city__startswith")
    search_help_text = _("Code, name or city")
    fields = (
        "code", "name", "region", "city", "opened_on", "kind", "latitude", "longitude", "sales_shown", "orders_shown",
        "recruits_shown",
    )  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("region"), lambda row: row.region),
        Column(_("city"), lambda row: row.city),
        Column(_("sales this month"), lambda row: money.to_yuan(row.month_cents), money=True),
        Column(_("a year earlier"), lambda row: money.to_yuan(row.month_then_cents), money=True),
        Column(_("orders this month"), lambda row: row.month_orders),
        Column(_("recruits this month"), lambda row: row.month_recruits),
        Column(_("opened on"), lambda row: row.opened_on),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Put the month's figures beside each store."""
        today = clock.business_day(clock.now())
        return trading.stores_with_month(super().get_queryset(request), home.facts_until(today))

    @display(description=_("store"), header=True)
    def who(self, row: Store) -> tuple[str, str]:
        """Show name and code."""
        return row.name, row.code

    @display(description=_("sales this month"))
    def sales_shown(self, row: Any) -> str:
        """Write the month's net sales."""
        return _behind(links.orders_paid, people.money(row.month_cents), row)

    @display(description=_("against a year earlier"))
    def change_shown(self, row: Any) -> str:
        """Show the change."""
        if not row.month_then_cents:
            return numbers.DASH
        part = (row.month_cents - row.month_then_cents) / row.month_then_cents
        return format_html('<span class="hq-{}">{}</span>', people.tone(part), people.change(part))

    @display(description=_("orders this month"))
    def orders_shown(self, row: Any) -> str:
        """Count the month's orders."""
        return _behind(links.orders_paid, numbers.grouped(row.month_orders), row)

    @display(description=_("recruits this month"))
    def recruits_shown(self, row: Any) -> str:
        """Count the month's recruits."""
        return _behind(links.joined, numbers.grouped(row.month_recruits), row)

    @display(description=_("opened on"))
    def opened_shown(self, row: Store) -> str:
        """Say since when it is open."""
        return row.opened_on.isoformat() if row.opened_on else numbers.DASH
