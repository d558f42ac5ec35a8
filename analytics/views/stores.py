"""The stores a person may see, and the board of each: the manager's day on one page."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from analytics.queries import boards
from analytics.views import tiles
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from stores.models import Store
from stores.queries import sight_of

LISTED = 500


def stores_seen(request: HttpRequest) -> list[Store]:
    """List the stores within sight by code, five hundred at most."""
    return list(Store.objects.visible_to(request.user).select_related("region").order_by("code")[:LISTED])


@scoped("stores")
def listed(request: HttpRequest) -> HttpResponse:
    """List the stores within sight; who has only one goes straight in."""
    stores = stores_seen(request)
    if len(stores) == 1:
        return redirect("store", stores[0].code)
    return render(request, "stores/list.html", {"stores": stores})


@scoped("stores")
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Show a store's day; a store out of sight is not there."""
    store = get_object_or_404(Store.objects.visible_to(request.user).select_related("region"), code=code)
    found = boards.board(store, today=clock.business_day(clock.now()))
    return render(
        request, "stores/board.html", {"store": store, "today": found.day, "board": found, "tiles": tiles.of_day(found)}
    )


def home_of(request: HttpRequest) -> str:
    """Tell where a person's day begins: HQ at the overview, a manager at her store."""
    return reverse("admin:index") if sight_of(request.user).everything else reverse("stores")


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Lead a person to where her day begins."""
    return redirect(home_of(request))


@scoped("home")
def desk(request: HttpRequest) -> HttpResponse:
    """Show the overview to those who see the whole brand; lead the others on to their stores."""
    return admin.site.index(request) if sight_of(request.user).everything else redirect(home_of(request))
