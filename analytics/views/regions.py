"""The supervisor's board: stores of a region side by side, regions of the brand side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.queries import regions
from analytics.queries.gates import STEPS
from analytics.queries.regions import Comparison, Line
from analytics.queries.seasons import Span
from analytics.views import links
from analytics.views.pages import page
from analytics.views.shown import STEPS as STEP_WORDS
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people as words
from stores.models import Region
from stores.queries import sight_of

NO_REGION = "-"
SPARK_HEIGHT = 20
MOST_DIGITS = 6


@dataclass(frozen=True)
class Column:
    """A column: the figure it is sorted by, its name, how it is written, where it leads, whether a phone shows it."""

    sort: str
    name: Any
    write: Callable[[Line], str]
    link: Callable[[Line, Comparison], str] | None = None
    narrow: bool = False


def _orders(line: Line, found: Comparison) -> str:
    return links.orders_paid(found.month, line.ids[0]) if line.step else ""


def _joined(line: Line, found: Comparison) -> str:
    return links.joined(found.month, line.ids[0]) if line.step else ""


def _members(line: Line, _found: Comparison) -> str:
    return links.members(store=line.ids[0]) if line.step else ""


def _step(line: Line) -> str:
    return str(STEP_WORDS[STEPS[line.step - 1]]) if line.step else numbers.DASH


def _today(line: Line, found: Comparison) -> str:
    return links.orders_paid(Span(found.day, found.month.until), line.ids[0]) if line.step else ""


def _lapsing(line: Line, _found: Comparison) -> str:
    return links.behind(line.code, "lapsing") if line.step else ""


def _repeat(line: Line, _found: Comparison) -> str:
    return links.behind(line.code, "buyers", again=1) if line.step else ""


COLUMNS = (
    Column("today", _("today"), lambda line: words.money_short(line.today.cents), _today),
    Column("sales", _("sales this month"), lambda line: words.money_short(line.month.cents), _orders, narrow=True),
    Column("change", _("last year"), lambda line: words.change(line.change), _orders, narrow=True),
    Column("orders", _("orders"), lambda line: numbers.grouped(line.month.orders), _orders),
    Column("per_buyer", _("per buyer"), lambda line: words.money_short(line.month.per_buyer_cents), _orders),
    Column("per_order", _("per order"), lambda line: words.money_short(line.month.per_order_cents), _orders),
    Column("upt", _("UPT"), lambda line: numbers.grouped(line.month.upt, 2), _orders),
    Column("recruits", _("recruits"), lambda line: numbers.grouped(line.month.recruits), _joined),
    Column("rate", _("recruit rate"), lambda line: numbers.percent(line.month.recruit_rate), _joined),
    Column("repeat", _("repeat rate"), lambda line: numbers.percent(line.repeat_rate), _repeat),
    Column("members", _("members"), lambda line: numbers.grouped(line.members), _members),
    Column("lapsing", _("about to lapse"), lambda line: numbers.grouped(line.lapsing), _lapsing),
    Column("step", _("operating stage"), _step),
)


@scoped("regions")
def listed(request: HttpRequest) -> HttpResponse:
    """Show the brand's regions side by side; a supervisor goes straight to hers."""
    sight = sight_of(request.user)
    if not sight.everything:
        names = list(Region.objects.filter(pk__in=sight.region_ids).order_by("name").values_list("name", flat=True))
        if len(names) != 1:
            return page(request, "regions/list.html", {"names": names})
        return redirect("region", names[0])
    found = regions.by_region(at=clock.now(), **_asked(request))
    return page(request, "regions/board.html", _context(request, found, None))


@scoped("regions")
def board(request: HttpRequest, name: str) -> HttpResponse:
    """Show the stores of a region side by side; a region out of sight is not there."""
    sight = sight_of(request.user)
    region = Region.objects.filter(name=name).first() if name != NO_REGION and "\0" not in name else None
    if not (sight.everything or (region and region.pk in sight.region_ids)) or (region is None and name != NO_REGION):
        raise Http404
    found = regions.stores_of(region, at=clock.now(), **_asked(request))
    return page(request, "regions/board.html", _context(request, found, region or NO_REGION))


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Read how the lines are sorted and which page is asked for; what is none of these is the usual."""
    given = request.GET.get("sort", "")
    sort, page = given.removeprefix("-"), request.GET.get("page", "")
    known = sort if sort in regions.SORTS else "sales"
    falling = not given or given.startswith("-") if known == sort or not given else True
    return {
        "sort": known,
        "falling": falling,
        "page": int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    }


def _context(request: HttpRequest, found: Comparison, region: Region | str | None) -> dict[str, Any]:
    asked = _asked(request)
    columns = COLUMNS[:-1] if region is None else COLUMNS  # a region is in no operating stage
    return {
        "found": found,
        "region": region,
        "no_region": region == NO_REGION,
        "heads": [_head(column.sort, column.name, asked, narrow=column.narrow) for column in columns],
        "name_head": _head("name", _("region") if region is None else _("store"), asked, narrow=True),
        "rows": [_row(line, found, region, asked, columns) for line in found.lines],
        "total": [(column.write(found.total).replace(numbers.DASH, ""), _shown(column, asked)) for column in columns],
        "pages": [{"number": n, "here": n == found.page, "link": "?" + urlencode({"sort": _word(asked), "page": n})}
                  for n in range(1, found.pages + 1)] if found.pages > 1 else [],
    }  # fmt: skip


def _word(asked: dict[str, Any]) -> str:
    return ("-" if asked["falling"] else "") + str(asked["sort"])


def _shown(column: Column, asked: dict[str, Any]) -> bool:
    """Tell whether a phone shows a column: what it is sorted by is always among them."""
    return column.narrow or column.sort == asked["sort"]


def _head(sort: str, name: Any, asked: dict[str, Any], *, narrow: bool) -> dict[str, Any]:
    here = sort == asked["sort"]
    turned = sort if here and asked["falling"] else f"-{sort}"
    return {
        "name": name, "link": f"?sort={turned if here or sort != 'name' else sort}",
        "sorted": ("descending" if asked["falling"] else "ascending") if here else "", "narrow": narrow or here,
    }  # fmt: skip


def _row(
    line: Line, found: Comparison, region: Region | str | None, asked: dict[str, Any], columns: tuple[Column, ...]
) -> dict[str, Any]:
    most = max(line.spark, default=0)
    at = ("region", line.code or NO_REGION) if region is None else ("store", line.code)
    return {
        "name": line.name,
        "code": "" if region is None else line.code,
        "link": reverse(at[0], args=[at[1]]),
        "cells": [
            {
                "figure": column.write(line), "link": column.link(line, found) if column.link else "",
                "narrow": _shown(column, asked),
                "tone": f"hq-{words.tone(line.change)}" if column.sort == "change" else "",
            }
            for column in columns
        ],
        "spark": [
            {"x": n * 3, "y": SPARK_HEIGHT - height, "height": height}
            for n, cents in enumerate(line.spark)
            if (height := round(max(cents, 0) * SPARK_HEIGHT / most) if most > 0 else 0)
        ],
    }  # fmt: skip
