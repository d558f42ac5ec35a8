"""A figure on a page: its name, what stands beside it, what it means, the list behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from analytics.queries.boards import Board, Trade
from analytics.queries.seasons import Span
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


def beside_then(then: Trade | None, write: Callable[[Trade], str]) -> str:
    """Say what a figure was on the same weekday a year earlier."""
    return _("a year earlier %(figure)s") % {"figure": write(then)} if then else _("no year before")


def of_day(board: Board) -> list[Tile]:
    """Write the day's figures as tiles."""
    today, then, pk = board.today, board.then, board.store.pk
    day = Span(board.day, board.day + timedelta(days=1))
    return [
        Tile(
            _("Sales today"), people.money_short(today.cents),
            beside_then(then, lambda it: people.money_short(it.cents)),
            _("Paid amounts less what was refunded of them, by the day of payment."), links.orders_paid(day, pk),
        ),
        Tile(
            _("Orders today"), numbers.grouped(today.orders), beside_then(then, lambda it: numbers.grouped(it.orders)),
            _("Paid orders of members and of others."), links.orders_paid(day, pk),
        ),
        Tile(
            _("Per buyer"), people.money(today.per_buyer_cents),
            beside_then(then, lambda it: people.money(it.per_buyer_cents)),
            _("Net sales divided by buyers (客单价). A member counts once a day; an order without a member has a buyer"
              " of its own."), links.orders_paid(day, pk),
        ),
        Tile(
            _("Recruits today"), numbers.grouped(today.recruits),
            beside_then(then, lambda it: numbers.grouped(it.recruits)),
            _("Members who joined, by the day of joining."), links.joined(day, pk),
        ),
    ]  # fmt: skip
