"""A task as a card shows it: whom it is for and why, its words filled in, what may be done for her by a tap."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from guides.models import Task, TaskPhoto
from guides.queries import asking, quotas
from guides.queries.asking import Asked
from members.models import Touch
from members.queries import consents
from newretail.kernel import brand, sql

CARRIED = ("brief__coupon_plan", "brief__material", "member__level", "covers__user")
PLACE = re.compile(r"\{(\w+)\}", re.ASCII)
# What of the members of open tasks decides over a card: the gate of consent by WeCom and by phone, the contact's number
# in WeCom where the brand has an app, whether the task's coupon was handed out and how many are left to the guide.
STANDS = f"""
SELECT t.ref::text, {consents.WHY_NOT},
  EXISTS (SELECT FROM members_member r WHERE r.id = coalesce(m.merged_into_id, m.id) AND r.phone <> '')
    AND (SELECT {consents.WHY_NOT} FROM (SELECT 'call'::text AS channel, t.purpose AS purpose) t) = '',
  CASE WHEN (SELECT a.corp_id <> '' FROM guides_wecomapp a ORDER BY a.id DESC LIMIT 1) THEN
    (SELECT d.value FROM members_identity d WHERE d.kind = 'external_userid' AND d.member_id IN ({consents.FAMILY})
     ORDER BY d.id LIMIT 1) END,
  EXISTS (SELECT FROM guides_couponhandout h WHERE h.task_id = t.id),
  CASE WHEN t.coupon_plan_id IS NOT NULL THEN greatest(0, {quotas.MOST} - {quotas.HANDED}) END
FROM members_member m JOIN (
  SELECT k.id, k.ref, k.member_id, k.post_id AS post, b.purpose, b.coupon_plan_id, 'wecom'::text AS channel
  FROM guides_task k JOIN guides_brief b ON b.id = k.brief_id WHERE k.ref = ANY(%(refs)s::uuid[])) t
  ON t.member_id = m.id
"""


def filled(text: str, facts: dict[str, Any], name: str = "") -> str:
    """Fill the places of a brief's words; a place nobody knows stays empty."""
    known = {**{fact: value for fact, value in facts.items() if value is not None}, "name": name}
    return PLACE.sub(lambda match: str(known.get(match[1], "")), text)


@dataclass(frozen=True)
class Stands:
    """What may be done for the member of an open task.

    `shut` tells why she may not be contacted, `calls` whether her guide is shown the number, `chat` is her number in
    WeCom, `handed` whether the coupon was handed out, `left` how many the guide may still hand out.
    """

    shut: str = ""
    calls: bool = False
    chat: str = ""
    handed: bool = False
    left: int = 0


NOTHING = Stands()


@dataclass(frozen=True)
class Card:
    """A task as it is shown: whom it is for, why, what to say, how she stands, what she is to be asked, the photos."""

    task: Task
    name: str
    why: str
    words: str
    overdue: bool
    stands: Stands = NOTHING
    asked: Asked | None = None
    photos: list[int] = field(default_factory=list)

    @property
    def shut(self) -> str:
        """Tell why she may not be contacted; nothing where she may."""
        return self.stands.shut

    @property
    def number(self) -> str:
        """Give the task's number as text."""
        return str(self.task.ref)

    @property
    def shares(self) -> bool:
        """Tell whether there is a material to share with her, and she may be contacted."""
        return bool(self.task.brief.material and self.words and not self.shut)


def _stand(tasks: Sequence[Task], at: datetime) -> dict[str, Stands]:
    """Tell by their numbers how the members of open tasks stand."""
    refs = [str(task.ref) for task in tasks if task.member_id and task.state == Task.State.OPEN]
    if not refs:
        return {}
    held = brand.in_force("guide_calls", "guide_coupons_a_month")
    given = {"refs": refs, "month": quotas.month_of(at), "usual": held["guide_coupons_a_month"], **consents.gate(at)}
    calling = held["guide_calls"] == "on"
    return {
        ref: Stands(str(Touch.Reason(why).label) if why else "", calling and calls, chat or "", handed, left or 0)
        for ref, why, calls, chat, handed, left in sql.rows(STANDS, given)
    }


def carried(rows: QuerySet[Task]) -> QuerySet[Task]:
    """Read with tasks what a card shows: brief, member, for whom she covers, the numbers of the photos."""
    photos = TaskPhoto.objects.filter(task=OuterRef("pk")).order_by("nth").values("nth")
    return rows.select_related(*CARRIED).annotate(photo_numbers=ArraySubquery(photos))


def cards_of(tasks: Sequence[Task], at: datetime, given: Mapping[str, str] | None = None) -> list[Card]:
    """Make cards of tasks as `carried` reads them; `given` is what was answered and did not suffice."""
    stands, asked = _stand(tasks, at), asking.asked(tasks, given or {})
    return [
        replace(
            _card(task, at), stands=stands.get(str(task.ref), NOTHING), asked=asked.get(task.pk),
            photos=cast("Any", task).photo_numbers,
        )
        for task in tasks
    ]  # fmt: skip


def _card(task: Task, at: datetime) -> Card:
    name = (task.member.name or task.member.member_no) if task.member else ""
    brief, overdue = task.brief, task.state == Task.State.OPEN and task.due_at <= at
    why, words = filled(brief.why, task.facts, name), filled(brief.words, task.facts, name)
    return Card(task, name, why, words, overdue)
