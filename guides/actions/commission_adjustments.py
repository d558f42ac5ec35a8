"""Adjust what a person earned, or forgive what she owes, by hand and with a reason: HQ's alone."""

import uuid
from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.actions import commission_ledger as ledger
from guides.actions.commission_months import MonthClosed
from guides.models import CommissionAccount, CommissionEntry
from guides.models.commissions import LONGEST_REASON
from guides.queries import payroll
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.money import MAX_CENTS
from newretail.kernel.verbs import Refused, verb

MOVE = """
INSERT INTO tmp_pay_moves (account_id, kind, month, vested, debt, ref, reason)
VALUES (%(account)s, %(kind)s, %(month)s, %(vested)s, %(debt)s, %(ref)s, %(reason)s)
"""


class BadPayAdjustment(Refused):
    """It says nothing."""

    code = "bad_adjustment"
    sentence = gettext_noop("An adjustment is of an amount, and says why in up to 200 characters.")


class AnotherPayAdjustment(Refused):
    """The number stands for another adjustment."""

    code = "another_adjustment"
    sentence = gettext_noop("This number stands for another adjustment already.")


class MoreThanOwed(Refused):
    """No more is forgiven than is owed."""

    code = "more_than_owed"
    sentence = gettext_noop("No more can be written off than is owed.")


@verb
def adjust(
    *, user: User, month: date, cents: int, reason: str, ref: uuid.UUID, at: datetime, by: User
) -> CommissionEntry:
    """Give a person an amount (cents) of an open month, or take one, with a reason; the same number gives it once.

    Refuses: BadPayAdjustment, AnotherPayAdjustment, MonthClosed.
    Writes: guides.commission.adjusted.
    """
    return _move(user, clock.month_start(month), "adjust", cents, reason=reason, ref=ref, at=at, by=by)


@verb
def write_off(*, user: User, cents: int, reason: str, ref: uuid.UUID, at: datetime, by: User) -> CommissionEntry:
    """Forgive a person what she owes, or a part of it (cents > 0), with a reason; the same number forgives it once.

    Refuses: BadPayAdjustment, AnotherPayAdjustment, MoreThanOwed.
    Writes: guides.commission.written_off.
    """
    if cents <= 0:
        raise BadPayAdjustment
    month = max(payroll.open_from(), clock.month_start(clock.business_day(at)))
    return _move(user, month, "write_off", cents, reason=reason, ref=ref, at=at, by=by)


LINES = {"adjust": "guides.commission.adjusted", "write_off": "guides.commission.written_off"}


def _move(
    user: User, month: date, kind: str, cents: int, *, reason: str, ref: uuid.UUID, at: datetime, by: User
) -> CommissionEntry:
    reason = reason.strip()
    if not cents or abs(cents) > MAX_CENTS or not 0 < len(reason) <= LONGEST_REASON:
        raise BadPayAdjustment
    ledger.lock()
    given = ledger.params(entry=journal.reserve(), at=at, by=by)
    done = CommissionEntry.objects.filter(ref=ref).first()
    if done:
        if (done.account.user_id, done.kind, done.amount_cents, done.reason) != (user.pk, kind, cents, reason):
            raise AnotherPayAdjustment
        return done
    if month < given["open_from"]:
        raise MonthClosed(month=f"{month:%Y-%m}")
    ledger.open_accounts("SELECT %(user)s::bigint AS user_id", {**given, "user": user.pk})
    account = CommissionAccount.objects.get(user=user)
    forgives = kind == "write_off"
    if forgives and account.debt_cents < cents:
        raise MoreThanOwed
    ledger.begin()
    sql.execute(MOVE, {
        "account": account.pk, "kind": kind, "month": month, "vested": 0 if forgives else cents,
        "debt": -cents if forgives else 0, "ref": ref, "reason": reason,
    })  # fmt: skip
    ledger.post(given)
    journal.write(LINES[kind], at=at, by=by, subject=str(user.pk), entry_id=given["entry"], cents=cents)
    return CommissionEntry.objects.get(ref=ref)
