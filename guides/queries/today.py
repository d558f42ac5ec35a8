"""A guide's list of today: what is due, overdue and done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from guides.models import Brief, Task
from guides.queries.cards import Card, cards_of, carried
from newretail.kernel import clock


@dataclass(frozen=True)
class Today:
    """The list of a day: cards, how many there are by reason, how many overdue, how many done this week."""

    cards: list[Card]
    done: list[Card]
    reasons: list[tuple[str, str, int]]
    open: int
    overdue: int
    done_this_week: int
    more: bool


def today(posts: Sequence[int], *, at: datetime, reason: str = "", most: int = 30) -> Today:
    """Give the list of a guide's posts: first what is urgent, then what is due first; what is put off waits."""
    rows = Task.objects.filter(post__in=posts)
    day = clock.day_start(clock.business_day(at))
    monday = clock.day_start(clock.business_day(at) - timedelta(days=clock.business_day(at).weekday()))
    waits = Q(state=Task.State.OPEN, expires_at__gt=at) & (Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at))
    ended_since = Q(state__in=[Task.State.DONE, Task.State.CHECKING], ended_at__gte=monday)
    waiting, ended = rows.filter(waits), rows.filter(ended_since)
    counted = list(
        rows.filter(waits | ended_since).values_list("brief__reason").annotate(
            n=Count("id", filter=waits), late=Count("id", filter=waits & Q(due_at__lte=at)),
            ended=Count("id", filter=ended_since),
        )
    )  # fmt: skip
    chosen = waiting.filter(brief__reason=reason) if reason else waiting
    first = carried(chosen).order_by("brief__priority", "due_at", "id")[: most + 1]
    last = carried(ended.filter(ended_at__gte=day)).order_by("-ended_at")[:most]
    both = list(first.union(last, all=True))
    found = sorted((task for task in both if task.state == Task.State.OPEN), key=_urgency)
    done = sorted((task for task in both if task.state != Task.State.OPEN), key=_end, reverse=True)
    cards = cards_of(found[:most] + done, at)
    return Today(
        cards=cards[: len(found[:most])],
        done=cards[len(found[:most]) :],
        reasons=sorted(
            ((name, str(Brief.Reason(name).label), count) for name, count, _late, _ended in counted if count),
            key=lambda each: (-each[2], each[0]),
        ),
        open=sum(count for _name, count, _late, _ended in counted),
        overdue=sum(late for _name, _count, late, _ended in counted),
        done_this_week=sum(done for _name, _count, _late, done in counted),
        more=len(found) > most,
    )  # fmt: skip


def _urgency(task: Task) -> tuple[int, datetime, int]:
    return task.brief.priority, task.due_at, task.pk


def _end(task: Task) -> datetime:
    return task.ended_at or task.due_at
