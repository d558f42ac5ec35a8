"""A store's board and its lists as pages show them: figures in words, each with the list behind it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.queries.behind import Behind, Given
from analytics.queries.boards import Board
from analytics.queries.goals import Goal
from analytics.queries.memberships import ORDER
from analytics.queries.seasons import Span
from analytics.queries.selling import BEST_DAYS
from analytics.views import links, tiles
from analytics.views.warnings import warnings
from members.models import Member
from members.models.portraits import Stage
from newretail.kernel import numbers
from newretail.kernel.masking import Reader
from newretail.kernel.templatetags import people as words
from stores.models import Store

TITLES = {
    "birthdays": gettext_lazy("Birthdays this week"),
    "lapsing": gettext_lazy("About to lapse"),
    "second": gettext_lazy("New customers without a second purchase"),
    "buyers": gettext_lazy("Buyers of a year"),
    "moved": gettext_lazy("Moves this week"),
    "bought": gettext_lazy("Who bought it these seven days"),
}
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
        "birthdays": [(eyes.called(member), eyes.birthday(member), member) for member in board.birthdays],
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
    return [
        {
            "row": row, "link": links.sold_by(board.month_span, row.staff_no),
            "sales": words.money_short(row.month.cents), "today": words.money_short(row.today_cents),
            "orders": numbers.grouped(row.month.orders), "aov": words.money_short(row.month.per_order_cents),
            "upt": numbers.grouped(row.month.upt, 2), "recruits": numbers.grouped(row.month.recruits),
            "rate": numbers.percent(row.month.recruit_rate), "reached": _reached(board.guide_goals.get(row.post_id)),
        }
        for row in board.guides
    ]  # fmt: skip


def _reached(goal: Goal | None) -> str:
    return numbers.percent(goal.reached, 0) if goal else ""


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


def people(store: Store, who: str, given: Given, found: Behind, eyes: Reader) -> dict[str, Any]:
    """Give a page of people all it shows."""
    more = urlencode({**given, "after": found.next_after}) if found.next_after is not None else ""
    return {
        "store": store,
        "title": TITLES[who],
        "said": _said(given),
        "rows": [_person(store, member, who, eyes) for member in found.people],
        "more": f"?{more}" if more else "",
        "days": BEST_DAYS,
    }


def _said(given: Given) -> str:
    ends = [str(Stage(given[name]).label) for name in ("from", "to") if given.get(name)]
    return " → ".join(ends) if ends else _("bought twice or more") if given.get("again") else given.get("sku", "")


def _person(store: Store, member: Member, who: str, eyes: Reader) -> dict[str, Any]:
    """Describe one person; the page of a member at home in another store is that store's."""
    portrait = getattr(member, "portrait", None)
    home = member.home_store_id == store.pk
    return {
        "name": eyes.called(member),
        "member_no": member.member_no,
        "phone": eyes.phone(member.phone),
        "birthday": eyes.birthday(member) if who == "birthdays" else "",
        "last_day": portrait.last_day if portrait else None,
        "purchases": portrait.purchases if portrait else 0,
        "stage": portrait.get_stage_display() if portrait else "",
        "elsewhere": "" if home else str(member.home_store or ""),
        "link": reverse("admin:members_member_change", args=[member.pk]) if home else "",
    }
