"""Tasks that a guide gives herself for a customer of hers: what she wants to be reminded of, a signal she follows."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.actions.tasks import Wording
from guides.models import Bond, Brief
from newretail.kernel import sql
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

KEPT = timedelta(days=7)
ONE = """
SELECT %(member)s::bigint AS member_id, %(post)s::bigint AS post_id, %(source)s AS source, %(facts)s::jsonb AS facts,
  %(due)s::timestamptz AS due_at, %(until)s::timestamptz AS expires_at
"""


@dataclass(frozen=True)
class Wish:
    """A task as its guide wants it: the words, what it comes from, until when, the facts of its words."""

    wording: Wording
    source: str
    due_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


class NotServed(Refused):
    """She is no customer of hers any more."""

    code = "not_served"
    sentence = gettext_noop("She is no longer your customer.")


def worded(wording: Wording, at: datetime, by: User | None = None) -> Brief:
    """Give the brief of a wording; what somebody words alike shares its brief."""
    return Brief.objects.filter(**vars(wording), by=by).first() or tasks.brief(wording=wording, at=at, by=by)


def _give(bond: Bond, wish: Wish, at: datetime, by: User) -> int:
    """Give the guide of a bond a task, once for its source; tasks worded alike share their brief."""
    held = Bond.objects.select_for_update(no_key=True).get(pk=bond.pk)
    if held.ended_at:
        raise NotServed
    brief = worded(wish.wording, at, by)
    given = {
        "member": held.member_id, "post": held.post_id, "source": wish.source, "facts": json.dumps(wish.facts),
        "due": wish.due_at, "until": wish.due_at + KEPT,
    }  # fmt: skip
    sql.temporary("tmp_reminding", ONE, given, analyze=False)
    return tasks.assign(table="tmp_reminding", brief=brief, at=at, by=by)


@verb
def make(*, bond: Bond, title: str, ref: uuid.UUID, due_at: datetime, at: datetime, by: User) -> int:
    """Give the guide of a bond a task for her customer, once for `ref`.

    Refuses: NotServed.
    Writes: guides.brief.written, guides.task.assigned.
    """
    return _give(bond, Wish(Wording(title=title, reason=Brief.Reason.OTHER), f"own:{ref}", due_at), at, by)


@verb
def follow(*, bond: Bond, wish: Wish, at: datetime, by: User) -> int:
    """Make a signal of her customer a task of the bond's guide, once for the signal, whatever became of the task.

    Refuses: NotServed.
    Writes: guides.brief.written, guides.task.assigned.
    """
    return _give(bond, wish, at, by)
