"""On the page of an order: whose it is, what each share comes to and has earned so far, who disputes it."""

from typing import Any

from guides.models import CreditDispute
from guides.queries import standing
from members.models import Order
from newretail.kernel.verbadmin.panels import panel


@panel(Order, resource="guide_pay", template="admin/guides/credit/of_order.html")
def credits_of_order(user: Any, order: Order) -> dict[str, Any]:
    """Tell the credits of an order that are in sight, and the disputes about it."""
    disputes = CreditDispute.objects.visible_to(user).filter(order=order.pk).select_related("post__user")
    return {
        "order": order, "shares": standing.shares_of(user, order),
        "disputes": disputes.defer("photo").order_by("-raised_at", "-id"),
    }  # fmt: skip
