"""Points as HQ sees them: accounts and every move, a way to correct what a member holds, what is owed to members."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.crypto import get_random_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import points
from members.actions.points import Name
from members.admin import picks
from members.models import PointsAccount, PointsEntry
from members.queries import liability
from members.queries import points as held
from newretail.kernel import clock, numbers, words
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, NumberSpan, Pick, VerbAdmin
from newretail.kernel.verbs import Refused

MOVES_SHOWN, LOTS_SHOWN = 50, 50


class BalanceSpan(NumberSpan):
    """By what may be spent."""

    title, parameter, field = _("points"), "balance", "balance"


class HolderStorePick(picks.StorePick):
    """By the home store of the holder."""

    title, field, without = _("home store"), "member__home_store_id", _("no home store")


class OwingPick(Pick):
    """Those who owe points."""

    title, parameter_name = _("owed"), "owing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those who owe."""
        return [("yes", _("owes points"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those who owe."""
        return queryset.filter(debt__gt=0) if self.value() == "yes" else queryset


def whose(row: Any) -> str:
    """Name a member, with a way to her account."""
    url = reverse("admin:members_pointsaccount_change", args=[row.pk])
    return format_html('<a href="{}">{} {}</a>', url, eyes().called(row.member), row.member.member_no)


@admin.register(PointsAccount)
class PointsAccountAdmin(VerbAdmin):
    """Accounts, who holds the most first."""

    resource = "points"
    says_when_empty = _("Nobody holds points yet. Orders earn them by the earn rules.")
    key = ("-balance", "-id")
    list_select_related = ("member", "member__home_store")
    list_filter = (BalanceSpan, OwingPick, HolderStorePick)
    list_display = ("who", "store_shown", "balance_shown", "pending_shown", "debt_shown")
    search_fields = ("member__member_no",)
    search_help_text = _("Member no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("home store"), lambda row: row.member.home_store),
        Column(_("points"), lambda row: row.balance),
        Column(_("pending"), lambda row: row.pending),
        Column(_("owed"), lambda row: row.debt),
    )

    @display(description=_("member"))
    def who(self, row: PointsAccount) -> str:
        """Name the member."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("home store"))
    def store_shown(self, row: PointsAccount) -> str:
        """Name her home store."""
        return str(row.member.home_store or numbers.DASH)

    @display(description=_("points"))
    def balance_shown(self, row: PointsAccount) -> str:
        """Write what may be spent."""
        return numbers.grouped(row.balance)

    @display(description=_("pending"))
    def pending_shown(self, row: PointsAccount) -> str:
        """Write what waits."""
        return numbers.grouped(row.pending)

    @display(description=_("owed"))
    def debt_shown(self, row: PointsAccount) -> str:
        """Write what is owed."""
        return numbers.grouped(row.debt) if row.debt else numbers.DASH

    def get_urls(self) -> list[URLPattern]:
        """Add the correction of an account, and the report of what is owed to members."""
        own = [
            self.own_path("<int:pk>/adjust/", self.adjust_view, "adjust"),
            self.own_path("liability/", self.liability_view, "liability"),
            self.own_path("liability/export/", self.liability_export, "liability_export"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what a member holds, lot by lot, and how it moved."""
        return self.page(request, self.found(request, object_id))

    def page(self, request: HttpRequest, row: PointsAccount, *, status: int = 200, **more: Any) -> HttpResponse:
        """Draw an account's page."""
        today = clock.business_day(clock.now())
        lots = row.lots.filter(remaining__gt=0).order_by("earned_at", "pk")[:LOTS_SHOWN]
        moves = row.entries.select_related("member", "by").order_by("-id")[:MOVES_SHOWN]
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row.member, "account": row,
            "lots": lots,            "title": f"{eyes().called(row.member)} {row.member.member_no}", "moves": moves,
            "held": held.held(row.member, today), "may_change": self.may(request, "change"),
            "once": get_random_string(20), **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/pointsaccount/page.html", context, status=status)

    @scoped("points", "change")
    def adjust_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Correct what a member holds, with a reason."""
        row = self.found(request, pk)
        if request.method != "POST":
            return redirect("admin:members_pointsaccount_change", row.pk)
        given = {name: request.POST.get(name, "").strip() for name in ("points", "reason", "once")}
        number = given["points"].removeprefix("+").removeprefix("-")
        whole = int(number) if number.isascii() and number.isdigit() and len(number) <= 10 else 0
        signed = -whole if given["points"].startswith("-") else whole
        try:
            points.adjust(member=row.member, points=signed, name=Name("hq", given["once"]), reason=given["reason"],
                          at=clock.now(), by=cast("User", request.user))  # fmt: skip
        except Refused as refusal:
            return self.page(request, row, status=422, refusal=str(refusal), given=given)
        return redirect("admin:members_pointsaccount_change", row.pk)

    @scoped("points", "view")
    def liability_view(self, request: HttpRequest) -> HttpResponse:
        """Show what members may still spend, by the month in which it ends."""
        months = liability.by_month(request.user, clock.business_day(clock.now()))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Points still owed to members"),
            "months": months, "can_export": self.may(request, "export"), "total": liability.total(months),
            "chart": {
                "months": [month.named for month in months], "open": [month.open for month in months],
                "pending": [month.pending for month in months],
                "words": {"open": str(_("may be spent")), "pending": str(_("pending"))},
            },
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/pointsaccount/liability.html", context)

    @scoped("points", "export")
    def liability_export(self, request: HttpRequest) -> HttpResponse:
        """Give the report as a file."""
        if request.method != "POST":
            return redirect("admin:members_pointsaccount_liability")
        months = liability.by_month(request.user, clock.business_day(clock.now()))
        return liability_file(months)


def liability_file(months: list[liability.Month]) -> HttpResponse:
    """Write the report as CSV."""
    lines: list[list[Any]] = [[_("month of expiry"), _("may be spent"), _("pending"), _("members")]]
    lines += [[month.named, month.open, month.pending, month.members] for month in months]
    text = "\ufeff" + "".join(",".join(str(cell) for cell in line) + "\r\n" for line in lines)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="points-liability.csv"'
    return answer


class KindPick(ChoicePick):
    """By kind."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", PointsEntry.Kind


class MadeSpan(DaySpan):
    """By the day."""

    title, parameter, field = _("made at"), "made", "made_at"


@admin.register(PointsEntry)
class PointsEntryAdmin(VerbAdmin):
    """Every move of points, the newest first."""

    resource = "points"
    says_when_empty = _("No points have moved yet.")
    key = ("-made_at", "-id")
    list_select_related = ("account__member", "by")
    list_filter = (KindPick, MadeSpan)
    list_display = ("moment", "who", "kind_shown", "points_shown", "pending_shown", "number_shown", "rule", "reason")
    search_fields = ("account__member__member_no", "source_no__startswith")
    search_help_text = _("Member no. or source no.")
    fields = ("moment", "who", "kind_shown", "points_shown", "pending_shown", "owed", "number_shown", "line_no", "rule",
              "reason", "by")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("made at"), lambda row: people.moment(row.made_at)),
        Column(_("member no."), lambda row: row.account.member.member_no),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("points"), lambda row: row.points),
        Column(_("pending"), lambda row: row.pending),
        Column(_("owed"), lambda row: row.owed),
        Column(_("source"), lambda row: words.in_words(row.source)),
        Column(_("source no."), lambda row: row.source_no),
        Column(_("line no."), lambda row: row.line_no),
        Column(_("earn rule"), lambda row: row.rule),
        Column(_("reason"), lambda row: row.reason),
    )

    @display(description=_("made at"))
    def moment(self, row: PointsEntry) -> str:
        """Say when."""
        return people.moment(row.made_at)

    @display(description=_("member"))
    def who(self, row: PointsEntry) -> str:
        """Name the member, with a way to her account."""
        return whose(row.account)

    @display(description=_("kind"))
    def kind_shown(self, row: PointsEntry) -> str:
        """Say why."""
        return row.get_kind_display()

    @display(description=_("points"))
    def points_shown(self, row: PointsEntry) -> str:
        """Write how many."""
        return f"{row.points:+,}" if row.points else numbers.DASH

    @display(description=_("pending"))
    def pending_shown(self, row: PointsEntry) -> str:
        """Write how many of those that wait."""
        return f"{row.pending:+,}" if row.pending else numbers.DASH

    @display(description=_("source no."))
    def number_shown(self, row: PointsEntry) -> str:
        """Say under which name."""
        return f"{words.in_words(row.source)} {row.source_no}" + (f" / {row.line_no}" if row.line_no else "")
