"""The list of coupons with what became of each, and the report of redemptions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from members.models import Coupon, CouponEvent
from members.queries import coupon_codes, coupon_report
from newretail.kernel import money, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, VerbAdmin, VerbInline, Written

TONES = {"issued": "info", "locked": "warning", "redeemed": "success", "expired": "default", "void": "danger"}


class PlanWritten(Written):
    """Of the plan with this code."""

    title, parameter, field = pgettext_lazy("coupon", "plan"), "plan", "plan__code"


class RedeemedSpan(DaySpan):
    """By the day it was redeemed."""

    title, parameter, field = _("redeemed at"), "redeemed", "redeemed_at"


class Moves(VerbInline):
    """What became of a coupon."""

    model = CouponEvent
    fields = ("move", "when", "source_no", "store", "discount_shown", "by")
    readonly_fields = fields
    verbose_name_plural = _("what became of it")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the moves in their order."""
        return super().get_queryset(request).select_related("store", "by").order_by("nth")

    @display(description=_("at"))
    def when(self, row: CouponEvent) -> str:
        """Say when."""
        return people.moment(row.at)

    @display(description=_("discount"))
    def discount_shown(self, row: CouponEvent) -> str:
        """Write the discount."""
        return people.money(row.discount_cents)


@admin.register(Coupon)
class CouponAdmin(VerbAdmin):
    """Coupons, the newest first; a code that still counts is never shown whole."""

    resource = "coupons"
    key = ("-id",)
    says_when_empty = _("No coupon yet. Coupons are issued of an active plan.")
    list_select_related = ("plan", "member", "store")
    list_filter = (StatePick, PlanWritten, RedeemedSpan)
    list_display = (
        "code_shown", "plan", "whose", "issued_shown", "until_shown", "state_shown", "redeemed_shown", "store",
        "discount_shown",
    )  # fmt: skip
    search_fields = ("member__member_no",)
    search_help_text = _("Coupon code, whole; or member no.")
    fields = (
        "code_shown", "plan", "whose", "issued_shown", "until_shown", "state", "redeemed_shown", "store",
        "source_no", "amount_shown", "discount_shown",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (Moves,)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(pgettext_lazy("coupon", "code"), lambda row: coupon_codes.hidden(row.code)),
        Column(pgettext_lazy("coupon", "plan"), lambda row: row.plan.code),
        Column(_("member no."), lambda row: row.member.member_no if row.member else ""),
        Column(pgettext_lazy("coupon", "issued at"), lambda row: people.moment(row.issued_at)),
        Column(_("valid until"), lambda row: people.moment(row.valid_until)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("redeemed at"), lambda row: people.moment(row.redeemed_at) if row.redeemed_at else ""),
        Column(_("store"), lambda row: row.store.code if row.store else ""),
        Column(_("purchase"), lambda row: money.to_yuan(row.amount_cents), money=True),
        Column(_("discount"), lambda row: money.to_yuan(row.discount_cents), money=True),
    )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find a coupon by its whole code, or those of a member."""
        code = coupon_codes.read(search_term)
        if code:
            return queryset.filter(code=code), False
        return super().get_search_results(request, queryset, search_term)

    @display(description=pgettext_lazy("coupon", "code"))
    def code_shown(self, row: Coupon) -> str:
        """Show enough of the code to know it by."""
        return coupon_codes.hidden(row.code)

    @display(description=_("member"))
    def whose(self, row: Coupon) -> str:
        """Name the member."""
        return f"{eyes().called(row.member)} {row.member.member_no}" if row.member else numbers.DASH

    @display(description=pgettext_lazy("coupon", "issued at"))
    def issued_shown(self, row: Coupon) -> str:
        """Say when it was issued."""
        return people.moment(row.issued_at)

    @display(description=_("valid until"))
    def until_shown(self, row: Coupon) -> str:
        """Say until when it counts."""
        return people.moment(row.valid_until)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Coupon) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("redeemed at"))
    def redeemed_shown(self, row: Coupon) -> str:
        """Say when it was redeemed."""
        return people.moment(row.redeemed_at)

    @display(description=_("purchase"))
    def amount_shown(self, row: Coupon) -> str:
        """Write the purchase."""
        return people.money(row.amount_cents) if row.redeemed_at else numbers.DASH

    @display(description=_("discount"))
    def discount_shown(self, row: Coupon) -> str:
        """Write the discount."""
        return people.money(row.discount_cents) if row.redeemed_at else numbers.DASH

    def get_urls(self) -> list[URLPattern]:
        """Add the report beside the list."""
        report = self.admin_site.admin_view(self.report_view)
        return [path("report/", report, name="members_coupon_report"), *super().get_urls()]

    @scoped("redemptions", "view")
    def report_view(self, request: HttpRequest) -> HttpResponse:
        """Show what coupons brought: by plan, by store, by week."""
        report = coupon_report.of(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Redemptions of coupons"),
            "report": report,
            "chart": {
                "weeks": [f"{each.first:%m-%d}" for each in report.weeks],
                "redeemed": [each.redeemed for each in report.weeks],
                "yuan": [each.discount_cents / 100 for each in report.weeks],
                "words": {"redeemed": str(_("redeemed")), "yuan": str(_("discount"))},
            },
        }
        return TemplateResponse(request, "admin/members/coupon/report.html", context)
