"""The list of today: each card says who, why and what to say; a tap records what came of it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from guides.actions import calls, evidence, handouts, tasks
from guides.actions.replies import Answered
from guides.actions.tasks import Result
from guides.models import Brief, Task, TaskPhoto
from guides.models.surveys import MOST_QUESTIONS
from guides.queries import booking, moments, today
from guides.queries.cards import cards_of, carried
from guides.queries.portrait import bond_of
from guides.queries.serving import colleagues_of, tasks_of
from guides.views.materials import fresh_share
from guides.views.pages import once, page, person, post_ids, posts, told
from members.queries import families
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.files import pictures
from newretail.kernel.verbs import Refused

SHOWN = (30, 90, 270)
GOES_ON = ("photo", "coupon")  # what is done on the way: the card stays open
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
        "to_post": moments.left_today([post.pk for post in mine], at),
        "visits": booking.visits([post.pk for post in mine], at) if not chosen else None,
        "next_shown": next((each for each in SHOWN if each > most), most), **_forms(),
    }  # fmt: skip
    return page(request, "g/day.html", context)


def _forms() -> dict[str, Any]:
    return {
        "outcomes": [each for each in Task.Outcome if each != Task.Outcome.DONE],
        "new_share": fresh_share,
    }


@scoped("own_work")
def one(request: HttpRequest, task: uuid.UUID) -> HttpResponse:
    """Show one task whole: its words, what happened to it, to whom it can be handed on."""
    return _whole(request, get_object_or_404(carried(tasks_of(request.user)).select_related("post__store"), ref=task))


def _whole(request: HttpRequest, found: Task, **more: object) -> HttpResponse:
    card = cards_of([found], clock.now())[0]
    history = found.history.select_related("by", "from_post__user", "to_post__user").order_by("nth")
    context = {"tab": "day", "card": card, "history": history, "colleagues": colleagues_of(found.post), **more,
               **_forms()}  # fmt: skip
    return page(request, "g/task.html", context)


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest, task: uuid.UUID) -> HttpResponse:
    """Record what came of a task, put it off, hand it on, or take back what was just done."""
    asked = request.POST.get("do", "")
    if asked == "call":
        return _called(request, task)
    if asked not in ACTS:
        raise Http404
    stands, refused = once(request, f"task.{asked}", f"task:{task}", lambda: ACTS[asked](request, task, clock.now()))
    if request.headers.get("hx-request"):
        return _card(request, task, refused, opened=asked in GOES_ON)
    back = reverse("guide_day") if stands and asked not in GOES_ON else reverse("guide_task", args=[task])
    return told(request, refused=refused, back=back)


def _called(request: HttpRequest, ref: uuid.UUID) -> HttpResponse:
    """Show the number to call; the same tap sent again shows it no second time."""
    shown: list[str] = []
    within, at, by = post_ids(request), clock.now(), person(request)
    _stands, refused = once(
        request, "task.call", f"task:{ref}",
        lambda: shown.append(calls.show(task=ref, within=within, at=at, by=by)),
    )  # fmt: skip
    told_more = {"phone": "".join(shown), "refused": refused}
    if request.headers.get("hx-request"):
        return _card(request, ref, **told_more)
    found = get_object_or_404(carried(tasks_of(request.user)).select_related("post__store"), ref=ref)
    return _whole(request, found, **told_more)


def _card(request: HttpRequest, ref: uuid.UUID, refused: str, **more: object) -> HttpResponse:
    """Draw the card anew, as it stands now; of a task that is no longer hers there is nothing left to draw."""
    task = carried(tasks_of(request.user)).filter(ref=ref).first()
    if task is None:
        return page(request, "g/_gone.html", {"refused": refused})
    card = cards_of([task], clock.now(), request.POST if refused else {})[0]
    return page(request, "g/_card.html", {"card": card, "refused": refused, "just_now": True, **more, **_forms()})


def _complete(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    outcome, channel = request.POST.get("outcome", ""), request.POST.get("channel", "wecom")
    if outcome not in Task.Outcome.values or channel not in ("wecom", "call", "sms"):
        raise NothingAsked
    note = " ".join(request.POST.get("note", "").replace("\0", "").split())[:400]
    result = Result(outcome, channel, note, _answered(request))
    tasks.complete(task=ref, within=post_ids(request), result=result, at=at, by=person(request))


def _answered(request: HttpRequest) -> Answered:
    given = {nth: request.POST.get(f"q{nth}", "") for nth in range(1, MOST_QUESTIONS + 1)}
    return Answered(given, request.POST.get("purchase", "").replace("\0", ""))


def _undo(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    tasks.undo(task=ref, within=post_ids(request), at=at, by=person(request))


def _snooze(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    span = SNOOZES.get(request.POST.get("for", ""))
    if span is None:
        raise NothingAsked
    tasks.snooze(task=ref, within=post_ids(request), until=at + span, at=at, by=person(request))


def _transfer(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    task = tasks_of(request.user).select_related("post").filter(ref=ref).first()
    if task is None:
        raise tasks.UnknownTask
    to = colleagues_of(task.post).filter(user__staff_no=request.POST.get("to", "").replace("\0", "")).first()
    if to is None:
        raise tasks.WrongColleague
    reason = request.POST.get("reason", "").replace("\0", "")
    tasks.transfer(task=ref, within=post_ids(request), to=to, reason=reason, at=at, by=person(request))


def _coupon(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    rows = tasks_of(request.user).open().filter(ref=ref, expires_at__gt=at)
    found = rows.select_related("member", "brief__coupon_plan").first()
    if found is None or found.member is None or found.brief.coupon_plan is None:
        raise tasks.UnknownTask
    bond = bond_of(families.ids_of(found.member), posts(request))
    if bond is None:
        raise handouts.NotYours
    handouts.give(bond=bond, plan=found.brief.coupon_plan.code, task=found, at=at, by=person(request))


def _photo(request: HttpRequest, ref: uuid.UUID, at: datetime) -> None:
    file = request.FILES.get("photo")
    if file is None or (file.size or 0) > pictures.MOST_BYTES:
        raise pictures.BadPicture
    evidence.add(task=ref, within=post_ids(request), photo=file.read(), at=at, by=person(request))


@scoped("own_work")
def photo(request: HttpRequest, task: uuid.UUID, nth: int) -> HttpResponse:
    """Give a photo of a task of hers."""
    return shown_once(get_object_or_404(TaskPhoto, task__in=tasks_of(request.user).filter(ref=task), nth=nth))


def shown_once(kept: TaskPhoto) -> HttpResponse:
    """Answer with a photo that no browser keeps."""
    answer = HttpResponse(bytes(kept.body), content_type="image/jpeg")
    answer["Cache-Control"] = "no-store"
    return answer


ACTS = {"complete": _complete, "undo": _undo, "snooze": _snooze, "transfer": _transfer, "coupon": _coupon,
        "photo": _photo}  # fmt: skip
