"""A fiscal year of targets on a page: month by month with its quarters, for the brand, a region or a store."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.queries import target_years
from analytics.queries.target_years import Part
from analytics.views import links
from analytics.views import target_words as words
from analytics.views.pages import NO_REGION
from analytics.views.targets import chosen, show
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people
from stores.models import Metric
from stores.models.places import sight_of
from stores.queries.chain import Kind, Node, chain, within

BACK = 2  # fiscal years before the one at work


@scoped("targets")
def year(request: HttpRequest) -> HttpResponse:
    """Show a fiscal year of a place within sight; a place out of sight is not offered, the first one stands for it."""
    _month, metric, _current = chosen(request)
    sees, today = sight_of(request.user, "targets", "view"), clock.business_day(clock.now())
    nodes = [node for node in chain().nodes.values() if node.place.kind != Kind.GUIDE and within(sees, node)]
    node = next((node for node in nodes if node.key == request.GET.get("place")), nodes[0] if nodes else None)
    now = target_years.year_of(today)
    years = [now.replace(year=now.year + n) for n in range(-BACK, 2)]
    first = next((each for each in years if f"{each:%Y}" == request.GET.get("year")), now)
    found = target_years.year(node.place, metric=metric, first=first, today=today) if node else None
    return show(
        request,
        "year",
        title=_("Fiscal year of targets"),
        places=[(each.key, _called(each)) for each in nodes],
        node=node,
        called=_called(node) if node else "",
        years=[(f"{each:%Y}", _year_in_words(each)) for each in years],
        year=f"{first:%Y}",
        year_words=_year_in_words(first),
        rows=_rows(found, node, metric) if found and node else [],
    )


def _called(node: Node) -> str:
    kinds = {Kind.BRAND: _("whole brand"), Kind.ONLINE: _("no store (online)")}
    name = kinds.get(Kind(node.place.kind)) or node.name
    return f"{name} {node.code}" if node.place.kind == Kind.STORE else name


def _year_in_words(first: date) -> str:
    """Name a fiscal year: 2026, or by both years it touches."""
    return f"{first:%Y}" if first.month == 1 and first.day == 1 else f"{first.year}/{(first.year + 1) % 100:02d}"


# The list behind a figure; contacts stand with the tasks of their guides.
LISTS = {Metric.SALES: links.orders_paid, Metric.RECRUITS: links.joined}


def _rows(found: target_years.Year, node: Node, metric: str) -> list[dict[str, Any]]:
    rows = []
    for n, month in enumerate(found.months):
        plan = f"{reverse('targets')}?month={month.span.first:%Y-%m}&metric={metric}"
        rows.append({"name": f"{month.span.first:%Y-%m}", "plan": plan, **_row(month, node, metric)})
        if found.quarters and n % target_years.QUARTER == target_years.QUARTER - 1:
            number = n // target_years.QUARTER
            name = _("quarter %(n)s") % {"n": number + 1}
            rows.append({"name": name, "sum": "tg-quarter", **_row(found.quarters[number], node, metric)})
    if found.whole:
        rows.append({"name": _("the year"), "sum": "tg-whole", **_row(found.whole, node, metric)})
    return rows


def _row(part: Part, node: Node, metric: str) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if node.place.kind in (Kind.REGION, Kind.STORE):
        where = {str(node.place.kind): node.place.pk}
    elif node.place.kind == Kind.ONLINE:
        where = {"store": NO_REGION}
    link = LISTS.get(Metric(metric))
    return {
        "target": _short(part.target, metric),
        "actual": _short(part.actual, metric),
        "link": link(part.span, **where) if link and part.actual is not None else "",
        "reached": numbers.percent(part.reached),
        "gap": _short(part.gap, metric),
        "tone": people.tone(part.gap),
        "then": _short(part.then, metric),
        "then_link": link(part.compared, **where) if link and part.compared and part.then is not None else "",
        "change": part.change,
    }


def _short(amount: int | None, metric: str) -> str:
    """Write an amount short: a year of them stands on a phone too."""
    return people.money_short(amount) if metric == Metric.SALES else words.shown(amount, metric)
