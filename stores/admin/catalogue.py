"""What HQ sees of the catalogue and of the staff."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from newretail.kernel import money, numbers
from newretail.kernel.files import phones
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick
from newretail.kernel.verbadmin.tables import TableAdmin
from stores.admin.accounts import AccountAdmin
from stores.models import Category, Post, Product


class CategoryPick(Pick):
    """By category."""

    title, parameter_name, field = _("category"), "category", "category_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the categories."""
        return [(str(pk), name) for pk, name in Category.objects.values_list("pk", "name")]


@admin.register(Product)
class ProductAdmin(TableAdmin):
    """Products by SKU."""

    resource = "products"
    kind = "products"
    cells: ClassVar[dict[str, Any]] = {
        "category": lambda row: row.category,
        "price": lambda row: money.to_yuan(row.price_cents),
    }
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


def _post(row: User) -> Post | None:
    """Give the post she holds."""
    return next((post for post in row.posts.all() if post.until is None), None)


def _role(row: User) -> str:
    post = _post(row)
    return post.role if post else ""


def _place(row: User) -> str:
    """Write her place as a file does: a store's code, a region's name."""
    post = _post(row)
    return (post.store.code if post.store else post.region.name if post.region else "") if post else ""


@admin.register(User)
class StaffAdmin(AccountAdmin):
    """Staff by number, each with the post she holds."""

    resource = "staff"
    kind = "staff"
    cells: ClassVar[dict[str, Any]] = {"store_code": _place, "role": _role}
    key = ("id",)
    list_display = ("staff_no", "name", "role_shown", "place_shown", "phone_shown", "joined_on")
    search_fields = ("staff_no__startswith", "name__startswith")
    search_help_text = _("Staff no. or name, from its beginning")
    fields = ("staff_no", "name", "role_shown", "place_shown", "phone_shown", "joined_on", "is_active")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("staff no."), lambda row: row.staff_no),
        Column(pgettext_lazy("of a person", "name"), lambda row: row.name),
        Column(_("role"), _role),
        Column(_("store or region"), _place),
        Column(_("phone"), lambda row: phones.masked(row.phone)),
        Column(_("joined on"), lambda row: row.joined_on),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the posts beside the people."""
        return super().get_queryset(request).prefetch_related("posts__store", "posts__region")

    def table_rows(self) -> QuerySet[Any]:
        """Fetch the posts beside the people."""
        return super().table_rows().prefetch_related("posts__store", "posts__region")

    @display(description=_("role"))
    def role_shown(self, row: User) -> str:
        """Say the role."""
        post = _post(row)
        return post.get_role_display() if post else numbers.DASH

    @display(description=_("store or region"))
    def place_shown(self, row: User) -> str:
        """Name the store or region."""
        post = _post(row)
        return str(post.store or post.region or numbers.DASH) if post else numbers.DASH

    @display(description=_("phone"))
    def phone_shown(self, row: User) -> str:
        """Show the phone with its middle hidden."""
        return phones.masked(row.phone) or numbers.DASH
