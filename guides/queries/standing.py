"""How an order is credited: each share in sight with its money, since when, and what it has earned so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from guides.models import CommissionEntry, Credit
from guides.queries import crediting
from members.models import Order
from newretail.kernel.models import JournalEntry


@dataclass(frozen=True)
class Share:
    """A credit of an order: what its share comes to net of refunds, since when, what it brought her so far (cents)."""

    credit: Credit
    cents: int
    since: datetime | None
    earned_cents: int


def shares_of(user: Any, order: Order) -> list[Share]:
    """List the shares of an order that stand, of those who serve in a person's sight."""
    line = JournalEntry.objects.filter(pk=OuterRef("entry_id"))
    entries = CommissionEntry.objects.filter(order=order.pk, post=OuterRef("post"), role=OuterRef("role")).order_by()
    rows: QuerySet[Any] = Credit.objects.visible_to(user).current().filter(order=order.pk).annotate(
        since=Subquery(line.values("effective_at")),
        earned_cents=Coalesce(Subquery(entries.values("role").annotate(sum=Sum("amount_cents")).values("sum")), 0),
    )  # fmt: skip
    money = {(role, post): cents for role, post, _bp, cents in crediting.splits(order.pk)}
    return [
        Share(row, money[row.role, row.post_id], row.since, row.earned_cents)
        for row in rows.select_related("post__user", "post__store", "policy").order_by("pk")
        if (row.role, row.post_id) in money
    ]
