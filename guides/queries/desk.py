"""What a store's manager is told of her guides: notices they have still to read, problems that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from guides.models import Escalation
from guides.queries import notices
from stores.models import Store

NOTICES_SHOWN, NAMED = 3, 5


@dataclass(frozen=True)
class Unread:
    """A notice that these of a store have still to read, by name."""

    pk: int
    ref: str
    title: str
    names: list[str]

    @property
    def named(self) -> str:
        """Name the first of them."""
        return "、".join(self.names[:NAMED])

    @property
    def more(self) -> bool:
        """Tell whether there are others."""
        return len(self.names) > NAMED


def waits_beside(stores: QuerySet[Store], at: datetime) -> QuerySet[Any]:
    """Count beside stores: `unread` receipts, of how many `notices`; `escalations` that wait, too long if `late`.

    `unread_first` are the first of these notices, for `unread_of`.
    """
    unread = notices.unread(at).filter(post__store=OuterRef("pk"), post__until__isnull=True)
    waiting = Escalation.objects.filter(post__store=OuterRef("pk"), state=Escalation.State.OPEN)
    return stores.annotate(
        unread=_count(unread, Count("pk")),
        notices=_count(unread, Count("notice", distinct=True)),
        unread_first=_first(unread),
        escalations=_count(waiting, Count("pk")),
        late=_count(waiting.filter(due_at__lte=at), Count("pk")),
    )


def unread_of(store: Any) -> list[Unread]:
    """Read the first notices that somebody of a store has still to read, of a store that `waits_beside` gave."""
    return [Unread(**each) for each in store.unread_first]


def _first(unread: QuerySet[Any]) -> ArraySubquery:
    """Name who has not read each notice: what must be read first, then the oldest."""
    name = Coalesce(NullIf("post__user__name", Value("")), "post__user__username")
    told = JSONObject(
        pk="notice_id", ref="notice__ref", title="notice__title", names=ArrayAgg(name, order_by=[name, "pk"])
    )
    each = unread.order_by("-notice__must_read", "notice_id").values("notice_id").annotate(told=told)
    return ArraySubquery(each.values("told")[:NOTICES_SHOWN])


def _count(rows: QuerySet[Any], of: Count) -> Any:
    each = rows.order_by().values("post__store").annotate(n=of).values("n")
    return Coalesce(Subquery(each, output_field=IntegerField()), 0)
