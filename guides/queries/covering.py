"""Who is away, who can cover for her, and which of her tasks that concerns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from guides.models import Leave, Shift
from guides.queries.serving import colleagues_of
from stores.models import Post

# Her open tasks for customers that are due in (since, until], or overdue by then, dealt out to those who cover in turn.
HANDED = """
SELECT l.id, (%(covers)s::bigint[])[1 + (row_number() OVER (ORDER BY l.due_at, l.id) - 1)
    %% cardinality(%(covers)s::bigint[])] AS post_id, l.post_id AS from_id, %(post)s::bigint AS covers_id
FROM (SELECT id, due_at, post_id FROM guides_task
      WHERE post_id = %(post)s AND member_id IS NOT NULL AND state = 'open' AND due_at <= %(until)s
        AND greatest(due_at, %(at)s) > %(since)s ORDER BY id FOR NO KEY UPDATE) l
"""
# What others still have to do for her, as long as she holds her post.
RETURNED = """
SELECT k.id, k.covers_id AS post_id, k.post_id AS from_id, NULL::bigint AS covers_id
FROM guides_task k JOIN stores_post p ON p.id = k.covers_id AND p.until IS NULL
WHERE k.covers_id = %(post)s AND k.state = 'open' ORDER BY k.id FOR NO KEY UPDATE OF k
"""


def open_leaves(posts: Iterable[Any], today: date) -> QuerySet[Leave]:
    """Give the leaves of these posts that are not over."""
    rows = Leave.objects.filter(post__in=list(posts), back_on__gt=today, first_on__lt=F("back_on"))
    return rows.select_related("post__user").order_by("first_on", "id")


def away(posts: Iterable[Any], first: date, last: date) -> set[tuple[int, date]]:
    """Name the days of a span on which these posts are away."""
    rows = Leave.objects.filter(post__in=list(posts), first_on__lte=last, back_on__gt=first)
    return {
        (leave.post_id, date.fromordinal(day))
        for leave in rows
        for day in range(max(leave.first_on, first).toordinal(), min(leave.back_on.toordinal(), last.toordinal() + 1))
    }


def at_hand(post: Post, first: date, back: date) -> list[int]:
    """List who of her store can cover: who works then by the roster, else all who are not away themselves."""
    gone = Leave.objects.filter(post=OuterRef("pk"), first_on__lt=back, back_on__gt=first)
    there = colleagues_of(post).filter(~Exists(gone)).order_by("pk")
    works = Shift.objects.filter(post=OuterRef("pk"), day__gte=first, day__lt=back).exclude(name="")
    return [each.pk for each in there.filter(Exists(works))] or [each.pk for each in there]
