"""Two rows, one person: likely duplicates side by side, merges with their undoing, claims."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _said
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import claims, duplicates, merges
from members.models import Claim, Duplicate, Member, Merge
from members.queries import likeness, portrayal
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, VerbAdmin
from newretail.kernel.verbs import Refused

TONES = {"open": "warning", "merged": "success", "dismissed": "default"}
CLAIM_TONES = {"pending": "warning", "accepted": "success", "rejected": "default"}


def linked(member: Member) -> str:
    """Name a member, with a way to her page."""
    url = reverse("admin:members_member_change", args=[member.pk])
    return format_html('<a href="{}">{} {}</a>', url, eyes().called(member), member.member_no)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


class _First(ChoicePick):
    """By state; without a choice, what waits."""

    title, parameter_name, field = _("state"), "state", "state"
    first = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Show what waits unless something else is asked for."""
        return queryset.filter(state=self.first) if self.value() is None else super().queryset(request, queryset)

    def choices(self, changelist: Any) -> Any:
        """Say what stands there without a choice."""
        without, *others = super().choices(changelist)
        yield {**without, "display": _("what waits")}
        yield from (each for each in others if each["value"] != self.first)


class PairState(_First):
    """By what came of a pair."""

    offered, first = Duplicate.State, "open"


class ClaimState(_First):
    """By what came of a claim."""

    offered, first = Claim.State, "pending"


class RulePick(ChoicePick):
    """By what a pair was found."""

    title, parameter_name, field, offered = _("found by"), "rule", "rule", Duplicate.Rule


@admin.register(Duplicate)
class DuplicateAdmin(VerbAdmin):
    """Pairs who may be one person, the newest first."""

    resource = "duplicates"
    says_when_empty = _("Nobody waits here: no two members look like one person.")
    key = ("-id",)
    list_select_related = ("low", "high", "settled_by")
    list_filter = (PairState, RulePick)
    list_display = ("pair", "rule_shown", "state_shown", "found_shown", "settled_by")

    @display(description=_("likely duplicate"))
    def pair(self, row: Duplicate) -> str:
        """Name both."""
        names = [f"{eyes().called(member)} {member.member_no}" for member in (row.low, row.high)]
        return " ⇄ ".join(names)

    @display(description=_("found by"))
    def rule_shown(self, row: Duplicate) -> str:
        """Say by what."""
        return row.get_rule_display()

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Duplicate) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("found at"))
    def found_shown(self, row: Duplicate) -> str:
        """Say when."""
        return people.moment(row.found_at)

    def get_urls(self) -> list[URLPattern]:
        """Add what can be decided."""
        decide = self.own_path("<int:pk>/decide/", self.decide_view, "decide")
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show both side by side."""
        return self._page(request, self.found(request, object_id))

    def _page(self, request: HttpRequest, row: Duplicate, *, status: int = 200, **more: Any) -> HttpResponse:
        into, member = duplicates.older_first(row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": row, "title": _said("Two rows, one person?"), "row": row,
            "into": into, "member": member, "likenesses": likeness.compared(into, member, request.user),
            "contended": likeness.contended(row, request.user), "tone": TONES[row.state],
            "may_decide": self.may(request, "change") and into.pk != member.pk, **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/duplicate/page.html", context, status=status)

    @scoped("duplicates", "change")
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Merge the two, the one kept as chosen, or say that they are not the same person."""
        row = self.found(request, pk)
        if request.method != "POST":
            return redirect("admin:members_duplicate_change", row.pk)
        given = {name: request.POST.get(name, "") for name in ("decision", "keep", "reason")}
        try:
            self._decide(row, given, _user(request))
        except Refused as refusal:
            return self._page(request, row, status=422, refusal=str(refusal), given=given)
        return redirect("admin:members_duplicate_changelist")

    def _decide(self, row: Duplicate, given: dict[str, str], user: User) -> None:
        if given["decision"] != "merge":
            duplicates.dismiss(duplicate=row, at=clock.now(), by=user)
            return
        into, member = duplicates.older_first(row)
        if given["keep"] == member.member_no:
            into, member = member, into
        merges.merge(member=member, into=into, reason=given["reason"], rule=row.rule, at=clock.now(), by=user)


@admin.register(Merge)
class MergeAdmin(VerbAdmin):
    """The history of merges, the newest first."""

    resource = "duplicates"
    says_when_empty = _("No members were merged yet.")
    key = ("-id",)
    list_select_related = ("member", "into", "by", "undone")
    list_display = ("merged_shown", "into_shown", "rule_shown", "reason", "by", "moment", "undone_shown")

    @display(description=_("merged member"))
    def merged_shown(self, row: Merge) -> str:
        """Name who was merged."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("merged into"))
    def into_shown(self, row: Merge) -> str:
        """Name in whom she lives on."""
        return f"{eyes().called(row.into)} {row.into.member_no}"

    @display(description=_("found by"))
    def rule_shown(self, row: Merge) -> str:
        """Say by what."""
        return row.get_rule_display()

    @display(description=_("merged at"))
    def moment(self, row: Merge) -> str:
        """Say when."""
        return people.moment(row.merged_at)

    @display(description=_("undone at"))
    def undone_shown(self, row: Merge) -> str:
        """Say when it was taken back."""
        undone = getattr(row, "undone", None)
        return people.moment(undone.undone_at) if undone else self.empty_value_display

    def get_urls(self) -> list[URLPattern]:
        """Add the undoing."""
        return [self.own_path("<int:pk>/undo/", self.undo_view, "undo"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one merge."""
        return self._page(request, self.found(request, object_id))

    def _page(self, request: HttpRequest, row: Merge, *, status: int = 200, **more: Any) -> HttpResponse:
        undone = getattr(row, "undone", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": row, "title": _said("Merge"), "row": row, "undone": undone,
            "merged": linked(row.member), "into": linked(row.into),
            "may_undo": self.may(request, "change") and not undone, **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/merge/page.html", context, status=status)

    @scoped("duplicates", "change")
    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a merge back."""
        row = self.found(request, pk)
        if request.method == "POST":
            reason = request.POST.get("reason", "")
            try:
                merges.undo(merge=row, reason=reason, at=clock.now(), by=_user(request))
            except Refused as refusal:
                return self._page(request, row, status=422, refusal=str(refusal), given={"reason": reason})
        return redirect("admin:members_merge_change", row.pk)


@admin.register(Claim)
class ClaimAdmin(VerbAdmin):
    """Identities that one member claims and another holds, the newest first."""

    resource = "duplicates"
    says_when_empty = _("No claim waits.")
    key = ("-id",)
    list_select_related = ("member", "settled_by")
    list_filter = (ClaimState,)
    list_display = ("whose", "kind_shown", "value_shown", "source", "moment", "state_shown", "settled_by")

    @display(description=_("member"))
    def whose(self, row: Claim) -> str:
        """Name who claims."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("kind"))
    def kind_shown(self, row: Claim) -> str:
        """Say the kind."""
        return row.get_kind_display()

    @display(description=_("value"))
    def value_shown(self, row: Claim) -> str:
        """Show it with its middle hidden."""
        return portrayal.hidden(row, eyes())

    @display(description=_("claimed at"))
    def moment(self, row: Claim) -> str:
        """Say when."""
        return people.moment(row.claimed_at)

    @display(description=_("state"), label=CLAIM_TONES)
    def state_shown(self, row: Claim) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the decision."""
        return [self.own_path("<int:pk>/settle/", self.settle_view, "settle"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one claim with who holds what it claims."""
        row = self.found(request, object_id)
        holder = claims.holder_of(row)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "original": row, "title": _said("Claim"), "row": row,
            "value": portrayal.hidden(row, eyes()),
            "claimant": linked(row.member), "holder": linked(holder) if holder else "", "tone": CLAIM_TONES[row.state],
            "may_settle": self.may(request, "change") and row.state == Claim.State.PENDING,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/claim/page.html", context)

    @scoped("duplicates", "change")
    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept or reject a claim."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method == "POST":
            try:
                accept = request.POST.get("decision") == "accept"
                claims.settle(claim=row, accept=accept, at=clock.now(), by=_user(request))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:members_claim_change", row.pk)
