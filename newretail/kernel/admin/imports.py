"""What HQ sees of imports: the list with open uploads, each import with the rows it refused, and the way back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, numbers
from newretail.kernel.actions import imports
from newretail.kernel.admin.shown import STATE_TONES, StartedSpan, StatePick, took
from newretail.kernel.doors import scoped
from newretail.kernel.failures import failure_in_words
from newretail.kernel.files import importing, reasons
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.models import ImportFile, JobRun, RowError, Upload, User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick, VerbAdmin
from newretail.kernel.verbs import Refused
from newretail.kernel.words import in_words

ERRORS_SHOWN = 100
UPLOADS_SHOWN = 10
PART = 64 << 10


class KindPick(Pick):
    """By kind of file."""

    title, parameter_name, field = _("kind"), "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the kinds of files that can come in."""
        return [(kind, in_words(kind)) for kind in IMPORTERS]


@admin.register(ImportFile)
class ImportFileAdmin(VerbAdmin):
    """Imports, newest first; each opens the rows it refused, said in both languages."""

    resource = "imports"
    key = ("-id",)
    list_before_template = "admin/kernel/importfile/before.html"
    list_select_related = ("by",)
    list_filter = (StatePick, KindPick, StartedSpan)
    list_display = (
        "file", "kind_shown", "state_shown", "rows_shown", "created_shown", "updated_shown", "skipped_shown",
        "rejected_shown", "enrolled_shown", "started_shown", "took_shown",
    )  # fmt: skip
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("file name"), lambda row: row.file_name),
        Column(_("kind"), lambda row: in_words(row.kind)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("rows"), lambda row: row.rows),
        Column(_("created"), lambda row: row.created),
        Column(_("updated"), lambda row: row.updated),
        Column(_("skipped"), lambda row: row.skipped),
        Column(_("rejected"), lambda row: row.rejected),
        Column(_("enrolled"), lambda row: row.enrolled),
        Column(_("started at"), lambda row: people.moment(row.started_at)),
        Column(_("ended at"), lambda row: people.moment(row.ended_at)),
    )

    @display(description=_("file name"))
    def file(self, row: ImportFile) -> str:
        """Name the file."""
        return row.file_name

    @display(description=_("kind"))
    def kind_shown(self, row: ImportFile) -> str:
        """Say the kind."""
        return in_words(row.kind)

    @display(description=_("state"), label=STATE_TONES)
    def state_shown(self, row: ImportFile) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("rows"))
    def rows_shown(self, row: ImportFile) -> str:
        """Count all rows."""
        return numbers.grouped(row.rows)

    @display(description=_("created"))
    def created_shown(self, row: ImportFile) -> str:
        """Count new rows."""
        return numbers.grouped(row.created)

    @display(description=_("updated"))
    def updated_shown(self, row: ImportFile) -> str:
        """Count changed rows."""
        return numbers.grouped(row.updated)

    @display(description=_("skipped"))
    def skipped_shown(self, row: ImportFile) -> str:
        """Count rows that were there already."""
        return numbers.grouped(row.skipped)

    @display(description=_("rejected"))
    def rejected_shown(self, row: ImportFile) -> str:
        """Count refused rows, with a way to them."""
        if not row.rejected:
            return "0"
        url = reverse("admin:kernel_importfile_change", args=[row.pk])
        return format_html('<a class="hq-bad" href="{}">{}</a>', url, numbers.grouped(row.rejected))

    @display(description=_("enrolled"))
    def enrolled_shown(self, row: ImportFile) -> str:
        """Count payers who became members."""
        return numbers.grouped(row.enrolled)

    @display(description=_("started at"))
    def started_shown(self, row: ImportFile) -> str:
        """Say when it began."""
        return people.moment(row.started_at)

    @display(description=_("took"))
    def took_shown(self, row: ImportFile) -> str:
        """Say how long it took."""
        return took(row.started_at, row.ended_at)

    def get_urls(self) -> list[URLPattern]:
        """Add undoing an import, and its refused rows as a file."""
        own = [
            self.own_path("<int:pk>/undo/", self.undo_view, "undo"),
            self.own_path("<int:pk>/errors/", self.errors_view, "errors"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show with the list the uploads that are still open, and the way to hand in another."""
        runs = self.may(request, "run")
        waiting = Upload.objects.exclude(state=Upload.State.CLOSED).order_by("-pk")[:UPLOADS_SHOWN] if runs else ()
        return super().changelist_view(
            request, {"can_import": runs, "uploads": waiting, "title": _("Imports"), **(extra_context or {})}
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one import and a page of the rows it refused."""
        row = self.found(request, object_id)
        found = _refused_rows(row, request.GET.get("after", ""))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": row.file_name,
            "kind": in_words(row.kind),
            "took": took(row.started_at, row.ended_at),
            "tone": STATE_TONES.get(row.state, "info"),
            **self._ways_back(request, row),
            "errors": [_say_both(error) for error in found[:ERRORS_SHOWN]],
            "next_after": found[ERRORS_SHOWN - 1].pk if len(found) > ERRORS_SHOWN else None,
        }
        return TemplateResponse(request, "admin/kernel/importfile/page.html", context)

    def _ways_back(self, request: HttpRequest, row: ImportFile) -> dict[str, Any]:
        """Tell whether an import can be undone, is being undone, or could not be."""
        run = row.undo_run
        at_work = run is not None and run.state in (JobRun.State.WAITING, JobRun.State.RUNNING)
        ended = row.state not in (ImportFile.State.RUNNING, ImportFile.State.UNDONE)
        failure = failure_in_words(run) if run else None
        return {
            "undoing": at_work,
            "not_undone": failure.what if failure and ended else "",
            "can_undo": ended and not at_work and bool(row.entry_ids) and self.may(request, "run"),
            "undo_days": imports.UNDO_DAYS,
            "can_import": self.may(request, "run"),
        }

    @scoped("imports", "run")
    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Have an import undone."""
        row = self.found(request, pk)
        if request.method == "POST":
            try:
                imports.ask_undo(import_file=row, at=clock.now(), by=cast("User", request.user))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:kernel_importfile_change", pk)

    @scoped("imports", "view")
    def errors_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the refused rows as a file: lines, columns and reasons, no cell of the file itself."""
        row = self.found(request, pk)
        path = importing.errors_path(row)
        if not path.is_file():
            importing.write_errors(row)
        answer = StreamingHttpResponse(_parts(path), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{path.name}"'
        return answer


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART):
            yield part


def _refused_rows(row: ImportFile, after: str) -> list[RowError]:
    """Give a page of refused rows in the order of the file, entered after a line."""
    rows: QuerySet[RowError] = RowError.objects.filter(import_file=row)
    if after.isascii() and after.isdigit() and len(after) <= 18:
        last = RowError.objects.filter(import_file=row, pk=int(after)).first()
        if last:
            rows = rows.filter(line__gte=last.line).exclude(line=last.line, pk__lte=last.pk)
    return list(rows.order_by("line", "pk")[: ERRORS_SHOWN + 1])


def _say_both(error: RowError) -> dict[str, Any]:
    return {
        "line": error.line,
        "column": error.column,
        "zh": reasons.sentence(error.code, error.facts, "zh-hans"),
        "en": reasons.sentence(error.code, error.facts, "en"),
    }
