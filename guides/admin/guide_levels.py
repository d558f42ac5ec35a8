"""Guides with the level each stands at, how a month was held against the table, and a form that overrides it."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.actions import guide_levels as level_verbs
from guides.admin.level_tables import BASIS_WORDS, LEVELS
from guides.admin.picks import RegionPick, StorePick
from guides.models import Credit, GuideAssessment, GuideLevelMove
from guides.models.levels import FIRST_LEVEL
from guides.queries import guide_levels, level_kpis
from guides.queries.policy_terms import ABILITY_WORDS
from newretail.kernel import clock, money, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.models import Post, sight_of, store_ids_in

LAST = ("month", "sales_cents", "outcome")
ROLES = dict(Credit.Role.choices)


class OverrideForm(forms.Form):
    """Another level, and why."""

    level = forms.TypedChoiceField(label=_("level"), coerce=int, choices=[(level, f"L{level}") for level in LEVELS])
    reason = forms.CharField(label=_("reason"), max_length=level_verbs.LONGEST_REASON)


class LevelPick(ChoicePick):
    """By the level she stands at."""

    title, parameter_name, field = _("level of a guide"), "level", "level"
    offered = [(str(level), f"L{level}") for level in LEVELS]


class OutcomePick(ChoicePick):
    """By what the last assessment brought."""

    title, parameter_name, field, offered = _("outcome"), "outcome", "last_outcome", GuideAssessment.Outcome


class OfStore(StorePick):
    """By the store she serves in."""

    field = "store_id"


class OfRegion(RegionPick):
    """By the region of her store."""

    field = "store__region_id"


@admin.register(Post)
class GuideLevelAdmin(VerbAdmin):
    """The posts of guides that are held today; a level is her person's, wherever she serves."""

    resource = "guide_levels"
    heading = _("Levels of guides")
    says_when_empty = _("Nobody serves as a guide yet.")
    list_select_related = ("user", "store")
    list_filter = (LevelPick, OutcomePick, OfStore, OfRegion)
    list_display = ("guide_shown", "store", "level_shown", "group_shown", "since_shown", "month_shown", "sales_shown",
                    "outcome_shown")  # fmt: skip
    search_fields = ("user__staff_no", "user__name__contains")
    search_help_text = _("Name or staff no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("staff no."), lambda row: row.user.staff_no),
        Column(_("guide"), lambda row: row.user),
        Column(_("store"), lambda row: row.store.code),
        Column(_("level of a guide"), lambda row: row.level),
        Column(pgettext_lazy("level", "since"), lambda row: people.moment(row.stands_from)),
        Column(_("last month assessed"), lambda row: f"{row.last_month:%Y-%m}" if row.last_month else ""),
        Column(_("sales"), lambda row: "" if row.last_sales_cents is None else money.to_yuan(row.last_sales_cents),
               money=True),
        Column(_("outcome"), lambda row: _outcome(row.last_outcome)),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Narrow to the guides of the stores within sight, with where each stands and the last month assessed."""
        at = clock.now()
        moves = GuideLevelMove.objects.filter(user=OuterRef("user"), from_at__lte=at).order_by("-from_at")
        months = GuideAssessment.objects.filter(user=OuterRef("user")).order_by("-month")
        stores = store_ids_in(sight_of(request.user, "guide_levels", "view"))
        rows = guide_levels.guides(clock.business_day(at)).select_related(*self.list_select_related)
        return (rows if stores is None else rows.filter(store_id__in=stores)).annotate(
            level=Coalesce(Subquery(moves.values("level")[:1]), FIRST_LEVEL),
            stands_from=Subquery(moves.values("from_at")[:1]),
            **{f"last_{name}": Subquery(months.values(name)[:1]) for name in LAST},
        )

    @display(description=_("guide"))
    def guide_shown(self, row: Any) -> str:
        """Name the person."""
        return str(row.user)

    @display(description=_("level of a guide"))
    def level_shown(self, row: Any) -> str:
        """Say the level."""
        return f"L{row.level}"

    @display(description=pgettext_lazy("level", "group"))
    def group_shown(self, row: Any) -> str:
        """Say the group of the level."""
        return str(level_kpis.group_of(row.level).words)

    @display(description=pgettext_lazy("level", "since"))
    def since_shown(self, row: Any) -> str:
        """Say since when she stands there."""
        return people.moment(row.stands_from)

    @display(description=_("last month assessed"))
    def month_shown(self, row: Any) -> str:
        """Name the last month that was assessed."""
        return f"{row.last_month:%Y-%m}" if row.last_month else numbers.DASH

    @display(description=_("sales"))
    def sales_shown(self, row: Any) -> str:
        """Say what she sold in it."""
        return people.money(row.last_sales_cents)

    @display(description=_("outcome"))
    def outcome_shown(self, row: Any) -> str:
        """Say what it brought."""
        return _outcome(row.last_outcome) or numbers.DASH

    def get_urls(self) -> list[URLPattern]:
        """Add the form that overrides a level."""
        return [self.own_path("<int:pk>/override/", self.override_view, "override"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show where a guide stands, how her last month was reckoned, and her months."""
        row = self.found(request, object_id)
        return self._page(request, row, OverrideForm(initial={"level": row.level}))

    @scoped("guide_levels", "change")
    def override_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let her stand at another level from now on."""
        row = self.found(request, pk)
        form = OverrideForm(request.POST or None, initial={"level": row.level})
        if request.method == "POST" and form.is_valid():
            try:
                level_verbs.override(user=row.user, at=clock.now(), by=cast("User", request.user), **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _now("Her level is changed."))
                return redirect("admin:stores_post_change", row.pk)
        return self._page(request, row, form, status=422 if form.is_bound else 200)

    def _page(self, request: HttpRequest, row: Any, form: OverrideForm, status: int = 200) -> HttpResponse:
        stands = guide_levels.standings([row.user], at=clock.now())[0]
        moves = GuideLevelMove.objects.filter(user=row.user).select_related("by").order_by("-from_at")
        context = {
            **self.admin_site.each_context(request), "opts": self.headed(), "original": row, "title": str(row.user),
            "stands": stands, "form": form, "may_change": self.may(request, "change"),
            "moves": moves[: guide_levels.MONTHS_SHOWN], **_told(stands, request.GET.get("month", "")),
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/guidelevel/page.html", context, status=status)


def _outcome(value: str | None) -> str:
    return str(GuideAssessment.Outcome(value).label) if value else ""


def _told(stands: guide_levels.Standing, month: str) -> dict[str, Any]:
    """Reckon the month that is asked for, the last one where none is."""
    asked = next((row for row in stands.history if f"{row.month:%Y-%m}" == month), stands.last)
    found = guide_levels.reckoned(asked, stands.history) if asked else None
    band = stands.band
    return {
        "reckoned": found,
        "basis": BASIS_WORDS[found.table.basis] if found else "",
        "parts": [(ROLES[part.role], part) for part in found.parts] if found else [],
        "kpis": level_kpis.lines(asked.kpis) if asked else [],
        "contribution": level_kpis.contribution(asked.kpis) if asked else None,
        "abilities": [(ABILITY_WORDS[name], score) for name, score in band.abilities.items()] if band else [],
    }
