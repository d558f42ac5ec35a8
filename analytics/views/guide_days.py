"""A guide's days as her manager sees them: the last weeks, day by day."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from analytics.queries import guide_days
from analytics.queries.freshness import freshness
from analytics.queries.guide_days import GuideDayLine
from analytics.queries.seasons import Span
from analytics.views import links
from analytics.views.pages import page
from analytics.views.stores import seen_store
from guides.queries.serving import SERVES
from newretail.kernel import clock, masking, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people as words
from stores.models import Post

WEEKS = {"2": 14, "4": 28, "8": 56}


@scoped("tasks")
def of_guide(request: HttpRequest, code: str, staff_no: str) -> HttpResponse:
    """Show the days of who serves, or served, in a store within sight; anybody else is not there."""
    store = seen_store(request, code)
    rows = Post.objects.filter(store=store, role__in=SERVES, user__staff_no=staff_no.replace("\0", ""))
    posts = list(rows.select_related("user"))
    if not posts:
        raise Http404
    weeks = request.GET.get("weeks", "")
    weeks = weeks if weeks in WEEKS else "4"
    until = clock.business_day(clock.now()) + timedelta(days=1)
    span = Span(until - timedelta(days=WEEKS[weeks]), until)
    found = guide_days.days([post.pk for post in posts], span)
    context = {
        "store": store, "name": masking.eyes().staff(posts[0].user.name, staff_no), "staff_no": staff_no, "span": span,
        "spans": [(_("%(n)s weeks") % {"n": n}, f"?weeks={n}", n == weeks) for n in WEEKS],
        "rows": [_row(line, line.day, staff_no) for line in found if line.day],
        "total": _cells(guide_days.total(found)),
        "sold": links.sold_by(span, staff_no), "freshness": freshness(),
    }  # fmt: skip
    return page(request, "stores/guide.html", context)


def _row(line: GuideDayLine, day: date, staff_no: str) -> dict[str, Any]:
    return {
        "day": day, "link": links.sold_by(Span(day, day + timedelta(days=1)), staff_no), "cells": _cells(line),
    }  # fmt: skip


def _cells(line: GuideDayLine) -> list[dict[str, Any]]:
    figures = (
        (words.money_short(line.cents), True), (numbers.grouped(line.orders), False),
        (numbers.grouped(line.added), False), (f"{line.done} / {line.due}", True),
        (numbers.grouped(line.on_time), False), (numbers.grouped(line.touches), True),
        (numbers.grouped(line.shares), False), (numbers.grouped(line.opens), False),
    )  # fmt: skip
    return [{"figure": figure, "narrow": narrow} for figure, narrow in figures]
