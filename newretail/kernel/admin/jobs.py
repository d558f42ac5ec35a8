"""Job runs: what ran, how far it is, what came of it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import numbers
from newretail.kernel.admin.shown import STATE_TONES, StartedSpan, StatePick, took
from newretail.kernel.models import JobRun
from newretail.kernel.registry import TABLES
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick, VerbAdmin
from newretail.kernel.words import in_words


class JobPick(Pick):
    """By job."""

    title, parameter_name, field = _("job"), "job", "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the jobs there are."""
        return [(name, in_words(name)) for name in sorted(TABLES.jobs)]


@admin.register(JobRun)
class JobRunAdmin(VerbAdmin):
    """Job runs, newest first."""

    resource = "job_runs"
    key = ("-id",)
    list_select_related = ("by",)
    list_filter = (StatePick, JobPick, StartedSpan)
    list_display = (
        "job", "as_of_shown", "state_shown", "progress_shown", "counts_shown", "error_shown", "started_shown",
        "took_shown",
    )  # fmt: skip
    fields = (
        "job", "as_of_shown", "state", "progress_shown", "counts_shown", "error", "log", "due_at", "started_at",
        "ended_at", "by",
    )  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("job"), lambda row: in_words(row.name)),
        Column(_("as of"), lambda row: row.as_of),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("counts"), lambda row: counts_in_words(row.counts)),
        Column(_("error"), lambda row: row.error),
        Column(_("started at"), lambda row: people.moment(row.started_at)),
        Column(_("ended at"), lambda row: people.moment(row.ended_at)),
    )

    @display(description=_("job"))
    def job(self, row: JobRun) -> str:
        """Say the job."""
        return in_words(row.name)

    @display(description=_("state"), label=STATE_TONES)
    def state_shown(self, row: JobRun) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("progress"))
    def progress_shown(self, row: JobRun) -> str:
        """Show how far it is."""
        return f"{row.progress}%"

    @display(description=_("counts"))
    def counts_shown(self, row: JobRun) -> str:
        """Say what it counted."""
        return format_html('<span class="hq-clip">{}</span>', counts_in_words(row.counts) or numbers.DASH)

    @display(description=_("error"))
    def error_shown(self, row: JobRun) -> str:
        """Say what went wrong, short; the page has all of it."""
        if not row.error:
            return numbers.DASH
        return format_html('<span class="hq-clip hq-bad" title="{0}">{0}</span>', row.error.splitlines()[0][:200])

    @display(description=_("as of"))
    def as_of_shown(self, row: JobRun) -> str:
        """Say the day it was for."""
        return row.as_of.isoformat()

    @display(description=_("started at"))
    def started_shown(self, row: JobRun) -> str:
        """Say when it began."""
        return people.moment(row.started_at)

    @display(description=_("took"))
    def took_shown(self, row: JobRun) -> str:
        """Say how long it took."""
        return took(row.started_at, row.ended_at)


def counts_in_words(counts: dict[str, Any]) -> str:
    """Say the counts of a run: {"scored": 2700} → "scored 2,700"; what is no number is left out."""
    return " · ".join(
        f"{in_words(name)} {numbers.grouped(value)}"
        for name, value in counts.items()
        if isinstance(value, int) and not isinstance(value, bool)
    )
