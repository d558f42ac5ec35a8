"""What HQ sees of the catalogue."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import money
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick, VerbAdmin
from stores.models import Category, Product


class CategoryPick(Pick):
    """By category."""

    title, parameter_name, field = _("category"), "category", "category_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the categories."""
        return [(str(pk), name) for pk, name in Category.objects.values_list("pk", "name")]


@admin.register(Product)
class ProductAdmin(VerbAdmin):
    """Products by SKU."""

    resource = "products"
    key = ("sku",)
    list_select_related = ("category",)
    list_filter = (CategoryPick,)
    list_display = ("sku", "name", "category", "price_shown")
    search_fields = ("sku__startswith", "name__icontains")
    search_help_text = _("SKU or name")
    fields = ("sku", "name", "category", "price_shown")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("SKU"), lambda row: row.sku),
        Column(_("name"), lambda row: row.name),
        Column(_("category"), lambda row: row.category),
        Column(_("price"), lambda row: money.to_yuan(row.price_cents), money=True),
    )

    @display(description=_("price"))
    def price_shown(self, row: Product) -> str:
        """Write the price."""
        return people.money(row.price_cents)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by SKU or a part of the name; what is found once is listed once."""
        found, _twice = super().get_search_results(request, queryset, search_term)
        return found, False
