"""Escalations: what waits for whom until when, the thread of each, answered and closed by whoever sees the store."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import escalations
from guides.admin.picks import RegionPick, StorePick
from guides.models import Escalation
from guides.models.escalations import LONGEST_WORDS
from guides.queries.escalations import thread_of
from newretail.kernel import clock
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, Pick, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

TONES = {"open": "warning", "late": "danger", "answered": "success", "closed": "default"}


class LevelPick(ChoicePick):
    """By who is to answer."""

    title, parameter_name, field, offered = _("to be answered by"), "level", "level", Escalation.Level


class LatePick(Pick):
    """By whether its time is over."""

    title, parameter_name = _("time limit"), "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those that wait longer than they should."""
        return [("yes", _("waits too long"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those that wait although their time is over."""
        return queryset.filter(state=Escalation.State.OPEN, due_at__lte=clock.now())


@admin.register(Escalation)
class EscalationAdmin(VerbAdmin):
    """Escalations, the newest first."""

    resource = "escalations"
    key = ("-id",)
    says_when_empty = _("No guide took a problem up yet.")
    change_form_outer_after_template = "admin/guides/escalation/after.html"
    list_select_related = ("post__user", "post__store__region", "member", "task__brief")
    list_filter = (StatePick, LevelPick, LatePick, StorePick, RegionPick)
    list_display = ("title", "store_shown", "raiser_shown", "whose", "state_shown", "level", "raised_shown",
                    "due_shown", "handed_up")  # fmt: skip
    search_fields = ("title__contains", "member__member_no")
    fields = ("title", "store_shown", "raiser_shown", "whose", "task_shown", "state", "level", "raised_shown",
              "due_shown", "handed_up")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("title"), lambda row: row.title),
        Column(_("store"), lambda row: row.post.store.code),
        Column(_("raised by"), lambda row: row.post.user),
        Column(_("member no."), lambda row: row.member.member_no if row.member else ""),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("to be answered by"), lambda row: row.get_level_display()),
        Column(_("raised at"), lambda row: people.moment(row.raised_at)),
        Column(_("to be answered before"), lambda row: people.moment(row.due_at)),
        Column(_("handed up"), lambda row: row.handed_up),
    )

    @display(description=_("store"))
    def store_shown(self, row: Escalation) -> str:
        """Name the store."""
        return str(row.post.store)

    @display(description=_("raised by"))
    def raiser_shown(self, row: Escalation) -> str:
        """Name who took it up."""
        return str(row.post.user)

    @display(description=_("member"))
    def whose(self, row: Escalation) -> str:
        """Name the member it is about."""
        return f"{eyes().called(row.member)} {row.member.member_no}" if row.member else ""

    @display(description=_("task"))
    def task_shown(self, row: Escalation) -> str:
        """Name the task it came from."""
        return row.task.brief.title if row.task else ""

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Escalation) -> tuple[str, str]:
        """Show the state as a badge, red where its time is over."""
        late = row.state == Escalation.State.OPEN and row.due_at <= clock.now()
        return "late" if late else row.state, row.get_state_display()

    @display(description=_("raised at"))
    def raised_shown(self, row: Escalation) -> str:
        """Say when it was taken up."""
        return people.moment(row.raised_at)

    @display(description=_("to be answered before"))
    def due_shown(self, row: Escalation) -> str:
        """Say until when it is to be answered; what does not wait has no limit."""
        return people.moment(row.due_at) if row.state == Escalation.State.OPEN else "—"

    def get_urls(self) -> list[URLPattern]:
        """Add the answering beside the page."""
        return [self.own_path("<path:object_id>/answer/", self.answer_view, "answer"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the thread, and offer to answer."""
        row: Escalation | None = context.get("original")
        if row is not None:
            answers = row.state != Escalation.State.CLOSED and self.may(request, "change")
            context |= {"thread": thread_of(row), "answers": answers, "longest": LONGEST_WORDS}
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("escalations", "change")
    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer it, or close it."""
        row = self.found(request, object_id)
        if request.method == "POST":
            given: dict[str, Any] = {
                "escalation": row.ref, "within": store_ids_in(sight_of(request.user, "escalations", "change")),
                "words": request.POST.get("words", "").replace("\0", ""), "at": clock.now(),
                "by": cast("User", request.user),
            }  # fmt: skip
            closes = request.POST.get("do") == "close"
            try:
                escalations.close(**given) if closes else escalations.answer(**given)
                messages.success(request, _now("It is closed.") if closes else _now("Your answer stands on her phone."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:guides_escalation_change", row.pk)
