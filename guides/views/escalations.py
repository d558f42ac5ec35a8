"""A problem a guide takes up the line: raised from a task, a customer or freely, with its thread until it is closed."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from guides.actions import escalations, tasks
from guides.actions.escalations import Problem
from guides.models import Escalation, Task
from guides.models.escalations import LONGEST_TITLE, LONGEST_WORDS
from guides.queries.escalations import raised_by, thread_of
from guides.queries.serving import customers_of, tasks_of
from guides.views.pages import once, page, person, post_ids, posts, told
from members.models import Member
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.refs import number

SHOWN = (20, 100, 400)
LENGTHS = {"longest_title": LONGEST_TITLE, "longest_words": LONGEST_WORDS}


@scoped("own_work")
def listed(request: HttpRequest) -> HttpResponse:
    """List what she took up."""
    most = next((each for each in SHOWN if str(each) == request.GET.get("shown")), SHOWN[0])
    found = list(raised_by(post_ids(request))[: most + 1])
    context = {
        "tab": "me", "escalations": found[:most], "more": len(found) > most, "now": clock.now(),
        "next_shown": next((each for each in SHOWN if each > most), most),
    }  # fmt: skip
    return page(request, "g/escalations.html", context)


def _about(request: HttpRequest, given: Any) -> tuple[Task | None, Member | None]:
    """Find the task or the customer a problem is about: her own, or none at all."""
    ref, member_no = number(given.get("task", "")), given.get("member", "")
    if given.get("task"):
        task = get_object_or_404(tasks_of(request.user).select_related("post", "member"), ref=ref)
        return task, task.member
    if member_no:
        if "\0" in member_no:
            raise Http404
        return None, get_object_or_404(customers_of(request.user), member_no=member_no)
    return None, None


@scoped("own_work", "change")
def new(request: HttpRequest) -> HttpResponse:
    """Take a problem up, once for the number its form carries."""
    given = request.POST if request.method == "POST" else request.GET
    task, member = _about(request, given)
    context = {"tab": "me", "task": task, "member": member, "given": given, **LENGTHS}
    if request.method != "POST":
        return page(request, "g/escalate.html", context)
    ref = number(given.get("ref", "")) or uuid.uuid4()
    _stands, refused = once(
        request, "escalation.raise", f"escalation:{ref}", lambda: _begin(request, ref, task, member)
    )  # fmt: skip
    if refused and not request.headers.get("x-queue"):
        return page(request, "g/escalate.html", {**context, "refused": refused})
    return _back(request, refused, reverse("guide_escalations"))


def _back(request: HttpRequest, refused: str, path: str) -> HttpResponse:
    if request.headers.get("hx-request"):
        return HttpResponseClientRedirect(path)
    return told(request, refused=refused, back=path)


def _begin(request: HttpRequest, ref: uuid.UUID, task: Task | None, member: Member | None) -> None:
    mine = posts(request)
    post = task.post if task else mine[0] if mine else None
    if post is None:
        raise tasks.UnknownTask
    title, words = (request.POST.get(name, "").replace("\0", "") for name in ("title", "words"))
    problem = Problem(" ".join(title.split()), words, post, member, task)
    escalations.begin(ref=ref, problem=problem, at=clock.now(), by=person(request))


def _hers(request: HttpRequest, escalation: uuid.UUID) -> Escalation:
    rows = raised_by(post_ids(request)).select_related("task__brief")
    found: Escalation = get_object_or_404(rows, ref=escalation)
    return found


@scoped("own_work")
def one(request: HttpRequest, escalation: uuid.UUID) -> HttpResponse:
    """Show one with its thread; whom it is about is named while she is her customer."""
    return _page(request, _hers(request, escalation), "")


def _page(request: HttpRequest, found: Escalation, refused: str) -> HttpResponse:
    member = customers_of(request.user).filter(pk=found.member_id).first() if found.member_id else None
    context = {
        "tab": "me", "escalation": found, "member": member, "thread": thread_of(found),
        "now": clock.now(), "refused": refused, **LENGTHS,
    }  # fmt: skip
    return page(request, "g/escalation.html", context)


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest, escalation: uuid.UUID) -> HttpResponse:
    """Ask again, or close it."""
    asked = request.POST.get("do", "")
    if asked not in ("add", "close"):
        raise Http404
    given: dict[str, Any] = {
        "escalation": escalation, "posts": post_ids(request), "at": clock.now(), "by": person(request),
        "words": request.POST.get("words", "").replace("\0", ""),
    }  # fmt: skip
    found = _hers(request, escalation)
    act = escalations.add if asked == "add" else escalations.close
    _stands, refused = once(request, f"escalation.{asked}", f"escalation:{escalation}", lambda: act(**given))
    if refused and not request.headers.get("x-queue"):
        return _page(request, found, refused)
    return _back(request, refused, reverse("guide_escalation", args=[escalation]))
