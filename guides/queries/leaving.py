"""Guides whose customers can be handed over: who left and still has some, and who serves in a store now."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from guides.models import Bond, Task
from guides.queries.serving import SERVES
from stores.models import Post

SHOWN = 200


@dataclass(frozen=True)
class Guide:
    """A post with customers: how many, how many tasks go along with them, whether she has left it."""

    post: Post
    customers: int
    tasks: int
    left: bool


def guides(user: Any, *, store: str = "") -> list[Guide]:
    """List who left customers behind within sight, most of them first; of one store also who serves there."""
    left = Q(until__isnull=False) | Q(user__is_active=False) | ~Q(role__in=SERVES)
    rows = _with_customers(user).annotate(has_left=Count("pk", filter=left))
    chosen = rows.filter(store__code=store) if store else rows.filter(left)
    shown = chosen.select_related("user", "store").order_by("-has_left", "-customers", "pk")[:SHOWN]
    return [Guide(row, row.customers, row.open_tasks, bool(row.has_left)) for row in shown]


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.filter(post=OuterRef("pk")).order_by().values("post").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _with_customers(user: Any) -> QuerySet[Any]:
    tasks = Task.objects.filter(state__in=[Task.State.OPEN, Task.State.CHECKING], member__isnull=False)
    rows: QuerySet[Any] = Post.objects.annotate(
        customers=_count(Bond.objects.open().visible_to(user)), open_tasks=_count(tasks)
    )
    return rows.filter(customers__gt=0)


def guide(user: Any, store: str, staff_no: str) -> Guide | None:
    """Find one of them by store and staff number."""
    found = guides(user, store=store) if store and "\0" not in store else []
    return next((each for each in found if each.post.user.staff_no == staff_no), None)
