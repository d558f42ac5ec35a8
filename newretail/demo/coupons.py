"""Coupons of the demo: plans that ship, a sale's, one that awaits approval; given and redeemed with real purchases."""

from datetime import date, timedelta

from members.actions import code_batches, coupon_plans, coupons, redemptions
from members.actions.coupon_plans import Terms
from members.models import CouponPlan, Member
from members.queries import coupon_givings
from members.queries.coupons import Purchase, Use
from newretail.kernel import clock, sql

DAYS_BACK = 70
MOST_REDEEMED = 900
OF_THE_SALE = 1_200
PLANS = (
    {"code": "SALE-20", "name": "换季满 200 减 20", "kind": "amount", "amount_cents": 2_000, "threshold_cents": 20_000,
     "days_valid": 90, "stock": 2_400, "stacks": "others"},
    {"code": "SHIP", "name": "会员包邮券", "kind": "shipping", "cap_cents": 1_000, "days_valid": 120, "stock": 3_000},
    {"code": "GRAND", "name": "周年庆满 300 减 50", "kind": "amount", "amount_cents": 5_000, "threshold_cents": 30_000,
     "days_valid": 15, "stock": 20_000},
)  # fmt: skip
# Each coupon with the first purchase of its owner that it would have counted for; a purchase takes one coupon.
USABLE = """
SELECT DISTINCT ON (t.source, t.order_no) t.* FROM (
  SELECT DISTINCT ON (c.id) c.code, o.source, o.order_no, o.amount_cents, o.store_id, s.region_id, o.paid_at
  FROM members_coupon c JOIN members_couponplan p ON p.id = c.plan_id
  JOIN members_order o ON o.member_id = c.member_id AND o.paid_at >= c.valid_from AND o.paid_at < c.valid_until
    AND o.amount_cents >= p.threshold_cents AND o.store_id IS NOT NULL AND o.amount_cents > 0
  JOIN stores_store s ON s.id = o.store_id
  WHERE c.state = 'issued' AND p.kind <> 'shipping' ORDER BY c.id, o.paid_at, o.order_no) t
ORDER BY t.source, t.order_no, t.code
"""


def give(*, today: date) -> int:
    """Give and redeem the coupons of the last weeks, once; how many were issued."""
    if CouponPlan.objects.exists():
        return 0
    first = today - timedelta(days=DAYS_BACK)
    began = clock.day_start(first)
    drafts = coupon_plans.add_examples(at=began)
    drafts += [coupon_plans.keep(terms=Terms(dict(each)), at=began) for each in PLANS]
    plans = {plan.code: coupon_plans.open_up(plan=plan, at=began) for plan in drafts}
    for number in range(DAYS_BACK):
        _give_of_day(first + timedelta(days=number))
    ids = list(Member.objects.order_by("seat").values_list("pk", flat=True)[:OF_THE_SALE])
    coupons.issue(plan=plans["SALE-20"], members=ids, source="hand", key="换季", at=began)
    code_batches.make(plan=plans["SHIP"], key="包裹卡", size=300, at=began)
    _redeem()
    coupons.expire(at=clock.day_start(today))
    return sum(CouponPlan.objects.values_list("issued", flat=True))


def _give_of_day(day: date) -> None:
    at = clock.day_start(day) + timedelta(minutes=10)
    for plan, wishes in coupon_givings.of_day(day):
        coupons.give(plan=plan, wishes=wishes, at=at)


def _redeem() -> None:
    """Redeem coupons with purchases that were made, in the order of their time."""
    found = sorted(sql.rows(USABLE), key=lambda row: (row[6], row[2]))
    step = max(1, len(found) // MOST_REDEEMED)
    for code, source, number, cents, store, region, paid_at in found[::step]:
        purchase = Purchase(cents, store, region)
        redemptions.redeem(use=Use(code, purchase, source, number), at=paid_at)
