"""Coupon plans of the cast, and what is done with them, by the product's own verbs."""

from datetime import datetime, timedelta
from typing import Any

from members.actions import code_batches, coupon_plans, coupons, redemptions
from members.actions.redemptions import Redemption
from members.models import Coupon, CouponPlan, Member
from members.queries.coupons import Purchase, Use
from stores.models import Store
from tests import world

USUAL: dict[str, Any] = {"name": "五元券", "kind": "amount", "amount_cents": 500, "days_valid": 30, "stock": 100}


def draft(code: str = "FIVE", **more: Any) -> CouponPlan:
    """A draft of a plan: 5 yuan off, valid for 30 days, 100 of them, one for each member."""
    confined = {name: more.pop(name) for name in coupon_plans.SCOPES if name in more}
    fields = {**USUAL, "code": code, **({"amount_cents": 0} if "kind" in more else {}), **more}
    return coupon_plans.keep(terms=coupon_plans.Terms(fields, confined), at=world.NOW)


def plan(code: str = "FIVE", **more: Any) -> CouponPlan:
    """An active plan."""
    row = coupon_plans.open_up(plan=draft(code, **more), at=world.NOW)
    assert row.state == "active", "worth more than one person opens"
    return row


def member(member_no: str = "V1") -> Member:
    """A member of the cast."""
    return Member.objects.get(member_no=member_no)


def coupon(of: CouponPlan, member_no: str = "V1", key: str = "", at: datetime = world.NOW) -> Coupon:
    """A coupon of a plan in a member's hand."""
    coupons.issue(plan=of, members=[member(member_no).pk], source="hand", key=key, at=at)
    return Coupon.objects.get(plan=of, member__member_no=member_no, given_key=key)


def use(code: str, source_no: str = "A1", amount: int = 10_000, store: str = "SH01", **more: Any) -> Use:
    """A coupon shown for a purchase of 100 yuan at SH01."""
    place = Store.objects.get(code=store)
    told = more.pop("told_cents", None)
    purchase = Purchase(amount, place.pk, place.region_id, **more)
    return Use(code, purchase, "pos", source_no, told)


def redeem(code: str, source_no: str = "A1", at: datetime = world.NOW, **more: Any) -> Redemption:
    """Redeem a coupon in a purchase."""
    return redemptions.redeem(use=use(code, source_no, **more), at=at)


def states() -> dict[str, int]:
    """How many coupons stand how."""
    found = list(Coupon.objects.values_list("state", flat=True))
    return {state: found.count(state) for state in sorted(set(found))}


def given(*member_nos: str, at_home: bool = False) -> None:
    """A plan of which each of these members has had two coupons and redeemed one, and a batch of its codes."""
    of = plan(per_member=2)
    for number in member_nos:
        store = member(number).home_store.code if at_home else "SH01"
        redeem(coupon(of, number, "a").code, f"C-{number}", store=store)
        coupon(of, number, "b")
    code_batches.make(plan=of, key="flyer", size=2, at=world.NOW)


LATER = world.NOW + timedelta(days=31)
