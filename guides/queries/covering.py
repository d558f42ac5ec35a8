"""Who is away, who can cover for her, and which of her tasks that concerns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from guides.models import Leave, Shift
from guides.queries.serving import colleagues_of
from stores.models import Post

# A leave `l` of a post has a task, given at any time, that is due within its days, or is overdue by then.
CONCERNS = """l.post_id = {task}.post_id AND l.back_on > (%(at)s::timestamptz AT TIME ZONE %(zone)s)::date
    AND {task}.due_at <= l.back_on::timestamp AT TIME ZONE %(zone)s
    AND greatest({task}.due_at, %(at)s) > l.first_on::timestamp AT TIME ZONE %(zone)s"""
# Who covers in a leave `l` and still serves, in order.
STANDING = """SELECT p.id FROM guides_leave_covers c JOIN stores_post p ON p.id = c.post_id
    WHERE c.leave_id = l.id AND p.until IS NULL ORDER BY p.id"""
# Whether the customer's task `w` goes to somebody who covers.
GOES = f"""w.member_id IS NOT NULL AND EXISTS (
      SELECT FROM guides_leave l CROSS JOIN LATERAL ({STANDING}) s WHERE {CONCERNS.format(task="w")})"""
# Tasks given by a line to who is away, dealt out to those who cover in turn, after those that they do for her already.
GIVEN = f"""
SELECT t.id, t.covers[1 + t.turn %% cardinality(t.covers)] AS post_id, t.post_id AS from_id, t.post_id AS covers_id,
  t.reason
FROM (SELECT k.id, k.post_id, l.reason, ARRAY({STANDING}) AS covers,
        (SELECT count(*) FROM guides_task o WHERE o.covers_id = k.post_id AND o.state = 'open')
        + row_number() OVER (PARTITION BY k.post_id ORDER BY k.due_at, k.id) - 1 AS turn
      FROM guides_task k JOIN guides_leave l ON {CONCERNS.format(task="k")}
      WHERE k.entry_id = %(entry)s AND k.member_id IS NOT NULL) t
WHERE cardinality(t.covers) > 0
"""
# Her open tasks for customers that are due in (since, until], or overdue by then, dealt out to those who cover in turn.
HANDED = """
SELECT l.id, (%(covers)s::bigint[])[1 + (row_number() OVER (ORDER BY l.due_at, l.id) - 1)
    %% cardinality(%(covers)s::bigint[])] AS post_id, l.post_id AS from_id, %(post)s::bigint AS covers_id,
    %(reason)s::text AS reason
FROM (SELECT id, due_at, post_id FROM guides_task
      WHERE post_id = %(post)s AND member_id IS NOT NULL AND state = 'open' AND due_at <= %(until)s
        AND greatest(due_at, %(at)s) > %(since)s ORDER BY id FOR NO KEY UPDATE) l
"""
# What others still have to do for somebody who holds her post goes back to her.
BACK = """
SELECT k.id, k.covers_id AS post_id, k.post_id AS from_id, NULL::bigint AS covers_id, '' AS reason
FROM guides_task k JOIN stores_post p ON p.id = k.covers_id AND p.until IS NULL
WHERE k.state = 'open' AND {whose} ORDER BY k.id FOR NO KEY UPDATE OF k
"""
RETURNED = BACK.format(whose="k.covers_id = %(post)s")
# For all whose leave it was given for is over.
OVER = BACK.format(
    whose=f"""k.covers_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM (SELECT k.covers_id AS post_id, k.due_at) c JOIN guides_leave l ON {CONCERNS.format(task="c")})"""
)


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
