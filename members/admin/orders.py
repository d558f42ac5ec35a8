"""The list of orders, and the page of one with its lines and refunds."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.admin import picks
from members.models import Order, OrderLine, Refund
from members.queries import finding
from newretail.kernel import clock, money, numbers, words
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, VerbAdmin, VerbInline, panels


class OrderLineInline(VerbInline):
    """The lines of an order."""

    model = OrderLine
    ordering = ("line_no",)
    fields = ("line_no", "product", "quantity", "amount_shown", "discount_shown")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the products with the lines."""
        return OrderLine.objects.select_related("product").order_by("line_no")

    @display(description=_("amount"))
    def amount_shown(self, row: OrderLine) -> str:
        """Write the amount."""
        return people.money(row.amount_cents)

    @display(description=_("discount"))
    def discount_shown(self, row: OrderLine) -> str:
        """Write the discount."""
        return people.money(row.discount_cents)


class RefundInline(VerbInline):
    """The refunds of an order."""

    model = Refund
    ordering = ("refunded_at",)
    fields = ("refund_no", "line_no", "quantity", "amount_shown", "refunded_at")
    readonly_fields = fields

    @display(description=_("amount"))
    def amount_shown(self, row: Refund) -> str:
        """Write the amount."""
        return people.money(row.amount_cents)


@admin.register(Order)
class OrderAdmin(VerbAdmin):
    """Orders, the latest paid first."""

    resource = "orders"
    key = ("-paid_at", "-id")
    list_select_related = ("member", "store", "channel", "scene")
    list_filter = (
        picks.PaidSpan, picks.StorePick, picks.RegionPick, picks.ChannelPick, picks.SourceWritten, picks.StaffWritten,
        picks.RefundedPick,
    )  # fmt: skip
    list_display = (
        "number", "source_shown", "member_shown", "store", "channel_shown", "scene_shown", "paid_shown",
        "amount_shown", "refunded_shown",
    )  # fmt: skip
    search_fields = ("order_no",)
    search_help_text = _("Order no. or member no.")
    inlines = (OrderLineInline, RefundInline)
    change_form_outer_after_template = "admin/panels.html"
    fields = (
        "order_no", "source_shown", "member_shown", "store", "channel_shown", "scene_shown", "paid_shown",
        "amount_shown", "refunded_shown",
    )  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("order no."), lambda row: row.order_no),
        Column(_("source"), lambda row: words.in_words(row.source)),
        Column(_("member no."), lambda row: row.member.member_no if row.member else ""),
        Column(_("phone"), lambda row: eyes().phone(row.member.phone) if row.member else ""),
        Column(_("store"), lambda row: row.store),
        Column(_("channel"), lambda row: words.named(row.channel.code, row.channel.name)),
        Column(_("scene"), lambda row: words.named(row.scene.code, row.scene.name) if row.scene else ""),
        Column(_("paid at"), lambda row: f"{row.paid_at.astimezone(clock.brand_zone()):%Y-%m-%d %H:%M:%S}"),
        Column(_("amount"), lambda row: money.to_yuan(row.amount_cents), money=True),
        Column(_("refunded"), lambda row: money.to_yuan(row.refunded_cents), money=True),
    )

    @display(description=_("order no."))
    def number(self, row: Order) -> str:
        """Show the order's number."""
        return row.order_no

    @display(description=_("source"))
    def source_shown(self, row: Order) -> str:
        """Say where it came from."""
        return words.in_words(row.source)

    @display(description=_("member"))
    def member_shown(self, row: Order) -> str:
        """Name the member."""
        if row.member is None:
            return numbers.DASH
        url = reverse("admin:members_member_change", args=[row.member_id])
        return format_html('<a href="{}">{}</a>', url, eyes().called(row.member))

    @display(description=_("paid at"))
    def paid_shown(self, row: Order) -> str:
        """Say when it was paid."""
        return people.moment(row.paid_at)

    @display(description=_("channel"))
    def channel_shown(self, row: Order) -> str:
        """Say the channel."""
        return words.named(row.channel.code, row.channel.name)

    @display(description=_("scene"))
    def scene_shown(self, row: Order) -> str:
        """Say the scene."""
        return words.named(row.scene.code, row.scene.name) if row.scene else numbers.DASH

    @display(description=_("amount"))
    def amount_shown(self, row: Order) -> str:
        """Write the amount."""
        return people.money(row.amount_cents)

    @display(description=_("refunded"))
    def refunded_shown(self, row: Order) -> str:
        """Write what went back."""
        return people.money(row.refunded_cents) if row.refunded_cents else numbers.DASH

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show what higher floors know of the order."""
        context["panels"] = panels.told(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by number."""
        return (finding.orders_numbered(search_term, queryset) if search_term.strip() else queryset), False
