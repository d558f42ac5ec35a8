"""Every line of commission and what it was reckoned from; adjustments and debts written off by hand, with a reason."""

import uuid
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.actions import commission_adjustments
from guides.admin import months
from guides.admin.pay import OPENINGS, PersonWritten, number_of, who, why
from guides.models import CommissionEntry
from guides.models.commissions import LONGEST_REASON
from guides.queries import payroll
from members.models import Order
from newretail.kernel import clock, money, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused


class AdjustForm(forms.Form):
    """Whose, of which month, how much, why."""

    staff_no = forms.CharField(label=_("staff no."), max_length=40)
    month = forms.CharField(label=_("month (2026-05)"), max_length=7)
    amount = forms.CharField(
        label=_("amount (yuan), less with a minus"), max_length=16,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    reason = forms.CharField(label=_("reason"), max_length=LONGEST_REASON)
    once = forms.UUIDField(widget=forms.HiddenInput)

    def clean_staff_no(self) -> User:
        """Find the person."""
        number = self.cleaned_data["staff_no"].strip()
        found = User.objects.filter(Q(staff_no=number) | Q(staff_no__isnull=True, username=number)).first()
        if found is None:
            raise forms.ValidationError(_now("There is nobody with this number."))
        return found

    def clean_month(self) -> Any:
        """Read the month."""
        found = payroll.month_named(self.cleaned_data["month"].strip())
        if found is None:
            raise forms.ValidationError(_now("Write a month such as 2026-05."))
        return found

    def clean_amount(self) -> int:
        """Read yuan with its sign into cents."""
        text = self.cleaned_data["amount"].strip()
        try:
            cents = money.to_cents(text.removeprefix("-"))
        except money.NotMoney:
            raise forms.ValidationError(_now("Write an amount such as 12.50 or -3.")) from None
        return -cents if text.startswith("-") else cents


class WriteOffForm(AdjustForm):
    """Whose debt, how much of it, why."""

    month = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("amount (yuan) of the debt")


class KindPick(ChoicePick):
    """By kind."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", CommissionEntry.Kind


@admin.register(CommissionEntry)
class CommissionEntryAdmin(VerbAdmin):
    """Every move of commission, the newest first."""

    resource = "guide_pay"
    key = ("-id",)
    says_when_empty = _("Nobody has earned commission yet.")
    openings: ClassVar[tuple[Opening, ...]] = OPENINGS
    list_select_related = ("account__user", "order", "policy", "by")
    list_filter = (months.MonthWritten, PersonWritten, KindPick)
    list_display = ("moment", "person", "month_shown", "kind_shown", "order_shown", "amount", "why_shown")
    search_fields = ("account__user__staff_no",)
    search_help_text = _("Order no. or staff no.")
    fields = readonly_fields = (*list_display, "provisional", "vested", "payable", "paid", "debt", "reason", "by")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("made at"), lambda row: people.moment(row.made_at)),
        Column(_("staff no."), number_of),
        Column(_("guide"), who),
        Column(_("month"), lambda row: f"{row.month:%Y-%m}"),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("order no."), lambda row: row.order.order_no if row.order else ""),
        Column(_("line no."), lambda row: row.line_no),
        Column(_("base"), lambda row: money.to_yuan(row.base_cents), money=True),
        Column(_("rate (basis points)"), lambda row: row.rate_bp),
        Column(_("share (basis points)"), lambda row: row.share_bp),
        Column(_("amount"), lambda row: money.to_yuan(row.amount_cents), money=True),
        Column(_("level"), lambda row: row.level or ""),
        Column(pgettext_lazy("policy", "version"), lambda row: row.policy.version if row.policy else ""),
        Column(_("reason"), lambda row: row.reason),
    )

    @display(description=_("made at"))
    def moment(self, row: CommissionEntry) -> str:
        """Say when."""
        return people.moment(row.made_at)

    @display(description=_("guide"))
    def person(self, row: CommissionEntry) -> str:
        """Name the person."""
        return who(row)

    @display(description=_("month"))
    def month_shown(self, row: CommissionEntry) -> str:
        """Name the month it is paid in."""
        return f"{row.month:%Y-%m}"

    @display(description=_("kind"))
    def kind_shown(self, row: CommissionEntry) -> str:
        """Say what moved."""
        return row.get_kind_display()

    @display(description=_("order no."))
    def order_shown(self, row: CommissionEntry) -> str:
        """Give the order's number, with the line."""
        if row.order is None:
            return numbers.DASH
        return f"{row.order.order_no} · {row.line_no}" if row.line_no else row.order.order_no

    @display(description=_("amount"))
    def amount(self, row: CommissionEntry) -> str:
        """Write what was earned by it; what only moved on earned nothing."""
        return people.money(row.amount_cents)

    @display(description=_("why"))
    def why_shown(self, row: CommissionEntry) -> str:
        """Say what it was reckoned from."""
        return why(row)

    @display(description=pgettext_lazy("commission", "provisional"))
    def provisional(self, row: CommissionEntry) -> str:
        """Write by how much what is provisional moved."""
        return people.money(row.provisional_cents)

    @display(description=pgettext_lazy("commission", "vested"))
    def vested(self, row: CommissionEntry) -> str:
        """Write by how much what has vested moved."""
        return people.money(row.vested_cents)

    @display(description=pgettext_lazy("commission", "to be paid"))
    def payable(self, row: CommissionEntry) -> str:
        """Write by how much what is to be paid moved."""
        return people.money(row.payable_cents)

    @display(description=pgettext_lazy("commission", "paid"))
    def paid(self, row: CommissionEntry) -> str:
        """Write by how much what is paid moved."""
        return people.money(row.paid_cents)

    @display(description=pgettext_lazy("commission", "debt"))
    def debt(self, row: CommissionEntry) -> str:
        """Write by how much what is owed moved."""
        return people.money(row.debt_cents)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the number of an order or of a person."""
        term = search_term.strip()
        if not term or "\0" in term:
            return (queryset.none() if term else queryset), False
        orders = list(Order.objects.filter(order_no=term).values_list("pk", flat=True))
        return queryset.filter(Q(order__in=orders) | Q(account__user__staff_no=term)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the two forms."""
        return [
            self.own_path("adjust/", self.adjust_view, "adjust"),
            self.own_path("write-off/", self.write_off_view, "write_off"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("guide_pay", "change")
    def adjust_view(self, request: HttpRequest) -> HttpResponse:
        """Give a person an amount of an open month, or take one."""
        return self._by_hand(request, AdjustForm, commission_adjustments.adjust, _("Adjust commission"))

    @scoped("guide_pay", "change")
    def write_off_view(self, request: HttpRequest) -> HttpResponse:
        """Forgive a person what she owes, or a part of it."""
        return self._by_hand(request, WriteOffForm, commission_adjustments.write_off, _("Write off a debt"))

    def _by_hand(
        self, request: HttpRequest, kind: type[AdjustForm], verb: Callable[..., CommissionEntry], title: Any
    ) -> HttpResponse:
        begun = {"staff_no": request.GET.get("staff", "")[:40], "month": request.GET.get("month", "")[:7]}
        form = kind(request.POST or None, initial={**begun, "once": uuid.uuid4()})
        if form.is_bound and form.is_valid():
            given = dict(form.cleaned_data)
            told = {"user": given.pop("staff_no"), "cents": given.pop("amount"), "ref": given.pop("once"), **given}
            try:
                done = verb(**told, at=clock.now(), by=cast("User", request.user))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _now("It stands in the books, with your name and the reason."))
                return redirect("admin:guides_commissionentry_change", done.pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "title": title}
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/guides/commissionentry/by_hand.html", context, status=status)
