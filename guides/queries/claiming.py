"""Orders that a guide may say are hers, of her customers or of her stores; what became of what she said."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from guides.models import CreditDispute
from guides.models.credits import WHOLE_BP
from guides.queries.serving import customers_of
from members.models import Member, Order
from newretail.kernel import sql
from stores.models import Post

SHOWN, RECENT_DAYS, DISPUTES_SHOWN = 30, 60, 30
HERS = """
o.member_id IN (SELECT m.id FROM members_member m WHERE m.id = ANY(%(customers)s)
  UNION ALL SELECT m.id FROM members_member m WHERE m.merged_into_id = ANY(%(customers)s))
"""
SOLD = "o.store_id = ANY(%(stores)s) AND o.sold_by_id = ANY(%(posts)s)"
LATELY = f"""
SELECT o.id FROM members_order o WHERE o.paid_at >= %(since)s AND {HERS}
UNION SELECT o.id FROM members_order o WHERE o.paid_at >= %(since)s AND {SOLD}
"""
NAMED = f"""
SELECT o.id FROM members_order o WHERE upper(o.order_no) = upper(%(order_no)s)
  AND (%(source)s = '' OR o.source = %(source)s) AND (o.store_id = ANY(%(stores)s) OR {HERS})
"""
# Her part of each of the orders {which}, whether it is credited at all, whether she waits for a decision about it.
STANDS = """
SELECT o.id, coalesce(sum(c.share_bp) FILTER (WHERE c.post_id = ANY(%(posts)s)), 0)::int AS part,
  count(c.id) > 0 AS credited, EXISTS (SELECT FROM guides_creditdispute d
    WHERE d.order_id = o.id AND d.post_id = ANY(%(posts)s) AND d.state = 'open') AS waits
FROM members_order o LEFT JOIN guides_credit c ON c.order_id = o.id AND c.end_entry_id IS NULL
WHERE o.id IN ({which}) GROUP BY o.id {having} ORDER BY o.paid_at DESC, o.id DESC LIMIT %(shown)s
"""
NOT_WHOLLY_HERS = """
HAVING count(c.id) > 0 AND coalesce(sum(c.share_bp) FILTER (WHERE c.post_id = ANY(%(posts)s)), 0) < %(whole)s
"""


@dataclass(frozen=True)
class Claimable:
    """An order, the customer while she is hers, the guide's part of it; whether she may claim it or waits already."""

    order: Order
    customer: Member | None
    share_bp: int
    credited: bool
    waits: bool

    @property
    def open(self) -> bool:
        """Tell whether she may say that it is hers: it is credited, not wholly to her, and nothing waits."""
        return self.credited and self.share_bp < WHOLE_BP and not self.waits


def lately(user: Any, posts: Sequence[Post], at: datetime) -> list[Claimable]:
    """List the newest orders of her customers, and those she sold, of which she has not the whole."""
    return _found(user, posts, LATELY, NOT_WHOLLY_HERS, since=at - timedelta(days=RECENT_DAYS))


def named(user: Any, posts: Sequence[Post], order_no: str, source: str = "") -> list[Claimable]:
    """Find orders by their number among those of her stores and of her customers; a source tells them apart."""
    return _found(user, posts, NAMED, "", order_no=order_no, source=source) if order_no else []


def _found(user: Any, posts: Sequence[Post], which: str, having: str, **more: Any) -> list[Claimable]:
    customers = {member.pk: member for member in customers_of(user).only("name", "member_no")}
    given: sql.Params = {
        "customers": list(customers), "posts": [post.pk for post in posts], "stores": [post.store_id for post in posts],
        "shown": SHOWN, "whole": WHOLE_BP, **more,
    }  # fmt: skip
    rows = sql.rows(STANDS.format(which=which, having=having), given)
    orders = Order.objects.select_related("store", "channel", "member").in_bulk([row[0] for row in rows])
    return [
        Claimable(orders[pk], _customer(orders[pk], customers), part, credited, waits)
        for pk, part, credited, waits in rows
    ]


def _customer(order: Order, customers: dict[int, Member]) -> Member | None:
    bought = order.member
    return customers.get(bought.merged_into_id or bought.pk) if bought else None


def post_for(order: Order, posts: Sequence[Post]) -> Post | None:
    """Give the post by which somebody claims an order: that of its store, else her first."""
    return next((post for post in posts if post.store_id == order.store_id), posts[0] if posts else None)


def disputes_of(user: Any) -> QuerySet[CreditDispute]:
    """Give what a person claimed and what became of it, the newest first."""
    rows = _told(CreditDispute.objects.filter(post__user=user)).select_related("by")
    return rows.order_by("-raised_at", "-id")


def disputes_in(user: Any) -> QuerySet[CreditDispute]:
    """Give what the guides in a person's sight claimed, never what she claimed herself; what waits first."""
    rows = _told(_of_others(user)).select_related("post__user", "by")
    return rows.order_by(F("decided_at").desc(nulls_first=True), "-raised_at", "-id")


def photo_in(user: Any, ref: uuid.UUID) -> bytes | None:
    """Give the photo handed in with a claim of a guide in a person's sight, None where there is none."""
    photo = _of_others(user).filter(ref=ref).values_list("photo", flat=True).first()
    return bytes(photo) if photo else None


def _of_others(user: Any) -> QuerySet[CreditDispute]:
    return CreditDispute.objects.visible_to(user).exclude(post__user=user)


def _told(rows: QuerySet[CreditDispute]) -> QuerySet[CreditDispute]:
    """Tell of each whether it came with a photo, and leave photos where they are."""
    return rows.defer("photo").annotate(has_photo=Q(photo__isnull=False))
