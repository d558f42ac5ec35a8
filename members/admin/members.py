"""The list of members, and the page of one."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from members.actions import phones
from members.admin import picks, timeline
from members.admin.issuing import Issuing
from members.admin.listed import led_to
from members.admin.tagging import Tagging
from members.admin.touches import TouchesOfMember
from members.admin.wishes import Wishes
from members.models import Member, PhoneReveal
from members.models.member import MemberQuerySet
from members.queries import finding, portrayal
from members.queries.bought import Month
from newretail.kernel import clock, money, numbers, scopes
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, VerbAdmin, panels
from newretail.kernel.verbs import Refused

STAGE_TONES = {
    "onboarding": "info", "active": "success", "wake": "warning", "win_back": "warning", "dormant": "danger",
    "lost": "default",
}  # fmt: skip


def _portrait(field: str) -> Any:
    return lambda row: getattr(getattr(row, "portrait", None), field, None)


def _portrait_word(field: str) -> Any:
    def word(row: Member) -> str:
        portrait = getattr(row, "portrait", None)
        return getattr(portrait, f"get_{field}_display")() if portrait else ""

    return word


def _chart(months: list[Month]) -> dict[str, Any]:
    return {
        "months": [f"{month.first:%Y-%m}" for month in months],
        "orders": [month.orders for month in months],
        "yuan": [month.cents / 100 for month in months],
        "words": {"orders": str(_("orders")), "yuan": str(_("amount"))},
    }


@admin.register(Member)
class MemberAdmin(VerbAdmin):
    """Members, the newest seat first."""

    resource = "members"
    key = ("-seat",)
    list_select_related = ("home_store", "level", "portrait")
    list_filter = (
        picks.LevelPick, picks.StagePick, picks.RelationshipPick, picks.GroupPick, picks.RecencyPick,
        picks.FrequencyPick, picks.MonetaryPick, picks.SuperPick, picks.HomeRegionPick, picks.HomeStorePick,
        picks.JoinedSpan, picks.LastSpan, picks.YearlySpan, picks.AovSpan, picks.MergedPick,
    )  # fmt: skip
    list_display = (
        "who", "phone_shown", "home_store", "level", "stage_shown", "relationship_shown", "group_shown",
        "last_day_shown", "amount_shown",
    )  # fmt: skip
    list_after_template = "admin/members/member/tag_link.html"
    actions = ("tag_ticked", "issue_to_ticked")
    list_disable_select_all = True  # all of them: the ways above the list
    search_fields = ("member_no",)
    search_help_text = _("Name, pinyin, phone or its last 4 digits, member no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("member no."), lambda row: row.member_no),
        Column(pgettext_lazy("of a person", "name"), lambda row: eyes().name(row.name)),
        Column(_("phone"), lambda row: eyes().phone(row.phone)),
        Column(_("home store"), lambda row: row.home_store),
        Column(_("level"), lambda row: row.level),
        Column(_("joined at"), lambda row: f"{row.joined_at.astimezone(clock.brand_zone()):%Y-%m-%d %H:%M}"),
        Column(_("stage"), _portrait_word("stage")),
        Column(_("relationship"), _portrait_word("relationship")),
        Column(_("RFM group"), _portrait_word("group")),
        Column("R", _portrait("r")),
        Column("F", _portrait("f")),
        Column("M", _portrait("m")),
        Column(_("last purchase"), _portrait("last_day")),
        Column(_("purchases in a year"), _portrait("frequency")),
        Column(
            _("amount in a year"),
            lambda row: money.to_yuan(row.portrait.monetary_cents) if getattr(row, "portrait", None) else "",
            money=True,
        ),
    )

    @display(description=_("member"), header=True)
    def who(self, row: Member) -> tuple[str, str, str]:
        """Show name and number, with the surname in a circle."""
        called = eyes().called(row)
        return called, row.member_no, called[:1]

    @display(description=_("phone"))
    def phone_shown(self, row: Member) -> str:
        """Show the phone with its middle hidden."""
        return eyes().phone(row.phone) or numbers.DASH

    @display(description=_("stage"), label=STAGE_TONES)
    def stage_shown(self, row: Member) -> tuple[str, str] | None:
        """Show the stage as a badge."""
        portrait = getattr(row, "portrait", None)
        return (portrait.stage, portrait.get_stage_display()) if portrait and portrait.stage else None

    @display(description=_("relationship"))
    def relationship_shown(self, row: Member) -> str:
        """Say the relationship, and whether she is a super customer."""
        portrait = getattr(row, "portrait", None)
        if portrait is None:
            return numbers.DASH
        if not portrait.is_super:
            return portrait.get_relationship_display()
        return format_html(
            '{} <span class="hq-star" title="{}">★</span>', portrait.get_relationship_display(), _("super customer")
        )

    @display(description=_("RFM group"))
    def group_shown(self, row: Member) -> str:
        """Say the RFM group."""
        return _portrait_word("group")(row) or numbers.DASH

    @display(description=_("last purchase"))
    def last_day_shown(self, row: Member) -> str:
        """Say the day of the last purchase."""
        day = _portrait("last_day")(row)
        return f"{day:%Y-%m-%d}" if day else numbers.DASH

    @display(description=_("amount in a year"))
    def amount_shown(self, row: Member) -> str:
        """Write the amount of the last 365 days."""
        return people.money(_portrait("monetary_cents")(row))

    @admin.action(description=_("Tag these members"), permissions=["tag"])
    def tag_ticked(self, request: HttpRequest, rows: QuerySet[Member]) -> HttpResponse:
        """Lead to the page on which the ticked members are tagged."""
        return led_to(Tagging, request, rows)

    @admin.action(description=_("Issue coupons to these members"), permissions=["issue"])
    def issue_to_ticked(self, request: HttpRequest, rows: QuerySet[Member]) -> HttpResponse:
        """Lead to the page on which the ticked members are issued coupons."""
        return led_to(Issuing, request, rows)

    def has_tag_permission(self, request: HttpRequest) -> bool:
        """Ask the table of rights."""
        return scopes.may(request.user, "member_tags", "change")

    def has_issue_permission(self, request: HttpRequest) -> bool:
        """Ask the table of rights."""
        return scopes.may(request.user, "coupons", "change")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Say by what this person finds members."""
        listed = super().get_changelist_instance(request)
        if not eyes().sees_people:
            listed.search_help_text = _("Member no.")
        return listed

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a member in each of the ways people ask for one."""
        if not search_term.strip():
            return queryset, False
        seen = cast("MemberQuerySet", queryset)
        return finding.found_by(search_term, seen, people=scopes.sees_people(request.user)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a member's page; one out of sight is not there, one who lives on in another leads to her."""
        row = self.found(request, object_id)
        if row.merged_into_id:
            return redirect("admin:members_member_change", row.merged_into_id)
        return self.page(request, row)

    def page(self, request: HttpRequest, row: Member, *, status: int = 200, **more: Any) -> HttpResponse:
        """Draw a member's page, with the ways this person has there."""
        at, seen, tags = clock.now(), eyes(), portrayal.tags_seen(request.user)
        page = portrayal.page_of(row, user=request.user, tags=tags, at=at)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": seen.called(row),
            "page": page,
            "phone": seen.phone(row.phone),
            "birthday": seen.birthday(row),
            "timeline": timeline.of(request, page.family, tags, at),
            "reasons": PhoneReveal.Reason.choices if row.phone and portrayal.may_ask_phone(row, request.user) else [],
            "stage_tone": STAGE_TONES.get(getattr(page.portrait, "stage", ""), "default"),
            "served": page.bought and page.bought.served and seen.staff(**page.bought.served),
            "chart": _chart(page.bought.months if page.bought else []),
            "panels": panels.told(request, row),
            **more,
        }
        return TemplateResponse(request, "admin/members/member/page.html", context, status=status)

    def get_urls(self) -> list[URLPattern]:
        """Add the reveal of a phone, and her consents, beside the page."""
        reveal = self.admin_site.admin_view(self.reveal_view)
        return [
            path("<path:object_id>/reveal/", reveal, name="members_member_reveal"),
            *Wishes(self).paths(),
            *TouchesOfMember(self).paths(),
            *Tagging(self).paths(),
            *Issuing(self).paths(),
            *super().get_urls(),
        ]

    @scoped("phones", "reveal")
    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a member's whole phone once, to somebody who says what for."""
        row = self.found(request, object_id)
        if not portrayal.may_ask_phone(row, request.user):
            raise Http404
        if request.method != "POST":
            return redirect("admin:members_member_change", row.pk)
        given = {name: request.POST.get(name, "") for name in ("reason", "note")}
        try:
            whole = phones.reveal(member=row, **given, at=clock.now(), by=cast("User", request.user))
        except Refused as refusal:
            return self.page(request, row, status=422, refusal=str(refusal), given=given)
        return self.page(request, row, whole=whole.removeprefix("+86"))
