"""The list of notices, the page of one with who has read it store by store, the reminder."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.actions import notices
from guides.admin.notice_sending import NoticeSending
from guides.models import Notice, NoticeFile
from guides.models.notices import MOST_REMINDERS
from guides.queries.notices import STORES_SHOWN, by_region, by_store, counted
from guides.views.notices import as_download
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Opening, Pick, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in


class WaitingPick(Pick):
    """By whether somebody has still to read it."""

    title, parameter_name = _("unread"), "unread"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those that somebody has still to read."""
        return [("yes", _("unread by somebody"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those told to more than have read it."""
        return queryset.filter(seen__lt=F("told"))


class MustPick(ChoicePick):
    """By whether it must be read."""

    title, parameter_name, field = _("must be read"), "must", "must_read"
    offered = (("True", _("must be read")), ("False", _("for information")))


class SentSpan(DaySpan):
    """By the day it was sent."""

    title, parameter, field = _("sent at"), "sent", "sent_at"


@admin.register(Notice)
class NoticeAdmin(VerbAdmin):
    """Notices, the newest first, with how many have read them within the sight of who looks."""

    resource = "notices"
    key = ("-id",)
    says_when_empty = _("No notice was sent yet.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Send a notice"), "admin:guides_notice_send"),)
    change_form_outer_after_template = "admin/guides/notice/after.html"
    list_select_related = ("by", "withdrawal")
    list_filter = (WaitingPick, MustPick, SentSpan)
    list_display = ("title", "must_shown", "audience", "readers", "sent_shown", "by", "read_shown", "unread_shown")
    search_fields = ("title__contains",)
    fields = ("title", "body", "must_read", "places_shown", "readers", "sent_shown", "until_shown", "by", "brief",
              "due_days")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("title"), lambda row: row.title),
        Column(_("must be read"), lambda row: _now("yes") if row.must_read else _now("no")),
        Column(_("sent to"), lambda row: row.get_audience_display()),
        Column(_("for"), lambda row: row.get_readers_display()),
        Column(_("sent at"), lambda row: people.moment(row.sent_at)),
        Column(_("by"), lambda row: row.by),
        Column(_("told"), lambda row: row.told),
        Column(_("have read it"), lambda row: row.seen),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count beside each whom it told and who has read it."""
        return counted(super().get_queryset(request), request.user)

    @display(description=_("must be read"), label={"must": "danger", "withdrawn": "default"})
    def must_shown(self, row: Notice) -> Any:
        """Mark what must be read, and what was withdrawn."""
        if hasattr(row, "withdrawal"):
            return "withdrawn", pgettext_lazy("notice", "withdrawn")
        return ("must", _("must read")) if row.must_read else None

    @display(description=_("sent at"))
    def sent_shown(self, row: Notice) -> str:
        """Say when it was sent."""
        return people.moment(row.sent_at)

    @display(description=_("in force until"))
    def until_shown(self, row: Notice) -> str:
        """Say until when it is in force."""
        return people.moment(row.until)

    @display(description=_("have read it"))
    def read_shown(self, row: Any) -> str:
        """Say how many of how many have read it."""
        percent = f" ({100 * row.seen // row.told}%)" if row.told else ""
        return f"{row.seen} / {row.told}{percent}"

    @display(description=_("unread"))
    def unread_shown(self, row: Any) -> str:
        """Count who has not."""
        return str(row.told - row.seen)

    @display(description=_("sent to"))
    def places_shown(self, row: Any) -> str:
        """Name the places it was sent to."""
        return "、".join(row.places) if row.places else row.get_audience_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the sending, the reminder, the withdrawal and the files beside the page."""
        own = [
            *NoticeSending(self).paths(),
            self.own_path("<path:object_id>/remind/", self.remind_view, "remind"),
            self.own_path("<path:object_id>/withdraw/", self.withdraw_view, "withdraw"),
            self.own_path("<path:object_id>/file/", self.file_view, "file"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show store by store who has read it, and offer to remind the others."""
        row: Notice | None = context.get("original")
        if row is not None:
            stores = by_store(row, store_ids_in(sight_of(request.user, "notices", "view")))
            in_force = row.until > clock.now() and not hasattr(row, "withdrawal")
            waits = sum(each.unread for each in stores)
            context |= {
                "by_region": by_region(stores), "by_store": stores[:STORES_SHOWN], "waits": waits,
                "more_stores": len(stores) > STORES_SHOWN,
                "reminds": bool(waits) and in_force and self.may(request, "change"),
                "withdraws": in_force and row.by_id == request.user.pk and self.may(request, "change"),
                "files": row.files.defer("content").order_by("nth"),
                "most": MOST_REMINDERS, "hours": notices.REMIND_AGAIN.seconds // 3600,
            }  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("notices", "change")
    def remind_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remind those within her reach who have not read it."""
        row, by = self.found(request, object_id), cast("User", request.user)
        within = store_ids_in(sight_of(by, "notices", "change"))
        said = _now("%(count)s people were reminded.")
        return self._taken(
            request, row, said, lambda: notices.remind(notice=row, within=within, at=clock.now(), by=by)
        )  # fmt: skip

    @scoped("notices", "change")
    def withdraw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a notice back, for a reason."""
        row, by = self.found(request, object_id), cast("User", request.user)
        reason, said = request.POST.get("reason", "").replace("\0", ""), _now("The notice is withdrawn.")
        return self._taken(
            request, row, said, lambda: notices.withdraw(notice=row, reason=reason, at=clock.now(), by=by)
        )  # fmt: skip

    def _taken(self, request: HttpRequest, row: Notice, said: str, act: Callable[[], int]) -> HttpResponse:
        """Do what a form of the page asks for, say what came of it, show the page again."""
        if request.method == "POST":
            try:
                messages.success(request, said % {"count": act()})
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:guides_notice_change", row.pk)

    @scoped("notices")
    def file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send a file of it."""
        row, nth = self.found(request, object_id), request.GET.get("nth", "1")
        number = int(nth) if nth.isascii() and nth.isdigit() and len(nth) < 4 else 0
        return as_download(get_object_or_404(NoticeFile, notice=row, nth=number))
