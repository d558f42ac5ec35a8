"""A store's board as its page shows it: figures in words, each with the list behind it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.queries.boards import Board
from analytics.queries.memberships import ORDER
from analytics.queries.seasons import Span
from analytics.queries.selling import GuideRow
from analytics.views import links, tiles
from analytics.views.warnings import warnings
from members.models.portraits import Stage
from newretail.kernel import numbers
from newretail.kernel.masking import Reader
from newretail.kernel.templatetags import people as words

STEPS = {
    "recruit": gettext_lazy("Recruit"), "precise": gettext_lazy("Precise"), "refined": gettext_lazy("Refined"),
}  # fmt: skip
MEASURES = {
    "members": gettext_lazy("members"),
    "sales": gettext_lazy("sales of thirty days"),
    "repeat_buyers": gettext_lazy("repeat buyers of a year"),
}


@dataclass(frozen=True)
class Bar:
    """A row with a bar: how much of how much, and the list behind it."""

    name: str
    figure: str
    value: int
    most: int
    link: str = ""
    note: str = ""


def context(board: Board, eyes: Reader) -> dict[str, Any]:
    """Give a board's page all it shows."""
    born = board.birthdays if eyes.sees_people else []  # being listed tells when somebody was born
    return {
        "store": board.store,
        "board": board,
        "day_tiles": tiles.of_day(board),
        "month_tiles": tiles.of_month(board),
        "warnings": warnings(board),
        "charts": {"trend": trend(board)},
        "stages": stages(board),
        "moves": moves(board),
        "guides": guides(board),
        "sellers": sellers(board),
        "birthdays": [(eyes.called(member), eyes.birthday(member), member) for member in born],
        "care": care(board),
        "steps": [(str(label), step == board.stage.step) for step, label in STEPS.items()],
        "gate": gate(board),
        "goals": goals(board),
        "week": f"{board.week.first:%G-W%V}",
    }


def trend(board: Board) -> dict[str, Any]:
    """Draw thirty days of net sales beside the days they are compared with."""
    return {
        "days": [f"{each.day:%m-%d}" for each in board.trend],
        "links": [links.orders_paid(Span(each.day, each.day + (board.week.until - board.week.first) / 7),
                                    board.store.pk) for each in board.trend],
        "now": [each.cents / 100 for each in board.trend],
        "then": [each.then_cents / 100 if each.then_cents is not None else None for each in board.trend],
        "words": {"now": _("net sales"), "then": _("a year earlier")},
    }  # fmt: skip


def stages(board: Board) -> list[Bar]:
    """Count members by stage."""
    counts = board.membership.stages
    most = max(counts.values(), default=0)
    return [
        Bar(str(stage.label), numbers.grouped(counts[stage]), counts[stage], most or 1,
            links.members(store=board.store.pk, stage=stage.value))
        for stage in ORDER
    ]  # fmt: skip


def moves(board: Board) -> list[dict[str, Any]]:
    """List the week's moves between stages, the largest first."""
    return [
        {
            "from": Stage(move.from_stage).label, "to": Stage(move.to_stage).label,
            "members": numbers.grouped(move.members), "tone": "up" if move.is_return else "down",
            "link": links.behind(board.store.code, "moved",
                                 **{"from": move.from_stage.value, "to": move.to_stage.value}),
        }
        for move in board.membership.moves[:8]
    ]  # fmt: skip


def guides(board: Board) -> list[dict[str, Any]]:
    """List the guides' month, with a star where nobody is higher."""
    return [{"name": row.name, "cells": _guide_cells(board, row)} for row in board.guides]


def _guide_cells(board: Board, row: GuideRow) -> list[dict[str, Any]]:
    sold = links.sold_by(board.month_span, row.staff_no)
    today = links.sold_by(Span(board.day, board.month_span.until), row.staff_no)
    recruited = links.behind(board.store.code, "recruited", staff=row.staff_no)
    goal, month = board.guide_goals.get(row.post_id), row.month
    reached = numbers.percent(goal.reached, 0) if goal else ""
    return [
        {"figure": words.money_short(row.today_cents), "link": today},
        {"figure": words.money_short(month.cents), "link": sold, "note": reached, "star": "sales" in row.best},
        {"figure": numbers.grouped(month.orders), "link": sold, "wide": True},
        {"figure": words.money_short(month.per_order_cents), "link": sold, "star": "aov" in row.best},
        {"figure": numbers.grouped(month.upt, 2), "link": sold, "wide": True},
        {"figure": numbers.grouped(month.recruits), "link": recruited, "wide": True},
        {"figure": numbers.percent(month.recruit_rate), "link": recruited, "star": "recruits" in row.best},
    ]


def goals(board: Board) -> list[dict[str, Any]]:
    """Say of each target what came in, and what each remaining day must bring."""
    shown = (
        (_("Sales"), board.sales_goal, words.money_short, links.orders_paid(board.month_span, board.store.pk)),
        (_("Recruits"), board.recruits_goal, numbers.grouped, links.joined(board.month_span, board.store.pk)),
    )
    return [
        {
            "name": name, "link": link, "figure": f"{write(goal.actual)} / {write(goal.target)}",
            "reached": numbers.percent(goal.reached), "value": min(round(100 * (goal.reached or 0)), 100),
            "gap": write(abs(goal.gap)), "ahead": goal.gap >= 0, "left": len(goal.needed),
            "each": write(goal.each), "today": write(goal.needed[0]) if goal.needed else "",
            "plan": write(goal.today), "met": not sum(goal.needed),
            "missing": write(sum(goal.needed)), "few": sum(goal.needed) < len(goal.needed),
        }
        for name, goal, write, link in shown
        if goal
    ]  # fmt: skip


def sellers(board: Board) -> list[Bar]:
    """List the best sellers of seven days by units."""
    most = max((each.units for each in board.sellers), default=0)
    return [
        Bar(each.name, numbers.grouped(each.units), each.units, most or 1,
            links.behind(board.store.code, "bought", sku=each.sku), words.money_short(each.cents))
        for each in board.sellers
    ]  # fmt: skip


def care(board: Board) -> list[Bar]:
    """List who should hear from the store: about to lapse, and without a second purchase."""
    members, code = board.membership, board.store.code
    new = members.relationships.get("new", 0)  # type: ignore[call-overload]
    return [
        Bar(_("About to lapse"), numbers.grouped(members.lapsing), 0, 0, links.behind(code, "lapsing"),
            _("their last purchase is almost three months ago: they leave the active stage within fourteen days")),
        Bar(_("New customers without a second purchase"), numbers.grouped(new), 0, 0, links.behind(code, "second"),
            _("one purchase within ninety days; the second makes an old customer")),
        Bar(_("Birthdays this week"), numbers.grouped(board.birthdays_count), 0, 0, links.behind(code, "birthdays"),
            _("solar and lunar")),
    ]  # fmt: skip


def gate(board: Board) -> list[Bar]:
    """Say what the next gate needs, and what is missing."""
    bars = []
    for measure in board.stage.gate:
        write = words.money_short if measure.name == "sales" else numbers.grouped
        missing = _("reached") if measure.is_reached else _("%(n)s missing") % {"n": write(measure.missing)}
        bars.append(
            Bar(str(MEASURES[measure.name]), f"{write(measure.have)} / {write(measure.need)}", measure.part, 100,
                _measured(board, measure.name), missing)
        )  # fmt: skip
    return bars


def _measured(board: Board, name: str) -> str:
    recent = Span(board.trend[0].day, board.day)
    found = {"members": links.members(store=board.store.pk), "sales": links.orders_paid(recent, board.store.pk)}
    return found.get(name, links.behind(board.store.code, "buyers", again=1))
