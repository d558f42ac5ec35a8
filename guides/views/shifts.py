"""Who works when: a manager plans the weeks of her store, a guide sees her own."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from guides.actions import leaves, shifts
from guides.actions.handovers import WrongHeirs
from guides.actions.leaves import Span
from guides.queries import covering, rosters
from guides.queries.rosters import Line
from guides.queries.serving import serving_in
from guides.views.pages import once, page, person, posts, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.refs import number
from stores.models import Post, Store, sight_of, store_ids_in

SHOWN = 60
AHEAD = timedelta(days=70)
WEEK, DAY = timedelta(days=rosters.DAYS), timedelta(days=1)


def _first(given: Mapping[str, str]) -> date:
    """Read the Monday of the week that is asked for, this week's where none is."""
    this = rosters.monday(clock.business_day(clock.now()))
    try:
        wanted = rosters.monday(date.fromisoformat(given.get("from", "")))
    except (ValueError, OverflowError):
        return this
    return min(max(wanted, this - AHEAD), this + AHEAD)


def _weeks(first: date) -> dict[str, Any]:
    days = rosters.week(first)
    return {"first": first, "last": days[-1], "before": first - WEEK, "after": first + WEEK, "days": days}


@scoped("own_work")
def own(request: HttpRequest) -> HttpResponse:
    """Show somebody her own week."""
    at, first = clock.now(), _first(request.GET)
    lines = rosters.weeks_of(posts(request), first, at)
    return page(
        request, "g/shifts.html", {"tab": "me", "lines": lines, "today": clock.business_day(at), **_weeks(first)}
    )


def _store(request: HttpRequest, given: Mapping[str, str]) -> tuple[Store | None, list[Store]]:
    """Give the store that is asked for among those whose rosters she makes, else the first of them."""
    within = store_ids_in(sight_of(request.user, "shifts", "change"))
    rows = Store.objects.order_by("code") if within is None else Store.objects.filter(pk__in=within).order_by("code")
    code, stores = given.get("store", "").replace("\0", ""), list(rows[:SHOWN])
    named = next((each for each in stores if code in ("", each.code)), None)
    return named or rows.filter(code=code).first(), stores


@require_http_methods(["GET", "HEAD", "POST"])
@scoped("shifts", "change")
def roster(request: HttpRequest) -> HttpResponse:
    """Show the week of a store, plan it, or plan it as the week before."""
    if request.method != "POST":
        return _page(request, request.GET)
    store, _stores = _store(request, request.POST)
    if store is None:
        return _page(request, request.POST, str(shifts.BadRoster(rows=0)), status=422)
    first = _first(request.POST)
    _stands, refused = once(request, "shifts.plan", f"store:{store.pk}", lambda: _plan(request, store, first))
    if refused and not request.headers.get("x-queue"):
        return _page(request, request.POST, refused, status=422)
    return told(request, refused=refused, back=f"{reverse('guide_roster')}?store={store.code}&from={first}")


def _page(request: HttpRequest, given: Mapping[str, str], refused: str = "", status: int = 200) -> HttpResponse:
    store, stores = _store(request, given)
    at, first = clock.now(), _first(given)
    lines = rosters.weeks_of(_numbered(store), first, at) if store else []
    working = [sum(line.cells[n].works for line in lines) for n in range(rosters.DAYS)]
    weeks = _weeks(first)
    context = {
        "tab": "me", "store": store, "stores": stores, "lines": lines, "kinds": rosters.kinds(), "refused": refused,
        "heads": list(zip(weeks["days"], working, strict=True)), "today": clock.business_day(at), "off": rosters.OFF[0],
        "cleared": rosters.CLEARED, **weeks,
        "leaves": covering.open_leaves((line.post for line in lines), clock.business_day(at)),
    }  # fmt: skip
    return page(request, "g/roster.html", context, status=status)


def _numbered(store: Store) -> list[Post]:
    """List who serves in a store and has a staff number, by which a roster names her."""
    return [post for post in serving_in(store.pk)[:SHOWN] if post.user.staff_no]


def _plan(request: HttpRequest, store: Store, first: date) -> None:
    at, serving = clock.now(), _numbered(store)
    if request.POST.get("do") == "copy":
        rows = rosters.as_rows(serving, first - WEEK, weeks_on=1)
        rows = [row for row in rows if row["day"] >= str(clock.business_day(at))]
    else:
        rows = _changed(request.POST, rosters.weeks_of(serving, first, at))
    shifts.plan(rows=rows, within=[store.pk], at=at, by=person(request))


def _changed(given: Mapping[str, str], lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Give the days to come of which the form says something else than what is planned."""
    days = [(str(line.post.user.staff_no), cell) for line in lines for cell in line.cells if not cell.over]
    told = [(number, cell, given.get(f"{number}:{cell.day}", cell.word)) for number, cell in days]
    return [
        {"staff_no": number, "day": str(cell.day), "shift": word.replace("\0", "")}
        for number, cell, word in told if word != cell.word
    ]  # fmt: skip


@require_POST
@scoped("shifts", "change")
def leave(request: HttpRequest) -> HttpResponse:
    """Enter a leave of somebody of the store, or end one early."""
    store, _stores = _store(request, request.POST)
    act = {"take": _take, "end": _end}.get(request.POST.get("do", ""))
    if store is None or act is None:
        return _page(request, request.POST, str(leaves.UnknownLeave()), status=422)
    _stands, refused = once(request, "leave", f"store:{store.pk}", lambda: act(request, store))
    if refused and not request.headers.get("x-queue"):
        return _page(request, request.POST, refused, status=422)
    return told(request, refused=refused, back=f"{reverse('guide_roster')}?store={store.code}")


def _take(request: HttpRequest, store: Store) -> None:
    given, posts = request.POST, {str(post.user.staff_no): post for post in _numbered(store)}
    guide, covers = posts.get(given.get("guide", "")), given.get("covers", "")
    if guide is None or (covers and covers not in posts):
        raise WrongHeirs
    try:
        span = Span(date.fromisoformat(given.get("first", "")), date.fromisoformat(given.get("last", "")) + DAY)
    except (ValueError, OverflowError):
        raise leaves.BadLeave from None
    named, reason = [posts[covers].pk] if covers else [], given.get("reason", "").replace("\0", "")
    leaves.take(post=guide, span=span, reason=reason, covers=named, at=clock.now(), by=person(request))


def _end(request: HttpRequest, store: Store) -> None:
    ref = number(request.POST.get("leave", ""))
    if ref is None:
        raise leaves.UnknownLeave
    leaves.end(leave=ref, within=[store.pk], at=clock.now(), by=person(request))
