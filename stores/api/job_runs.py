"""Job runs over the API: what ran and runs, and running a job for a day."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from newretail.kernel.actions import jobs
from newretail.kernel.api import asked, items, schema
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.views import Door
from newretail.kernel.failures import failure_in_words
from newretail.kernel.forms import by_hand
from newretail.kernel.models import JobRun
from newretail.kernel.scopes import Action, Resource
from stores.models import sight_of

BAD_JOB = gettext_noop("There is no such job to be run by hand; name one that GET /job-runs or the admin shows.")
BAD_DAY = gettext_noop("This is no day written as 2026-01-31.")


class JobRunIn(serializers.Serializer[Any]):
    """A job to be run."""

    name = serializers.CharField(max_length=60)
    as_of = serializers.DateField(required=False)


class JobRunOut(serializers.Serializer[Any]):
    """The newest run of a job for a day."""

    name = serializers.CharField()
    as_of = serializers.DateField()
    state = serializers.ChoiceField(choices=JobRun.State.values)
    progress = serializers.IntegerField()
    counts = serializers.DictField()
    failure = serializers.SerializerMethodField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_failure(self, row: JobRun) -> str:
        """Say what went wrong, in the language asked for; empty where nothing did."""
        return getattr(failure_in_words(row), "what", "")


class _Runs(Door):
    resource: ClassVar[Resource] = "job_runs"

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: asking for a run is to run."""
        return "view" if method in ("GET", "HEAD", "OPTIONS") else "run"

    def seen(self, request: Request) -> QuerySet[JobRun]:
        """Give the newest run of each job and day; a key confined to a store sees none."""
        if not sight_of(request.user, "job_runs", "view").everything:
            return JobRun.objects.none()
        newest = JobRun.objects.order_by("name", "as_of", "-pk").distinct("name", "as_of")
        return JobRun.objects.filter(pk__in=newest.values("pk"))


class JobRuns(_Runs):
    """Runs, and the way to ask for one."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE | {"after", "limit", "name"}

    @extend_schema(
        operation_id="list_job_runs", parameters=[*schema.PAGE[:2], schema.FIELDS, *schema.narrowing(["name"])],
        responses=schema.page_of(JobRunOut, "JobRuns"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List the newest run of each job and day, by day."""
        rows = asked.narrow(request.query_params, self.seen(request), {"name": "name"})
        return schema.listed(request, rows, ("as_of", "name"), JobRunOut)

    @extend_schema(
        operation_id="push_job_run", request=JobRunIn, parameters=[schema.ONCE], responses=schema.one(JobRunOut, 202)
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Ask for a run of a job as of a day, today unless told otherwise; a worker takes it up within a moment."""
        return self.once(request, lambda: self._queue(request))

    def _queue(self, request: Request) -> tuple[int, Any]:
        if not sight_of(request.user, "job_runs", "run").everything:
            raise Problem(403)
        given = items.texts(request.data, ("name", "as_of"))
        if given.get("name") not in by_hand():
            raise _refused("name", "unknown_job", BAD_JOB)
        run = jobs.queue(name=given["name"], as_of=_day(given.get("as_of")), at=self.at, by=request.user)
        return 202, JobRunOut(run).data


def _refused(field: str, code: str, sentence: str) -> Problem:
    return Problem(422, "refused", items.REFUSED, faults=[Fault(code, field, sentence=sentence)])


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise _refused("as_of", "not_date", BAD_DAY) from None
    if day is not None and day.isoformat() != text:
        raise _refused("as_of", "not_date", BAD_DAY)
    return day


class OneJobRun(_Runs):
    """The newest run of a job for a day."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE

    @extend_schema(operation_id="get_job_run", parameters=[schema.FIELDS], responses=schema.one(JobRunOut, 200))
    def get(self, request: Request, name: str, as_of: str) -> Response:
        """Tell how far it is, and what came of it."""
        try:
            day = _day(as_of)
        except Problem:
            raise Http404 from None
        row = self.seen(request).filter(name=name, as_of=day).first() if day else None
        if row is None:
            raise Http404
        return Response(asked.sparse(request.query_params, JobRunOut)(row).data)
