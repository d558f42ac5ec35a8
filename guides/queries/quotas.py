"""How many coupons a guide may still hand out this month, and of which plans."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from members.models import CouponPlan
from newretail.kernel import brand, clock, sql
from stores.models import Post

OFFERED = 12
# What is set for the guide `t.post`, else the brand's usual number; and how many she has handed out in a month.
MOST = "coalesce((SELECT q.a_month FROM guides_couponquota q WHERE q.post_id = t.post), %(usual)s::int)"
HANDED = "(SELECT count(*) FROM guides_couponhandout h WHERE h.post_id = t.post AND h.month = %(month)s)"
USED = f"SELECT {MOST}, {HANDED} FROM (SELECT %(post)s::bigint AS post) t"


@dataclass(frozen=True)
class Quota:
    """How many coupons a guide may hand out in a month, and how many she has."""

    most: int
    used: int

    @property
    def left(self) -> int:
        """Tell what is left."""
        return max(0, self.most - self.used)


def month_of(at: datetime) -> date:
    """Give the first day of the month."""
    return clock.business_day(at).replace(day=1)


def quota_of(post_id: int, at: datetime) -> Quota:
    """Tell what a guide may hand out this month, and what she has."""
    usual = int(brand.setting("guide_coupons_a_month"))
    (found,) = sql.rows(USED, {"post": post_id, "month": month_of(at), "usual": usual})
    return Quota(*found)


def offered(post: Post, at: datetime) -> QuerySet[CouponPlan]:
    """Give the plans of which she may hand out coupons: issued by hand, in force, with stock, good in her store."""
    today = clock.business_day(at)
    here = Q(stores__isnull=True, regions__isnull=True) | Q(stores=post.store_id) | Q(regions__store=post.store_id)
    open_ones = CouponPlan.objects.filter(
        Q(first_on__isnull=True) | Q(first_on__lte=today), Q(last_on__isnull=True) | Q(last_on__gte=today),
        state=CouponPlan.State.ACTIVE, given_on=CouponPlan.GivenOn.HAND, issued__lt=F("stock"),
    )  # fmt: skip
    return open_ones.filter(pk__in=CouponPlan.objects.filter(here).values("pk")).order_by("name", "pk")


def plans_for(post: Post, at: datetime) -> list[CouponPlan]:
    """List the plans that a page offers her to hand out."""
    return list(offered(post, at)[:OFFERED])
