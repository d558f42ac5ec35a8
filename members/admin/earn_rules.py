"""Earn rules: every version, and a form that writes the next one."""

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Least
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import earn_rules
from members.actions.earn_rules import Terms
from members.models import EarnRule
from newretail.kernel import clock, money, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused


def rate(row: EarnRule) -> str:
    """Say how many points a yuan earns."""
    times = row.points_per_yuan * row.multiplier_bp / 10_000
    return f"{times:.4f}".rstrip("0").rstrip(".")


def conditions(row: EarnRule) -> str:
    """Say what a rule looks at, or that it looks at everything."""
    said = [str(each) for each in (row.level, row.channel, row.category, row.product) if each]
    if row.member_day:
        said.append(str(_("member day")))
    if row.min_cents:
        said.append(f"≥ {people.money(row.min_cents)}")
    return " · ".join(said) or str(_("every order"))


class RuleForm(forms.ModelForm):
    """The next version of a rule."""

    min_yuan = forms.CharField(label=_("order from"), required=False, max_length=15, help_text=_("empty: any amount"))
    multiplier = forms.DecimalField(
        label=_("multiplier"), min_value=0, max_digits=6, decimal_places=2, initial=1,
        help_text=_("1.5 for one and a half times"),
    )  # fmt: skip

    class Meta:
        """What a version says."""

        model = EarnRule
        fields = (
            "code", "name", "from_on", "until_on", "points_per_yuan", "valid_days", "member_day", "level", "channel",
            "category", "product",
        )  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "from_on": forms.DateInput(attrs={"type": "date"}),
            "until_on": forms.DateInput(attrs={"type": "date"}),
            "product": forms.TextInput(attrs={"placeholder": "SKU"}),
        }
        field_classes: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product = cast("forms.ModelChoiceField[Any]", self.fields["product"])
        product.to_field_name = "sku"

    def clean_min_yuan(self) -> int:
        """Read the amount."""
        text = self.cleaned_data["min_yuan"].strip()
        try:
            return money.to_cents(text) if text else 0
        except money.NotMoney:
            raise forms.ValidationError(_("an amount with at most two decimals")) from None

    def terms(self) -> Terms:
        """Give what was filled in as the verb takes it."""
        given = self.cleaned_data
        same = ("name", "from_on", "until_on", "points_per_yuan", "valid_days", "member_day", "level", "channel",
                "category", "product")  # fmt: skip
        return Terms(
            **{name: given[name] for name in same}, min_cents=given["min_yuan"],
            multiplier_bp=int(given["multiplier"] * 10_000),
        )  # fmt: skip


def beginning_with(row: EarnRule) -> dict[str, Any]:
    """Fill the form with a version, as the beginning of the next."""
    same = ("code", "name", "points_per_yuan", "valid_days", "member_day", "level", "channel", "category")
    filled = {name: getattr(row, name) for name in same}
    return {**filled, "product": row.product.sku if row.product else None, "multiplier": row.multiplier_bp / 10_000,
            "min_yuan": money.to_yuan(row.min_cents) if row.min_cents else ""}  # fmt: skip


@admin.register(EarnRule)
class EarnRuleAdmin(VerbAdmin):
    """Versions of earn rules, the newest of each first; none is ever changed."""

    resource = "earn_rules"
    says_when_empty = _("No rule yet: orders earn nothing. Add the first one.")
    key = ("code", "-version")
    list_select_related = ("level", "channel", "category", "product")
    list_display = ("rule_shown", "version", "state_shown", "span_shown", "rate_shown", "valid_shown", "when_shown",
                    "next_shown")  # fmt: skip
    list_display_links = None
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Add an earn rule"), "admin:members_earnrule_next"),)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("version"), lambda row: row.version),
        Column(_("name"), lambda row: row.name),
        Column(_("from"), lambda row: row.from_on),
        Column(_("until (not included)"), lambda row: row.until_on),
        Column(_("points per yuan"), rate),
        Column(_("valid for (days)"), lambda row: row.valid_days),
        Column(_("conditions"), conditions),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Find where a newer version takes each one's place."""
        newer = EarnRule.objects.filter(code=OuterRef("code"), version__gt=OuterRef("version"))
        ends = Least("until_on", Subquery(newer.order_by("from_on").values("from_on")[:1]))
        return super().get_queryset(request).annotate(ends=ends, newer=Exists(newer))

    @display(description=_("earn rule"))
    def rule_shown(self, row: EarnRule) -> str:
        """Name the rule."""
        return f"{row.name} · {row.code}"

    @display(description=_("state"), label={"now": "success", "later": "info", "past": "default"})
    def state_shown(self, row: Any) -> tuple[str, Any]:
        """Say whether it counts now."""
        today = clock.business_day(clock.now())
        if row.ends and row.ends <= max(today, row.from_on):
            return "past", _("past")
        return ("later", _("to come")) if row.from_on > today else ("now", _("in force"))

    @display(description=_("span"))
    def span_shown(self, row: Any) -> str:
        """Say from when until when it counts."""
        return f"{row.from_on} – {row.ends or ''}"

    @display(description=_("points per yuan"))
    def rate_shown(self, row: EarnRule) -> str:
        """Say how many points a yuan earns."""
        return rate(row)

    @display(description=_("valid for (days)"))
    def valid_shown(self, row: EarnRule) -> str:
        """Say how long points of it hold."""
        return numbers.grouped(row.valid_days)

    @display(description=_("conditions"))
    def when_shown(self, row: EarnRule) -> str:
        """Say what it looks at."""
        return conditions(row)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the next version out for those who may not write one."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    @display(description="")
    def next_shown(self, row: Any) -> str:
        """Lead from the newest version to its next."""
        if row.newer:
            return ""
        address = f"{reverse('admin:members_earnrule_next')}?{urlencode({'code': row.code})}"
        return format_html('<a class="hq-link" href="{}">{}</a>', address, _("Next version"))

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the next version."""
        return [self.own_path("next/", self.next_view, "next"), *super().get_urls()]

    @scoped("earn_rules", "change")
    def next_view(self, request: HttpRequest) -> HttpResponse:
        """Write the next version of a rule."""
        if not self.may(request, "change"):
            raise PermissionDenied
        row = EarnRule.objects.filter(code=request.GET.get("code", "")).order_by("-version").first()
        form = RuleForm(request.POST or None, initial=beginning_with(row) if row else None)
        if request.method == "POST" and form.is_valid():
            try:
                earn_rules.put(code=form.cleaned_data["code"], terms=form.terms(), at=clock.now(),
                               by=cast("User", request.user))  # fmt: skip
                return redirect("admin:members_earnrule_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form,
                   "title": _("Next version of an earn rule")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/earnrule/next.html", context, status=status)
