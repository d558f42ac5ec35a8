"""Caps and quiet hours: the lists, the forms that keep them, and whom a target says to contact more."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from members.actions import caps
from members.actions.caps import Limit
from members.models import Level, Purpose, QuietHours, TouchCap, TouchChannel
from members.models.consents import CHANNELS, TOUCHING
from members.models.portraits import Stage
from members.queries import capping
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

SHOWN = 100
ALL = ("", "—")


class CapForm(forms.Form):
    """Whom a cap is about, over what it is counted, how much it allows."""

    code = forms.RegexField(r"^[A-Za-z0-9_-]{1,40}\Z", label=_("code"), help_text=_("letters, digits, - and _"))
    name = forms.CharField(label=_("name"), max_length=caps.LONGEST_NAME)
    channel = forms.ChoiceField(
        label=_("touch channel"), required=False,
        choices=[ALL, *((each, TouchChannel(each).label) for each in CHANNELS)], help_text=_("— counts all of them"),
    )  # fmt: skip
    purpose = forms.ChoiceField(
        label=_("purpose"), required=False, choices=[ALL, *((each, Purpose(each).label) for each in TOUCHING)],
        help_text=_("— counts all but service notices"),
    )  # fmt: skip
    level = forms.ModelChoiceField(
        Level.objects.none(), label=_("level"), required=False, to_field_name="code", empty_label="—",
        help_text=_("— is about all of them"),
    )  # fmt: skip
    stage = forms.ChoiceField(
        label=_("stage"), required=False, choices=[ALL, *Stage.choices], help_text=_("— is about all of them")
    )
    span = forms.ChoiceField(label=_("counted over"), choices=TouchCap.Span)
    days = forms.IntegerField(
        label=_("days"), required=False, min_value=1, max_value=caps.LONGEST_DAYS, help_text=_("of rolling days alone")
    )
    most = forms.IntegerField(label=pgettext_lazy("cap", "at most"), min_value=0, max_value=caps.MOST_TIMES)
    target = forms.IntegerField(
        label=_("target"), required=False, min_value=0, max_value=caps.MOST_TIMES,
        help_text=_("who was contacted less often is listed"),
    )  # fmt: skip
    is_platform = forms.BooleanField(
        label=_("quota of the platform"), required=False, help_text=_("Holds for service notices and promises too.")
    )

    def __init__(self, data: Any = None, *, cap: TouchCap | None = None) -> None:
        initial = {name: getattr(cap, name) for name in self.base_fields if name != "level"} if cap else {}
        super().__init__(data, initial={**initial, "level": cap.level.code if cap and cap.level else ""})
        cast("Any", self.fields["level"]).queryset = Level.objects.order_by("rank")

    def limit(self) -> Limit:
        """Give what was filled in as the verb takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("code", "name")}
        return Limit(**given)


def about(cap: TouchCap) -> str:
    """Say whom and what a cap is about."""
    words = [
        cap.get_channel_display() if cap.channel else "", cap.get_purpose_display() if cap.purpose else "",
        cap.level.name if cap.level else "", cap.get_stage_display() if cap.stage else "",
    ]  # fmt: skip
    return " · ".join(str(word) for word in words if word) or _now("everybody, all but service notices")


def over(cap: TouchCap) -> str:
    """Say over what a cap is counted."""
    return _now("%(days)s days") % {"days": cap.days} if cap.days else cap.get_span_display()


@admin.register(TouchCap)
class TouchCapAdmin(VerbAdmin):
    """Caps by code."""

    resource = "touch_caps"
    key = ("code",)
    says_when_empty = _("No cap yet: whatever plans want goes out. Write the first one.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("Write a cap"), "admin:members_touchcap_keep"),
        Opening(_("Quiet hours"), "admin:members_quiethours_changelist", action="view"),
    )
    list_select_related = ("level",)
    list_display = (
        "name",
        "about_shown",
        "over_shown",
        "most",
        "target_shown",
        "platform_shown",
        "active_shown",
        "way",
    )
    list_display_links = None
    fields = readonly_fields = ("code", "name", "about_shown", "over_shown", "most", "target_shown")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code), Column(_("name"), lambda row: row.name),
        Column(_("is about"), about), Column(_("counted over"), over),
        Column(pgettext_lazy("cap", "at most"), lambda row: row.most),
        Column(_("target"), lambda row: row.target), Column(_("quota of the platform"), lambda row: row.is_platform),
        Column(pgettext_lazy("touch cap", "active"), lambda row: row.active),
    )  # fmt: skip

    @display(description=_("is about"))
    def about_shown(self, row: TouchCap) -> str:
        """Say whom and what it is about."""
        return about(row)

    @display(description=_("counted over"))
    def over_shown(self, row: TouchCap) -> str:
        """Say over what it is counted."""
        return over(row)

    @display(description=_("target"))
    def target_shown(self, row: TouchCap) -> str:
        """Give the target, with a way to whom it is missed of."""
        if row.target is None:
            return numbers.DASH
        url = reverse("admin:members_touchcap_under", args=[row.pk])
        return format_html('{} <a class="hq-link" href="{}">{}</a>', row.target, url, _("the under-touched"))

    @display(description=_("quota of the platform"), boolean=True)
    def platform_shown(self, row: TouchCap) -> bool:
        """Tell whether the platform sets it."""
        return row.is_platform

    @display(description=pgettext_lazy("touch cap", "active"), boolean=True)
    def active_shown(self, row: TouchCap) -> bool:
        """Tell whether it holds."""
        return row.active

    @display(description="")
    def way(self, row: TouchCap) -> str:
        """Lead to its form."""
        url = reverse("admin:members_touchcap_keep")
        return format_html('<a class="hq-link" href="{}?code={}">{}</a>', url, row.code, _("Change"))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the form out for those who may not write."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Add the form, the end of a cap, and whom its target is missed of."""
        return [
            self.own_path("keep/", self.keep_view, "keep"), self.own_path("end/", self.end_view, "end"),
            self.own_path("<int:pk>/under/", self.under_view, "under"), *super().get_urls(),
        ]  # fmt: skip

    def _asked(self, request: HttpRequest, given: Any) -> TouchCap | None:
        code = given.get("code", "").replace("\0", "")
        return self.get_queryset(request).select_related("level").filter(code=code).first()

    @scoped("touch_caps", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a cap, or change one."""
        cap = self._asked(request, request.GET)
        form = CapForm(request.POST or None, cap=cap)
        if form.is_bound and form.is_valid():
            said = form.cleaned_data
            try:
                caps.keep(code=said["code"], name=said["name"], limit=form.limit(), at=clock.now(),
                          by=cast("User", request.user))  # fmt: skip
                return redirect("admin:members_touchcap_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "cap": cap,
                   "title": cap.name if cap else _("Write a cap")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/touchcap/keep.html", context, status=status)

    @scoped("touch_caps", "change")
    def end_view(self, request: HttpRequest) -> HttpResponse:
        """Let a cap hold no longer."""
        cap = self._asked(request, request.POST)
        if request.method == "POST" and cap:
            caps.end(cap=cap, at=clock.now(), by=cast("User", request.user))
        return redirect("admin:members_touchcap_changelist")

    @scoped("touch_caps")
    def under_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List whom a cap's target is missed of, the least contacted first."""
        cap = self.found(request, pk)
        under = capping.under_touched(cap, clock.now(), SHOWN)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "cap": cap, "about": about(cap),
            "over": over(cap), "title": _now("Under-touched: %(cap)s") % {"cap": cap.name}, "under": under,
            "least": [(member, eyes().called(member), told) for member, told in under.least],
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/touchcap/under.html", context)


class QuietForm(forms.Form):
    """From when to when a channel is quiet."""

    channel = forms.ChoiceField(
        label=_("touch channel"), choices=[(each, TouchChannel(each).label) for each in CHANNELS]
    )
    starts = forms.TimeField(label=_("from"), widget=forms.TimeInput(attrs={"type": "time"}), initial="21:00")
    ends = forms.TimeField(
        label=_("until"), widget=forms.TimeInput(attrs={"type": "time"}), initial="09:00",
        help_text=_("of the next day where it is earlier"),
    )  # fmt: skip


@admin.register(QuietHours)
class QuietHoursAdmin(VerbAdmin):
    """Quiet hours by channel."""

    resource = "touch_caps"
    key = ("channel",)
    says_when_empty = _("No channel has quiet hours yet: plans may touch by night.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Set quiet hours"), "admin:members_quiethours_keep"),)
    list_display = ("channel", "starts", "ends", "way")
    list_display_links = None
    fields = readonly_fields = ("channel", "starts", "ends")

    @display(description="")
    def way(self, row: QuietHours) -> str:
        """Lead to its form."""
        url = reverse("admin:members_quiethours_keep")
        return format_html('<a class="hq-link" href="{}?channel={}">{}</a>', url, row.channel, _("Change"))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the form out for those who may not write."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Add the form."""
        return [self.own_path("keep/", self.keep_view, "keep"), *super().get_urls()]

    @scoped("touch_caps", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Set the quiet hours of a channel, or lift them."""
        channel = request.GET.get("channel", "").replace("\0", "")
        kept = self.get_queryset(request).filter(channel=channel).first()
        initial = {"channel": kept.channel, "starts": kept.starts, "ends": kept.ends} if kept else None
        form = QuietForm(request.POST or None, initial=initial)
        at, by = clock.now(), cast("User", request.user)
        if kept and "lift" in request.POST:
            caps.lift_quiet(channel=kept.channel, at=at, by=by)
            return redirect("admin:members_quiethours_changelist")
        if form.is_bound and form.is_valid():
            try:
                caps.keep_quiet(**form.cleaned_data, at=at, by=by)
                return redirect("admin:members_quiethours_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "kept": kept,
                   "title": _("Set quiet hours")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/quiethours/keep.html", context, status=status)
