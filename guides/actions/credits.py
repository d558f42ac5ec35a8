"""Whose an order is, when that is disputed: a guide claims it, HQ decides; what is not closed can be credited anew."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.actions import commission_ledger as ledger
from guides.actions import commissions
from guides.actions.commission_months import MonthClosed
from guides.models import CommissionEntry, Credit, CreditDispute, Policy
from guides.models.credits import LONGEST_CLAIM, LONGEST_DECISION, WHOLE_BP
from guides.queries import payroll, policies
from members.models import Order
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

END = """
UPDATE guides_credit SET end_entry_id = %(entry)s WHERE order_id = %(order)s AND end_entry_id IS NULL
"""
# What nobody decided is credited anew by the rules: not what HQ gave.
END_MONTH = """
UPDATE guides_credit c SET end_entry_id = %(entry)s
WHERE c.end_entry_id IS NULL AND c.paid_at >= %(since)s AND c.paid_at < %(until)s AND NOT EXISTS (
  SELECT FROM guides_credit d WHERE d.order_id = c.order_id AND d.end_entry_id IS NULL AND d.role = 'decided')
  AND NOT EXISTS (SELECT FROM guides_commissionentry e WHERE e.order_id = c.order_id AND e.month < %(open_from)s)
"""


class BadClaim(Refused):
    """It does not say why."""

    code = "bad_claim"
    sentence = gettext_noop("Say in up to 400 characters why this order is yours.")


class DisputeOpen(Refused):
    """She waits for a decision already."""

    code = "dispute_open"
    sentence = gettext_noop("You have said so already: HQ has yet to decide.")


class AlreadyDecided(Refused):
    """It was decided before."""

    code = "already_decided"
    sentence = gettext_noop("This dispute is decided already.")


class BadDecision(Refused):
    """Shares are the whole of an order; a decision has a reason."""

    code = "bad_decision"
    sentence = gettext_noop("A decision says why; shares are above 0 and add up to 100 %.")


@dataclass(frozen=True)
class Claim:
    """Why she says that an order is hers: words, and a photo (JPEG) if she has one."""

    words: str
    photo: bytes | None = None


@verb
def dispute(*, order: Order, post: Post, claim: Claim, ref: uuid.UUID, at: datetime) -> CreditDispute:
    """Claim an order for a guide, as long as the month it is paid in is open; the same number claims it once.

    Refuses: BadClaim, DisputeOpen, MonthClosed.
    Writes: guides.credit_dispute.raised.
    """
    ledger.lock()
    done = CreditDispute.objects.filter(ref=ref).first()
    if done:
        return done
    words = claim.words.strip()
    if not 0 < len(words) <= LONGEST_CLAIM:
        raise BadClaim
    month = month_paid(order)
    if month < payroll.open_from():
        raise MonthClosed(month=f"{month:%Y-%m}")
    if CreditDispute.objects.open().filter(order=order, post=post).exists():
        raise DisputeOpen
    line = journal.write("guides.credit_dispute.raised", at=at, by=post.user, subject=str(ref))
    return CreditDispute.objects.create(
        ref=ref, order=order, order_no=order.order_no, month=month, post=post, words=words, photo=claim.photo,
        raised_at=at, entry_id=line.pk,
    )  # fmt: skip


def month_paid(order: Order) -> date:
    """Tell in which month what an order earns is paid: that of its entries, else of its return window's end."""
    earned = CommissionEntry.objects.filter(order=order, kind="accrue").order_by("-month").first()
    if earned:
        return earned.month
    day = clock.business_day(order.paid_at)
    scheme = policies.in_force(Policy.Kind.COMMISSION, day)
    vests = date.fromordinal(day.toordinal() + (scheme.terms.return_days if scheme else 0))
    return clock.month_start(vests)


@verb
def decline(*, dispute: CreditDispute, reason: str, at: datetime, by: User) -> CreditDispute:
    """Leave an order as it is credited, with a reason.

    Refuses: AlreadyDecided, BadDecision.
    Writes: guides.credit_dispute.declined.
    """
    ledger.lock()
    _check(dispute, reason)
    line = journal.write("guides.credit_dispute.declined", at=at, by=by, subject=str(dispute.ref))
    return _decide(dispute, CreditDispute.State.DECLINED, reason, line.pk, at, by)


@verb
def grant(*, dispute: CreditDispute, shares: Mapping[Post, int], reason: str, at: datetime, by: User) -> CreditDispute:
    """Credit an order anew by decision: these guides have these shares (basis points) of it, and nobody else.

    What it earned goes from who had it to who has it, as long as the month it is paid in is open.
    Refuses: AlreadyDecided, BadDecision, MonthClosed.
    Writes: guides.credit_dispute.granted, guides.commission.settled.
    """
    ledger.lock()
    _check(dispute, reason)
    if not shares or min(shares.values()) <= 0 or sum(shares.values()) != WHOLE_BP:
        raise BadDecision
    if dispute.month < payroll.open_from():
        raise MonthClosed(month=f"{dispute.month:%Y-%m}")
    order = Order.objects.get(pk=dispute.order_id)
    line = journal.write("guides.credit_dispute.granted", at=at, by=by, subject=str(dispute.ref))
    sql.execute(END, {"order": order.pk, "entry": line.pk})
    Credit.objects.bulk_create(
        Credit(order=order, role=Credit.Role.DECIDED, post=post, share_bp=bp, paid_at=order.paid_at, own=True,
               entry_id=line.pk)
        for post, bp in shares.items()
    )  # fmt: skip
    failpoint("credits.granted")
    commissions.settle(line=line.pk, facts={}, at=at, by=by)
    return _decide(dispute, CreditDispute.State.GRANTED, reason, line.pk, at, by)


def _check(dispute: CreditDispute, reason: str) -> None:
    dispute.refresh_from_db()
    if dispute.state != CreditDispute.State.OPEN:
        raise AlreadyDecided
    if not 0 < len(reason.strip()) <= LONGEST_DECISION:
        raise BadDecision


def _decide(
    dispute: CreditDispute, state: str, reason: str, line: int, at: datetime, by: User
) -> CreditDispute:  # fmt: skip
    dispute.state, dispute.decision, dispute.decided_at, dispute.by = state, reason.strip(), at, by
    dispute.end_entry_id = line
    dispute.save()
    return dispute


@verb
def recompute(*, month: date, at: datetime, by: User | None = None) -> dict[str, int]:
    """Credit the orders paid in a month anew by the rules and bonds as they are known now, where nobody decided.

    What was paid in a closed month stays. Returns counts: credits, entries.
    Writes: guides.credit.recomputed, guides.commission.settled.
    """
    ledger.lock()
    month = clock.month_start(month)
    until = clock.month_after(month)
    given = {
        **ledger.params(entry=journal.reserve(), at=at, by=by),
        "since": clock.day_start(month), "until": clock.day_start(until),
    }  # fmt: skip
    sql.execute(END_MONTH, given)
    journal.write("guides.credit.recomputed", at=at, by=by, entry_id=given["entry"], month=f"{month:%Y-%m}")
    return commissions.settle_days(first=month, last=until, at=at, by=by)
