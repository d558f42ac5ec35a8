"""The list of gift orders: who ordered what, where it waits until when, how it ended; cancelled with a reason."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import gift_orders, gift_returns
from members.actions.gift_returns import Handing
from members.admin import picks
from members.admin.gift_ordering import GiftOrdering
from members.models import GiftOrder
from members.queries import coupon_codes
from newretail.kernel import clock, money, numbers, scopes, words
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, Opening, VerbAdmin, Written
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
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Order a gift"), "admin:members_giftorder_order"),)
    change_form_outer_after_template = "admin/members/giftorder/after.html"
    list_select_related = ("gift", "member", "store", "ended_by")
    list_filter = (StatePick, picks.StorePick, GiftWritten, OrderedSpan)
    list_display = ("order_no", "gift", "whose", "store", "costs_shown", "ordered_shown", "until_shown", "state_shown",
                    "ended_shown")  # fmt: skip
    search_fields = ("order_no", "member__member_no")
    search_help_text = _("Pick-up code, whole; gift order no. or member no.")
    fields = ("order_no", "source", "gift", "whose", "store", "code_shown", "costs_shown", "ordered_shown",
              "until_shown", "state", "ended_shown", "ended_by", "reason_shown")  # fmt: skip
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

    @display(description=_("reason"))
    def reason_shown(self, row: GiftOrder) -> str:
        """Say why it was cancelled."""
        return words.in_words(row.reason)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer to cancel an order that waits, and to take back what was handed over today."""
        row = context.get("original")
        context["cancels"] = row is not None and row.state == GiftOrder.State.OPEN and self.may(request, "change")
        context["takes_back"] = row is not None and _is_of_today(row) and scopes.may(
            request.user, "gift_pickups", "change"
        )  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the ordering, the cancelling and the taking back beside the page."""
        wrap, name = self.admin_site.admin_view, "members_giftorder"
        return [
            *GiftOrdering(self).paths(),
            path("<path:object_id>/cancel/", wrap(self.cancel_view), name=f"{name}_cancel"),
            path("<path:object_id>/take-back/", wrap(self.take_back_view), name=f"{name}_take_back"),
            *super().get_urls(),
        ]

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

    @scoped("gift_pickups", "change")
    def take_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Undo a handing over of today for a reason: the piece lies in the store, the order waits again."""
        row = self.found(request, object_id)
        if request.method == "POST":
            within = store_ids_in(sight_of(request.user, "gift_pickups", "change"))
            names = (request.POST.get(name, "").replace("\0", "") for name in ("pickup_source", "pickup_no"))
            try:
                gift_returns.take_back(
                    handing=Handing(row.source, row.order_no, *names), reason=request.POST.get("reason", ""),
                    within=within, at=clock.now(), by=cast("User", request.user),
                )  # fmt: skip
                messages.success(request, _now("The gift lies in the store again; its order waits to be picked up."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:members_giftorder_change", row.pk)


def _is_of_today(row: GiftOrder) -> bool:
    """Tell whether it was handed over today."""
    ended = row.ended_at if row.state == GiftOrder.State.HANDED else None
    return ended is not None and clock.business_day(ended) == clock.business_day(clock.now())
