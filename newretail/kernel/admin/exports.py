"""A person's own exports: long lists that a worker writes as files, to be fetched for a while."""

from typing import Any, ClassVar, cast

from django.apps import apps
from django.contrib import admin, messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, numbers
from newretail.kernel.actions import exports, jobs
from newretail.kernel.admin.shown import STATE_TONES
from newretail.kernel.doors import scoped
from newretail.kernel.failures import failure_in_words
from newretail.kernel.models import ExportFile, User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import VerbAdmin, export, files
from newretail.kernel.verbs import Refused

PAGES = "admin:kernel_exportfile_{}"
HOURS = int(exports.KEPT.total_seconds() // 3600)


def list_named(file: ExportFile) -> str:
    """Name the list it was taken from."""
    return str(apps.get_model(file.noun)._meta.verbose_name_plural)


def standing(file: ExportFile) -> tuple[str, str]:
    """Say how a file stands: its tone, in words."""
    if file.ready(clock.now()):
        return "done", gettext("ready")
    if file.written_at:
        return "cancelled", gettext("run out")
    return (file.run.state, file.run.get_state_display()) if file.run else ("waiting", numbers.DASH)


def what_comes_here() -> str:
    """Say which lists come here, and for how long."""
    says = gettext(
        "Lists of more than %(most)s rows are written by a worker and wait here for %(hours)s hours. Shorter ones come"
        " at once, by the button above each list."
    )
    return says % {"most": f"{exports.AT_ONCE_MOST_ROWS:,}", "hours": HOURS}


@admin.register(ExportFile)
class ExportFileAdmin(VerbAdmin):
    """One's own exports, newest first."""

    resource = "exports"
    key = ("-id",)
    list_select_related = ("run", "by")
    list_display = ("named", "format_shown", "state_shown", "rows_shown", "size_shown", "asked_shown", "until_shown",
                    "fetch")  # fmt: skip
    says_when_empty: ClassVar[Any] = lazy(what_comes_here, str)()

    @display(description=_("list"))
    def named(self, row: ExportFile) -> str:
        """Name the list."""
        return list_named(row)

    @display(description=_("format"))
    def format_shown(self, row: ExportFile) -> str:
        """Say the format."""
        return row.get_format_display()

    @display(description=_("state"), label=STATE_TONES)
    def state_shown(self, row: ExportFile) -> tuple[str, str]:
        """Show how it stands as a badge."""
        return standing(row)

    @display(description=_("rows"))
    def rows_shown(self, row: ExportFile) -> str:
        """Count its rows."""
        return numbers.grouped(row.rows) if row.written_at else numbers.DASH

    @display(description=_("size"))
    def size_shown(self, row: ExportFile) -> str:
        """Say its size."""
        return filesizeformat(row.size) if row.written_at else numbers.DASH

    @display(description=_("asked at"))
    def asked_shown(self, row: ExportFile) -> str:
        """Say when it was asked for."""
        return people.moment(row.asked_at)

    @display(description=_("to be fetched until"))
    def until_shown(self, row: ExportFile) -> str:
        """Say until when it can be fetched."""
        return people.moment(row.ends_at) if row.ready(clock.now()) else numbers.DASH

    @display(description=_("File"))
    def fetch(self, row: ExportFile) -> str:
        """Offer the file."""
        if not row.ready(clock.now()):
            return numbers.DASH
        url = reverse(PAGES.format("file"), args=[row.pk])
        return format_html('<a class="hq-go text-primary-600" href="{}">{}</a>', url, gettext("Download"))

    def get_urls(self) -> list[URLPattern]:
        """Add the file, and stopping its writing."""
        own = [
            self.own_path("<int:pk>/file/", self.file_view, "file"),
            self.own_path("<int:pk>/cancel/", self.cancel_view, "cancel"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say whose list this is."""
        return super().changelist_view(request, {"title": gettext("My exports"), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one export: how far it is, or its file."""
        file = self.found(request, object_id)
        tone, state = standing(file)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": file,
            "title": list_named(file),
            "tone": STATE_TONES[tone],
            "state": state,
            "ready": file.ready(clock.now()),
            "at_work": exports.at_work(file),
            "failure": failure_in_words(file.run) if file.run else None,
            "hours": HOURS,
        }
        return TemplateResponse(request, "admin/kernel/exportfile/page.html", context)

    @scoped("exports")
    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file, and write that down; hers alone, while its time lasts, while she sees what it holds."""
        file = self.found(request, pk)
        at = clock.now()
        try:
            if not files.admin_of(file.noun).may(request, "export"):
                raise exports.NoRight
            if not files.path_of(file).exists():
                raise exports.NotToBeFetched
            by = cast("User", request.user)
            exports.fetch(file=file, sight=files.sight_of(file.noun, by), at=at, by=by)
            name = f"{file.noun.rpartition('.')[2]}-{clock.business_day(file.asked_at):%Y-%m-%d}"
            return FileResponse(files.path_of(file).open("rb"), headers=export.headers(file.format, name))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(PAGES.format("change"), file.pk)

    @scoped("exports")
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Stop the writing of one's own export."""
        file = self.found(request, pk)
        if request.method == "POST" and file.run:
            try:
                jobs.cancel(run=file.run, by=cast("User", request.user), at=clock.now())
                messages.success(request, gettext("The run was told to stop."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect(PAGES.format("change"), file.pk)
