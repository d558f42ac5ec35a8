"""What a manager does from her store's board by one tap: give a task, remind of what is overdue, of what is unread."""

import uuid
from datetime import date, datetime, timedelta
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics.views.stores import may_remind, seen_store
from guides.actions import deeds, errands, notices
from guides.actions.tasks import Wording
from guides.models import Brief, Notice
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.refs import number
from newretail.kernel.verbs import Refused
from stores.models import Post, Store


@require_POST
@scoped("tasks", "change")
def do(request: HttpRequest, code: str) -> HttpResponse:
    """Give a guide of a store within sight a task, or remind her; what is refused is said on the board."""
    store = seen_store(request, code)
    act = {"give": _give, "remind": _remind}.get(request.POST.get("do", ""), _give)
    try:
        messages.success(request, act(request, _guide(request, store)))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("store", code)


@require_POST
@scoped("notices", "change")
def remind_unread(request: HttpRequest, code: str) -> HttpResponse:
    """Remind those of a store within sight who have not read a notice, once for the number of the form."""
    store, at, by = seen_store(request, code), clock.now(), cast("User", request.user)
    if not may_remind(request, store):
        raise Http404
    try:
        notice = _notice(request)
        deeds.once(
            ref=_ref(request), kind="notice.remind", subject=f"notice:{notice.pk}", at=at, by=by,
            act=lambda: notices.remind(notice=notice, within=[store.pk], at=at, by=by),
        )  # fmt: skip
        messages.success(request, _("Who has not read it was reminded."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("store", code)


def _notice(request: HttpRequest) -> Notice:
    """Find the notice that is meant among those within sight."""
    ref = number(request.POST.get("notice", ""))
    found = Notice.objects.visible_to(request.user).filter(ref=ref).first() if ref else None
    if found is None:
        raise notices.UnknownNotice
    return found


def _guide(request: HttpRequest, store: Store) -> Post:
    """Find who is meant among those who serve in the store."""
    number = request.POST.get("to", "").replace("\0", "")
    serving = Post.objects.filter(store=store, until__isnull=True, role__in=(Post.Role.GUIDE, Post.Role.MANAGER))
    found = serving.filter(user__staff_no=number).select_related("user").first() if number else None
    if found is None:
        raise errands.NotServing
    return found


def _give(request: HttpRequest, post: Post) -> str:
    at = clock.now()
    errands.give(
        post=post, title=request.POST.get("title", "").replace("\0", ""), due_at=_due(request, at), ref=_ref(request),
        at=at, by=cast("User", request.user),
    )  # fmt: skip
    return _("The task was given to %(name)s.") % {"name": post.user.name}


def _ref(request: HttpRequest) -> uuid.UUID:
    return number(request.POST.get("ref", "")) or uuid.uuid4()


def _due(request: HttpRequest, at: datetime) -> datetime:
    """Read the day by whose end it is due; what is none is long over, which the verb refuses."""
    try:
        day = date.fromisoformat(request.POST.get("due", ""))
        return clock.day_start(day + timedelta(days=1)) - timedelta(minutes=1)
    except (ValueError, OverflowError):
        return at


def _remind(request: HttpRequest, post: Post) -> str:
    wording = Wording(
        title=_("Catch up on what is overdue"), reason=Brief.Reason.OTHER, purpose="service",
        why=_("{n} tasks are overdue."), priority=Brief.Priority.HIGH,
    )  # fmt: skip
    late = errands.remind(post=post, wording=wording, at=clock.now(), by=cast("User", request.user))
    return _("%(name)s was reminded of %(count)s overdue tasks.") % {"name": post.user.name, "count": late}
