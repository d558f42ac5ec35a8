"""Touch plans: the list, the form of a draft, the page with what it did and would do tomorrow, and the ways on."""

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.actions import plans
from campaigns.admin.plan_board import PlanBoard
from campaigns.admin.plan_form import PlanForm, contents_of
from campaigns.models import TouchPlan
from campaigns.queries import planning, wordings
from members.models import Touch, TouchChannel
from members.models.portraits import Stage
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin import ChoicePick, Column, Opening, VerbAdmin, origins, panels
from newretail.kernel.verbs import Refused

State = TouchPlan.State
TONES = {"draft": "default", "submitted": "warning", "approved": "info", "live": "success", "paused": "warning",
         "ended": "default"}  # fmt: skip
# What may be done with a plan, what it is called, the right it asks for.
WAYS: dict[str, tuple[Any, Action]] = {
    "submit": (_("Submit for approval"), "change"), "approve": (_("Approve"), "approve"),
    "hand_back": (_("Hand back to draft"), "change"), "start": (_("Start"), "change"), "pause": (_("Pause"), "change"),
    "end": (_("End for good"), "change"),
}  # fmt: skip


class KindPick(ChoicePick):
    """By what it is planned on."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", TouchPlan.Kind


class StatePick(ChoicePick):
    """By how far it is."""

    title, parameter_name, field, offered = _("state"), "state", "state", TouchPlan.State


def channels_said(plan: TouchPlan) -> str:
    """Name a plan's channels in their order."""
    return " → ".join(str(TouchChannel(each).label) for each in plan.channels)


@admin.register(TouchPlan)
class TouchPlanAdmin(VerbAdmin):
    """Plans by code."""

    resource = "touch_plans"
    key = ("code",)
    says_when_empty = _("No plan yet: add the examples, or write one.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Write a plan"), "admin:campaigns_touchplan_keep"),)
    list_after_template = "admin/members/examples.html"
    examples = _("Add the example plans, one of each kind")
    list_select_related = ("segment",)
    list_filter = (StatePick, KindPick)
    list_display = ("name", "code", "kind", "segment", "channels_shown", "starts_on", "ends_on", "state_shown")
    list_display_links = ("name",)
    fields = readonly_fields = ("code", "name", "kind", "segment", "channels_shown", "starts_on", "ends_on")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code), Column(_("name"), lambda row: row.name),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("segment"), lambda row: row.segment.code if row.segment else ""),
        Column(_("channels"), channels_said), Column(_("first day"), lambda row: row.starts_on.isoformat()),
        Column(_("state"), lambda row: row.get_state_display()),
    )  # fmt: skip

    @display(description=_("channels"))
    def channels_shown(self, row: TouchPlan) -> str:
        """Name its channels in their order."""
        return channels_said(row)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: TouchPlan) -> tuple[str, str]:
        """Show how far it is as a badge."""
        return row.state, row.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the form, the examples and the ways on."""
        return [
            *PlanBoard(self).paths(),
            self.own_path("keep/", self.keep_view, "keep"), self.own_path("examples/", self.examples_view, "examples"),
            self.own_path("<int:pk>/move/", self.move_view, "move"), *super().get_urls(),
        ]  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a plan: its words, what became of its touches, what it would do tomorrow."""
        return self.page(request, self.found(request, object_id))

    def page(self, request: HttpRequest, plan: TouchPlan, *, status: int = 200, refusal: str = "") -> HttpResponse:
        """Draw the page of a plan."""
        seen = planning.foreseen(plan, planning.tomorrow(clock.now()))
        became = Touch.objects.filter(source=plan.source).values("state", "reason").annotate(number=Count("pk"))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": plan, "title": plan.name,
            "refusal": refusal, "contents": contents_of(plan), "channels": channels_said(plan),
            "tone": TONES[plan.state],
            "ways": list(self._ways(request, plan)), "terms": list(_terms(plan)), "seen": seen,
            "by": [(TouchChannel(channel).label, planning.stopped_word(stopped), number, stopped)
                   for channel, stopped, number in seen.by],
            "sample": [(member, eyes().called(member), TouchChannel(channel).label, planning.stopped_word(stopped))
                       for member, channel, stopped in seen.sample],
            "became": [(Touch.State(row["state"]).label, Touch.Reason(row["reason"]).label if row["reason"] else "",
                        row["number"]) for row in became.order_by("-number", "state")],
            "panels": panels.told(request, plan),
            "may_change": self.may(request, "change") and plan.state == State.DRAFT,
        }  # fmt: skip
        return TemplateResponse(request, "admin/campaigns/touchplan/page.html", context, status=status)

    def _ways(self, request: HttpRequest, plan: TouchPlan) -> Iterator[tuple[str, Any]]:
        for do, (word, right) in WAYS.items():
            if plan.state in plans.LEADS[do][0] and self.may(request, right):
                yield do, word

    @scoped("touch_plans", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a plan, or the next version of a draft."""
        code = request.GET.get("code", "").replace("\0", "")
        plan = self.get_queryset(request).select_related("coupon_plan").filter(code=code).first()
        form = PlanForm(request.POST or None, plan=plan)
        if form.is_bound and form.is_valid():
            try:
                kept = plans.keep(code=form.cleaned_data["code"], draft=form.draft(), at=clock.now(),
                                  by=cast("User", request.user))  # fmt: skip
                return redirect("admin:campaigns_touchplan_change", kept.pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "plan": plan,
                   "places": [(f"{{{name}}}", word) for name, word in wordings.PLACES.items()],
                   "title": plan.name if plan else _now("Write a plan")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/campaigns/touchplan/keep.html", context, status=status)

    @scoped("touch_plans", "change")
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the plans that ship with the product, where their codes are free."""
        if request.method == "POST":
            at = clock.now()
            plans.add_examples(at=at, day=clock.business_day(at), by=cast("User", request.user))
        return redirect("admin:campaigns_touchplan_changelist")

    @scoped("touch_plans")
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lead a plan on."""
        plan = self.found(request, pk)
        do = request.POST.get("do", "")
        if request.method != "POST" or do not in WAYS or not self.may(request, WAYS[do][1]):
            return redirect("admin:campaigns_touchplan_change", plan.pk)
        try:
            plans.move(plan=plan, do=do, at=clock.now(), by=cast("User", request.user))
        except Refused as refusal:
            return self.page(request, plan, status=422, refusal=str(refusal))
        return redirect("admin:campaigns_touchplan_change", plan.pk)


TERM_WORDS = {
    "days_before": _("days before"), "days_after": _("days after"), "day_of_month": _("day of the month"),
    "again_days": _("again after (days)"), "tags": _("tags"), "categories": _("categories"), "families": _("holidays"),
    "stages": _("stages"),
}  # fmt: skip


def _terms(plan: TouchPlan) -> Iterator[tuple[Any, str]]:
    """Say the terms of a plan."""
    for name, value in plan.terms.items():
        words = [str(Stage(each).label) for each in value] if name == "stages" else value
        yield TERM_WORDS[name], " · ".join(words) if isinstance(words, list) else str(value)
    yield _("segment"), str(plan.segment) if plan.segment else numbers.DASH


@origins.named("campaigns.plan:")
def named(sources: list[str]) -> dict[str, str]:
    """Name the plans that touches come from."""
    numbered = {pk: source for source in sources if (pk := source.partition(":")[2]).isdigit()}
    plans_of = TouchPlan.objects.filter(pk__in=list(numbered)).values_list("pk", "name")
    return {numbered[str(pk)]: name for pk, name in plans_of}
