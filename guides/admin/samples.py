"""Sample campaigns: a form that keeps one with the stock of its stores, what came of them, each sample as a row."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import samples
from guides.actions.samples import Offer
from guides.admin.picks import RegionPick, StorePick
from guides.models import Sample, SampleCampaign, SampleStock
from guides.models.samples import LONGEST_SPAN
from guides.queries import sampling
from newretail.kernel import clock, money, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, Opening, VerbAdmin, VerbInline, Written
from newretail.kernel.verbs import Refused
from stores.models import Product, Store, sight_of, store_ids_in

SPANS = (30, 90, 365)  # days that the report looks back


class CampaignForm(forms.Form):
    """A campaign as it is written; the stock of stores line by line."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}\Z", label=_("code"), help_text=_("lower case letters, digits, -")
    )
    name = forms.CharField(label=_("name"), max_length=60)
    sku = forms.CharField(label=_("product (SKU)"), max_length=60)
    counts = forms.ChoiceField(label=_("what counts as bought"), choices=SampleCampaign.Counts)
    days = forms.IntegerField(label=_("bought within (days)"), min_value=1, max_value=LONGEST_SPAN, initial=30)
    first_on = forms.DateField(label=_("first day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last_on = forms.DateField(label=_("last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    stock = forms.CharField(
        label=_("stock of stores"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 6}),
        help_text=_("One store a line: its code and how many it has, such as “SH01 50”. Empty: every store gives."),
    )  # fmt: skip

    def clean_sku(self) -> Product:
        """Find the product."""
        found = Product.objects.filter(sku=self.cleaned_data["sku"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no product with this SKU."))
        return found

    def clean_stock(self) -> dict[str, int]:
        """Read the stock line by line; a line that cannot be read is named."""
        stock: dict[str, int] = {}
        for line in self.cleaned_data["stock"].splitlines():
            code, _blank, count = line.strip().rpartition(" ")
            if not line.strip():
                continue
            if not (code and count.isascii() and count.isdigit() and len(count) < 10) or code.strip() in stock:
                raise forms.ValidationError(_("This line cannot be read: %(line)s") % {"line": line.strip()[:60]})
            stock[code.strip()] = int(count)
        known = set(Store.objects.filter(code__in=stock).values_list("code", flat=True))
        if strange := sorted(set(stock) - known):
            raise forms.ValidationError(_("There is no store %(code)s.") % {"code": strange[0]})
        return stock

    def offer(self) -> Offer:
        """Give what was filled in as the verb takes it."""
        given = dict(self.cleaned_data)
        return Offer(product=given.pop("sku"), **given)


def _filled(campaign: SampleCampaign | None) -> dict[str, Any] | None:
    if campaign is None:
        return None
    stocks = campaign.stocks.select_related("store").order_by("store__code")
    fields = ("code", "name", "counts", "days", "first_on", "last_on")
    return {**{name: getattr(campaign, name) for name in fields}, "sku": campaign.product.sku,
            "stock": "\n".join(f"{each.store.code} {each.supplied}" for each in stocks)}  # fmt: skip


class StockInline(VerbInline):
    """What each store has and gave."""

    model, ordering = SampleStock, ("store__code",)
    fields = readonly_fields = ("store", "supplied", "given")


@admin.register(SampleCampaign)
class SampleCampaignAdmin(VerbAdmin):
    """Campaigns by code."""

    resource = "samples"
    key = ("code",)
    says_when_empty = _("No sample campaign yet: write one, and guides give its samples to their customers.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("Write a sample campaign"), "admin:guides_samplecampaign_keep"),
        Opening(_("What came of samples"), "admin:guides_samplecampaign_report", "view", "insights"),
    )
    list_select_related = ("product",)
    list_display = ("name", "code", "product", "span_shown", "days", "stock_shown", "way_shown")
    fields = readonly_fields = ("name", "code", "product", "counts", "days", "span_shown")
    search_fields = ("code__startswith", "name__contains")

    def get_inlines(self, request: HttpRequest, obj: SampleCampaign | None) -> list[Any]:
        """Show the stock of stores where stores are named; else any of them gives."""
        return [StockInline] if obj and obj.stocks.exists() else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Sum the stock of each."""
        return (
            super()
            .get_queryset(request)
            .annotate(stores=Count("stocks"), left=Sum(F("stocks__supplied") - F("stocks__given")))
        )

    @display(description=_("given from – to"))
    def span_shown(self, row: SampleCampaign) -> str:
        """Say from when until when it is given."""
        return f"{row.first_on} – {row.last_on}"

    @display(description=_("left"))
    def stock_shown(self, row: Any) -> str:
        """Say how many are left in how many stores."""
        if not row.stores:
            return _now("not counted")
        return _now("%(left)s in %(stores)s stores") % {"left": numbers.grouped(row.left), "stores": row.stores}

    @display(description="")
    def way_shown(self, row: SampleCampaign) -> str:
        """Lead to its form."""
        return format_html(
            '<a class="hq-link" href="{}?code={}">{}</a>', reverse("admin:guides_samplecampaign_keep"), row.code,
            _("Change"),
        )  # fmt: skip

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the form out for those who may not write."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Add the form and the report."""
        return [
            self.own_path("keep/", self.keep_view, "keep"), self.own_path("report/", self.report_view, "report"),
            *super().get_urls(),
        ]  # fmt: skip

    @scoped("samples", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a campaign, or change one."""
        found = self.model.objects.filter(code=request.GET.get("code", "").replace("\0", "")).first()
        form = CampaignForm(request.POST or None, initial=_filled(found))
        if form.is_bound and form.is_valid():
            seen = request.POST.get("seen", "")
            try:
                samples.keep(offer=form.offer(), at=clock.now(), by=cast("User", request.user),
                             seen=int(seen) if seen.isascii() and seen.isdigit() else None)  # fmt: skip
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("admin:guides_samplecampaign_changelist")
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "campaign": found,
                   "title": found.name if found else _now("Write a sample campaign")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/guides/samplecampaign/keep.html", context, status=status)

    @scoped("samples")
    def report_view(self, request: HttpRequest) -> HttpResponse:
        """Show by campaign, store and guide who was given samples and who came back to buy."""
        days = next((each for each in SPANS if str(each) == request.GET.get("days")), SPANS[1])
        tomorrow = clock.business_day(clock.now()) + timedelta(days=1)
        found = sampling.report(
            first=clock.day_start(tomorrow - timedelta(days=days)), until=clock.day_start(tomorrow),
            stores=store_ids_in(sight_of(request.user, "samples", "view")),
        )  # fmt: skip
        heads = {"campaign": _now("By campaign"), "store": _now("By store"), "guide": _now("By guide")}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "days": days, "spans": SPANS,
                   "title": _now("What came of samples"),
                   "parts": [(head, found[by]) for by, head in heads.items()]}  # fmt: skip
        return TemplateResponse(request, "admin/guides/samplecampaign/report.html", context)


class CampaignWritten(Written):
    """Of one campaign, by its code."""

    title, parameter, field = _("code of the campaign"), "campaign", "campaign__code"


class GivenSpan(DaySpan):
    """By the day it was given."""

    title, parameter, field = _("given at"), "given", "given_at"


@admin.register(Sample)
class SampleAdmin(VerbAdmin):
    """Samples, the newest first, with what was bought after each."""

    resource = "samples"
    key = ("-id",)
    says_when_empty = _("No guide has given a sample yet.")
    list_select_related = ("campaign", "member", "post__user", "post__store")
    list_filter = (CampaignWritten, GivenSpan, StorePick, RegionPick)
    list_display = ("campaign", "whose", "guide_shown", "store_shown", "at_shown", "bought_shown")
    fields = readonly_fields = list_display
    search_fields = ("member__member_no", "post__user__staff_no")
    search_help_text = _("Member no. or staff no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code of the campaign"), lambda row: row.campaign.code),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("store"), lambda row: row.post.store.code if row.post.store else ""),
        Column(_("staff no."), lambda row: row.post.user.staff_no),
        Column(_("given at"), lambda row: people.moment(row.given_at)),
        Column(_("bought after it"), lambda row: money.to_yuan(row.cents), money=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Set beside each what was bought in time, net of refunds."""
        return super().get_queryset(request).annotate(cents=sampling.BoughtAfter())

    @display(description=_("member"))
    def whose(self, row: Sample) -> str:
        """Name who was given it."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("guide"))
    def guide_shown(self, row: Sample) -> str:
        """Name who gave it."""
        return str(row.post.user)

    @display(description=_("store"))
    def store_shown(self, row: Sample) -> str:
        """Name the store."""
        return str(row.post.store or "")

    @display(description=_("given at"))
    def at_shown(self, row: Sample) -> str:
        """Say when it was given."""
        return people.moment(row.given_at)

    @display(description=_("bought after it"))
    def bought_shown(self, row: Any) -> str:
        """Say for how much she bought in time."""
        return people.money(row.cents) if row.cents else numbers.DASH
