"""Coupons follow what happens: who joins is given hers, what is refunded comes back."""

from datetime import timedelta

from members.actions import coupons, redemptions
from members.queries import coupon_givings
from newretail.kernel import clock
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears

FRESH = timedelta(days=2)  # what happened longer ago starts nothing


@hears("members.member.recorded", "members.order.recorded")
def give_coupons(entry: JournalEntry) -> None:
    """Give the members of a line what active plans give them for joining."""
    if clock.now() - entry.effective_at > FRESH:
        return
    for plan, wishes in coupon_givings.of_line(entry.pk, clock.business_day(entry.effective_at)):
        coupons.give(plan=plan, wishes=wishes, at=entry.effective_at)


@hears("members.refund.recorded")
def return_coupons(entry: JournalEntry) -> None:
    """Give the coupons of purchases back that the line's refunds have refunded whole."""
    redemptions.return_refunded(line=entry.pk, at=entry.effective_at)
