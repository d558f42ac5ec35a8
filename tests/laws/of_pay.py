"""Pay of guides of the small house: months paid, refunded late and computed, a dispute granted, and what breaks their laws."""

import uuid
from datetime import date

from guides.actions import commission_adjustments, commission_months, commissions, credits
from guides.actions.credits import Claim
from guides.models import Policy
from members.models import Order
from tests import earning, serving, world

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def told():
    """小美 was paid for April and owes some of it; May is computed; of two disputes one was granted."""
    earning.publish(Policy.Kind.LEVELS, earning.LEVELS)
    earning.publish(Policy.Kind.CREDITS, earning.CREDITS)
    earning.publish(Policy.Kind.COMMISSION, earning.SCHEME)
    for number, paid_at in (("C1", "2026-04-02"), ("C2", "2026-05-02"), ("C3", "2026-05-04"), ("C4", "2026-06-12")):
        world.buy(world.order(number, "100", f"{paid_at}T10:00:00", store_code="SH01", staff_no="G1"))
    commissions.settle_days(first=APRIL, last=date(2026, 7, 1), at=world.NOW)
    earning.settle(APRIL)
    world.refund({"order_no": "C1", "refund_no": "C", "amount": "50", "refunded_at": "2026-05-03T10:00:00"})
    commissions.settle_days(first=APRIL, last=MAY, at=world.NOW)
    given = {"reason": "两人接待", "at": world.NOW, "by": earning.boss()}
    credits.grant(dispute=claim("C2"), shares={serving.post("G2"): 10_000}, **given)
    claim("C4")
    commission_adjustments.adjust(user=serving.guide("G1"), month=MAY, cents=100, ref=uuid.uuid4(), **given)
    commission_months.compute(month=MAY, at=world.NOW)


def claim(order_no):
    """小丽 says an order is hers."""
    order = Order.objects.get(order_no=order_no)
    return credits.dispute(
        order=order, post=serving.post("G2"), claim=Claim("我接待的"), ref=uuid.uuid4(), at=world.NOW
    )


STATEMENT = "UPDATE guides_commissionstatement SET {} WHERE month_id = (SELECT id FROM guides_commissionmonth WHERE state = 'paid')"
ONE = "(SELECT min(id) FROM guides_commissionentry WHERE kind = 'accrue')"
LINED = ("policy", "policystart", "credit", "creditdispute", "commissionentry", "commissionstatement")
BREAKS = {
    **{
        f"the {column} commission of a guide is the sum of its entries": "UPDATE guides_commissionaccount"
        f" SET {column}_cents = {column}_cents + 1"
        for column in ("provisional", "vested", "payable", "paid", "debt")
    },
    "the shares of an order that is credited are the whole of it": "UPDATE guides_credit SET share_bp = share_bp - 1",
    "a credit is of an order that is there, or has ended": "UPDATE guides_credit SET order_id = -order_id",
    "no more is taken back of a line than it earned": "UPDATE guides_commissionentry SET role = 'sharer'"
    " WHERE kind = 'correct'",
    "what a line accrued is base × rate × share, half a cent up": "UPDATE guides_commissionentry"
    f" SET rate_bp = rate_bp + 100 WHERE id = {ONE}",
    "what is left of a line's commission is in proportion to what was given back": "UPDATE guides_commissionentry"
    " SET order_id = NULL WHERE kind = 'claw_back'",
    "through the day it vested nothing of a guide's commission is provisional": "UPDATE guides_commissionaccount"
    " SET vested_until = 'infinity'",
    "a statement of a closed month is what its entries earned": STATEMENT.format(
        "earned_cents = earned_cents + 1, recovered_cents = recovered_cents + 1"
    ),
    "what was earned in a closed month has a statement": "DELETE FROM guides_commissionstatement WHERE month_id ="
    " (SELECT id FROM guides_commissionmonth WHERE state = 'paid')",
    "each statement of a closed month is settled once, of a paid one paid once": STATEMENT.format(
        "gross_cents = gross_cents - 1, recovered_cents = recovered_cents + 1"
    ),
    **{f"every guides_{table} row has its journal line": f"UPDATE guides_{table} SET entry_id = -1" for table in LINED},
}
