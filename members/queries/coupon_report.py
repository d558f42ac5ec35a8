"""What coupons brought: issued, redeemed and expired, discounts and purchases, by plan, by store, by week."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncWeek

from members.models import Coupon
from newretail.kernel import clock

MOST_PLANS, MOST_STORES, WEEKS = 50, 50, 12


@dataclass(frozen=True)
class Row:
    """A plan or a store: how its coupons stand, what they took off and off how much."""

    code: str
    name: str
    issued: int
    held: int
    redeemed: int
    expired: int
    discount_cents: int
    amount_cents: int

    @property
    def rate(self) -> float | None:
        """Give the share of issued coupons that were redeemed."""
        return self.redeemed / self.issued if self.issued else None


@dataclass(frozen=True)
class Week:
    """A week of redemptions, by its Monday."""

    first: date
    redeemed: int
    discount_cents: int


@dataclass(frozen=True)
class Report:
    """The report within a person's sight."""

    plans: list[Row]
    stores: list[Row]
    weeks: list[Week]

    @property
    def most(self) -> int:
        """Give the most redemptions of a store."""
        return max((row.redeemed for row in self.stores), default=0)


REDEEMED = Q(state=Coupon.State.REDEEMED)
COUNTS: dict[str, Any] = {
    "issued": Count("id"),
    "held": Count("id", filter=Q(state=Coupon.State.LOCKED)),
    "redeemed": Count("id", filter=REDEEMED),
    "expired": Count("id", filter=Q(state=Coupon.State.EXPIRED)),
    "discount_cents": Sum("discount_cents", default=0),
    "amount_cents": Sum("amount_cents", default=0),
}


def of(user: object) -> Report:
    """Report on the coupons within a person's sight; of a store, those that were redeemed there."""
    seen, redeemed = Coupon.objects.visible_to(user), Coupon.objects.redeemed_within(user)
    by_plan: Any = seen.values("plan__code", "plan__name")
    plans = by_plan.annotate(**COUNTS).order_by("-redeemed", "plan__code")
    stores: Any = redeemed.filter(store__isnull=False).values("store__code", "store__name").annotate(**COUNTS)
    weeks: Any = (
        redeemed.annotate(week=TruncWeek("redeemed_at", tzinfo=clock.brand_zone()))
        .values("week").annotate(redeemed=Count("id"), discount_cents=Sum("discount_cents", default=0))
        .order_by("-week")[:WEEKS]
    )  # fmt: skip
    return Report(
        [_row(each, "plan") for each in plans[:MOST_PLANS]],
        [_row(each, "store") for each in stores.order_by("-redeemed", "store__code")[:MOST_STORES]],
        [Week(each["week"].date(), each["redeemed"], each["discount_cents"]) for each in reversed(weeks)],
    )


def _row(given: dict[str, Any], of_what: str) -> Row:
    return Row(given[f"{of_what}__code"], given[f"{of_what}__name"], **{name: given[name] for name in COUNTS})
