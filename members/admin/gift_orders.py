"""The list of gift orders: who ordered what, where it waits until when, how it ended; cancelled with a reason."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import gift_orders
from members.admin import picks
from members.models import GiftOrder
from members.queries import coupon_codes
from newretail.kernel import clock, money, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, VerbAdmin, Written
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

TONES = {"open": "info", "handed": "success", "cancelled": "default", "lapsed": "warning"}


class GiftWritten(Written):
    """Of the gift with this code."""

    title, parameter, field = _("gift code"), "gift", "gift__code"


class OrderedSpan(DaySpan):
    """By the day it was ordered."""

    title, parameter, field = _("ordered at"), "ordered", "ordered_at"


@admin.register(GiftOrder)
class GiftOrderAdmin(VerbAdmin):
    """Gift orders, the newest first; a pick-up code is never shown whole."""

    resource = "gift_orders"
    key = ("-id",)
    says_when_empty = _("No gift was ordered yet.")
    change_form_outer_after_template = "admin/members/giftorder/after.html"
    list_select_related = ("gift", "member", "store", "ended_by")
    list_filter = (StatePick, picks.StorePick, GiftWritten, OrderedSpan)
    list_display = ("order_no", "gift", "whose", "store", "costs_shown", "ordered_shown", "until_shown", "state_shown",
                    "ended_shown")  # fmt: skip
    search_fields = ("order_no", "member__member_no")
    search_help_text = _("Pick-up code, whole; gift order no. or member no.")
    fields = ("order_no", "source", "gift", "whose", "store", "code_shown", "costs_shown", "ordered_shown",
              "until_shown", "state_shown", "ended_shown", "ended_by", "reason")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("source"), lambda row: row.source),
        Column(_("gift order no."), lambda row: row.order_no),
        Column(_("gift code"), lambda row: row.gift.code),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("store"), lambda row: row.store.code),
        Column(_("points"), lambda row: row.points),
        Column(_("paid on top"), lambda row: money.to_yuan(row.extra_cents), money=True),
        Column(_("ordered at"), lambda row: people.moment(row.ordered_at)),
        Column(_("picked up before"), lambda row: people.moment(row.until)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("ended at"), lambda row: people.moment(row.ended_at) if row.ended_at else ""),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find an order by its whole code, by its number, or those of a member."""
        code = coupon_codes.read(search_term)
        if code:
            return queryset.filter(code=code), False
        return super().get_search_results(request, queryset, search_term)

    @display(description=_("member"))
    def whose(self, row: GiftOrder) -> str:
        """Name the member."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("pick-up code"))
    def code_shown(self, row: GiftOrder) -> str:
        """Show enough of the code to know it by."""
        return coupon_codes.hidden(row.code)

    @display(description=_("costs"))
    def costs_shown(self, row: GiftOrder) -> str:
        """Say what it cost."""
        points = _now("%(points)s points") % {"points": numbers.grouped(row.points)}
        return f"{points} + {people.money(row.extra_cents)}" if row.extra_cents else points

    @display(description=_("ordered at"))
    def ordered_shown(self, row: GiftOrder) -> str:
        """Say when it was ordered."""
        return people.moment(row.ordered_at)

    @display(description=_("picked up before"))
    def until_shown(self, row: GiftOrder) -> str:
        """Say until when it waits."""
        return people.moment(row.until)

    @display(description=_("ended at"))
    def ended_shown(self, row: GiftOrder) -> str:
        """Say when it ended."""
        return people.moment(row.ended_at)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: GiftOrder) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer to cancel an order that waits."""
        row = context.get("original")
        context["cancels"] = row is not None and row.state == GiftOrder.State.OPEN and self.may(request, "change")
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the cancelling beside the page."""
        cancel = self.admin_site.admin_view(self.cancel_view)
        return [path("<path:object_id>/cancel/", cancel, name="members_giftorder_cancel"), *super().get_urls()]

    @scoped("gift_orders", "change")
    def cancel_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Cancel an order for a reason: its piece is free again, its points go back."""
        row = self.found(request, object_id)
        if request.method == "POST":
            within = store_ids_in(sight_of(request.user, "gift_orders", "change"))
            try:
                gift_orders.cancel(
                    source=row.source, order_no=row.order_no, reason=request.POST.get("reason", ""), within=within,
                    at=clock.now(), by=cast("User", request.user),
                )  # fmt: skip
                messages.success(request, _now("The order is cancelled; the points are back."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:members_giftorder_change", row.pk)
