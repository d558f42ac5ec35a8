"""Coupon plans: drafted in a form, opened and approved, issued to members and as codes, paused and closed."""

import csv
import io
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from members.actions import code_batches, coupon_plans, coupons
from members.forms import PlanForm
from members.models import CouponBatch, CouponPlan, Member
from members.queries import coupon_codes, coupon_words
from newretail.kernel import clock, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.scopes import Action
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column
from newretail.kernel.verbadmin.editing import RowAdmin
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

TONES = {"draft": "info", "awaiting": "warning", "active": "success", "paused": "warning", "closed": "default"}
MOST_NUMBERS = 5_000
BATCHES_SHOWN = 20
State = CouponPlan.State
# What may be done with a plan in each state, in the words of its buttons.
STEPS: dict[str, tuple[tuple[str, Any], ...]] = {
    State.DRAFT: (("open", _("Open the plan")),),
    State.AWAITING: (("close", _("Close for good")),),
    State.ACTIVE: (("pause", _("Pause")), ("close", _("Close for good"))),
    State.PAUSED: (("resume", _("Resume")), ("close", _("Close for good"))),
    State.CLOSED: (),
}
MOVES = {
    "open": coupon_plans.open_up, "pause": coupon_plans.pause, "resume": coupon_plans.resume,
    "close": coupon_plans.close,
}  # fmt: skip


class KindPick(ChoicePick):
    """By what it gives."""

    title, parameter_name, field, offered = _("gives"), "kind", "kind", CouponPlan.Kind


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


@admin.register(CouponPlan)
class CouponPlanAdmin(RowAdmin):
    """Coupon plans, the newest first."""

    resource, form = "coupon_plans", PlanForm
    offers: ClassVar[dict[str, Action]] = {"add": "change"}
    line = tuple(
        f"members.coupon_plan.{done}"
        for done in ("kept", "opened", "submitted", "approved", "sent_back", "paused", "resumed", "closed", "stocked")
    )
    key = ("-id",)
    says_when_empty = _("No plan yet. A plan says what a kind of coupon gives; coupons are issued of it.")
    change_form_outer_after_template = "admin/members/couponplan/after.html"
    list_after_template = "admin/members/examples.html"
    examples = _("Add the examples (member day on the 18th, birthday, joining)")
    list_filter = (StatePick, KindPick)
    list_display = ("name", "code", "gives_shown", "when_shown", "issued_shown", "redeemed_shown", "state_shown")
    list_select_related = ("product",)
    search_fields = ("code__startswith", "name__contains")
    readonly_fields = ("gives_shown", "when_shown", "issued_shown", "redeemed_shown", "state")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("gives"), coupon_words.gives),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("stock"), lambda row: row.stock),
        Column(_("issued"), lambda row: row.issued),
        Column(_("redeemed"), lambda row: row.redeemed),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Group the fields of a draft; what is open is told, and is changed by its buttons."""
        if obj is not None and not self.has_change_permission(request, obj):
            told = (
                "code",
                "name",
                "gives_shown",
                "when_shown",
                "stock",
                "issued_shown",
                "redeemed_shown",
                "state",
            )
            return ((None, {"fields": told}),)
        return (
            (None, {"fields": ("code", "name", "kind")}),
            (_("What it gives"), {"fields": ("amount", "percent", "cap", "product_sku", "threshold")}),
            (_("When it counts"), {"fields": ("first_on", "last_on", "days_valid")}),
            (_("How many"), {"fields": ("stock", "per_member")}),
            (_("Where it counts"), {"fields": ("regions", "stores", "categories", "product_skus", "channels")}),
            (_("Rules"), {"fields": ("stacks", "comes_back", "undo_minutes", "terms")}),
            (_("Given by itself"), {"fields": ("given_on", "given_day", "for_level", "bought_days")}),
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the table of rights; of an open plan the terms stay."""
        return super().has_change_permission(request, obj) and (
            obj is None or cast("CouponPlan", obj).state == State.DRAFT
        )

    @display(description=_("gives"))
    def gives_shown(self, row: CouponPlan) -> str:
        """Say what it gives, and from which purchase on."""
        return f"{coupon_words.gives(row)} · {coupon_words.condition(row)}"

    @display(description=pgettext_lazy("coupon", "valid"))
    def when_shown(self, row: CouponPlan) -> str:
        """Say when it counts."""
        return coupon_words.when(row)

    @display(description=_("issued"))
    def issued_shown(self, row: CouponPlan) -> str:
        """Say how many of the stock are issued."""
        return f"{numbers.grouped(row.issued)} / {numbers.grouped(row.stock)}"

    @display(description=_("redeemed"))
    def redeemed_shown(self, row: CouponPlan) -> str:
        """Say how many are redeemed, and their share."""
        share = numbers.percent(row.redeemed / row.issued) if row.issued else numbers.DASH
        return f"{numbers.grouped(row.redeemed)} ({share})"

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: CouponPlan) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show under the form what a customer reads, and what may be done with the plan."""
        row = context.get("original")
        if row is not None:
            may = self.may(request, "change")
            context["reads"] = coupon_words.lines(row)
            context["steps"] = STEPS[row.state] if may else ()
            context["approves"] = row.state == State.AWAITING and self._may_approve(request, row)
            context["issues"] = may and row.state == State.ACTIVE
            batches = row.batches.select_related("by").order_by("-id")[:BATCHES_SHOWN]
            context["batches"] = [(each, people.moment(each.made_at)) for each in batches]
            context["takes_codes"] = self.may(request, "change")
        return super().render_change_form(request, context, *args, **kwargs)

    def _may_approve(self, request: HttpRequest, row: CouponPlan) -> bool:
        """Tell whether this person approves it: HQ any plan, a manager one that is confined to her stores."""
        within = store_ids_in(sight_of(request.user, "coupon_plans", "approve"))
        if within is None:
            return True
        stores = set(row.stores.values_list("pk", flat=True))
        return bool(stores) and stores <= set(within) and not row.regions.exists()

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with a plan beside its page."""
        wrap, name = self.admin_site.admin_view, "members_couponplan"
        return [
            path("examples/", wrap(self.examples_view), name=f"{name}_examples"),
            path("<path:object_id>/move/", wrap(self.move_view), name=f"{name}_move"),
            path("<path:object_id>/approve/", wrap(self.approve_view), name=f"{name}_approve"),
            path("<path:object_id>/codes/", wrap(self.codes_view), name=f"{name}_codes"),
            *super().get_urls(),
        ]

    @scoped("coupon_plans", "change")
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        """Draft the examples that are not there yet."""
        if request.method == "POST":
            made = coupon_plans.add_examples(at=clock.now(), by=cast("User", request.user))
            messages.success(request, _now("%(count)s example plans are drafted.") % {"count": len(made)})
        return redirect("admin:members_couponplan_changelist")

    def _back(self, row: CouponPlan) -> HttpResponse:
        return redirect("admin:members_couponplan_change", row.pk)

    @scoped("coupon_plans", "change")
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open, pause, resume or close a plan, raise its stock, issue of it."""
        row = self.found(request, object_id)
        if request.method == "POST":
            try:
                messages.success(request, self._do(request, row))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return self._back(row)

    def _do(self, request: HttpRequest, row: CouponPlan) -> str:
        given, at, by = request.POST, clock.now(), cast("User", request.user)
        act = given.get("do", "")
        if act in MOVES:
            moved = MOVES[act](plan=row, at=at, by=by)
            return _now("The plan is %(state)s now.") % {"state": moved.get_state_display()}
        if act == "stock":
            coupon_plans.raise_stock(plan=row, stock=_whole(given.get("stock", "")), at=at, by=by)
            return _now("The stock is raised.")
        if act == "batch":
            key = given.get("key", "").strip()[:64] or f"{at:%Y%m%d%H%M}"
            batch = code_batches.make(plan=row, key=key, size=_whole(given.get("size", "")), at=at, by=by)
            return _now("%(size)s codes are made.") % {"size": numbers.grouped(batch.size)}
        if act == "issue":
            return self._issue(given.get("numbers", ""), given.get("key", ""), row, by)
        return _now("Nothing was asked for.")

    def _issue(self, text: str, key: str, row: CouponPlan, by: User) -> str:
        wanted = list(dict.fromkeys(text.replace(",", " ").replace("，", " ").replace("\0", " ").split()))[
            :MOST_NUMBERS
        ]
        rows = Member.objects.visible_to(by).filter(member_no__in=wanted)
        ids = list(rows.order_by("member_no").values_list("pk", flat=True))
        told = coupons.issue(plan=row, members=ids, source=coupons.BY_HAND, key=key.strip()[:64], at=clock.now(), by=by)
        return _now(
            "Issued %(issued)s; had it already %(again)s; over the limit %(over)s; out of stock %(out)s; unknown"
            " %(unknown)s."
        ) % {
            "issued": told.issued, "again": told.again, "over": told.over_limit, "out": told.no_stock,
            "unknown": len(wanted) - len(ids),
        }  # fmt: skip

    @scoped("coupon_plans", "approve")
    def approve_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approve a plan that awaits it, or send it back."""
        row = self.found(request, object_id)
        if request.method == "POST":
            act = coupon_plans.send_back if request.POST.get("do") == "back" else coupon_plans.approve
            try:
                if not self._may_approve(request, row):
                    raise Http404
                act(plan=row, at=clock.now(), by=cast("User", request.user))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return self._back(row)

    @scoped("coupons", "export")
    def codes_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the codes of a batch as a file, and write that down."""
        row = self.found(request, object_id)
        batch = (
            CouponBatch.objects.select_related("plan").filter(plan=row, key=request.POST.get("key", "\ufffd")).first()
        )
        if request.method != "POST" or batch is None:
            return self._back(row)
        code_batches.note_taken(batch=batch, at=clock.now(), by=cast("User", request.user))
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([_now("code"), _now("valid until"), _now("state")])
        for coupon in batch.coupons.order_by("id").iterator():
            shown = coupon_codes.shown(coupon.code)
            writer.writerow([shown, people.moment(coupon.valid_until), coupon.get_state_display()])
        answer = HttpResponse(f"\ufeff{out.getvalue()}", content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="coupons-{batch.pk}.csv"'
        return answer
