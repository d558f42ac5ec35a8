"""Tasks without a customer that a manager gives a guide: what she is to do, and that something is overdue."""

import json
import uuid
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.actions.reminders import KEPT, ONE, worded
from guides.actions.tasks import Wording
from guides.models import Brief, Task
from members.actions.phones import TELLS_A_NUMBER, NumberInNote
from newretail.kernel import clock, sql
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

LONGEST_TITLE = 60
FARTHEST = timedelta(days=90)
OF_OVERDUE = "guides.overdue:"


class NotServing(Refused):
    """She holds no post there any more."""

    code = "not_serving"
    sentence = gettext_noop("She no longer serves in this store.")


class BadErrand(Refused):
    """It says nothing, or is due in the past or too far ahead."""

    code = "bad_errand"
    sentence = gettext_noop(
        "Say what is to be done in at most %(most)s characters, and until when: from now on, within %(days)s days."
    )


class NothingOverdue(Refused):
    """Nothing of hers is overdue."""

    code = "nothing_overdue"
    sentence = gettext_noop("Nothing of hers is overdue.")


class RemindedToday(Refused):
    """She was reminded today."""

    code = "reminded_today"
    sentence = gettext_noop("She was reminded today already; once a day is enough.")


def _held(post: Post) -> Post:
    """Hold a post, so that it does not end meanwhile."""
    found = Post.objects.select_for_update(no_key=True).filter(pk=post.pk, until__isnull=True).first()
    if found is None:
        raise NotServing
    return found


def _assigned(post: Post, brief: Brief, source: str, due_at: datetime, at: datetime, by: User, **facts: object) -> int:
    given = {
        "member": None, "post": post.pk, "source": source, "facts": json.dumps(facts), "due": due_at,
        "until": due_at + KEPT,
    }  # fmt: skip
    sql.temporary("tmp_errand", ONE, given, analyze=False)
    return tasks.assign(table="tmp_errand", brief=brief, at=at, by=by)


@verb
def give(*, post: Post, title: str, due_at: datetime, ref: uuid.UUID, at: datetime, by: User) -> int:
    """Give a guide a task, once for `ref`; returns how many were given now.

    Refuses: NotServing, BadErrand, NumberInNote.
    Writes: guides.brief.written, guides.task.assigned.
    """
    held, said = _held(post), " ".join(title.split())
    if not said or len(said) > LONGEST_TITLE or not at < due_at <= at + FARTHEST:
        raise BadErrand(most=LONGEST_TITLE, days=FARTHEST.days)
    if TELLS_A_NUMBER.search(said):
        raise NumberInNote
    source = f"errand:{ref}"
    if Task.objects.filter(source=source).exclude(post=held).exists():
        return 0  # it was handed on to a colleague
    brief = worded(Wording(title=said, reason=Brief.Reason.OTHER, purpose="service"), at, by)
    return _assigned(held, brief, source, due_at, at, by)


@verb
def remind(*, post: Post, wording: Wording, at: datetime, by: User) -> int:
    """Remind a guide of what is overdue by a task of today, once a day; returns how many are overdue.

    Refuses: NotServing, NothingOverdue, RemindedToday.
    Writes: guides.brief.written, guides.task.assigned.
    """
    held, day = _held(post), clock.business_day(at)
    late = Task.objects.open().filter(post=held, due_at__lte=at).exclude(source__startswith=OF_OVERDUE).count()
    if not late:
        raise NothingOverdue
    evening = clock.day_start(day + timedelta(days=1)) - timedelta(minutes=1)
    source = f"{OF_OVERDUE}{day:%Y-%m-%d}"
    if not _assigned(held, worded(wording, at, by), source, max(evening, at), at, by, n=late):
        raise RemindedToday
    return late
