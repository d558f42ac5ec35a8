"""What the brand still owes its members in points: by the month in which it ends."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from members.models import PointsAccount, PointsLot


@dataclass(frozen=True)
class Month:
    """Points that end in a month (None: never), those that may be spent and those that wait, of so many accounts."""

    first: date | None
    open: int
    pending: int
    members: int

    @property
    def named(self) -> str:
        """Name the month."""
        return f"{self.first:%Y-%m}" if self.first else "∞"


def by_month(user: object, today: date) -> list[Month]:
    """List the months in which points end that members within a person's sight hold; what has ended does not count."""
    holders = PointsAccount.objects.visible_to(user)
    lots = PointsLot.objects.filter(remaining__gt=0).filter(Q(expires_on__isnull=True) | Q(expires_on__gt=today))
    if holders.query.where:
        lots = lots.filter(account__in=holders)
    found = (
        lots.annotate(month=TruncMonth("expires_on")).values("month")
        .annotate(
            open=Sum("remaining", filter=Q(state="open"), default=0),
            pending=Sum("remaining", filter=Q(state="pending"), default=0),
            members=Count("account", distinct=True),
        )
        .order_by(F("month").asc(nulls_last=True))
    )  # fmt: skip
    return [Month(row["month"], row["open"], row["pending"], row["members"]) for row in found]


def total(months: list[Month]) -> tuple[int, int]:
    """Sum what may be spent, and what waits."""
    return sum(month.open for month in months), sum(month.pending for month in months)
