"""The columns of places side by side: how each figure is written, and the list behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.queries.gates import STEPS
from analytics.queries.goals import Goal
from analytics.queries.regions import NO_REGION, Comparison, Line
from analytics.queries.seasons import Span
from analytics.views import links
from analytics.views.pages import NO_REGION as NONE
from analytics.views.shown import STEPS as STEP_WORDS
from newretail.kernel import numbers
from newretail.kernel.templatetags import people as words
from stores.models import Metric
from stores.queries.chain import BRAND, ONLINE, Kind

Write = Callable[[Line], str]
Link = Callable[[Line, Comparison], str]


@dataclass(frozen=True)
class Column:
    """A column: the figure it is sorted by, its name, how it is written, where it leads, what stands beside it.

    `narrow`: a phone shows it too. `tone`: what colours it; `bar`: the percentage it draws.
    """

    sort: str
    name: Any
    write: Write
    link: Link | None = None
    narrow: bool = False
    note: Write | None = None
    tone: Callable[[Line], float | None] | None = None
    bar: Callable[[Line], int | None] | None = None


def where(line: Line) -> dict[str, object]:
    """Narrow a list of orders or members to a line's place."""
    if line.place == BRAND:
        return {}
    if line.place == ONLINE:
        return {"store": NONE}
    kind = "store" if line.place.kind == Kind.STORE else "region"
    return {kind: line.place.pk or NONE}


def name_in_address(line: Line) -> str:
    """Name a region in an address; the whole brand has none."""
    return NONE if line.place == NO_REGION else line.name


def place_link(line: Line) -> str:
    """Link a line's own page; what belongs to no store has its orders."""
    if line.place.kind == Kind.STORE:
        return reverse("store", args=[line.code])
    if line.place.kind == Kind.REGION:
        return reverse("region", args=[name_in_address(line)])
    return links.listed("members_order", **where(line))


def _orders(line: Line, found: Comparison) -> str:
    return links.orders_paid(found.month, **where(line))


def _today(line: Line, found: Comparison) -> str:
    return links.orders_paid(Span(found.day, found.month.until), **where(line))


def _joined(line: Line, found: Comparison) -> str:
    return links.joined(found.month, **where(line))


def _members(line: Line, _found: Comparison) -> str:
    return links.members(**where(line))


def _lapsing(line: Line, found: Comparison) -> str:
    first, last = found.lapsing
    return links.members(last_from=first, last_to=last, **where(line))


def _repeat(line: Line, _found: Comparison) -> str:
    if line.place == ONLINE:
        return ""
    if line.place.kind == Kind.STORE:
        return links.behind(line.code, "buyers", again=1)
    return links.behind_region("" if line.place == BRAND else name_in_address(line), "buyers", again=1)


def _step(line: Line) -> str:
    return str(STEP_WORDS[STEPS[line.step - 1]]) if line.step else ""


def _stage(line: Line, _found: Comparison) -> str:
    return reverse("store", args=[line.code]) if line.step else ""


def _sales(of: Callable[[Goal], int | None]) -> Write:
    return lambda line: words.money_short(of(line.sales_goal)) if line.sales_goal else numbers.DASH


def _joining(of: Callable[[Goal], int | None]) -> Write:
    return lambda line: numbers.grouped(of(line.recruits_goal)) if line.recruits_goal else numbers.DASH


def _plan(metric: str) -> Link:
    """Link the targets of a place: a store's day by day, else the grid."""
    return lambda line, _found: links.targets(line.code, metric=metric)


def _share(goal: Goal | None) -> str:
    return numbers.percent(goal.reached if goal else None)


def _percent(goal: Goal | None) -> int | None:
    return min(round(100 * (goal.reached or 0)), 100) if goal else None


def _missing(goal: Goal) -> int | None:
    return goal.needed[0] if goal.needed else None


def _interval(line: Line) -> str:
    going = line.forecast
    return f"{words.money_short(going.low)} – {words.money_short(going.high)}" if going else ""


_plan_sales, _plan_recruits = _plan(Metric.SALES), _plan(Metric.RECRUITS)
SALES = Column(
    "sales", _("sales this month"), lambda line: words.money_short(line.month.cents), _orders, narrow=True
)  # fmt: skip
REACHED = Column(
    "reached", _("target reached"), lambda line: _share(line.sales_goal),
    _plan_sales, bar=lambda line: _percent(line.sales_goal),
)  # fmt: skip
RECRUITS = Column("recruits", _("recruits"), lambda line: numbers.grouped(line.month.recruits), _joined)
TRADE = (
    Column("today", _("today"), lambda line: words.money_short(line.today.cents), _today),
    SALES,
    Column("change", _("last year"), lambda line: words.change(line.change), _orders, narrow=True,
           tone=lambda line: line.change or 0),
    REACHED,
    Column("orders", _("orders"), lambda line: numbers.grouped(line.month.orders), _orders),
    Column("per_buyer", _("per buyer"), lambda line: words.money_short(line.month.per_buyer_cents), _orders),
    Column("per_order", _("per order"), lambda line: words.money_short(line.month.per_order_cents), _orders),
    Column("upt", _("UPT"), lambda line: numbers.grouped(line.month.upt, 2), _orders),
    RECRUITS,
    Column("rate", _("recruit rate"), lambda line: numbers.percent(line.month.recruit_rate), _joined),
    Column("repeat", _("repeat rate"), lambda line: numbers.percent(line.repeat_rate), _repeat),
    Column("members", _("members"), lambda line: numbers.grouped(line.members), _members),
    Column("lapsing", _("about to lapse"), lambda line: numbers.grouped(line.lapsing), _lapsing),
    Column("step", _("operating stage"), _step, _stage),
)  # fmt: skip
TARGETS = (
    Column("target", _("sales target"), _sales(lambda goal: goal.target), _plan_sales),
    SALES,
    Column(REACHED.sort, REACHED.name, REACHED.write, REACHED.link, narrow=True, bar=REACHED.bar),
    Column("gap", _("beside the plan"), _sales(lambda goal: goal.gap), _plan_sales,
           tone=lambda line: line.sales_goal.gap if line.sales_goal else None),
    Column("must", _("must come in today"), _sales(_missing), _plan_sales),
    Column("each", _("each day left"), _sales(lambda goal: goal.each), _plan_sales),
    Column("forecast", _("forecast to the month's end"),
           lambda line: words.money_short(line.forecast.amount if line.forecast else None), _plan_sales,
           note=_interval),
    Column("joining_target", _("recruits target"), _joining(lambda goal: goal.target), _plan_recruits),
    RECRUITS,
    Column("joining", _("recruits reached"),
           lambda line: _share(line.recruits_goal), _plan_recruits,
           bar=lambda line: _percent(line.recruits_goal)),
)  # fmt: skip
VIEWS = {"trade": (_("Trade"), TRADE), "targets": (_("Targets"), TARGETS)}
