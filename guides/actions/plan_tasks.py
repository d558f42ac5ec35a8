"""Planned touches that guides are asked to make: each is a task, and ends as its task does."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guides.actions import reminders, tasks
from guides.actions.tasks import UNDO_TAKEN, Wording
from guides.models import Task
from guides.queries import planned
from members.actions import touches
from members.actions.touches import Settlement
from members.models import Touch
from newretail.kernel import clock, sql
from newretail.kernel.failpoint import failpoint
from newretail.kernel.verbs import verb

DUE = timedelta(days=1)
HEARD = timedelta(days=2)  # so long after their ends tasks are looked at by every beat; the night looks at all
# Who gives the same guide her tasks at this moment is waited for.
HOLD = "SELECT id FROM stores_post WHERE id = ANY(%(posts)s) ORDER BY id FOR NO KEY UPDATE"
# Of each guide as many as she has room for today, in the order they were asked.
WITH_ROOM = f"""
SELECT a.ref, a.member_id, a.post_id, a.facts, a.wording FROM (
  SELECT x.ref, m.id AS member_id, p.id AS post_id, x.facts, x.wording,
    row_number() OVER (PARTITION BY p.id ORDER BY x.nth) + (SELECT count(*) FROM guides_task k
      WHERE k.post_id = p.id AND k.assigned_at >= %(today)s AND k.source LIKE '{planned.SOURCE}%%') AS turn
  FROM unnest(%(refs)s::uuid[], %(members)s::text[], %(posts)s::bigint[], %(facts)s::text[], %(wordings)s::int[])
    WITH ORDINALITY x (ref, member_no, post_id, facts, wording, nth)
  JOIN members_member m ON m.member_no = x.member_no JOIN stores_post p ON p.id = x.post_id AND p.until IS NULL) a
WHERE a.turn <= %(a_day)s
"""
OF_WORDING = f"""
SELECT member_id, post_id, '{planned.SOURCE}' || ref AS source, facts::jsonb AS facts,
  %(due)s::timestamptz AS due_at, %(until)s::timestamptz AS expires_at
FROM tmp_with_room WHERE wording = %(wording)s
"""
# What can be taken back may still end otherwise. Who takes one back at this moment is waited for.
ENDED = f"""
SELECT t.ref, CASE WHEN k.outcome IN ({", ".join(f"'{outcome}'" for outcome in Task.TOUCHED)}) THEN ''
  WHEN k.outcome = '{Task.Outcome.UNREACHABLE}' THEN '{Touch.Reason.UNREACHABLE}'
  WHEN k.outcome = '{Task.Outcome.REFUSED}' THEN '{Touch.Reason.UNWANTED}' ELSE '{Touch.Reason.DECLINED}' END
FROM guides_task k JOIN members_touch t ON t.ref = {planned.REF}
WHERE k.source LIKE '{planned.SOURCE}%%' AND k.state IN ('done', 'expired', 'cancelled')
  AND k.ended_at <= %(before)s AND k.ended_at > %(since)s AND t.state = 'waiting' ORDER BY t.id FOR UPDATE OF k, t
"""


@dataclass(frozen=True)
class Asked:
    """A touch that a guide is asked to make: our number of it, whom, who (the id of a post), the words, their facts."""

    ref: uuid.UUID
    member_no: str
    post_id: int
    wording: Wording
    facts: Mapping[str, str]


@verb
def give(*, asked: Sequence[Asked], a_day: int, kept: timedelta, at: datetime) -> set[uuid.UUID]:
    """Give guides the tasks of planned touches, at most so many a day each; returns which were given, now or before.

    Due on the next day, kept for `kept`. A touch has one task, ever.
    Writes: guides.brief.written, guides.task.assigned.
    """
    wordings = list(dict.fromkeys(each.wording for each in asked))
    given = {
        "refs": [str(each.ref) for each in asked], "members": [each.member_no for each in asked],
        "posts": [each.post_id for each in asked], "facts": [json.dumps(dict(each.facts)) for each in asked],
        "wordings": [wordings.index(each.wording) for each in asked], "a_day": a_day,
        "today": clock.day_start(clock.business_day(at)),
    }  # fmt: skip
    sql.rows(HOLD, given)
    sql.temporary("tmp_with_room", WITH_ROOM, given, analyze=False)
    for nth, wording in enumerate(wordings):
        own = {"wording": nth, "due": at + min(DUE, kept), "until": at + kept}
        sql.temporary("tmp_handed", OF_WORDING, own, analyze=False)
        tasks.assign(table="tmp_handed", brief=reminders.worded(wording, at), at=at)
    failpoint("plan_tasks.given")
    return planned.given([each.ref for each in asked])


@verb
def hear(*, at: datetime, back: timedelta = HEARD) -> int:
    """Settle planned touches as the tasks ended that handed them over, of the time `back`; returns how many.

    Writes: members.touch.settled.
    """
    found = sql.rows(ENDED, {"before": at - UNDO_TAKEN, "since": at - back})
    results = [
        Settlement(ref, Touch.State.FAILED, reason) if reason else Settlement(ref, Touch.State.SENT)
        for ref, reason in found
    ]
    if results:
        touches.settle(results=results, at=at)
    return len(results)
