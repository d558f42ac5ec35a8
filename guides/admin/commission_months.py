"""Months of commission: what each comes to, and the way of one to the pay, computed, closed, handed over, paid."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.actions import commission_months, credits
from guides.models import CommissionEntry, CommissionMonth
from guides.queries import payroll
from newretail.kernel import clock, money
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, Selected, VerbAdmin, export
from newretail.kernel.verbs import Refused

State = CommissionMonth.State
DEEDS: dict[str, tuple[Callable[..., Any], Any]] = {
    "compute": (commission_months.compute, _("The month is computed: managers can review it now.")),
    "close": (commission_months.close, _("The month is closed. It never moves again.")),
    "export": (commission_months.export, _("It is kept that payroll has the month's pay.")),
    "pay": (commission_months.pay, _("It is kept that everybody was paid.")),
    "recompute": (credits.recompute, _("The orders paid in the month are credited anew, where nobody decided.")),
}
KINDS: dict[str, Any] = {
    **dict(CommissionEntry.Kind.choices), "recover": _("debt recovered"), "carry": _("carried as debt"),
}  # fmt: skip
# What accounting calls them.
ACCOUNTS: dict[str, Any] = {
    "expense": _("selling expenses: commission"), "advance": _("other receivables: guides"),
    "payable": _("wages payable"),
}  # fmt: skip


def _yuan(name: str) -> Callable[[Any], str]:
    return lambda row: money.to_yuan(getattr(row, name))


PERSON = (
    Column(_("staff no."), lambda row: row.staff_no),
    Column(_("name"), lambda row: eyes().staff(row.name, row.staff_no)),
)
# The files of a month: what each is called, and its columns.
FILES: dict[str, tuple[Column, ...]] = {
    "gross": (
        *PERSON,
        Column(_("store"), lambda row: row.store),
        Column(_("earned in the month"), _yuan("earned"), money=True),
        Column(_("debt recovered"), _yuan("recovered"), money=True),
        Column(_("carried as debt"), _yuan("owed"), money=True),
        Column(_("gross pay"), _yuan("gross"), money=True),
    ),
    "lines": (
        *PERSON,
        Column(_("order no."), lambda row: row.order_no),
        Column(_("source"), lambda row: row.source),
        Column(_("line no."), lambda row: row.line_no),
        Column(_("kind"), lambda row: KINDS[row.kind]),
        Column(_("base"), _yuan("base"), money=True),
        Column(_("rate (basis points)"), lambda row: row.rate_bp),
        Column(_("share (basis points)"), lambda row: row.share_bp),
        Column(_("amount"), _yuan("amount"), money=True),
        Column(pgettext_lazy("policy", "version"), lambda row: row.version),
        Column(_("level"), lambda row: row.level),
        Column(_("reason"), lambda row: row.reason),
    ),
    "booked": (
        Column(_("store"), lambda row: row.store),
        Column(pgettext_lazy("bookkeeping", "account"), lambda row: ACCOUNTS[row.account]),
        Column(pgettext_lazy("bookkeeping", "debit"), _yuan("debit"), money=True),
        Column(pgettext_lazy("bookkeeping", "credit"), _yuan("credit"), money=True),
    ),
}


@admin.register(CommissionMonth)
class CommissionMonthAdmin(VerbAdmin):
    """Months, the newest first; each shows what is of the stores within sight."""

    resource = "guide_pay"
    fields = readonly_fields = ("month_shown", "state")
    change_form_outer_after_template = "admin/guides/commissionmonth/after.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Give every month: which there are is no secret, what it holds is narrowed."""
        return self.model._default_manager.get_queryset()

    @admin.display(description=_("month"))
    def month_shown(self, row: CommissionMonth) -> str:
        """Name the month."""
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        """Add what is done to a month, and its files."""
        return [self.own_path("do/", self.do_view, "do"), self.own_path("take/", self.take_view, "take"),
                *super().get_urls()]  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List the months for which anything was earned, those too that are not computed yet."""
        if not self.may(request, "view"):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Commission by month"),
                   "months": payroll.months(request.user), "may_change": self.may(request, "change")}  # fmt: skip
        return TemplateResponse(request, "admin/guides/commissionmonth/list.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show what the month comes to and what is to be done next."""
        row: CommissionMonth | None = context.get("original")
        if row is not None:
            totals = next((each for each in payroll.months(request.user) if each.kept == row), None)
            context |= {
                "totals": totals, "kinds": payroll.by_kind(row.month, request.user), "named": str(row),
                "may_change": self.may(request, "change"), "can_export": self.may(request, "export"),
                "files": [("gross", _("Gross by person")), ("lines", _("Every line")), ("booked", _("For accounting"))],
            }  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("guide_pay", "change")
    def do_view(self, request: HttpRequest) -> HttpResponse:
        """Bring a month one step on, or credit its orders anew."""
        month, name = payroll.month_named(request.POST.get("month", "")), request.POST.get("do", "")
        if request.method == "POST" and month and name in DEEDS:
            deed, says = DEEDS[name]
            more = {"unreviewed": "unreviewed" in request.POST} if name == "close" else {}
            try:
                deed(month=month, at=clock.now(), by=cast("User", request.user), **more)
                messages.success(request, str(says))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return self._back(month)

    def _back(self, month: date | None) -> HttpResponse:
        row = CommissionMonth.objects.filter(month=month).first() if month else None
        if row is None:
            return redirect("admin:guides_commissionmonth_changelist")
        return redirect("admin:guides_commissionmonth_change", row.pk)

    @scoped("guide_pay", "export")
    def take_view(self, request: HttpRequest) -> HttpResponseBase:
        """Give a file of a month, and write down who took it."""
        month, name = payroll.month_named(request.POST.get("month", "")), request.POST.get("what", "")
        if month is None or name not in FILES:
            return self._back(month)
        write = partial(self._file, cast("User", request.user), month, name)
        return export.take_out(request, back=self._back(month), write=write)

    def _file(self, by: User, month: date, name: str, form: str) -> HttpResponseBase:
        at = clock.now()
        select, given = payroll.table(name, payroll.kept(month))
        most = exports.FILE_MOST_ROWS if form == export.CSV else exports.AT_ONCE_MOST_ROWS
        rows = payroll.size(select, given)
        exports.take(noun=f"commission_{name}", filters=["month"], rows=rows, at=at, by=by, most=most)
        told = Selected(select, given, FILES[name], eyes())
        return export.answer(told, form, f"commission-{name}-{month:%Y-%m}", at)
