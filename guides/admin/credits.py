"""Whose orders are, and why; signs of orders that were made up to earn by them."""

from functools import partial
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.admin.pay import percent
from guides.admin.picks import RegionPick, StorePick
from guides.models import Credit
from guides.queries import payroll, suspicions
from members.models import Order
from newretail.kernel import clock, money, numbers
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Opening, Selected, VerbAdmin, Written, export
from stores.models import sight_of, store_ids_in

REASONS: dict[str, Any] = {
    "self": _("earned by her own purchases"), "staff": _("staff bought"), "refunds": _("refunded again and again"),
    "small": _("many small orders on a day"),
}  # fmt: skip
SIGN_COLUMNS = (
    Column(_("sign"), lambda row: REASONS[row.reason]),
    Column(_("staff no."), lambda row: row.staff_no),
    Column(_("name"), lambda row: eyes().staff(row.name, row.staff_no)),
    Column(_("member no."), lambda row: row.member_no),
    Column(_("day"), lambda row: row.day),
    Column(_("how often"), lambda row: row.n),
    Column(_("amount"), lambda row: money.to_yuan(row.cents), money=True),
    Column(_("orders"), lambda row: " ".join(row.numbers)),
)


class RolePick(ChoicePick):
    """By as what she has it."""

    title, parameter_name, field, offered = _("as what"), "role", "role", Credit.Role


class GuideWritten(Written):
    """Of one guide."""

    title, parameter, field = _("staff no."), "staff", "post__user__staff_no"


class PaidSpan(DaySpan):
    """By the day of payment."""

    title, parameter, field = _("paid at"), "paid", "paid_at"


@admin.register(Credit)
class CreditAdmin(VerbAdmin):
    """Credits that hold, the newest first."""

    resource = "guide_pay"
    key = ("-id",)
    says_when_empty = _("No order is credited yet. Orders are, from the day on which rules of credits count.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("Signs of made-up orders"), "admin:guides_credit_suspicions", "view", "policy_alert"),
    )
    list_select_related = ("order__store", "order__channel", "post__user", "post__store", "policy")
    list_filter = (RolePick, GuideWritten, PaidSpan, StorePick, RegionPick)
    list_display = ("order_shown", "guide_shown", "store_shown", "role_shown", "share_shown", "own", "rules_shown",
                    "paid_shown")  # fmt: skip
    search_fields = ("order__order_no",)
    search_help_text = _("Order no.")
    fields = readonly_fields = list_display
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("order no."), lambda row: row.order.order_no),
        Column(_("staff no."), lambda row: row.post.user.staff_no if row.post else ""),
        Column(_("guide"), lambda row: row.post.user if row.post else ""),
        Column(_("store"), lambda row: row.post.store.code if row.post and row.post.store else ""),
        Column(_("as what"), lambda row: row.get_role_display()),
        Column(_("share (basis points)"), lambda row: row.share_bp),
        Column(_("own customer"), lambda row: row.own),
        Column(_("paid at"), lambda row: people.moment(row.paid_at)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Show those that hold."""
        return super().get_queryset(request).filter(end_entry_id__isnull=True)

    @display(description=_("order no."))
    def order_shown(self, row: Credit) -> str:
        """Give the order's number, with the way to it."""
        address = reverse("admin:members_order_change", args=[row.order_id])
        return format_html('<a class="hq-link" href="{}">{}</a>', address, row.order.order_no)

    @display(description=_("guide"))
    def guide_shown(self, row: Credit) -> str:
        """Name the guide."""
        return str(row.post.user) if row.post else numbers.DASH

    @display(description=_("store"))
    def store_shown(self, row: Credit) -> str:
        """Name where she stands."""
        return str(row.post.store or "") if row.post else numbers.DASH

    @display(description=_("as what"))
    def role_shown(self, row: Credit) -> str:
        """Say as what she has it."""
        return row.get_role_display()

    @display(description=_("share"))
    def share_shown(self, row: Credit) -> str:
        """Write her share."""
        return percent(row.share_bp)

    @display(description=_("credit rules"))
    def rules_shown(self, row: Credit) -> str:
        """Say by which version of the rules; what was decided has none."""
        return _now("version %(version)s") % {"version": row.policy.version} if row.policy else numbers.DASH

    @display(description=_("paid at"))
    def paid_shown(self, row: Credit) -> str:
        """Say when the order was paid."""
        return people.moment(row.paid_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the number of the order."""
        term = search_term.strip()
        if not term or "\0" in term:
            return (queryset.none() if term else queryset), False
        orders = list(Order.objects.filter(order_no=term).values_list("pk", flat=True))
        return queryset.filter(order__in=orders), False

    def get_urls(self) -> list[URLPattern]:
        """Add the list of signs."""
        return [
            self.own_path("suspicions/", self.suspicions_view, "suspicions"),
            self.own_path("suspicions/export/", self.suspicions_export, "suspicions_export"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("guide_pay")
    def suspicions_view(self, request: HttpRequest) -> HttpResponse:
        """Show signs of orders that were made up, each with the orders behind it."""
        signs = suspicions.found(store_ids_in(sight_of(request.user, "guide_pay", "view")), clock.now())
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Signs of made-up orders"),
            "signs": [(sign, REASONS[sign.reason], eyes().staff(sign.name, sign.staff_no),
                       eyes().name(sign.member or "")) for sign in signs],
            "days": suspicions.DAYS, "refunds": suspicions.REFUNDS, "small_cents": suspicions.SMALL_CENTS,
            "small_orders": suspicions.SMALL_ORDERS, "can_export": self.may(request, "export"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/credit/suspicions.html", context)

    @scoped("guide_pay", "export")
    def suspicions_export(self, request: HttpRequest) -> HttpResponseBase:
        """Give the signs as a file, and write down who took it."""
        back = redirect("admin:guides_credit_suspicions")
        return export.take_out(request, back=back, write=partial(self._signs, cast("User", request.user)))

    def _signs(self, by: User, form: str) -> HttpResponseBase:
        at = clock.now()
        select, given = suspicions.asked(store_ids_in(sight_of(by, "guide_pay", "export")), at)
        exports.take(noun="suspicions", filters=[], rows=payroll.size(select, given), at=at, by=by)
        return export.answer(Selected(select, given, SIGN_COLUMNS, eyes()), form, f"signs-{at:%Y-%m-%d}", at)
