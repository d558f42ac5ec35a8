"""What a store's board warns of, in words with what to do: one table of rules, each asked of the board."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from analytics.queries.boards import Board
from analytics.queries.trades import LOW_RECRUIT_RATE
from newretail.kernel import clock

NOON = 12
FEW = 20  # figures of fewer buyers or orders prove nothing
MUCH_BACK = 0.05
FALL = -0.10
LOW_REPEAT_RATE = 0.30
Facts = dict[str, object]
Question = Callable[[Board], Facts | None]


@dataclass(frozen=True)
class Rule:
    """One warning: when it holds, how grave it is, what it says, what to do."""

    code: str
    tone: str
    asks: Question
    says: str
    do: str


@dataclass(frozen=True)
class Alert:
    """A warning that holds, with the facts of its sentence: whole numbers, cents, parts of one, names."""

    rule: Rule
    facts: Facts


def _is_late(board: Board) -> bool:
    return board.at.astimezone(clock.brand_zone()).hour >= NOON


def _no_orders(board: Board) -> Facts | None:
    return {} if _is_late(board) and not board.today.orders and board.recent.orders else None


def _fall(board: Board) -> Facts | None:
    return {"part": -board.change} if board.change is not None and board.change <= FALL else None


def _behind(board: Board) -> Facts | None:
    goal = board.sales_goal
    if goal is None or not goal.to_date or goal.gap >= FALL * goal.to_date / 2:
        return None
    return {"part": -goal.gap / goal.to_date, "days": len(goal.needed)}


def _recruiting(board: Board) -> Facts | None:
    rate = board.month.recruit_rate
    return {"rate": rate} if rate is not None and rate < LOW_RECRUIT_RATE and board.month.buyers >= FEW else None


def _repeating(board: Board) -> Facts | None:
    rate = board.membership.repeat_rate
    return {"rate": rate} if rate is not None and rate < LOW_REPEAT_RATE and board.membership.buyers >= FEW else None


def _refunds(board: Board) -> Facts | None:
    rate = board.recent.refund_rate
    return {"rate": rate} if rate and rate > MUCH_BACK and board.recent.orders >= FEW else None


def _lapsing(board: Board) -> Facts | None:
    return {"n": board.membership.lapsing} if board.membership.lapsing else None


def _slipping(board: Board) -> Facts | None:
    away, back = board.membership.slipping, board.membership.returning
    return {"away": away, "back": back} if away > back else None


def _idle(board: Board) -> Facts | None:
    names = [row.name for row in board.guides if row.is_guide and not row.week_orders]
    return {"names": names} if names and board.recent.orders else None


def _birthdays(board: Board) -> Facts | None:
    return {"n": board.birthdays_count} if board.birthdays_count else None


# The gravest first.
RULES = (
    Rule(
        "no_orders", "bad", _no_orders,
        gettext_noop("No order has come in today, and it is past noon."),
        gettext_noop("See that the till sends its orders; then invite those about to lapse for this afternoon."),
    ),
    Rule(
        "fall", "bad", _fall,
        gettext_noop("Sales of this month's whole days are %(part)s below the year before."),
        gettext_noop("Look at the trend for the days that fell, and at the guides who are behind; plan one contact a"
                     " day with old customers."),
    ),
    Rule(
        "behind", "bad", _behind,
        gettext_noop("Sales are %(part)s behind the plan of the days that are over; %(days)s days are left."),
        gettext_noop("See below what each remaining day must bring, and share it among the guides this morning."),
    ),
    Rule(
        "idle", "bad", _idle,
        gettext_noop("Without an order within seven days: %(names)s."),
        gettext_noop("Ask what is in the way; see that the till enters who sold."),
    ),
    Rule(
        "refunds", "warn", _refunds,
        gettext_noop("%(rate)s of the money of the last thirty days went back."),
        gettext_noop("Open the refunded orders and look for one product, or one guide."),
    ),
    Rule(
        "recruiting", "warn", _recruiting,
        gettext_noop("The recruit rate of this month is %(rate)s; 17–20 %% of buyers becoming members is usual."),
        gettext_noop("Ask each buyer at the till to scan the code; put it at the entrance and on the receipt."),
    ),
    Rule(
        "repeating", "warn", _repeating,
        gettext_noop("Of the year's buyers %(rate)s came again; below 30 %% a store lives on strangers."),
        gettext_noop("Call the new customers without a second purchase within the week, with a reason to come."),
    ),
    Rule(
        "slipping", "warn", _slipping,
        gettext_noop("%(away)s members moved away from the store this week, %(back)s came back."),
        gettext_noop("Begin with those who have just left the active stage: a word now costs less than a coupon then."),
    ),
    Rule(
        "lapsing", "warn", _lapsing,
        gettext_noop("About to lapse within fourteen days unless they buy: %(n)s."),
        gettext_noop("Share them among the guides today; those who bought most come first."),
    ),
    Rule(
        "birthdays", "info", _birthdays,
        gettext_noop("Birthdays among the members this week: %(n)s."),
        gettext_noop("Send the birthday coupon and a personal word before the day."),
    ),
)  # fmt: skip


def alerts(board: Board) -> list[Alert]:
    """Ask every rule of a board; give those that hold, the gravest first."""
    found = ((rule, rule.asks(board)) for rule in RULES)
    return [Alert(rule, facts) for rule, facts in found if facts is not None]
