"""What HQ sees of the machine room: imports with their refused rows, job runs, the journal."""

from importlib import import_module
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import numbers, scopes
from newretail.kernel.admin.shown import STATE_TONES, StartedSpan, StatePick, took
from newretail.kernel.files import reasons
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.models import ImportFile, JournalEntry, RowError, Upload
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, Pick, VerbAdmin
from newretail.kernel.words import in_words

ERRORS_SHOWN = 100
UPLOADS_SHOWN = 10


def close_foreign_forms() -> None:
    """Take off the site what packages put on it: their forms write, and no verb stands behind them."""
    for package in ("django.contrib.auth.admin", "axes.admin", "allauth.account.admin", "allauth.mfa.admin"):
        import_module(package)
    for model, shown in list(admin.site._registry.items()):
        if not isinstance(shown, VerbAdmin):
            admin.site.unregister(model)


def may_enter(request: HttpRequest) -> bool:
    """Tell who enters the site: whoever has an account; which pages, each address says by its right."""
    return scopes.may(request.user, "account")


close_foreign_forms()
admin.site.has_permission = may_enter  # type: ignore[method-assign]


class KindPick(Pick):
    """By kind of file."""

    title, parameter_name, field = _("kind"), "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the kinds of files that can come in."""
        return [(kind, in_words(kind)) for kind in IMPORTERS]


class EffectiveSpan(DaySpan):
    """By the day it holds for."""

    title, parameter, field = _("effective at"), "effective", "effective_at"


@admin.register(ImportFile)
class ImportFileAdmin(VerbAdmin):
    """Imports, newest first; each opens the rows it refused, said in both languages."""

    resource = "imports"
    key = ("-id",)
    change_list_template = "admin/kernel/importfile/list.html"
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
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        found = _refused_rows(row, request.GET.get("after", ""))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": row.file_name,
            "kind": in_words(row.kind),
            "took": took(row.started_at, row.ended_at),
            "tone": STATE_TONES.get(row.state, "info"),
            "errors": [_say_both(error) for error in found[:ERRORS_SHOWN]],
            "next_after": found[ERRORS_SHOWN - 1].pk if len(found) > ERRORS_SHOWN else None,
        }
        return TemplateResponse(request, "admin/kernel/importfile/page.html", context)


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


@admin.register(JournalEntry)
class JournalEntryAdmin(VerbAdmin):
    """The journal, newest first; nothing in it is ever changed."""

    resource = "journal"
    key = ("-id",)
    list_select_related = ("by",)
    list_filter = (EffectiveSpan,)
    list_display = ("line", "subject", "facts_shown", "effective_shown", "by")
    search_fields = ("name__startswith",)
    search_help_text = _("Line, from its beginning")
    fields = ("name", "subject", "facts", "effective_at", "written_at", "by")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("journal line"), lambda row: row.name),
        Column(_("subject"), lambda row: row.subject),
        Column(_("effective at"), lambda row: people.moment(row.effective_at)),
        Column(_("by"), lambda row: row.by),
    )

    @display(description=_("journal line"))
    def line(self, row: JournalEntry) -> str:
        """Name the line."""
        return row.name

    @display(description=_("effective at"))
    def effective_shown(self, row: JournalEntry) -> str:
        """Say when it holds from."""
        return people.moment(row.effective_at)

    @display(description=_("facts"))
    def facts_shown(self, row: JournalEntry) -> str:
        """Show keys and counts, short."""
        text = ", ".join(f"{name}={value}" for name, value in row.facts.items())
        return format_html('<span class="hq-clip" title="{0}">{0}</span>', text or numbers.DASH)


for _page in ("jobs", "exports", "holidays", "settings"):
    import_module(f"newretail.kernel.admin.{_page}")
