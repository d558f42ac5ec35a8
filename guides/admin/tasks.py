"""Tasks of guides as a list and a file, each with what happened to it; and how far regions and stores have come."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import tasks
from guides.admin.picks import RegionPick, StorePick
from guides.models import Brief, Task, TaskMove, TaskPhoto
from guides.queries import completion
from guides.views.day import shown_once
from newretail.kernel import clock, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Opening, VerbAdmin, VerbInline, Written, origins

TONES = {"open": "info", "checking": "warning", "done": "success", "expired": "danger", "cancelled": "default"}


class ReasonPick(ChoicePick):
    """By what it is about."""

    title, parameter_name, field, offered = _("reason"), "reason", "brief__reason", Brief.Reason


class RuleWritten(Written):
    """Of the rule with this code."""

    title, parameter, field = _("code of the rule"), "rule", "rule__code"


class GuideWritten(Written):
    """Of the guide with this staff number."""

    title, parameter, field = _("staff no."), "guide", "post__user__staff_no"


class DueSpan(DaySpan):
    """By the day it is due."""

    title, parameter, field = _("due"), "due", "due_at"


class MoveInline(VerbInline):
    """What happened to a task."""

    model = TaskMove
    fk_name = "task"
    fields = ("at", "kind", "outcome", "by", "to_post", "reason")
    readonly_fields = fields


@admin.register(Task)
class TaskAdmin(VerbAdmin):
    """Tasks, the newest first; who takes them out gets the filters in force."""

    resource = "tasks"
    key = ("-id",)
    says_when_empty = _("No task was given yet: add the example rules, or write one.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("Completion by region and store"), "admin:guides_task_completion", "view", "bar_chart"),
    )
    inlines = (MoveInline,)
    list_select_related = ("brief", "rule", "member", "post__user", "post__store")
    list_filter = (StatePick, ReasonPick, StorePick, RegionPick, GuideWritten, RuleWritten, DueSpan)
    list_display = ("brief", "whose", "guide_shown", "store_shown", "given_shown", "due_shown", "state_shown",
                    "outcome_shown")  # fmt: skip
    search_fields = ("member__member_no", "post__user__staff_no")
    search_help_text = _("Member no. or staff no.")
    fields = ("brief", "rule", "whose", "guide_shown", "store_shown", "source", "given_shown", "due_shown",
              "expires_shown", "state", "outcome_shown", "ended_shown", "note", "photos_shown")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("task"), lambda row: row.brief.title),
        Column(_("reason"), lambda row: row.brief.get_reason_display()),
        Column(_("code of the rule"), lambda row: row.rule.code if row.rule else ""),
        Column(_("member no."), lambda row: row.member.member_no if row.member else ""),
        Column(_("store"), lambda row: row.post.store.code if row.post.store else ""),
        Column(_("staff no."), lambda row: row.post.user.staff_no),
        Column(_("guide"), lambda row: row.post.user),
        Column(_("assigned at"), lambda row: people.moment(row.assigned_at)),
        Column(_("due"), lambda row: people.moment(row.due_at)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("outcome"), lambda row: row.get_outcome_display()),
        Column(_("ended at"), lambda row: people.moment(row.ended_at) if row.ended_at else ""),
    )

    @display(description=_("member"))
    def whose(self, row: Task) -> str:
        """Name whom it is for."""
        return f"{eyes().called(row.member)} {row.member.member_no}" if row.member else ""

    @display(description=_("guide"))
    def guide_shown(self, row: Task) -> str:
        """Name who is to do it, by name and number."""
        return f"{row.post.user} {row.post.user.staff_no or ''}".strip()

    @display(description=_("store"))
    def store_shown(self, row: Task) -> str:
        """Name the store."""
        return str(row.post.store or "")

    @display(description=_("assigned at"))
    def given_shown(self, row: Task) -> str:
        """Say when it was given."""
        return people.moment(row.assigned_at)

    @display(description=_("due"))
    def due_shown(self, row: Task) -> str:
        """Say by when it is on time."""
        return people.moment(row.due_at)

    @display(description=_("expires"))
    def expires_shown(self, row: Task) -> str:
        """Say until when it can be done."""
        return people.moment(row.expires_at)

    @display(description=_("ended at"))
    def ended_shown(self, row: Task) -> str:
        """Say when it ended."""
        return people.moment(row.ended_at)

    @display(description=_("photos"))
    def photos_shown(self, row: Task) -> str:
        """Show the photos handed in, to whom members are persons."""
        if not eyes().sees_people:
            return numbers.DASH
        where = reverse("admin:guides_task_photo", args=[row.pk])
        shown = TaskPhoto.objects.filter(task=row).order_by("nth").values_list("nth", flat=True)
        image = '<a href="{0}?nth={1}"><img src="{0}?nth={1}" alt="{1}" width="160"></a> '
        return format_html_join("", image, ((where, nth) for nth in shown)) or numbers.DASH

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Task) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("outcome"))
    def outcome_shown(self, row: Task) -> str:
        """Say what came of it."""
        return row.get_outcome_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the completion beside the list, and the photos of a task."""
        return [
            self.own_path("completion/", self.completion_view, "completion"),
            self.own_path("<path:object_id>/photo/", self.photo_view, "photo"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("tasks", "change")
    def photo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give a photo of a task within sight, the first unless its number is given."""
        nth = request.GET.get("nth", "1")
        number = int(nth) if nth.isascii() and nth.isdecimal() and len(nth) < 3 else 0
        return shown_once(get_object_or_404(TaskPhoto, task=self.found(request, object_id), nth=number))

    @scoped("tasks")
    def completion_view(self, request: HttpRequest) -> HttpResponse:
        """Show how far regions and stores within sight have come, this month or the last."""
        at, last = clock.now(), request.GET.get("month") == "last"
        found = completion.of(request.user, month=completion.month_of(clock.business_day(at), last=last), at=at)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "found": found, "last": last,
                   "title": _("Completion by region and store")}  # fmt: skip
        return TemplateResponse(request, "admin/guides/task/completion.html", context)


@origins.named(tasks.SOURCE)
def named(sources: list[str]) -> dict[str, str]:
    """Name the tasks that guides touched members for."""
    numbered = {source: source.removeprefix(tasks.SOURCE).partition(".")[0] for source in sources}
    known = {pk for pk in numbered.values() if pk.isdigit()}
    titles = {str(pk): title for pk, title in Task.objects.filter(pk__in=known).values_list("pk", "brief__title")}
    return {source: titles[pk] for source, pk in numbered.items() if pk in titles}
