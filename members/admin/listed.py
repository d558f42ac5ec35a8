"""What is done with many members at once: all of a list as it is filtered, or those ticked in it; long, by a worker."""

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from newretail.kernel import clock, masking, scopes, sql
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun, User
from newretail.kernel.scopes import Resource
from newretail.kernel.verbadmin import files
from newretail.kernel.verbadmin.paging import capped_count
from newretail.kernel.verbs import Refused

AT_ONCE = 20_000  # so many are served while somebody waits, and by a worker in one transaction
COUNTED = 1_000_000
TICKED, MOST_TICKED = "ticked", 1_000
NOUN = "members.member"
# Whoever was merged is served where she lives on.
LISTED = """
SELECT DISTINCT coalesce(m.merged_into_id, m.id) AS member_id FROM members_member m WHERE m.id = ANY(%(ids)s)
"""
Wish = dict[str, Any]


class NoLongerAllowed(Refused):
    """The right was taken away meanwhile."""

    code = "no_longer_allowed"
    sentence = gettext_noop("Whoever asked for this has no right to do it any more.")


def _ticked(request: HttpRequest) -> list[int] | None:
    """Take the rows ticked in the list out of the words of its address; None where none was."""
    words = request.GET.copy()
    given = words.pop(TICKED, [])
    request.GET = words  # type: ignore[assignment]
    parts = ".".join(map(str, given)).split(".") if given else []
    if len(parts) > MOST_TICKED or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadRequest(TICKED)
    return [int(part) for part in parts] if given else None


def led_to(deed: "type[Deed]", request: HttpRequest, rows: Any) -> HttpResponse:
    """Lead from the list to the page of a deed: for the ticked rows or, where all are, for the whole list."""
    words = request.GET.copy()
    if request.POST.get("select_across") != "1":
        words[TICKED] = ".".join(str(pk) for pk in rows.values_list("pk", flat=True)[:MOST_TICKED])
    return redirect(f"{deed.name}/?{words.urlencode()}")


class Deed:
    """Something done with the members of a list, with a page beside the list (`admin`).

    The form gives a wish that is plain JSON, `do` fulfils it on the members of `tmp_listed` and counts. A long list is
    asked for once more by the job, by the right of whoever asked, and served part by part.
    """

    name: ClassVar[str]
    job: ClassVar[str]
    resource: ClassVar[Resource]
    title: ClassVar[Any]
    form: ClassVar[type[forms.Form]]
    done: ClassVar[str]

    def __init__(self, admin: Any = None) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its address."""
        return [self.admin.own_path(f"{self.name}/", self.view, self.name)]

    def view(self, request: HttpRequest) -> HttpResponse:
        """Show whom it would reach, and do it; who may, the subclass says."""
        raise NotImplementedError

    def wish(self, given: dict[str, Any]) -> Wish:
        """Write what the form says as plain JSON."""
        raise NotImplementedError

    def do(self, wish: Wish, by: User) -> dict[str, int]:
        """Fulfil a wish on the members of `tmp_listed`; count what came of it."""
        raise NotImplementedError

    def judge(self, told: dict[str, int]) -> None:
        """Refuse what has come to nothing; here nothing is."""

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show whom the filters in force leave, or who is ticked; do what is asked, or have a worker do it."""
        by, ticked = cast("User", request.user), _ticked(request)
        rows = self.admin.get_changelist_instance(request).queryset
        rows = rows if ticked is None else rows.filter(pk__in=ticked)
        count = capped_count(rows, COUNTED)
        form = self.form(request.POST or None, by=by)  # type: ignore[call-arg]
        if form.is_valid():
            wish = self.wish(form.cleaned_data)
            if count > AT_ONCE:
                return self._queue(request, wish, by)
            try:
                told = self.serve(rows, wish, by)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _(self.done) % told)
                return redirect(f"../?{request.GET.urlencode()}")
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "title": self.title, "form": form,
            "count": count, "is_long": count > AT_ONCE, "is_ticked": ticked is not None, "most": AT_ONCE,
        }  # fmt: skip
        template = f"admin/members/member/{self.name}.html"
        return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)

    def _queue(self, request: HttpRequest, wish: Wish, by: User) -> HttpResponse:
        params: dict[str, object] = {"words": request.GET.urlencode(), "wish": wish}
        run = jobs.queue(name=self.job, at=clock.now(), by=by, params=params)
        messages.success(request, _("The list is long: a worker does it, part by part."))
        if scopes.may(by, "job_runs", "view"):
            return redirect("admin:kernel_jobrun_change", run.pk)
        return redirect(f"../?{request.GET.urlencode()}")

    def serve(
        self, rows: Any, wish: Wish, by: User, report: Callable[[int, int], None] = lambda done, of: None
    ) -> dict[str, int]:
        """Fulfil a wish on these members, by member number, so many at a time; count what came of it."""
        ids = list(rows.order_by("member_no").values_list("pk", flat=True))
        told: Counter[str] = Counter()
        for begin in range(0, max(len(ids), 1), AT_ONCE):
            report(begin, len(ids))
            with transaction.atomic():
                sql.temporary("tmp_listed", LISTED, {"ids": ids[begin : begin + AT_ONCE]})
                for name, count in self.do(wish, by).items():
                    told[name] += count
        self.judge(told)
        return dict(told)


def work(deed: Deed, run: JobRun) -> dict[str, object]:
    """Fulfil on a long list what somebody asked for, by her right and within her sight as they are now.

    Refuses: NoLongerAllowed, and what the deed refuses.
    """
    by, listing = run.by, files.admin_of(NOUN)
    if by is None or not (scopes.may(by, deed.resource, "change") and scopes.may(by, listing.resource, "view")):
        raise NoLongerAllowed
    with masking.before(masking.reader(by)):
        rows = listing.get_changelist_instance(files.asking(run.params["words"], by)).queryset

        def report(done: int, of: int) -> None:
            jobs.report(run=run, done=done, of=of, at=clock.now())

        return {**deed.serve(rows, run.params["wish"], by, report)}
