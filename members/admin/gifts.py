"""The catalogue of gifts: kept in a form, paused and resumed, and how many pieces lie in each store."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import F, Model, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import gifts
from members.actions.gifts import Count
from members.forms import GiftForm
from members.models import Gift, GiftStock
from newretail.kernel import clock, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.scopes import Action
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column
from newretail.kernel.verbadmin.editing import RowAdmin
from newretail.kernel.verbs import Refused
from stores.models import Store

TONES = {"active": "success", "paused": "warning"}
STORES_SHOWN = 50
MOVES = {"pause": gifts.pause, "resume": gifts.resume}


def _whole(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 9 else -1


def _stock_table(request: HttpRequest, row: Gift) -> dict[str, Any]:
    """Show the pieces in stores a page at a time, of all stores or those found by code, name, city or region."""
    term = request.GET.get("q", "").strip()[:40].replace("\0", "")
    stores = Store.objects.visible_to(request.user).select_related("region").order_by("code")
    if term:
        named = Q(name__icontains=term) | Q(city__icontains=term) | Q(region__name__icontains=term)
        stores = stores.filter(named | Q(code__istartswith=term))
    page = Paginator(stores, STORES_SHOWN).get_page(request.GET.get("p"))
    there = {stock.store_id: stock for stock in GiftStock.objects.filter(gift=row, store__in=list(page))}
    stocks = [(store, there.get(store.pk, GiftStock())) for store in page]
    return {"stocks": stocks, "stock_page": page, "stock_term": term}


@admin.register(Gift)
class GiftAdmin(RowAdmin):
    """Gifts by code, with how many lie in all stores together."""

    resource, form = "gifts", GiftForm
    offers: ClassVar[dict[str, Action]] = {"add": "change"}
    line = ("members.gift.kept", "members.gift.paused", "members.gift.resumed", "members.gift.supplied")
    key = ("code",)
    says_when_empty = _("No gift yet. A gift is what members may have for their points, to be picked up in a store.")
    change_form_outer_after_template = "admin/members/gift/after.html"
    list_filter = (StatePick,)
    list_display = ("name", "code", "costs_shown", "days_shown", "left_shown", "reserved_shown", "handed_shown",
                    "state_shown")  # fmt: skip
    search_fields = ("code__startswith", "name__contains")
    readonly_fields = ("state",)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("gift code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("points"), lambda row: row.points),
        Column(_("paid on top"), lambda row: people.money(row.extra_cents)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("left"), lambda row: row.left),
        Column(_("reserved"), lambda row: row.reserved),
        Column(_("handed over"), lambda row: row.handed),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the pieces of all stores with each gift."""
        rows: QuerySet[Gift] = super().get_queryset(request)
        return rows.annotate(
            left=Sum(F("stocks__stock") - F("stocks__reserved"), default=0),
            reserved=Sum("stocks__reserved", default=0), handed=Sum("stocks__handed", default=0),
        )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Group the fields."""
        return (
            (None, {"fields": ("code", "name", "description", *(("state",) if obj else ()))}),
            (_("What it costs"), {"fields": ("points", "extra")}),
            (_("Who may order it, and when"), {"fields": ("first_on", "last_on", "per_member", "least_level")}),
            (_("Picking it up"), {"fields": ("pickup_days",)}),
        )

    @display(description=_("costs"), ordering="points")
    def costs_shown(self, row: Gift) -> str:
        """Say what it costs."""
        points = _now("%(points)s points") % {"points": numbers.grouped(row.points)}
        return f"{points} + {people.money(row.extra_cents)}" if row.extra_cents else points

    @display(description=_("days"))
    def days_shown(self, row: Gift) -> str:
        """Say from when until when it may be ordered."""
        if not (row.first_on or row.last_on):
            return str(_("always"))
        return f"{row.first_on or ''} – {row.last_on or ''}"

    @display(description=_("left"))
    def left_shown(self, row: Any) -> str:
        """Say how many may be ordered."""
        return numbers.grouped(row.left)

    @display(description=_("reserved"))
    def reserved_shown(self, row: Any) -> str:
        """Say how many wait to be picked up."""
        return numbers.grouped(row.reserved)

    @display(description=_("handed over"))
    def handed_shown(self, row: Any) -> str:
        """Say how many were handed over."""
        return numbers.grouped(row.handed)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Gift) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show under the form the pieces in each store, and what may be done."""
        row = context.get("original")
        if row is not None:
            context |= {"changes": self.may(request, "change"), **_stock_table(request, row)}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with a gift beside its page."""
        wrap, name = self.admin_site.admin_view, "members_gift"
        return [
            path("<path:object_id>/move/", wrap(self.move_view), name=f"{name}_move"),
            path("<path:object_id>/stock/", wrap(self.stock_view), name=f"{name}_stock"),
            *super().get_urls(),
        ]

    @scoped("gifts", "change")
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Pause a gift, or resume it."""
        row = self.found(request, object_id)
        act = MOVES.get(request.POST.get("do", ""))
        if act:
            try:
                moved = act(gift=row, at=clock.now(), by=cast("User", request.user))
                messages.success(request, _now("The gift is %(state)s now.") % {"state": moved.get_state_display()})
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:members_gift_change", row.pk)

    @scoped("gifts", "change")
    def stock_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep how many pieces lie in stores; a field that was not changed is left alone."""
        row = self.found(request, object_id)
        if request.method == "POST":
            try:
                changed = gifts.supply(
                    gift=row, counts=self._counts(request), at=clock.now(), by=cast("User", request.user)
                )
                messages.success(request, _now("The stock of %(stores)s stores is kept.") % {"stores": changed})
            except Refused as refusal:
                messages.error(request, str(refusal))
        words = {name: request.POST[name] for name in ("q", "p") if request.POST.get(name)}
        return redirect(f"{reverse('admin:members_gift_change', args=[row.pk])}?{urlencode(words)}#stock")

    def _counts(self, request: HttpRequest) -> dict[int, Count]:
        given, counts = request.POST, {}
        named = [name.removeprefix("pieces-") for name in given if name.startswith("pieces-") and "\0" not in name]
        for store in Store.objects.visible_to(request.user).filter(code__in=named[:STORES_SHOWN]):
            typed, seen = given.get(f"pieces-{store.code}", ""), given.get(f"seen-{store.code}", "")
            if typed.strip() and typed.strip() != seen:
                counts[store.pk] = Count(_whole(typed), _whole(seen))
        return counts
