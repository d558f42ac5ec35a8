"""How members rise and fall: every move between levels, every growth given or taken by hand, and the page to do it."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import level_schemes
from members.admin import picks
from members.admin.duplicates import linked
from members.models import GrowthAdjustment, LevelMove, Member
from members.queries import benefits, families, growth, schemes
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

NOT_YET: dict[str, Any] = {"growth": 0, "grace_until": None}  # of whom no night has looked at


class FromPick(picks.LevelPick):
    """By the level she came from."""

    title, parameter_name, field = _("from level"), "from", "from_level_id"


class ToPick(picks.LevelPick):
    """By the level she came to."""

    title, parameter_name, field = _("to level"), "to", "to_level_id"


class ReasonPick(ChoicePick):
    """By the reason."""

    title, parameter_name, field, offered = _("reason"), "reason", "reason", LevelMove.Reason


class MovedSpan(DaySpan):
    """By the day."""

    title, parameter, field, instant = _("moved on"), "moved", "moved_on", False


@admin.register(LevelMove)
class LevelMoveAdmin(VerbAdmin):
    """Moves between levels, the newest first."""

    resource = "benefits"
    says_when_empty = _("Nobody has come to a level yet. Members move once a scheme is published.")
    key = ("-moved_on", "-id")
    list_select_related = ("member", "from_level", "to_level", "scheme")
    list_filter = (ToPick, FromPick, ReasonPick, MovedSpan)
    list_display = ("moved_on_shown", "whose", "from_shown", "to_shown", "reason_shown", "growth_shown", "scheme")
    search_fields = ("member__member_no",)
    search_help_text = _("Member no.")
    fields = list_display
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("moved on"), lambda row: row.moved_on),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("from level"), lambda row: row.from_level),
        Column(_("to level"), lambda row: row.to_level),
        Column(_("reason"), lambda row: row.get_reason_display()),
        Column(_("growth value"), lambda row: row.growth),
        Column(_("version of the scheme"), lambda row: str(row.scheme)),
    )

    @display(description=_("moved on"))
    def moved_on_shown(self, row: LevelMove) -> str:
        """Write the day."""
        return f"{row.moved_on:%Y-%m-%d}"

    @display(description=_("member"))
    def whose(self, row: LevelMove) -> str:
        """Name the member, with a way to her page."""
        return linked(row.member)

    @display(description=_("from level"))
    def from_shown(self, row: LevelMove) -> str:
        """Name the level she came from."""
        return str(row.from_level or numbers.DASH)

    @display(description=_("to level"))
    def to_shown(self, row: LevelMove) -> str:
        """Name the level she came to."""
        return str(row.to_level)

    @display(description=_("reason"))
    def reason_shown(self, row: LevelMove) -> str:
        """Say why."""
        return row.get_reason_display()

    @display(description=_("growth value"))
    def growth_shown(self, row: LevelMove) -> str:
        """Write the growth she had."""
        return numbers.grouped(row.growth)


class AdjustForm(forms.Form):
    """Whose growth, by how much, why."""

    member_no = forms.CharField(label=_("member no."), max_length=40)
    growth = forms.RegexField(
        r"^[+-]?[0-9]{1,8}$", label=_("growth value, less with a minus"), max_length=9,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("A whole number, for instance 200 or -50.")},
    )  # fmt: skip
    reason = forms.CharField(label=_("reason"), max_length=level_schemes.LONGEST_REASON)
    once = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_member_no(self) -> Member:
        """Find the person the number leads to."""
        found = Member.objects.visible_to(self.by).filter(member_no=self.cleaned_data["member_no"]).first()
        if found is None:
            raise forms.ValidationError(_now("There is no member with this number."))
        return families.root_of(found)


class AdjustedSpan(DaySpan):
    """By the day."""

    title, parameter, field = _("adjusted at"), "adjusted", "adjusted_at"


@admin.register(GrowthAdjustment)
class GrowthAdjustmentAdmin(VerbAdmin):
    """Growth given and taken by hand, the newest first."""

    resource = "benefits"
    says_when_empty = _("Nobody's growth was adjusted yet. Each adjustment leaves its line here, with who and why.")
    key = ("-id",)
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Adjust growth"), "admin:members_growthadjustment_adjust"),)
    list_select_related = ("member", "by")
    list_filter = (AdjustedSpan,)
    list_display = ("moment", "whose", "growth_shown", "reason_shown", "by")
    search_fields = ("member__member_no", "by__username")
    search_help_text = _("User name or member no.")
    fields = list_display
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("adjusted at"), lambda row: people.moment(row.adjusted_at)),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("growth value"), lambda row: row.growth),
        Column(_("reason"), lambda row: row.reason if eyes().sees_people else ""),
        Column(_("by"), lambda row: row.by),
    )

    @display(description=_("adjusted at"))
    def moment(self, row: GrowthAdjustment) -> str:
        """Say when."""
        return people.moment(row.adjusted_at)

    @display(description=_("member"))
    def whose(self, row: GrowthAdjustment) -> str:
        """Name the member, with a way to her page."""
        return linked(row.member)

    @display(description=_("growth value"))
    def growth_shown(self, row: GrowthAdjustment) -> str:
        """Write how much."""
        return f"{row.growth:+,}"

    @display(description=_("reason"))
    def reason_shown(self, row: GrowthAdjustment) -> str:
        """Say why, to whom may read what may name somebody."""
        return row.reason if eyes().sees_people else numbers.DASH

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which growth is adjusted."""
        return [self.own_path("adjust/", self.adjust_view, "adjust"), *super().get_urls()]

    @scoped("benefits", "change")
    def adjust_view(self, request: HttpRequest) -> HttpResponse:
        """Give a member growth or take some, with a reason; what her growth is made of stands beside it."""
        by, at = cast("User", request.user), clock.now()
        begun = {"member_no": request.GET.get("member", "")[:40], "once": get_random_string(20)}
        form = AdjustForm(request.POST or None, initial=begun, by=by)
        if form.is_valid():
            given = form.cleaned_data
            try:
                done = level_schemes.adjust(
                    member=given["member_no"], growth=int(given["growth"]), reason=given["reason"],
                    key=f"hq:{given['once']}", at=at, by=by,
                )  # fmt: skip
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _now("The growth is adjusted; her level follows within moments."))
                return redirect("admin:members_member_change", done.member_id)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Adjust growth"), "form": form,
            "held": _held(form, by), "most": level_schemes.MOST_GROWTH,
        }  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/growthadjustment/adjust.html", context, status=status)


def _held(form: AdjustForm, by: User) -> dict[str, Any] | None:
    """Tell of the member in question where she stands and what her growth is made of."""
    number = str(form["member_no"].value() or "")
    seen = Member.objects.visible_to(by).select_related("level", "merged_into__level", "level_standing")
    found = seen.filter(member_no=number).first() if number and "\0" not in number else None
    if found is None:
        return None
    root, day = families.root_of(found), clock.business_day(clock.now())
    live, standing = schemes.live(day), getattr(root, "level_standing", None)
    told = {"growth": standing.growth, "grace_until": standing.grace_until} if standing else NOT_YET
    return {
        "member": root, "called": eyes().called(root), "stands": benefits.stands(root.level, live, **told),
        "made_of": growth.parts(root, live.terms, day) if live else None,
        "months": live.terms.window_months if live else 0,
    }  # fmt: skip
