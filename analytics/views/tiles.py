"""A figure on a page: its name, what stands beside it, what it means, the list behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from analytics.queries.boards import Board
from analytics.queries.seasons import Span
from analytics.queries.trades import Trade
from analytics.views import links
from newretail.kernel import numbers
from newretail.kernel.templatetags import people


@dataclass(frozen=True)
class Tile:
    """One figure: its name, the figure in words, what stands beside it, its definition, the list behind it."""

    name: str
    figure: str
    beside: str
    help: str
    link: str
    change: float | None = None
    note: str = ""


def compared(board: Board, write: Callable[[Trade], str]) -> str:
    """Say what a figure was yesterday, and on the day a year earlier."""
    said = _("yesterday %(figure)s") % {"figure": write(board.yesterday)}
    if board.today_then:
        said += " · " + _("last year %(figure)s") % {"figure": write(board.today_then)}
    return said


def of_day(board: Board) -> list[Tile]:
    """Write the day's figures as tiles."""
    pk, day = board.store.pk, Span(board.day, board.day + timedelta(days=1))
    orders, joined = links.orders_paid(day, pk), links.joined(day, pk)

    def tile(name: str, write: Callable[[Trade], str], means: str, link: str) -> Tile:
        return Tile(name, write(board.today), compared(board, write), means, link)

    return [
        tile(_("Sales today"), lambda it: people.money_short(it.cents),
             _("Paid amounts less what was refunded of them, by the day of payment. Last year: the whole of the same"
               " weekday, around Spring Festival the same lunar date."), orders),
        tile(_("Orders today"), lambda it: numbers.grouped(it.orders),
             _("Paid orders of members and of others."), orders),
        tile(_("Per buyer"), lambda it: people.money(it.per_buyer_cents),
             _("Net sales divided by buyers (客单价). A member counts once a day; an order without a member has a buyer"
               " of its own."), orders),
        tile(_("Per order"), lambda it: people.money(it.per_order_cents),
             _("Net sales divided by orders (笔单价, AOV)."), orders),
        tile(_("Units per order"), lambda it: numbers.grouped(it.upt, 2),
             _("Units divided by orders (连带率, UPT), of the orders whose lines are known."), orders),
        tile(_("Recruits today"), lambda it: numbers.grouped(it.recruits),
             _("Members who joined, by the day of joining, at home in this store."), joined),
    ]  # fmt: skip


def of_month(board: Board) -> list[Tile]:
    """Write the figures of the month, the year and the members as tiles."""
    pk, members, month = board.store.pk, board.membership, board.month
    then = _("whole days, last year %(figure)s") % {"figure": people.money_short(board.month_then.cents)} \
        if board.month_then else _("no year before")  # fmt: skip
    return [
        Tile(
            _("Sales this month"), people.money_short(month.cents), then,
            _("Net sales from the first of the month to now. The change compares the days that are over with the same"
              " dates a year earlier, or the same lunar days when either touches Spring Festival."),
            links.orders_paid(board.month_span, pk), board.change,
        ),
        Tile(
            _("Recruit rate this month"), numbers.percent(month.recruit_rate),
            _("recruits: %(n)s · usual 17–20%%") % {"n": numbers.grouped(month.recruits)},
            _("Recruits divided by buyers, day by day added up: of the people who buy in the store, how many become"
              " members. The trade's benchmark is 17 to 20 percent."), links.joined(board.month_span, pk),
        ),
        Tile(
            _("Repeat rate"), numbers.percent(members.repeat_rate),
            _("%(again)s of %(n)s buyers")
            % {"again": numbers.grouped(members.repeaters), "n": numbers.grouped(members.buyers)},
            _("Of the members who bought in this store within 365 days, those who bought here at least twice; counted"
              " each night."), links.behind(board.store.code, "buyers", again=1),
        ),
        Tile(
            _("Members"), numbers.grouped(members.members),
            _("%(n)s super customers") % {"n": numbers.grouped(members.supers)},
            _("Members at home in this store, as of the newest scoring."), links.members(store=pk),
        ),
    ]  # fmt: skip
