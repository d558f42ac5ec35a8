"""What a store's manager is told of her guides: notices they have still to read, problems that wait for an answer."""

from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from guides.models import Escalation
from guides.queries import notices
from stores.models import Store


def waits_beside(stores: QuerySet[Store], at: datetime) -> QuerySet[Any]:
    """Count beside stores: `unread` receipts, of how many `notices`; `escalations` that wait, too long if `late`."""
    unread = notices.unread(at).filter(post__store=OuterRef("pk"), post__until__isnull=True)
    waiting = Escalation.objects.filter(post__store=OuterRef("pk"), state=Escalation.State.OPEN)
    return stores.annotate(
        unread=_count(unread, Count("pk")),
        notices=_count(unread, Count("notice", distinct=True)),
        escalations=_count(waiting, Count("pk")),
        late=_count(waiting.filter(due_at__lte=at), Count("pk")),
    )


def _count(rows: QuerySet[Any], of: Count) -> Any:
    each = rows.order_by().values("post__store").annotate(n=of).values("n")
    return Coalesce(Subquery(each, output_field=IntegerField()), 0)
