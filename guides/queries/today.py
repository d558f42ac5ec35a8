"""A guide's list of today: what is due, overdue and done, each card with its reason and its words filled in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from guides.models import Brief, Task
from members.models import Touch
from members.queries import consents
from newretail.kernel import clock, sql

PLACE = re.compile(r"\{(\w+)\}", re.ASCII)
CHANNEL = "wecom"
GATE = f"""
SELECT t.ref::text, {consents.WHY_NOT} FROM members_member m JOIN (
  SELECT k.ref, k.member_id, b.purpose, %(channel)s::text AS channel FROM guides_task k
  JOIN guides_brief b ON b.id = k.brief_id WHERE k.ref = ANY(%(refs)s::uuid[])) t ON t.member_id = m.id
"""


def filled(text: str, facts: dict[str, Any], name: str = "") -> str:
    """Fill the places of a brief's words; a place nobody knows stays empty."""
    known = {**facts, "name": name}
    return PLACE.sub(lambda match: str(known.get(match[1], "")), text)


@dataclass(frozen=True)
class Card:
    """A task as it is shown: whom it is for, why, what to say; `shut` tells why she may not be contacted."""

    task: Task
    name: str
    why: str
    words: str
    overdue: bool
    shut: str = ""

    @property
    def sign(self) -> str:
        """Give the sign by which she is drawn."""
        return self.name[:1] or "·"

    @property
    def number(self) -> str:
        """Give the task's number as text."""
        return str(self.task.ref)

    @property
    def shares(self) -> bool:
        """Tell whether there is a material to share with her, and she may be contacted."""
        return bool(self.task.brief.material and self.words and not self.shut)


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


def gates(tasks: Sequence[Task], at: datetime) -> dict[str, str]:
    """Tell of tasks, by their number, why the member may not be contacted; nothing where she may."""
    refs = [str(task.ref) for task in tasks if task.member_id and task.state == Task.State.OPEN]
    if not refs:
        return {}
    found = sql.rows(GATE, {"refs": refs, "channel": CHANNEL, **consents.gate(at)})
    return {ref: str(Touch.Reason(why).label) for ref, why in found if why}


def cards_of(tasks: Sequence[Task], at: datetime) -> list[Card]:
    """Make cards of tasks with their brief and member."""
    shut = gates(tasks, at)
    return [_card(task, at, shut.get(str(task.ref), "")) for task in tasks]


def _card(task: Task, at: datetime, shut: str) -> Card:
    name = (task.member.name or task.member.member_no) if task.member else ""
    brief = task.brief
    return Card(
        task, name, filled(brief.why, task.facts, name), filled(brief.words, task.facts, name),
        task.state == Task.State.OPEN and task.due_at <= at, shut,
    )  # fmt: skip


def today(posts: Sequence[int], *, at: datetime, reason: str = "", most: int = 30) -> Today:
    """Give the list of a guide's posts: first what is urgent, then what is due first; what is put off waits."""
    rows = Task.objects.filter(post__in=posts)
    waiting = rows.open().filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at))
    counted = list(
        waiting.values_list("brief__reason").annotate(n=Count("id"), late=Count("id", filter=Q(due_at__lte=at)))
    )
    chosen = waiting.filter(brief__reason=reason) if reason else waiting
    shown = chosen.select_related("brief__coupon_plan", "brief__material", "member__level").order_by(
        "brief__priority", "due_at", "id"
    )
    found = list(shown[: most + 1])
    day = clock.day_start(clock.business_day(at))
    monday = clock.day_start(clock.business_day(at) - timedelta(days=clock.business_day(at).weekday()))
    ended = rows.filter(state__in=[Task.State.DONE, Task.State.CHECKING], ended_at__gte=monday)
    done = list(
        ended.filter(ended_at__gte=day).select_related("brief__material", "member__level").order_by("-ended_at")[:most]
    )
    return Today(
        cards=cards_of(found[:most], at),
        done=cards_of(done, at),
        reasons=sorted(
            ((name, str(Brief.Reason(name).label), count) for name, count, _late in counted),
            key=lambda each: (-each[2], each[0]),
        ),
        open=sum(count for _name, count, _late in counted),
        overdue=sum(late for _name, _count, late in counted),
        done_this_week=ended.count(),
        more=len(found) > most,
    )  # fmt: skip
