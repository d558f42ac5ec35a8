"""A manager's guides: who works today, what each has to do, the code by which one signs in on her phone."""

from typing import Any

import segno
from django.contrib.auth import login
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from guides.actions import passes
from guides.models import Task
from guides.queries import attendance
from guides.views.pages import page, person
from newretail.kernel import clock, guesses
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.second_factor import BACKEND
from newretail.kernel.verbs import Refused
from stores.models import Post, sight_of, store_ids_in

SHOWN = 200


def _team(request: HttpRequest) -> dict[str, Any]:
    at, stores = clock.now(), store_ids_in(sight_of(request.user, "entry_passes", "change"))
    open_tasks = Q(tasks__state=Task.State.OPEN)
    rows = Post.objects.filter(role=Post.Role.GUIDE, until__isnull=True, user__is_active=True)
    if stores is not None:
        rows = rows.filter(store_id__in=stores)
    counted = rows.annotate(
        open=Count("tasks", filter=open_tasks), overdue=Count("tasks", filter=open_tasks & Q(tasks__due_at__lte=at))
    )
    found = counted.select_related("user", "store").order_by("store__code", "user__name", "pk")[:SHOWN]
    today = attendance.today(stores, at)
    return {"tab": "me", "team": found, "today": today, "several": len({each.store for each in today}) > 1}


@scoped("entry_passes", "change")
def team(request: HttpRequest) -> HttpResponse:
    """List the guides of the stores in sight."""
    return page(request, "g/team.html", _team(request))


@require_POST
@scoped("entry_passes", "change")
def show_pass(request: HttpRequest) -> HttpResponse:
    """Show the code by which a guide signs in on her phone."""
    number = request.POST.get("staff_no", "").replace("\0", "")
    try:
        token = passes.issue(staff_no=number, at=clock.now(), by=person(request))
    except Refused as refusal:
        return page(request, "g/team.html", {**_team(request), "refused": str(refusal)}, status=422)
    link = request.build_absolute_uri(reverse("guide_enter", args=[token]))
    code = segno.make_qr(link, error="m").svg_inline(scale=6, border=2, omitsize=True)
    user = User.objects.get(staff_no=number)
    minutes = int(passes.LASTS.total_seconds()) // 60
    return page(request, "g/pass.html", {"tab": "me", "code": code, "guide": user, "minutes": minutes})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a guide whether it is she whom the code lets in; a tap signs her in, and the code is used up."""
    at, who = clock.now(), f"entry:{request.META.get('REMOTE_ADDR', '')}"
    if guesses.used_up(who, at):
        return render(request, "429.html", status=429)
    found = passes.found(token, at)
    if found is None:
        guesses.note(who, at)
        return render(request, "g/enter.html", {"over": str(passes.PassOver())}, status=404)
    if request.method != "POST":
        return render(request, "g/enter.html", {"name": found.user.name or found.user.username})
    try:
        user = passes.use(token=token, at=at)
    except Refused as refusal:
        return render(request, "g/enter.html", {"over": str(refusal)}, status=404)
    login(request, user, backend=BACKEND)
    return redirect("guide_day")
