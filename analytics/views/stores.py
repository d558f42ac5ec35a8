"""The stores a person may see, and the board of each: the manager's day on one page."""

import re
from itertools import groupby

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from analytics.queries import boards, service
from analytics.views import links, shown
from analytics.views.pages import page
from guides.queries.desk import unread_of, waits_beside
from guides.queries.serving import posts_serving
from newretail.kernel import clock, masking
from newretail.kernel.doors import scoped
from stores.models import Metric, Store
from stores.queries import sight_of

LISTED = 500
MOST_WORDS = 5
WEEK = re.compile(r"[0-9]{4}-W[0-9]{2}", re.ASCII)


@scoped("stores")
def listed(request: HttpRequest) -> HttpResponse:
    """List the stores within sight by region, five hundred at most; who has only one goes straight in.

    As a part of another page it is the list of the switcher, which leads to the same page of another store.
    """
    q, week = request.GET.get("q", "").replace("\0", "").strip(), request.GET.get("week", "")
    stores = Store.objects.visible_to(request.user).select_related("region").order_by("region__name", "code")
    for word in q.split()[:MOST_WORDS]:
        stores = stores.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(city__icontains=word)
            | Q(region__name__icontains=word)
        )
    found = list(stores[: LISTED + 1])
    part = request.GET.get("part") == "switch"
    if len(found) == 1 and not (part or q):
        return redirect("store", found[0].code)
    groups = [
        (region, [(store, _page_of(store, week)) for store in of_region])
        for region, of_region in groupby(found[:LISTED], key=lambda store: store.region)
    ]
    context = {"groups": groups, "q": q, "here": request.GET.get("here", ""), "cut": LISTED if found[LISTED:] else 0}
    return page(request, "stores/_switch.html" if part else "stores/list.html", context)


def _page_of(store: Store, week: str) -> str:
    """Link a store's board, or its week where one is named."""
    return (
        reverse("store_week", args=[store.code, week]) if WEEK.fullmatch(week) else reverse("store", args=[store.code])
    )


def seen_stores(request: HttpRequest) -> QuerySet[Store]:
    """Give the stores within sight, each with its region."""
    return Store.objects.visible_to(request.user).select_related("region")


def seen_store(request: HttpRequest, code: str) -> Store:
    """Find a store within sight by its code; one out of sight is not there."""
    return get_object_or_404(seen_stores(request), code=code)


@scoped("stores")
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Show a store's day."""
    store = get_object_or_404(waits_beside(seen_stores(request), clock.now()), code=code)
    found = boards.board(store, at=clock.now())
    context = shown.context(found, masking.reader(request.user)) | aiming(request, store)
    return page(request, "stores/board.html", context | {"waits": store} | _desk(request, found))


def _desk(request: HttpRequest, found: boards.Board) -> dict[str, object]:
    """Tell the board what this person does from it, what is unread, how the week was served."""
    return {
        "gives_tasks": not sight_of(request.user, "tasks", "change").nothing,
        "tomorrow": found.day + boards.ONE, "served": service.total(found.service),
        "reach_link": links.targets(found.store.code, metric=Metric.REACH),
        "unread": unread_of(found.store), "reminds": may_remind(request, found.store),
    }  # fmt: skip


def may_remind(request: HttpRequest, store: Store) -> bool:
    """Tell whether this person reminds those of a store of notices."""
    return sight_of(request.user, "notices", "change").reaches(store.pk, store.region_id)


def aiming(request: HttpRequest, store: Store) -> dict[str, object]:
    """Tell a store's page where its targets are set, and whether this person sets them: the store's, its guides'."""
    sets = sight_of(request.user, "targets", "change")
    return {
        "sets_store": sets.everything or store.region_id in sets.region_ids,
        "sets_guides": not sets.nothing,
        "aims_link": links.targets(metric=Metric.SALES),
    }


def home_of(request: HttpRequest) -> str:
    """Tell where a person's day begins: HQ at the overview, a manager at her store, a guide at her tasks."""
    sight = sight_of(request.user)
    if sight.nothing:
        return reverse("guide_day" if posts_serving(request.user) else "account")
    return reverse("admin:index" if sight.everything else "regions" if sight.region_ids else "stores")


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Lead a person to where her day begins."""
    return redirect(home_of(request))


@scoped("home")
def desk(request: HttpRequest) -> HttpResponse:
    """Show the overview to those who see the whole brand; lead the others on to their stores."""
    return admin.site.index(request) if sight_of(request.user).everything else redirect(home_of(request))
