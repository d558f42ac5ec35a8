"""What a guide wants to be reminded of: a task that she gives herself for a customer of hers."""

import uuid
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.actions.tasks import Wording
from guides.models import Bond, Brief
from newretail.kernel import sql
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

KEPT = timedelta(days=7)
ONE = """
SELECT %(member)s::bigint AS member_id, %(post)s::bigint AS post_id, %(source)s AS source, '{}'::jsonb AS facts,
  %(due)s::timestamptz AS due_at, %(until)s::timestamptz AS expires_at
"""


class NotServed(Refused):
    """She is no customer of hers any more."""

    code = "not_served"
    sentence = gettext_noop("She is no longer your customer.")


@verb
def make(*, bond: Bond, title: str, ref: uuid.UUID, due_at: datetime, at: datetime, by: User) -> int:
    """Give the guide of a bond a task for her customer, once for `ref`; tasks called alike share their brief.

    Refuses: NotServed.
    Writes: guides.brief.written, guides.task.assigned.
    """
    held = Bond.objects.select_for_update(no_key=True).get(pk=bond.pk)
    if held.ended_at:
        raise NotServed
    wording = Wording(title=title, reason=Brief.Reason.OTHER)
    brief = Brief.objects.filter(**vars(wording), by=by).first() or tasks.brief(wording=wording, at=at, by=by)
    given = {
        "member": held.member_id,
        "post": held.post_id,
        "source": f"own:{ref}",
        "due": due_at,
        "until": due_at + KEPT,
    }
    sql.temporary("tmp_reminding", ONE, given, analyze=False)
    return tasks.assign(table="tmp_reminding", brief=brief, at=at, by=by)
