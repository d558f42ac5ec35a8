"""The home of the HQ admin: the page's figures as tiles, its charts as data."""

from datetime import date
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from analytics.queries import home as boards
from analytics.queries.home import Home
from analytics.queries.seasons import Compared
from analytics.queries.standing import Standing
from analytics.queries.trading import Figure, Trading
from analytics.views import charts, links
from analytics.views.tiles import Tile
from newretail.kernel import clock, nights, numbers, scopes
from newretail.kernel.templatetags import people

# By the phase of the programme: which tile of the month, and which of the members, stands first.
FIRST_TILES = {"starting": (1, 0), "growing": (0, 2), "steady": (0, 1)}


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the home page to the admin's index."""
    board = boards.home(request.user, today=clock.business_day(clock.now()))
    month_first, member_first = FIRST_TILES[board.phase]
    return {
        **context,
        "title": _("Overview"),
        "board": board,
        "charts": _charts(board),
        "month_tiles": _first(_month_tiles(board.trading), month_first) if board.trading else [],
        "member_tiles": _first(_member_tiles(board.standing), member_first) if board.standing else [],
        "quadrants": charts.quadrant_parts(board.standing.quadrant) if board.standing else [],
        "retention": board.retention[-1] if board.retention else None,
        "retention_change": _points(board),
        "core_link": links.members(super=1),
        "runs_link": links.listed("kernel_jobrun"),
        "troubles": nights.troubles(clock.now(), board.lately) if scopes.may(request.user, "job_runs") else [],
        "notice": getattr(connection.tenant, "notice", ""),  # type: ignore[attr-defined]
    }


def _first(tiles: list[Tile], place: int) -> list[Tile]:
    return [tiles[place], *tiles[:place], *tiles[place + 1 :]]


def _charts(board: Home) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if board.retention:
        found["retention"] = charts.retention_line(board.retention)
    if board.standing:
        found["stages"] = charts.stage_bars(board.standing)
        found["heat"] = charts.heat_map(board.standing)
        found["quadrant"] = charts.quadrant_bubbles(board.standing.quadrant)
    if board.trading:
        found["trend"] = charts.sales_trend(board.trading)
        found["top"] = charts.top_stores(board.trading)
    return found


def _points(board: Home) -> float | None:
    """Give the change of the retention in percentage points since the point before, None without one."""
    rates = [point.rate for point in board.retention[-2:]]
    return None if len(rates) < 2 or None in rates else round(100 * (rates[1] - rates[0]), 1)  # type: ignore[operator]


def span_in_words(first: date, last: date) -> str:
    """Write a span of days short: 11-01 – 11-21."""
    return f"{first:%m-%d} – {last:%m-%d}" if first.year == last.year else f"{first} – {last}"


def compared_in_words(month: Compared) -> str:
    """Say which days a month is compared with, and why those."""
    days = f"{month.then.first} – {month.then.last:%m-%d}"
    if month.by_festival:
        return _("against %(days)s, aligned by Spring Festival") % {"days": days}
    return _("against %(days)s, the same dates") % {"days": days}


def _month_tiles(trading: Trading) -> list[Tile]:
    month = trading.month
    note = f"{span_in_words(month.now.first, month.now.last)}, {compared_in_words(month)}"
    aligned = _(
        "The month up to the last counted day, beside a year earlier: the same dates, or the same days of the lunar"
        " calendar when either span touches Spring Festival (from 15 days before to 15 days after the new year)."
    )

    def then(figure: Figure, shown: str) -> str:
        return _("a year earlier %(figure)s") % {"figure": shown} if figure.then is not None else _("no year before")

    def money(figure: Figure) -> str:
        return people.money_short(figure.then)

    return [
        Tile(
            _("Sales this month"), people.money_short(trading.sales.now), then(trading.sales, money(trading.sales)),
            _("Paid amounts less what was refunded of them, by the day of payment.") + " " + aligned,
            links.orders_paid(month.now), trading.sales.change, note,
        ),
        Tile(
            _("Recruits this month"), numbers.short(trading.recruits.now),
            then(trading.recruits, numbers.short(trading.recruits.then)),
            _("Members who joined, by the day of joining.") + " " + aligned,
            links.joined(month.now), trading.recruits.change, note,
        ),
        Tile(
            _("Orders this month"), numbers.short(trading.orders.now),
            then(trading.orders, numbers.short(trading.orders.then)),
            _("Paid orders of members and of others.") + " " + aligned,
            links.orders_paid(month.now), trading.orders.change, note,
        ),
    ]  # fmt: skip


def _member_tiles(standing: Standing) -> list[Tile]:
    supers = standing.supers / standing.members if standing.members else None
    return [
        Tile(
            _("Members"), numbers.short(standing.members),
            _("%(n)s bought within a year") % {"n": numbers.short(standing.buyers)},
            _("All members as of the newest scoring."), links.members(),
        ),
        Tile(
            _("Super customers"), numbers.short(standing.supers),
            _("%(share)s of members") % {"share": numbers.percent(supers)},
            _("At least three orders within a year and an amount above the brand's threshold (by default the 80th"
              " percentile of buyers)."), links.members(super=1),
        ),
        Tile(
            _("Repeat rate"), numbers.percent(standing.repeat_rate),
            _("%(n)s bought twice or more") % {"n": numbers.short(standing.repeat_buyers)},
            _("Of the members who bought within 365 days, those who bought at least twice."),
            links.members(frequency_from=2),
        ),
        Tile(
            _("Amount per order"), people.money(standing.per_order_cents),
            _("%(amount)s per buyer and year") % {"amount": people.money(standing.per_buyer_cents)},
            _("Members' net amount of 365 days by orders (per order), and by buyers (per buyer)."),
            links.members(frequency_from=1),
        ),
    ]  # fmt: skip
