"""What a manager's guides have to do: approved or given back, handed to another by a tap."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from guides.actions import tasks
from guides.models import Task
from guides.queries.cards import cards_of, carried
from guides.queries.serving import serving_within
from guides.views.day import NothingAsked
from guides.views.pages import once, page, person, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.refs import number
from stores.models import sight_of, store_ids_in

SHOWN = 50


def _stores(request: HttpRequest) -> list[int] | None:
    return store_ids_in(sight_of(request.user, "tasks", "change"))


def _within(request: HttpRequest) -> QuerySet[Task]:
    """Give the tasks of the guides of the stores in sight."""
    stores = _stores(request)
    rows = carried(Task.objects.select_related("post__user", "post__store"))
    return rows if stores is None else rows.filter(post__store_id__in=stores)


def _shown(rows: QuerySet[Task], at: Any) -> list[dict[str, Any]]:
    cards = cards_of(list(rows[:SHOWN]), at)
    return [{"card": card, "name": eyes().called(card.task.member) if card.task.member else ""} for card in cards]


@scoped("tasks", "change")
def listed(request: HttpRequest) -> HttpResponse:
    """Show what waits for approval and what is overdue."""
    return _page(request)


def _page(request: HttpRequest, refused: str = "", status: int = 200) -> HttpResponse:
    at, rows = clock.now(), _within(request)
    context = {
        "tab": "me", "refused": refused,
        "checking": _shown(rows.filter(state=Task.State.CHECKING).order_by("ended_at", "id"), at),
        "overdue": _shown(rows.open().filter(due_at__lte=at).order_by("due_at", "id"), at),  # type: ignore[attr-defined]
        "colleagues": serving_within(_stores(request))[:200],
    }  # fmt: skip
    return page(request, "g/team_tasks.html", context, status=status)


@require_POST
@scoped("tasks", "change")
def do(request: HttpRequest) -> HttpResponse:
    """Approve what was done, give it back, or hand a task to another guide."""
    asked, ref = request.POST.get("do", ""), number(request.POST.get("task", ""))
    if asked not in ACTS or ref is None:
        return _page(request, str(NothingAsked()), status=422)
    _stands, refused = once(request, f"team.{asked}", f"task:{ref}", lambda: ACTS[asked](request, ref))
    if refused and not request.headers.get("x-queue"):
        return _page(request, refused, status=422)
    return told(request, refused=refused, back=reverse("team_tasks"))


def _given(request: HttpRequest, ref: uuid.UUID) -> dict[str, Any]:
    """Name the task as the verbs take it: one within sight, or none."""
    found = _within(request).filter(ref=ref).first()
    within = [found.post_id] if found else []
    return {"task": ref, "within": within, "at": clock.now(), "by": person(request)}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\0", "")


def _approve(request: HttpRequest, ref: uuid.UUID) -> None:
    tasks.approve(**_given(request, ref))


def _give_back(request: HttpRequest, ref: uuid.UUID) -> None:
    tasks.give_back(**_given(request, ref), reason=_reason(request))


def _hand_on(request: HttpRequest, ref: uuid.UUID) -> None:
    to = serving_within(None).filter(user__staff_no=request.POST.get("to", "").replace("\0", "")).first()
    if to is None:
        raise tasks.WrongColleague
    tasks.transfer(**_given(request, ref), to=to, reason=_reason(request))


ACTS = {"approve": _approve, "give_back": _give_back, "hand_on": _hand_on}
