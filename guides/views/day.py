"""The list of today: each card says who, why and what to say; a tap records what came of it."""

import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from guides.actions import tasks
from guides.actions.tasks import Result
from guides.models import Brief, Task
from guides.queries import today
from guides.queries.serving import colleagues_of, tasks_of
from guides.views.materials import fresh_share
from guides.views.pages import once, page, post_ids, posts, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused

CARRIED = ("brief__coupon_plan", "brief__material", "member__level")  # what a card shows
SHOWN = (30, 90, 270)
SNOOZES = {"hours": timedelta(hours=3), "tomorrow": timedelta(days=1), "days": timedelta(days=3)}
GREETINGS = (
    (5, gettext_noop("Good evening")),
    (12, gettext_noop("Good morning")),
    (18, gettext_noop("Good afternoon")),
)


class NothingAsked(Refused):
    """The form asks for nothing this page does."""

    code = "nothing_asked"
    sentence = gettext_noop("Choose what came of it.")


def _greeting(at: datetime) -> str:
    hour = at.astimezone(clock.brand_zone()).hour
    return _(next((words for until, words in GREETINGS if hour < until), "Good evening"))


@scoped("own_work")
def day(request: HttpRequest) -> HttpResponse:
    """Show a guide what is to be done today."""
    at, mine = clock.now(), posts(request)
    reason = request.GET.get("reason", "")
    most = next((each for each in SHOWN if str(each) == request.GET.get("shown")), SHOWN[0])
    chosen = reason if reason in Brief.Reason.values else ""
    found = today.today([post.pk for post in mine], at=at, reason=chosen, most=most)
    context = {
        "tab": "day", "today": found, "reason": chosen, "greeting": _greeting(at), "post": mine[0] if mine else None,
        "next_shown": next((each for each in SHOWN if each > most), most), **_forms(),
    }  # fmt: skip
    return page(request, "g/day.html", context)


def _forms() -> dict[str, Any]:
    return {
        "outcomes": [each for each in Task.Outcome if each != Task.Outcome.DONE],
        "fresh": uuid.uuid4,
        "new_share": fresh_share,
    }


@scoped("own_work")
def one(request: HttpRequest, task: uuid.UUID) -> HttpResponse:
    """Show one task whole: its words, what happened to it, to whom it can be handed on."""
    found = get_object_or_404(tasks_of(request.user).select_related(*CARRIED, "post__store"), ref=task)
    card = today.cards_of([found], clock.now())[0]
    history = found.history.select_related("by", "from_post__user", "to_post__user").order_by("nth")
    context = {"tab": "day", "card": card, "history": history, "colleagues": colleagues_of(found.post), **_forms()}
    return page(request, "g/task.html", context)


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest, task: uuid.UUID) -> HttpResponse:
    """Record what came of a task, put it off, hand it on, or take back what was just done."""
    asked = request.POST.get("do", "")
    if asked not in ACTS:
        raise Http404
    stands, refused = once(request, f"task.{asked}", f"task:{task}", lambda: ACTS[asked](request, task, clock.now()))
    if request.headers.get("hx-request"):
        return _card(request, task, refused)
    back = reverse("guide_day") if stands else reverse("guide_task", args=[task])
    return told(request, refused=refused, back=back)


def _card(request: HttpRequest, ref: uuid.UUID, refused: str) -> HttpResponse:
    """Draw the card anew, as it stands now; of a task that is no longer hers there is nothing left to draw."""
    task = tasks_of(request.user).select_related(*CARRIED).filter(ref=ref).first()
    if task is None:
        return page(request, "g/_gone.html", {"refused": refused})
    card = today.cards_of([task], clock.now())[0]
    return page(request, "g/_card.html", {"card": card, "refused": refused, "just_now": True, **_forms()})


def _by(request: HttpRequest) -> User:
    return cast("User", request.user)


def _complete(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    outcome, channel = request.POST.get("outcome", ""), request.POST.get("channel", "wecom")
    if outcome not in Task.Outcome.values or channel not in ("wecom", "call", "sms"):
        raise NothingAsked
    note = " ".join(request.POST.get("note", "").replace("\0", "").split())[:400]
    tasks.complete(
        task=ref, within=post_ids(request), result=Result(outcome, channel, note), at=at, by=_by(request)
    )  # fmt: skip


def _undo(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    tasks.undo(task=ref, within=post_ids(request), at=at, by=_by(request))


def _snooze(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    span = SNOOZES.get(request.POST.get("for", ""))
    if span is None:
        raise NothingAsked
    tasks.snooze(task=ref, within=post_ids(request), until=at + span, at=at, by=_by(request))


def _transfer(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    task = tasks_of(request.user).select_related("post").filter(ref=ref).first()
    if task is None:
        raise tasks.UnknownTask
    to = colleagues_of(task.post).filter(user__staff_no=request.POST.get("to", "").replace("\0", "")).first()
    if to is None:
        raise tasks.WrongColleague
    reason = request.POST.get("reason", "").replace("\0", "")
    tasks.transfer(task=ref, within=post_ids(request), to=to, reason=reason, at=at, by=_by(request))


ACTS = {"complete": _complete, "undo": _undo, "snooze": _snooze, "transfer": _transfer}
