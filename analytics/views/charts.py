"""Charts of the home page as data: numbers, words in the language at work, and the link behind each mark."""

from typing import Any

from django.utils.translation import gettext as _

from analytics.bands import AOV_BANDS, FREQUENCY_BANDS
from analytics.queries.standing import Quadrant, Retention, Standing
from analytics.queries.trading import Trading
from analytics.views import links
from members.models.portraits import Relationship, Stage
from newretail.kernel import numbers
from newretail.kernel.templatetags import people

SCORES = range(1, 6)
Chart = dict[str, Any]


def retention_line(points: list[Retention]) -> Chart:
    """Draw the retention of core customers over its measured points."""
    return {
        "days": [f"{point.as_of:%Y-%m-%d}" for point in points],
        "rates": [round(100 * point.rate, 1) if point.rate is not None else None for point in points],
        "tips": [
            _("%(kept)s of %(core)s core customers bought again")
            % {"kept": numbers.grouped(point.kept), "core": numbers.grouped(point.core)}
            for point in points
        ],
        "name": _("Core-customer retention"),
        "link": links.members(super=1),
    }


def stage_bars(standing: Standing) -> Chart:
    """Draw members by stage, each bar parted by relationship."""
    stages, relations = list(Stage), list(Relationship)
    return {
        "stages": [str(stage.label) for stage in stages],
        "links": [links.members(stage=stage.value) for stage in stages],
        "totals": [sum(standing.stages[stage.value, r.value] for r in relations) for stage in stages],
        "series": [
            {
                "name": str(relation.label),
                "data": [
                    {
                        "value": standing.stages[stage.value, relation.value],
                        "link": links.members(stage=stage.value, relationship=relation.value),
                    }
                    for stage in stages
                ],
            }
            for relation in relations
        ],
    }


def heat_map(standing: Standing) -> Chart:
    """Draw R against F: how many members, coloured by their average M."""
    return {
        "r": [f"R{score}" for score in SCORES],
        "f": [f"F{score}" for score in SCORES],
        "words": {"members": _("members"), "m": _("average M"), "low": _("low M"), "high": _("high M")},
        "cells": [
            {
                "value": [cell.f - 1, cell.r - 1, round(cell.m, 2)],
                "members": cell.members,
                "shown": numbers.short(cell.members),
                "link": links.members(r=cell.r, f=cell.f),
            }
            for cell in standing.heat
        ],
    }


def quadrant_names() -> dict[tuple[bool, bool], tuple[str, str]]:
    """Name the quadrants by (buys often, buys much at a time), each with what it means."""
    return {
        (True, True): (_("Stars"), _("often, big baskets")),
        (True, False): (_("Regulars"), _("often, small baskets")),
        (False, True): (_("Big spenders"), _("seldom, big baskets")),
        (False, False): (_("To nurture"), _("seldom, small baskets")),
    }


def quadrant_parts(quadrant: Quadrant) -> list[Chart]:
    """Count and link the buyers of each quadrant."""
    f, a = quadrant.frequency_split, quadrant.aov_split
    return [
        {
            "name": name,
            "means": means,
            "members": quadrant.members(often=often, much=much),
            "link": links.bands((f, None) if often else (1, f), (a, None) if much else (1, a)),
            "often": often,
            "much": much,
        }
        for (often, much), (name, means) in quadrant_names().items()
    ]


def quadrant_bubbles(quadrant: Quadrant) -> Chart:
    """Draw buyers by purchases in a year and average order value, parted where half of them lie on each side."""
    return {
        "x": _("purchases in a year"),
        "y": _("average order value (yuan)"),
        "split": [
            FREQUENCY_BANDS[max(quadrant.frequency_split, 1) - 1],
            AOV_BANDS[max(quadrant.aov_split, 1) - 1] / 100,
        ],
        "parts": quadrant_parts(quadrant),
        "words": {"members": _("members")},
        "bubbles": [
            {
                "value": [round(b.frequency, 2), round(b.aov_cents / 100, 2), b.members],
                "tip": _("%(n)s members · %(f)s purchases · %(aov)s an order")
                % {
                    "n": numbers.grouped(b.members),
                    "f": numbers.grouped(b.frequency, 1),
                    "aov": people.money(round(b.aov_cents)),
                },
                "link": links.bands((b.frequency_band, b.frequency_band + 1), (b.aov_band, b.aov_band + 1)),
            }
            for b in quadrant.bubbles
        ],
    }


def sales_trend(trading: Trading) -> Chart:
    """Draw net sales of thirty days beside the same weekdays a year earlier."""
    return {
        "days": [f"{day.day:%m-%d}" for day in trading.trend],
        "links": [links.orders_on(day.day) for day in trading.trend],
        "now": [day.cents / 100 for day in trading.trend],
        "then": [day.then_cents / 100 if day.then_cents is not None else None for day in trading.trend],
        "words": {"now": _("net sales"), "then": _("same weekday a year earlier")},
    }


def top_stores(trading: Trading) -> Chart:
    """Draw the best stores of the month beside the year before."""
    top = list(reversed(trading.top))
    return {
        "stores": [store.name or _("online, no store") for store in top],
        "links": [
            links.orders_paid(trading.month.now, store.store_id)
            if store.store_id
            else links.orders_paid(trading.month.now)
            for store in top
        ],
        "now": [store.sales.now / 100 for store in top],
        "then": [(store.sales.then or 0) / 100 for store in top],
        "words": {"now": _("this month"), "then": _("a year earlier")},
    }
