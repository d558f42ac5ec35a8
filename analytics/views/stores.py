"""The stores a person may see, and the board of each: the manager's day on one page."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from analytics.queries import boards
from analytics.views import links, shown
from analytics.views.pages import page
from newretail.kernel import clock, masking
from newretail.kernel.doors import scoped
from stores.models import Metric, Store
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
    return page(request, "stores/list.html", {"stores": stores})


def seen_store(request: HttpRequest, code: str) -> Store:
    """Find a store within sight by its code; one out of sight is not there."""
    return get_object_or_404(Store.objects.visible_to(request.user).select_related("region"), code=code)


@scoped("stores")
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Show a store's day."""
    store = seen_store(request, code)
    found = boards.board(store, at=clock.now())
    return page(
        request, "stores/board.html", shown.context(found, masking.reader(request.user)) | aiming(request, store)
    )


def aiming(request: HttpRequest, store: Store) -> dict[str, object]:
    """Tell a store's page where its targets are set, and whether this person sets them: the store's, its guides'."""
    sets = sight_of(request.user, "targets", "change")
    return {
        "sets_store": sets.everything or store.region_id in sets.region_ids,
        "sets_guides": not sets.nothing,
        "aims_link": links.targets(metric=Metric.SALES),
    }


def home_of(request: HttpRequest) -> str:
    """Tell where a person's day begins: HQ at the overview, a supervisor at her regions, a manager at her store."""
    sight = sight_of(request.user)
    if sight.nothing:
        return reverse("account")
    return reverse("admin:index" if sight.everything else "regions" if sight.region_ids else "stores")


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Lead a person to where her day begins."""
    return redirect(home_of(request))


@scoped("home")
def desk(request: HttpRequest) -> HttpResponse:
    """Show the overview to those who see the whole brand; lead the others on to their stores."""
    return admin.site.index(request) if sight_of(request.user).everything else redirect(home_of(request))
