"""How guides serve, side by side: the guides of a store, the stores of a region, the regions of the brand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from analytics.queries import service
from analytics.queries.freshness import freshness
from analytics.queries.seasons import Span
from analytics.queries.service import GUIDE, REGION, STORE, Line
from analytics.views import links
from analytics.views.pages import NO_REGION, page, seen_region
from analytics.views.stores import seen_store
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people as words
from stores.models import Region, Store
from stores.queries import sight_of

SPANS: dict[str, tuple[Any, Callable[[Any], Span]]] = {
    "week": (gettext_lazy("This week"), service.week),
    "month": (gettext_lazy("This month"), service.month),
    "last": (gettext_lazy("Last month"), service.last_month),
}
# Each column: the figure it is sorted by, its name, how it is written, whether a phone shows it.
COLUMNS: tuple[tuple[str, Any, Callable[[Line], str], bool], ...] = (
    ("open", pgettext_lazy("tasks", "to do"), lambda line: numbers.grouped(line.open), True),
    ("overdue", gettext_lazy("overdue"), lambda line: numbers.grouped(line.overdue), True),
    ("done", pgettext_lazy("tasks", "done"), lambda line: numbers.grouped(line.done), False),
    ("share", gettext_lazy("done on time"), lambda line: numbers.percent(line.share), True),
    ("touches", gettext_lazy("contacted"), lambda line: numbers.grouped(line.touches), True),
    ("added", gettext_lazy("added"), lambda line: numbers.grouped(line.added), False),
    ("moments", gettext_lazy("plan of Moments kept"), lambda line: numbers.percent(line.moments), False),
    ("shares", pgettext_lazy("material", "shares"), lambda line: numbers.grouped(line.shares), False),
    ("opens", pgettext_lazy("material", "openings"), lambda line: numbers.grouped(line.opens), False),
    ("orders", gettext_lazy("orders"), lambda line: numbers.grouped(line.orders), False),
    ("sales", gettext_lazy("sales"), lambda line: words.money_short(line.cents), False),
)


@dataclass(frozen=True)
class Place:
    """Whose guides are shown: by what, of which stores, what it is called and where its pages are."""

    by: str
    stores: list[int]
    title: str
    back: str
    export: str
    code: str = ""


@dataclass(frozen=True)
class Asked:
    """Which span is asked for, and in which order."""

    word: str
    sort: str
    falling: bool

    @property
    def span(self) -> Span:
        """Give the days."""
        return SPANS[self.word][1](clock.now())


def asked(request: HttpRequest) -> Asked:
    """Read what is asked for; what is none of it is the usual: this week, who has most overdue first."""
    word, given = request.GET.get("span", ""), request.GET.get("sort", "")
    sort = given.removeprefix("-")
    if sort not in service.SORTS:
        given, sort = "-overdue", "overdue"
    return Asked(word if word in SPANS else "week", sort, given.startswith("-"))


def place_of_store(request: HttpRequest, code: str) -> Place:
    """Name a store within sight; one out of sight is not there."""
    store = seen_store(request, code)
    return Place(
        GUIDE, [store.pk], store.name, reverse("store", args=[code]), reverse("store_guides_file", args=[code]), code
    )


def place_of_region(request: HttpRequest, name: str) -> Place:
    """Name a region within sight; one out of sight is not there."""
    region = seen_region(request, name)
    title = region.name if region else _("Stores of no region")
    export = reverse("region_guides_file", args=[name])
    return Place(STORE, service.of_region(region), title, reverse("region", args=[name]), export)


def place_of_all(request: HttpRequest) -> Place:
    """Name all stores within sight, by region for who sees the brand."""
    brand = sight_of(request.user).everything
    stores = list(Store.objects.visible_to(request.user).values_list("pk", flat=True))
    title = _("whole brand") if brand else _("Stores")
    return Place(REGION if brand else STORE, stores, title, reverse("regions"), reverse("regions_guides_file"))


@scoped("tasks")
def of_store(request: HttpRequest, code: str) -> HttpResponse:
    """Show how the guides of a store serve."""
    return _shown(request, place_of_store(request, code))


@scoped("regions")
def of_region(request: HttpRequest, name: str) -> HttpResponse:
    """Show how the guides of a region serve, by store."""
    return _shown(request, place_of_region(request, name))


@scoped("regions")
def of_all(request: HttpRequest) -> HttpResponse:
    """Show how the guides of all stores within sight serve; who sees one region goes straight there."""
    sight = sight_of(request.user)
    if not sight.everything and len(sight.region_ids) == 1:
        return redirect("region_guides", Region.objects.get(pk=min(sight.region_ids)).name)
    return _shown(request, place_of_all(request))


def _shown(request: HttpRequest, place: Place) -> HttpResponse:
    wish = asked(request)
    found = service.lines(place.stores, place.by, wish.span, at=clock.now())
    word = ("-" if wish.falling else "") + wish.sort
    shown = service.paged(service.in_order(found, wish.sort, falling=wish.falling), request.GET.get("after"))
    context = {
        "place": place, "span": wish.span, "freshness": freshness(), "of_store": place.by == GUIDE,
        "spans": [(name, _link(span=code, sort=word), code == wish.word) for code, (name, _of) in SPANS.items()],
        "files": [(form.upper(), f"{place.export}{_link(span=wish.word, format=form)}") for form in ("csv", "xlsx")],
        "name_head": _head("name", _name_of(place.by), wish),
        "heads": [{**_head(sort, name, wish), "narrow": narrow or sort == wish.sort}
                  for sort, name, _write, narrow in COLUMNS],
        "rows": [{"name": line.name or _("no region"), "code": line.code if place.by == STORE else "",
                  "link": _page_of(line, place.by, wish, place.code), "cells": _cells(line, wish)}
                 for line in shown.lines],
        "more": "" if shown.after is None else _link(span=wish.word, sort=word, after=shown.after),
        "total": _cells(service.total(found), wish),
    }  # fmt: skip
    return page(request, "stores/service.html", context)


def _link(**given: object) -> str:
    return f"?{urlencode(given)}"


def _name_of(by: str) -> str:
    return {GUIDE: _("guide"), STORE: _("store"), REGION: _("region")}[by]


def _head(sort: str, name: str, wish: Asked) -> dict[str, Any]:
    here = sort == wish.sort
    falling = not wish.falling if here else sort != "name"
    return {
        "name": name, "link": _link(span=wish.word, sort=f"-{sort}" if falling else sort),
        "sorted": ("descending" if wish.falling else "ascending") if here else "",
    }  # fmt: skip


def _page_of(line: Line, by: str, wish: Asked, code: str) -> str:
    """Lead on: from a region to its stores, from a store to its guides, from a guide to her days."""
    if by == GUIDE:
        return reverse("store_guide", args=[code, line.code]) if line.code else links.sold_by(wish.span, line.code)
    address = reverse("store_guides", args=[line.code]) if by == STORE else (
        reverse("region_guides", args=[line.code or NO_REGION])
    )  # fmt: skip
    return address + _link(span=wish.word)


def _cells(line: Line, wish: Asked) -> list[dict[str, Any]]:
    return [
        {"figure": write(line), "narrow": narrow or sort == wish.sort,
         "tone": "hq-down" if sort == "overdue" and line.overdue else ""}
        for sort, _name, write, narrow in COLUMNS
    ]  # fmt: skip
