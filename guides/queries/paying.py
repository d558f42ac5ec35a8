"""What a person earns: what her account holds, month by month, each line under a number of its own, statements.

A line is named by its month and its number in it, counted upwards from the oldest: entries are only ever added.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models import CommissionAccount, CommissionEntry, CommissionMonth, CommissionStatement, Policy
from guides.queries import policies
from guides.queries.policy_terms import Scheme
from members.models import Order
from newretail.kernel import clock, sql

Kind, State = CommissionEntry.Kind, CommissionMonth.State
GOES_ON = (Kind.VEST, Kind.SETTLE, Kind.PAY)  # how what was earned went on: no line of its own
SHOWN, MONTHS_BACK, MOST_NUMBER = 50, 12, 10**9
REVIEWED = "reviewed"
MONTH_WORDS: dict[str, Any] = {**dict(State.choices), REVIEWED: _("reviewed by the manager")}
PROVISIONAL, VESTED, PAYABLE, PAID = "provisional", "vested", "payable", "paid"
WORDS: dict[str, Any] = {
    PROVISIONAL: pgettext_lazy("commission", "provisional"),
    VESTED: pgettext_lazy("commission", "vested"),
    PAYABLE: pgettext_lazy("commission", "to be paid"),
    PAID: pgettext_lazy("commission", "paid"),
}
OF_CLOSED = {State.CLOSED: PAYABLE, State.EXPORTED: PAYABLE, State.PAID: PAID}
NUMBERED = """
SELECT e.n, e.id, k.state, coalesce(p.name, '') FROM (
  SELECT e.id, e.order_id, e.line_no, row_number() OVER (ORDER BY e.id) AS n FROM guides_commissionentry e
  WHERE e.account_id = %(account)s AND e.month = %(month)s AND e.kind <> ALL(%(goes_on)s)) e
LEFT JOIN guides_commissionmonth k ON k.month = %(month)s
LEFT JOIN members_orderline l ON l.order_id = e.order_id AND l.line_no = e.line_no
LEFT JOIN stores_product p ON p.id = l.product_id
WHERE e.n < %(before)s ORDER BY e.n DESC LIMIT %(shown)s
"""
CARRIED = ("bond__member", "task__brief", "policy", "by", "order__channel")


@dataclass(frozen=True)
class Month:
    """A month of hers: how far it is, what it earned so far, how much of that is provisional, her statement of it."""

    first: date
    state: str
    earned_cents: int = 0
    provisional_cents: int = 0
    statement: CommissionStatement | None = None

    @property
    def name(self) -> str:
        """Name the month as addresses do."""
        return f"{self.first:%Y-%m}"

    @property
    def word(self) -> str:
        """Say how far it is."""
        return str(MONTH_WORDS[self.state])


@dataclass(frozen=True)
class Debt:
    """What a person owes; a month pays back at most this part (basis points), so much of the month as it stands."""

    cents: int
    recovery_bp: int
    month: date
    next_cents: int


@dataclass(frozen=True)
class Line:
    """An entry that earned or took something back, by its number in its month; how far it is, of which goods."""

    number: int
    entry: CommissionEntry
    state: str
    goods: str = ""

    @property
    def order(self) -> Order | None:
        """Give its order, None where it has none or that was taken back."""
        return self.entry.order

    @property
    def day(self) -> date:
        """Tell on which day it was entered."""
        return clock.business_day(self.entry.made_at)

    @property
    def month(self) -> str:
        """Name its month as addresses do."""
        return f"{self.entry.month:%Y-%m}"

    @property
    def word(self) -> str:
        """Say how far it is."""
        return str(WORDS.get(self.state, ""))

    @property
    def is_provisional(self) -> bool:
        """Tell whether a refund may still take it back without a trace in the pay."""
        return self.state == PROVISIONAL


@dataclass(frozen=True)
class Lines:
    """A page of a month's lines, the newest day first; the next page begins below this number."""

    rows: list[Line]
    before: int | None


@dataclass(frozen=True)
class OfKind:
    """What a kind of entries brought in a month."""

    kind: str
    lines: int
    cents: int

    @property
    def word(self) -> str:
        """Say what it was."""
        return str(Kind(self.kind).label)


def account_of(user: Any) -> CommissionAccount | None:
    """Give a person's account, None while she has earned nothing."""
    return CommissionAccount.objects.filter(user=user).first()


def months_of(account: CommissionAccount, at: datetime) -> list[Month]:
    """List the months of a person, the newest first: this one, what is still to come, and the last year's."""
    this = clock.month_start(clock.business_day(at))
    since = date(this.year - 1, this.month, 1)
    entered = account.entries.filter(month__gte=since).order_by().values("month")
    sums = entered.annotate(
        earned=Sum("amount_cents", filter=~Q(kind=Kind.WRITE_OFF), default=0), waiting=Sum("provisional_cents")
    ).values_list("month", "earned", "waiting")  # fmt: skip
    found = {month: (earned, waiting) for month, earned, waiting in sums}
    states = dict(CommissionMonth.objects.filter(month__gte=since).values_list("month", "state"))
    statements = account.statements.filter(month__month__gte=since).select_related("month")
    stated = {each.month.month: each for each in statements}
    return [
        Month(first, _how_far(states.get(first), stated.get(first)), *found.get(first, (0, 0)), stated.get(first))
        for first in sorted({this, *found}, reverse=True)
    ]


def _how_far(state: str | None, statement: CommissionStatement | None) -> str:
    seen = state == State.COMPUTED and statement is not None and statement.reviewed_at is not None
    return REVIEWED if seen else state or State.OPEN


def debt_of(account: CommissionAccount, months: Sequence[Month], at: datetime) -> Debt | None:
    """Tell what a person owes, and what the next month that is settled pays back of it at most, by its scheme."""
    if not account.debt_cents:
        return None
    open_ones = [each for each in months if each.state not in OF_CLOSED]
    following = min(open_ones, key=lambda each: each.first, default=Month(clock.business_day(at), State.OPEN))
    counting = policies.in_force(Policy.Kind.COMMISSION, clock.month_end(following.first))
    part = counting.terms.recovery_bp if counting else Scheme(levels={}).recovery_bp
    most = min(account.debt_cents, max(following.earned_cents, 0) * part // 10_000)
    return Debt(account.debt_cents, part, following.first, most)


def lines_of(account: CommissionAccount, month: date, *, before: int = MOST_NUMBER) -> Lines:
    """Give a page of the lines of a month, those numbered below `before`, the newest first."""
    rows = _lines(account, month, before=before, shown=SHOWN + 1)
    more = rows[SHOWN - 1].number if len(rows) > SHOWN else None
    return Lines(sorted(rows[:SHOWN], key=lambda line: (line.day, line.number), reverse=True), more)


def line_of(account: CommissionAccount, month: date, number: int) -> Line | None:
    """Find a line of a person by its month and its number in it."""
    if not 0 < number < MOST_NUMBER:
        return None
    found = _lines(account, month, before=number + 1, shown=1)
    return next((line for line in found if line.number == number), None)


def _lines(account: CommissionAccount, month: date, *, before: int, shown: int) -> list[Line]:
    given = {"account": account.pk, "month": month, "goes_on": list(GOES_ON), "before": before, "shown": shown}
    numbered = sql.rows(NUMBERED, given)
    entries = CommissionEntry.objects.select_related(*CARRIED).in_bulk([row[1] for row in numbered])
    return [
        Line(number, entries[pk], _state(entries[pk], account, state), goods) for number, pk, state, goods in numbered
    ]


def _state(entry: CommissionEntry, account: CommissionAccount, month: str | None) -> str:
    if entry.kind == Kind.WRITE_OFF:
        return ""
    if month in OF_CLOSED:
        return OF_CLOSED[State(month)]
    waits = entry.provisional_cents and entry.vests_on and (
        account.vested_until is None or entry.vests_on > account.vested_until
    )  # fmt: skip
    return PROVISIONAL if waits else VESTED


def by_kind(account: CommissionAccount, month: date) -> list[OfKind]:
    """Tell what each kind of lines brought in a month, in the order in which they are reckoned."""
    rows = account.entries.filter(month=month).exclude(kind__in=GOES_ON).order_by().values_list("kind")
    order = list(Kind.values)
    found = rows.annotate(n=Count("id"), cents=Sum("amount_cents"))
    return sorted((OfKind(*row) for row in found), key=lambda each: order.index(each.kind))


def month_of(account: CommissionAccount, first: date) -> Month | None:
    """Give one month of a person, None where it has no line of hers."""
    earned = account.entries.filter(month=first).aggregate(
        n=Count("id"), waiting=Sum("provisional_cents", default=0),
        earned=Sum("amount_cents", filter=~Q(kind=Kind.WRITE_OFF), default=0),
    )  # fmt: skip
    if not earned["n"]:
        return None
    kept = CommissionMonth.objects.filter(month=first).first()
    statement = account.statements.filter(month=kept).select_related("reviewed_by").first() if kept else None
    return Month(
        first, _how_far(kept.state if kept else None, statement), earned["earned"], earned["waiting"], statement
    )  # fmt: skip


def statements_for(user: Any, first: date) -> QuerySet[Any]:
    """Give the statements of a month that a person approves: of those who serve in her stores, never her own.

    Each carries `staff_no`, by which it is named outside: the user name of who has no number.
    """
    rows = CommissionStatement.objects.visible_to(user, "approve").filter(month__month=first)
    rows = rows.annotate(staff_no=Coalesce("account__user__staff_no", "account__user__username"))
    return rows.exclude(account__user=user).select_related("account__user", "reviewed_by", "month")
