"""Job runs: what ran and runs, what is due, what came of it; stop one, run one again, run one by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, nights, numbers
from newretail.kernel.actions import jobs
from newretail.kernel.admin.shown import STATE_TONES, StartedSpan, StatePick, took
from newretail.kernel.doors import scoped
from newretail.kernel.failures import failure_in_words
from newretail.kernel.forms import JobForm, by_hand
from newretail.kernel.models import JobRun, User
from newretail.kernel.registry import TABLES
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick, VerbAdmin
from newretail.kernel.verbs import Refused
from newretail.kernel.words import counts_in_words, counts_named, in_words

OTHERS_SHOWN = 8
PAGES = "admin:kernel_jobrun_{}"


class JobPick(Pick):
    """By job."""

    title, parameter_name, field = _("job"), "job", "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the jobs there are."""
        return [(name, in_words(name)) for name in sorted(TABLES.jobs)]


class LanePick(Pick):
    """By what started it."""

    title, parameter_name = _("started by"), "lane"
    lanes: ClassVar[dict[str, Any]] = {**jobs.LANES, "hand": jobs.BY_HAND}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the ways in which a run comes about."""
        return [(jobs.NIGHT, _("the night's clock")), (jobs.QUEUED, _("a person")), ("hand", _("the command line"))]

    def narrow(self, queryset: Any, value: str) -> Any:
        """Keep the runs that came about this way."""
        return queryset.filter(self.lanes[value])


def elapsed(run: JobRun, at: datetime) -> str:
    """Say how long a run took, or runs already."""
    return took(run.started_at, at if run.state == JobRun.State.RUNNING else run.ended_at)


def started_by(run: JobRun) -> str:
    """Say what brought a run about: the clock, a person, the command line."""
    if run.by:
        return str(run.by)
    return gettext("the night's clock") if run.due_at else gettext("the command line")


@admin.register(JobRun)
class JobRunAdmin(VerbAdmin):
    """Job runs, newest first."""

    resource = "job_runs"
    key = ("-id",)
    list_select_related = ("by",)
    list_before_template = "admin/kernel/jobrun/before.html"
    change_list_template = "admin/kernel/jobrun/list.html"
    list_filter = (StatePick, JobPick, LanePick, StartedSpan)
    says_when_empty = _("No job has run yet. The night's jobs run by the clock; any job can be run by hand.")
    list_display = (
        "job", "as_of_shown", "state_shown", "progress_shown", "outcome", "started_by_shown", "started_shown",
        "took_shown",
    )  # fmt: skip
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("job"), lambda row: in_words(row.name)),
        Column(_("as of"), lambda row: row.as_of),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("counts"), lambda row: counts_in_words(row.counts)),
        Column(_("what went wrong"), lambda row: getattr(failure_in_words(row), "what", "")),
        Column(_("error"), lambda row: getattr(failure_in_words(row), "technical", "")),
        Column(_("started by"), started_by),
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
        return format_html(
            '<progress class="hq-progress" max="100" value="{0}">{0}%</progress> <span class="hq-num">{0}%</span>',
            row.progress,
        )

    @display(description=_("what came of it"))
    def outcome(self, row: JobRun) -> str:
        """Say what it counted, or what went wrong, short; the page has all of it."""
        failure = failure_in_words(row)
        if failure:
            return format_html('<span class="hq-clip hq-bad" title="{0}">{0}</span>', failure.what)
        return format_html('<span class="hq-clip" title="{0}">{0}</span>', counts_in_words(row.counts) or numbers.DASH)

    @display(description=_("as of"))
    def as_of_shown(self, row: JobRun) -> str:
        """Say the day it was for."""
        return row.as_of.isoformat()

    @display(description=_("started by"))
    def started_by_shown(self, row: JobRun) -> str:
        """Say what brought it about."""
        return started_by(row)

    @display(description=_("started at"))
    def started_shown(self, row: JobRun) -> str:
        """Say when it began."""
        return people.moment(row.started_at)

    @display(description=_("took"))
    def took_shown(self, row: JobRun) -> str:
        """Say how long it took, or runs already."""
        return elapsed(row, clock.now())

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done to a run, and running one by hand."""
        own = [
            self.own_path("run/", self.run_view, "run"),
            self.own_path("<int:pk>/cancel/", self.cancel_view, "cancel"),
            self.own_path("<int:pk>/again/", self.again_view, "again"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show above the list what falls due next, and what of the last night is missing."""
        at = clock.now()
        extra = {
            "timetable": nights.timetable(at),
            "troubles": nights.troubles(at),
            "may_run": self.may(request, "run"),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one run."""
        run = self.found(request, object_id)
        unended = run.state in jobs.UNENDED
        others = self.get_queryset(request).filter(name=run.name).exclude(pk=run.pk).order_by("-id")
        return self._page(request, "page", run, {
            "title": f"{in_words(run.name)} {run.as_of}",
            "tone": STATE_TONES[run.state],
            "does": _does(run.name),
            "counts": counts_named(run.counts),
            "told": counts_named({name: said for name, said in run.params.items() if name in ("full", "from", "to")}),
            "failure": failure_in_words(run),
            "took": elapsed(run, clock.now()),
            "started_by": started_by(run),
            "unended": unended,
            "may_cancel": unended and not run.cancel_asked and self.may(request, "run"),
            "may_repeat": not unended and run.name in TABLES.jobs and self.may(request, "run"),
            "others": others[:OTHERS_SHOWN],
        })  # fmt: skip

    def _page(self, request: HttpRequest, name: str, run: JobRun | None, more: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": run, **more}
        return TemplateResponse(request, f"admin/kernel/jobrun/{name}.html", context)

    @scoped("job_runs", "run")
    def run_view(self, request: HttpRequest) -> HttpResponseBase:
        """Run a job by hand, as of a day."""
        at = clock.now()
        form = JobForm(request.POST or None, today=clock.business_day(at))
        if request.method == "POST" and form.is_valid():
            name, day = form.cleaned_data["name"], form.cleaned_data["as_of"]
            try:
                run = jobs.queue(name=name, as_of=day, at=at, by=cast("User", request.user))
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, gettext("The run is queued; a worker takes it up within a moment."))
                return redirect(PAGES.format("change"), run.pk)
        told = [(in_words(name), _does(name)) for name in by_hand()]
        page = self._page(request, "run", None, {"title": gettext("Run a job"), "form": form, "told": told})
        page.status_code = 400 if form.errors else 200
        return page

    @scoped("job_runs", "run")
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Stop a run."""
        return self._act(request, pk, jobs.cancel, gettext("The run was told to stop."))

    @scoped("job_runs", "run")
    def again_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Run it again."""
        return self._act(
            request, pk, jobs.run_again, gettext("The run is queued; a worker takes it up within a moment.")
        )

    def _act(self, request: HttpRequest, pk: int, act: Callable[..., JobRun], said: str) -> HttpResponseBase:
        """Do something to a run and show the run that came of it."""
        run = self.found(request, pk)
        if request.method == "POST":
            try:
                run = act(run=run, by=request.user, at=clock.now())
                messages.success(request, said)
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect(reverse(PAGES.format("change"), args=[run.pk]))


def _does(name: str) -> str:
    told = TABLES.told.get(name)
    return gettext(told.does) if told and told.does else ""
