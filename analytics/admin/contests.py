"""Contests between guides: the list, a form for a draft, publishing and closing, who stands where."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from analytics.actions import contests
from analytics.actions.contests import Rules
from analytics.models import Contest
from analytics.queries.contests import standings
from analytics.views.contests import written
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbadmin import ChoicePick, Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.models import Region, sight_of, store_ids_in

SHOWN = 50


class ContestForm(forms.Form):
    """The rules of a contest; each line of the prizes is what one rank wins."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}\Z", label=_("code"), help_text=_("lower case letters, digits, -")
    )
    name = forms.CharField(label=_("name"), max_length=60)
    metric = forms.ChoiceField(label=_("what is counted"), choices=Contest.Metric)
    grouping = forms.ChoiceField(label=_("ranked"), choices=Contest.Grouping)
    region = forms.ModelChoiceField(
        Region.objects.none(), label=_("region"), required=False, to_field_name="name",
        help_text=_("Whose guides are in; empty: all of them."),
    )  # fmt: skip
    first_day = forms.DateField(
        label=pgettext_lazy("contest", "first day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=pgettext_lazy("contest", "last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    prizes = forms.CharField(
        label=_("prizes"), max_length=800, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A line for each rank, the first first."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Any]", self.fields["region"]).queryset = Region.objects.order_by("name")

    def rules(self) -> Rules:
        """Give what was filled in as the verb takes it."""
        given = dict(self.cleaned_data)
        region = given.pop("region")
        given["prizes"] = [line.strip() for line in given["prizes"].splitlines() if line.strip()]
        return Rules(**given, region_id=region.pk if region else None)


def filled(contest: Contest) -> dict[str, Any]:
    """Fill the form with a draft as it stands."""
    same = ("code", "name", "metric", "grouping", "first_day", "last_day")
    region = contest.region.name if contest.region else ""
    return {**{name: getattr(contest, name) for name in same}, "region": region, "prizes": "\n".join(contest.prizes)}


class StatePick(ChoicePick):
    """By how it stands."""

    title, parameter_name, field, offered = _("state"), "state", "state", Contest.State


@admin.register(Contest)
class ContestAdmin(VerbAdmin):
    """Contests, the newest first; drafts are HQ's alone."""

    resource = "contests"
    key = ("-id",)
    says_when_empty = _("No contest yet.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Write a contest"), "admin:analytics_contest_keep"),)
    change_form_outer_after_template = "admin/analytics/contest/after.html"
    list_select_related = ("region", "by")
    list_filter = (StatePick,)
    list_display = ("name", "code", "metric", "grouping", "region", "first_day", "last_day", "state")
    fields = (*list_display, "prizes_shown", "by")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("what is counted"), lambda row: row.get_metric_display()),
        Column(_("ranked"), lambda row: row.get_grouping_display()),
        Column(_("region"), lambda row: row.region),
        Column(pgettext_lazy("contest", "first day"), lambda row: row.first_day),
        Column(pgettext_lazy("contest", "last day"), lambda row: row.last_day),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("prizes"), lambda row: " · ".join(row.prizes)),
    )

    @display(description=_("prizes"))
    def prizes_shown(self, row: Contest) -> str:
        """Name what each rank wins."""
        return " · ".join(f"{rank}. {prize}" for rank, prize in enumerate(row.prizes, 1))

    def get_urls(self) -> list[URLPattern]:
        """Add the form, publishing and closing."""
        return [
            self.own_path("keep/", self.keep_view, "keep"),
            self.own_path("<path:object_id>/publish/", self.publish_view, "publish"),
            self.own_path("<path:object_id>/close/", self.close_view, "close"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show how the guides within sight stand, and what may be done next."""
        row: Contest | None = context.get("original")
        if row is not None:
            seen = store_ids_in(sight_of(request.user, "contests", "view"))
            found = standings([row], stores=seen, most=SHOWN) if row.state != Contest.State.DRAFT else []
            context |= {
                "standings": [(each, written(row, each.score)) for each in found],
                "changes": self.may(request, "change"), "draft": row.state == Contest.State.DRAFT,
                "running": row.state == Contest.State.PUBLISHED, "cut": SHOWN if len(found) == SHOWN else 0,
            }  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("contests", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a draft, or change it."""
        code = request.GET.get("code", "").replace("\0", "")
        draft = self.get_queryset(request).filter(code=code, state=Contest.State.DRAFT).first()
        form = ContestForm(request.POST or None, initial=filled(draft) if draft else None)
        if form.is_bound and form.is_valid():
            try:
                kept = contests.keep(rules=form.rules(), at=clock.now(), by=cast("User", request.user))
                return redirect("admin:analytics_contest_change", kept.pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form,
                   "title": draft.name if draft else _now("Write a contest")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/analytics/contest/keep.html", context, status=status)

    @scoped("contests", "change")
    def publish_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Publish a draft."""
        return self._done(request, object_id, contests.publish, _now("The contest is on the guides' phones now."))

    @scoped("contests", "change")
    def close_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close a contest whose days are over."""
        return self._done(request, object_id, contests.close, _now("The contest is closed; its standings are final."))

    def _done(self, request: HttpRequest, object_id: str, act: Callable[..., object], said: str) -> HttpResponse:
        row = self.found(request, object_id)
        if request.method == "POST":
            try:
                act(code=row.code, at=clock.now(), by=cast("User", request.user))
                self.message_user(request, said)
            except Refused as refusal:
                self.message_user(request, str(refusal), level="ERROR")
        return redirect("admin:analytics_contest_change", row.pk)
