"""The supervisor's board: stores of a region side by side, regions of the brand side by side."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from analytics.queries import regions
from analytics.queries.regions import Asked, Comparison, Line
from analytics.views import sides
from analytics.views.pages import page, seen_region
from analytics.views.sides import VIEWS, Column
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people as words
from stores.models import Region
from stores.queries import sight_of
from stores.queries.chain import ONLINE, Kind

SPARK_HEIGHT = 20
MOST_DIGITS = 6


@scoped("regions")
def listed(request: HttpRequest) -> HttpResponse:
    """Show the brand's regions side by side; a supervisor goes straight to hers."""
    sight = sight_of(request.user)
    if not sight.everything:
        names = list(Region.objects.filter(pk__in=sight.region_ids).order_by("name").values_list("name", flat=True))
        if len(names) != 1:
            return page(request, "regions/list.html", {"names": names})
        return redirect("region", names[0])
    found = regions.by_region(at=clock.now(), asked=_asked(request))
    return page(request, "regions/board.html", {"title": _("Regions"), "of_brand": True, **_context(request, found)})


@scoped("regions")
def board(request: HttpRequest, name: str) -> HttpResponse:
    """Show the stores of a region side by side; a region out of sight is not there."""
    region = seen_region(request, name)
    found = regions.stores_of(region, at=clock.now(), asked=_asked(request))
    title = region.name if region else _("Stores of no region")
    return page(request, "regions/board.html", {"title": title, "of_brand": False, **_context(request, found)})


def _asked(request: HttpRequest) -> Asked:
    """Read how the lines are sorted and which page is asked for; what is none of these is the usual."""
    given, page = request.GET.get("sort", ""), request.GET.get("page", "")
    known = given.removeprefix("-") in regions.SORTS
    number = int(page) if page.isascii() and page.isdigit() and len(page) < MOST_DIGITS else 1
    return Asked(given.removeprefix("-"), given.startswith("-"), number) if known else Asked(page=number)


def _context(request: HttpRequest, found: Comparison) -> dict[str, Any]:
    asked = _asked(request)
    show = request.GET.get("show", "")
    show = show if show in VIEWS else "trade"
    of_stores = any(line.step for line in found.lines)
    columns = [column for column in VIEWS[show][1] if of_stores or column.sort != "step"]  # a region is in no stage
    word = ("-" if asked.falling else "") + asked.sort

    def link(**more: object) -> str:
        return "?" + urlencode({"show": show, "sort": word, **more})

    return {
        "found": found,
        "views": [(name, link(show=code), code == show) for code, (name, _columns) in VIEWS.items()],
        "show": show,
        "heads": [_head(column, asked, link) for column in columns],
        "name_head": _head(Column("name", _("store") if of_stores else _("region"), str, narrow=True), asked, link),
        "rows": [_row(line, found, asked, columns) for line in found.lines],
        "total": _cells(found.total, found, asked, columns),
        "pages": [{"number": n, "here": n == found.page, "link": link(page=n)}
                  for n in range(1, found.pages + 1)] if found.pages > 1 else [],
    }  # fmt: skip


def _shown(column: Column, asked: Asked) -> bool:
    """Tell whether a phone shows a column: what it is sorted by is always among them."""
    return column.narrow or column.sort == asked.sort


def _head(column: Column, asked: Asked, link: Any) -> dict[str, Any]:
    here, sort = column.sort == asked.sort, column.sort
    falling = not asked.falling if here else sort != "name"
    return {
        "name": column.name, "link": link(sort=f"-{sort}" if falling else sort), "narrow": _shown(column, asked),
        "sorted": ("descending" if asked.falling else "ascending") if here else "",
    }  # fmt: skip


def _row(line: Line, found: Comparison, asked: Asked, columns: list[Column]) -> dict[str, Any]:
    most = max(line.spark, default=0)
    no_store = _("no store (online)") if line.place == ONLINE else _("no region")
    return {
        "name": line.name or no_store,
        "code": line.code if line.place.kind == Kind.STORE else "",
        "link": sides.place_link(line),
        "cells": _cells(line, found, asked, columns),
        "spark": [
            {"x": n * 3, "y": SPARK_HEIGHT - height, "height": height}
            for n, cents in enumerate(line.spark)
            if (height := round(max(cents, 0) * SPARK_HEIGHT / most) if most > 0 else 0)
        ],
    }  # fmt: skip


def _cells(line: Line, found: Comparison, asked: Asked, columns: list[Column]) -> list[dict[str, Any]]:
    """Write the figures of a line, each with the list behind it."""
    return [
        {
            "figure": column.write(line), "link": column.link(line, found) if column.link else "",
            "narrow": _shown(column, asked), "note": column.note(line) if column.note else "",
            "tone": f"hq-{words.tone(column.tone(line))}" if column.tone else "",
            "bar": column.bar(line) if column.bar else None,
        }
        for column in columns
    ]  # fmt: skip
