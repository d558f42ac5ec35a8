"""A month of commission: computed from the books, reviewed by managers, closed for ever, exported, paid.

What a later refund takes back stands in the first open month; what that cannot bear is carried as debt, and later
months pay it back, no more of each than the scheme allows.
"""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.actions import commission_ledger as ledger
from guides.actions import commissions
from guides.models import CommissionEntry, CommissionMonth, CommissionStatement, CreditDispute
from guides.queries import crediting, payroll
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

State = CommissionMonth.State
# What is earned in a month without a line of its own: steps by credited sales, less what lies above the cap.
RECKONED = """
SELECT DISTINCT kind FROM guides_commissionentry WHERE kind IN ('step', 'cap') AND month = %(month)s
"""
STEP = """
INSERT INTO tmp_pay_moves (account_id, kind, month, vested, nth, base, policy_id)
SELECT x.account_id, 'step', %(month)s, x.should - x.has, x.n, coalesce(x.cents, 0), %(policy)s FROM (
  SELECT a.id AS account_id, s.cents, coalesce((SELECT max(t.pay) FROM unnest(%(step_from)s::bigint[],
      %(step_pay)s::bigint[]) t(low, pay) WHERE t.low <= s.cents), 0) AS should,
    coalesce(h.cents, 0) AS has, coalesce(h.n, 0) AS n
  FROM guides_commissionaccount a LEFT JOIN tmp_pay_sales s ON s.user_id = a.user_id
  LEFT JOIN (SELECT account_id, sum(amount_cents) AS cents, count(*) AS n FROM guides_commissionentry
    WHERE month = %(month)s AND kind = 'step' GROUP BY account_id) h ON h.account_id = a.id) x
WHERE x.should <> x.has
"""
CAP = """
INSERT INTO tmp_pay_moves (account_id, kind, month, vested, nth, base, policy_id)
SELECT x.account_id, 'cap', %(month)s, x.should - x.has, x.n, x.earned, %(policy)s FROM (
  SELECT e.account_id, sum(e.amount_cents) FILTER (WHERE e.kind <> 'cap') AS earned,
    least(0, %(most)s::bigint - sum(e.amount_cents) FILTER (WHERE e.kind <> 'cap')) AS should,
    coalesce(sum(e.amount_cents) FILTER (WHERE e.kind = 'cap'), 0) AS has, count(*) FILTER (WHERE e.kind = 'cap') AS n
  FROM guides_commissionentry e WHERE e.month = %(month)s AND e.kind <> 'write_off' GROUP BY e.account_id) x
WHERE x.earned IS NOT NULL AND x.should <> x.has
"""
STATE_ANEW = """
INSERT INTO guides_commissionstatement AS c (month_id, account_id, earned_cents, recovered_cents, owed_cents,
  gross_cents, debt_cents, lines, entry_id)
SELECT %(month_id)s, f.account_id, f.earned, f.recovered, f.owed, f.earned - f.recovered + f.owed,
  f.debt - f.recovered + f.owed, f.lines, %(entry)s FROM tmp_pay_figures f ORDER BY f.account_id
ON CONFLICT (month_id, account_id) DO UPDATE SET earned_cents = excluded.earned_cents,
  recovered_cents = excluded.recovered_cents, owed_cents = excluded.owed_cents, gross_cents = excluded.gross_cents,
  debt_cents = excluded.debt_cents, lines = excluded.lines, entry_id = excluded.entry_id, reviewed_at = NULL,
  reviewed_by_id = NULL
WHERE (c.earned_cents, c.recovered_cents, c.owed_cents, c.debt_cents, c.lines)
  <> (excluded.earned_cents, excluded.recovered_cents, excluded.owed_cents, excluded.debt_cents, excluded.lines)
"""
# One writer at a time: what was written after a month was computed has a later line.
CHANGED = """
SELECT count(DISTINCT account_id) FROM guides_commissionentry
WHERE entry_id > %(computed)s AND (month = %(month)s OR kind = 'write_off')
"""
SETTLE = """
INSERT INTO tmp_pay_moves (account_id, kind, month, vested, payable, debt)
SELECT account_id, 'settle', %(month)s, -earned_cents, gross_cents, owed_cents - recovered_cents
FROM guides_commissionstatement WHERE month_id = %(month_id)s AND (earned_cents, owed_cents) <> (0, 0)
"""
PAY = """
INSERT INTO tmp_pay_moves (account_id, kind, month, payable, paid)
SELECT account_id, 'pay', %(month)s, -gross_cents, gross_cents
FROM guides_commissionstatement WHERE month_id = %(month_id)s AND gross_cents > 0
"""


class MonthNotOver(Refused):
    """A month is computed when it is over."""

    code = "month_not_over"
    sentence = gettext_noop("%(month)s is not over yet: its commission is computed from the first day after it on.")


class MonthClosed(Refused):
    """A closed month never moves."""

    code = "month_closed"
    sentence = gettext_noop("The commission of %(month)s is closed and moves no more; adjust it in an open month.")


class EarlierMonthOpen(Refused):
    """Months are closed one after another."""

    code = "earlier_month_open"
    sentence = gettext_noop("The commission of %(earlier)s is not closed yet: months are closed one after another.")


class NotThatFar(Refused):
    """The month is not in the state that this follows on."""

    code = "not_that_far"
    sentence = gettext_noop("The commission of %(month)s is %(state)s: this cannot be done to it now.")


class StatementsStale(Refused):
    """The books moved since the statements were computed."""

    code = "statements_stale"
    sentence = gettext_noop("%(count)s statements of %(month)s changed since they were computed; compute it again.")


class DisputesOpen(Refused):
    """Somebody waits for a decision."""

    code = "disputes_open"
    sentence = gettext_noop("%(count)s disputes about orders of %(month)s wait for a decision; decide them first.")


class NotReviewed(Refused):
    """Managers have not seen all statements."""

    code = "not_reviewed"
    sentence = gettext_noop("%(count)s statements of %(month)s are not reviewed yet; say that it shall be closed so.")


class StatementChanged(Refused):
    """It was computed anew since it was looked at."""

    code = "statement_changed"
    sentence = gettext_noop("This statement was computed anew meanwhile; look at it again.")


class OwnStatement(Refused):
    """Somebody else looks."""

    code = "own_statement"
    sentence = gettext_noop("Nobody reviews her own statement.")


def _named(month: date) -> str:
    return f"{month:%Y-%m}"


def _held(month: date, *states: str) -> CommissionMonth:
    """Find a month in one of these states.

    Refuses: NotThatFar.
    """
    kept = payroll.kept(month)
    if kept.state not in states:
        raise NotThatFar(month=_named(month), state=kept.get_state_display())
    return kept


def _given(month: CommissionMonth, at: datetime, by: User | None) -> sql.Params:
    policy, scheme = payroll.scheme_of(month.month)
    return {
        **ledger.params(entry=journal.reserve(), at=at, by=by), "month": month.month, "month_id": month.pk,
        "computed": month.entry_id,
        "policy": policy, "recovery": scheme.recovery_bp, "most": scheme.month_most_cents,
        "step_from": [step.from_cents for step in scheme.steps], "step_pay": [step.pay_cents for step in scheme.steps],
        "since": clock.day_start(month.month), "until": clock.day_start(clock.month_after(month.month)),
    }  # fmt: skip


def _check_turn(month: date, at: datetime) -> None:
    if clock.business_day(at) < clock.month_after(month):
        raise MonthNotOver(month=_named(month))
    opened = payroll.open_from()
    if month < opened:
        raise MonthClosed(month=_named(month))
    earlier = CommissionEntry.objects.filter(month__gte=opened, month__lt=month).order_by("month").first()
    if earlier:
        raise EarlierMonthOpen(earlier=_named(earlier.month))


def may_compute(*, month: date, at: datetime) -> bool:
    """Tell whether a month can be computed, and has anything to compute: so the clock does not stumble over it."""
    try:
        _check_turn(month, at)
    except (MonthNotOver, MonthClosed, EarlierMonthOpen):
        return False
    return CommissionEntry.objects.filter(month=month).exists()


@verb
def compute(*, month: date, at: datetime, by: User | None = None) -> CommissionMonth:
    """Compute everybody's statement of a month that is over; again, only what changed is to be reviewed anew.

    What was provisional through the month vests; steps and the cap are reckoned by the scheme of its last day.
    Refuses: MonthNotOver, MonthClosed, EarlierMonthOpen.
    Writes: guides.commission_month.computed.
    """
    ledger.lock()
    month = clock.month_start(month)
    _check_turn(month, at)
    commissions.vest(as_of=clock.month_end(month), at=at, by=by)
    kept, _new = CommissionMonth.objects.get_or_create(month=month)
    given = _given(kept, at, by)
    _reckon_month(given)
    failpoint("commission_month.capped")
    sql.temporary("tmp_pay_figures", payroll.FIGURES, given)
    changed = sql.execute(STATE_ANEW, given)
    kept.state, kept.computed_at, kept.entry_id = State.COMPUTED, at, given["entry"]
    kept.save()
    failpoint("commission_month.computed")
    journal.write("guides.commission_month.computed", at=at, by=by, subject=_named(month), entry_id=given["entry"],
                  changed=changed)  # fmt: skip
    return kept


def _reckon_month(given: sql.Params) -> None:
    """Bring steps and the cap of the month to what they should be, where there are any or were."""
    had = {kind for (kind,) in sql.rows(RECKONED, given)}
    if given["step_from"] or "step" in had:
        sql.temporary("tmp_pay_sales", crediting.month_sales(private=False), given)
        ledger.open_accounts("SELECT user_id FROM tmp_pay_sales", given)
        ledger.begin()
        sql.execute(STEP, given)
        ledger.post(given)
    if given["most"] is not None or "cap" in had:
        ledger.begin()
        sql.execute(CAP, given)
        ledger.post(given)


@verb
def review(*, statement: CommissionStatement, seen_cents: int, at: datetime, by: User) -> CommissionStatement:
    """Say that a statement is right as it was seen, by its gross pay (cents); again, it stays as it was.

    Refuses: NotThatFar, StatementChanged, OwnStatement.
    Writes: guides.commission_statement.reviewed.
    """
    ledger.lock()
    _held(statement.month.month, State.COMPUTED)
    statement.refresh_from_db()
    if statement.account.user_id == by.pk:
        raise OwnStatement
    if statement.gross_cents != seen_cents:
        raise StatementChanged
    if statement.reviewed_at is None:
        line = journal.write("guides.commission_statement.reviewed", at=at, by=by, subject=str(statement.account_id))
        statement.reviewed_at, statement.reviewed_by, statement.entry_id = at, by, line.pk
        statement.save()
    return statement


@verb
def close(*, month: date, at: datetime, by: User | None = None, unreviewed: bool = False) -> CommissionMonth:
    """Close a computed month: what it came to is to be paid, what it could not bear is owed. It never moves again.

    `unreviewed` closes it although managers have not seen every statement.
    Refuses: NotThatFar, EarlierMonthOpen, StatementsStale, DisputesOpen, NotReviewed.
    Writes: guides.commission_month.closed.
    """
    ledger.lock()
    kept = _held(clock.month_start(month), State.COMPUTED)
    _check_turn(kept.month, at)
    given = _given(kept, at, by)
    _check_ready(kept, given, unreviewed=unreviewed)
    ledger.begin()
    sql.execute(SETTLE, given)
    settled = ledger.post(given)
    failpoint("commission_month.settled")
    kept.state, kept.closed_at, kept.entry_id = State.CLOSED, at, given["entry"]
    kept.save()
    failpoint("commission_month.closed")
    journal.write("guides.commission_month.closed", at=at, by=by, subject=_named(kept.month), entry_id=given["entry"],
                  persons=settled, unreviewed=unreviewed)  # fmt: skip
    return kept


def _check_ready(kept: CommissionMonth, given: sql.Params, *, unreviewed: bool) -> None:
    month = _named(kept.month)
    if stale := int(sql.rows(CHANGED, given)[0][0]):
        raise StatementsStale(count=stale, month=month)
    if waiting := CreditDispute.objects.open().filter(month__lte=kept.month).count():
        raise DisputesOpen(count=waiting, month=month)
    unseen = 0 if unreviewed else kept.statements.filter(reviewed_at__isnull=True).count()
    if unseen:
        raise NotReviewed(count=unseen, month=month)


@verb
def export(*, month: date, at: datetime, by: User | None = None) -> CommissionMonth:
    """Say that the pay of a closed month was handed to payroll; again, it stays as it was.

    Refuses: NotThatFar.
    Writes: guides.commission_month.exported.
    """
    ledger.lock()
    kept = _held(clock.month_start(month), State.CLOSED, State.EXPORTED, State.PAID)
    if kept.state == State.CLOSED:
        line = journal.write("guides.commission_month.exported", at=at, by=by, subject=_named(kept.month))
        kept.state, kept.exported_at, kept.entry_id = State.EXPORTED, at, line.pk
        kept.save()
    return kept


@verb
def pay(*, month: date, at: datetime, by: User | None = None) -> CommissionMonth:
    """Say that everybody's pay of an exported month was paid out: once.

    Refuses: NotThatFar.
    Writes: guides.commission_month.paid.
    """
    ledger.lock()
    kept = _held(clock.month_start(month), State.EXPORTED)
    given = _given(kept, at, by)
    ledger.begin()
    sql.execute(PAY, given)
    persons = ledger.post(given)
    failpoint("commission_month.paid")
    kept.state, kept.paid_at, kept.entry_id = State.PAID, at, given["entry"]
    kept.save()
    journal.write("guides.commission_month.paid", at=at, by=by, subject=_named(kept.month), entry_id=given["entry"],
                  persons=persons)  # fmt: skip
    return kept
