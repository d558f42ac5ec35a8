"""Commission in the tests: policies that are easy to reckon with, orders of 小美 and 小丽, what the books say."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum

from guides.actions import commission_months, policies
from guides.models import Bond, CommissionAccount, CommissionEntry, CommissionMonth, Credit, Policy
from newretail.kernel import clock
from newretail.kernel.actions import relay
from newretail.kernel.models import Pending, User
from newretail.kernel.verbs import verb
from tests import serving, world

FIRST = date(2026, 1, 1)
LEVELS = {"levels": [{"level": 1, "low_cents": 0, "high_cents": 800_000}, {"level": 2, "low_cents": 800_000}]}
CREDITS = {"channels": {"*": {"seller": 10_000}, "mall": {"bonded": 7_000, "sharer": 3_000}}}
SCHEME: dict[str, Any] = {"levels": {"1": 300, "2": 500}, "return_days": 7, "recovery_bp": 3_000}
HELD = ("provisional", "vested", "payable", "paid", "debt")


def publish(kind: str, terms: dict[str, Any], starts_on: date = FIRST) -> Policy:
    """Keep and publish a version of a policy."""
    at = clock.day_start(starts_on) - timedelta(days=1)
    policy = policies.keep(kind=kind, terms=terms, at=at)
    policies.publish(policy=policy, starts_on=starts_on, at=at)
    return policy


def shops(scheme: dict[str, Any] | None = None, **more: Any) -> None:
    """The guides of `serving`, with policies since January: 3 % at level 1, 5 % at level 2, vested after a week."""
    serving.shops()
    publish(Policy.Kind.LEVELS, LEVELS)
    publish(Policy.Kind.CREDITS, CREDITS)
    publish(Policy.Kind.COMMISSION, {**(scheme or SCHEME), **more})


def hear() -> None:
    """Let everything be heard; whoever stumbles over it says so."""
    relay.drain(at=world.NOW)
    assert not list(Pending.objects.exclude(error="").values_list("handler", "error"))


def buy(order_no: str = "A1", amount: str = "100.00", paid_at: str = "2026-06-10", **more: Any) -> None:
    """张三 buys from 小美, unless said otherwise; everything that hears of it has heard it."""
    row = {"member_no": "V1", "store_code": "SH01", "staff_no": "G1", **more}
    world.buy(world.order(order_no, amount, paid_at, **row))
    hear()


def refund(amount: str, refund_no: str = "R1", order_no: str = "A1", **more: Any) -> None:
    """Give some of it back."""
    at = more.pop("refunded_at", "2026-06-12")
    world.refund({"order_no": order_no, "refund_no": refund_no, "amount": amount, "refunded_at": at, **more})
    hear()


def held(staff_no: str = "G1") -> tuple[int, ...]:
    """What her account holds: provisional, vested, payable, paid, debt (cents)."""
    account = CommissionAccount.objects.filter(user__staff_no=staff_no).first()
    return tuple(getattr(account, f"{name}_cents") for name in HELD) if account else (0,) * len(HELD)


def moves(staff_no: str = "G1") -> list[tuple[str, int]]:
    """The moves of her account: kind, amount (cents)."""
    found = CommissionEntry.objects.filter(account__user__staff_no=staff_no).order_by("id")
    return list(found.values_list("kind", "amount_cents"))


def earned(staff_no: str = "G1") -> int:
    """All she has earned by her entries (cents)."""
    found = CommissionEntry.objects.filter(account__user__staff_no=staff_no)
    return found.aggregate(sum=Sum("amount_cents"))["sum"] or 0


def credits_of(order_no: str = "A1") -> list[tuple[str, str | None, int]]:
    """Whose an order is: role, guide, share (basis points)."""
    found = Credit.objects.current().filter(order__order_no=order_no).order_by("role", "post")
    return list(found.values_list("role", "post__user__staff_no", "share_bp"))


def settle(month: date, *, pay: bool = True, at: datetime = world.NOW) -> CommissionMonth:
    """Bring a month all the way: computed, closed, exported, paid."""
    by = boss()
    commission_months.compute(month=month, at=at, by=by)
    kept = commission_months.close(month=month, at=at, by=by, unreviewed=True)
    if pay:
        commission_months.export(month=month, at=at, by=by)
        kept = commission_months.pay(month=month, at=at, by=by)
    return kept


@verb
def _new_boss() -> User:
    return User.objects.create(username="boss", name="总部", is_superuser=True)


def boss() -> User:
    """Somebody at HQ."""
    return User.objects.filter(username="boss").first() or _new_boss()


@verb
def serve_since(member_no: str, began_at: str) -> None:
    """Let the guide who serves a member have served her for longer."""
    Bond.objects.open().filter(member__member_no=member_no).update(began_at=datetime.fromisoformat(began_at))
