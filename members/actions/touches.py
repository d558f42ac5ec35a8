"""Plan touches, let who sends them claim them through the gate, settle what became of them."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import Touch
from members.queries import gating
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LEASE = timedelta(minutes=15)  # so long after its claim a touch is unknown when nobody has settled it
MOST_AT_ONCE = 5_000
# Who is being erased is waited for, and then left out.
PLAN = """
INSERT INTO members_touch (ref, member_id, channel, purpose, source, content_id, post_id, priority, promised,
  planned_for, drop_after, day, state, reason, settled_at, cost_cents, entry_id)
SELECT gen_random_uuid(), w.member_id, w.channel, w.purpose, %(source)s, w.content_id, w.post_id, %(priority)s,
  %(promised)s, w.planned_for, w.planned_for + %(patience)s::interval, (w.planned_for AT TIME ZONE %(zone)s)::date,
  CASE w.not_wanted WHEN '' THEN 'planned' ELSE 'suppressed' END, w.not_wanted,
  CASE w.not_wanted WHEN '' THEN NULL ELSE %(at)s::timestamptz END, 0, %(entry)s
FROM {table} w JOIN members_member m ON m.id = w.member_id
WHERE m.erased_at IS NULL ORDER BY w.member_id, w.channel, w.planned_for FOR KEY SHARE OF m
ON CONFLICT (member_id, source, channel, day) DO NOTHING
"""
# Who withdraws a consent, or is erased, holds the row she lives on in: she is passed over until that is decided; so
# is she whom another claim judges, or two of them would find her below the same cap. What is locked here is judged by
# the next statement, which sees all that was committed before the locks.
PICK = """
SELECT t.id FROM members_touch t JOIN members_member m ON m.id = t.member_id
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
WHERE t.settled_at IS NULL AND t.claimed_at IS NULL AND t.channel = %(channel)s
  AND coalesce(t.held_until, t.planned_for) <= %(at)s AND t.source <> ALL(%(but_not)s::text[])
ORDER BY coalesce(t.held_until, t.planned_for), t.id LIMIT %(most)s
FOR UPDATE OF t SKIP LOCKED FOR NO KEY UPDATE OF r SKIP LOCKED
"""
# Of one person one touch at a time: the next is judged when this one counts.
CLAIM = f"""
UPDATE members_touch t SET state = s.state,
  reason = CASE s.state WHEN 'claimed' THEN '' ELSE s.reason END,
  held_until = CASE s.state WHEN 'held' THEN s.until END,
  claimed_at = CASE s.state WHEN 'claimed' THEN %(at)s::timestamptz END,
  settled_at = CASE s.state WHEN 'suppressed' THEN %(at)s::timestamptz END
FROM (SELECT j.id, j.until, coalesce(nullif(j.never || j.not_now, ''), 'too_late') AS reason,
        CASE WHEN j.never <> '' OR j.late THEN 'suppressed' WHEN j.not_now <> '' THEN 'held' ELSE 'claimed' END AS state
      FROM ({gating.JUDGE.format(picked="tmp_picked")}) j
      WHERE j.never <> '' OR j.not_now <> '' OR j.turn = 1) s
WHERE s.id = t.id
RETURNING t.state, t.ref, t.member_id, t.channel, t.purpose, t.source, t.content_id, t.post_id
"""
SETTLE = """
UPDATE members_touch t SET state = s.state, reason = s.reason, cost_cents = s.cost,
  settled_at = CASE s.state WHEN 'waiting' THEN NULL ELSE %(at)s::timestamptz END
FROM unnest(%(refs)s::uuid[], %(states)s::text[], %(reasons)s::text[], %(costs)s::int[]) s (ref, state, reason, cost)
WHERE t.ref = s.ref AND t.state <> s.state AND t.state IN ('claimed', 'waiting', 'unknown')
"""
# What receipts tell of it was sent.
OTHERWISE = f"""
SELECT s.ref::text FROM unnest(%(refs)s::uuid[], %(states)s::text[]) s (ref, state)
LEFT JOIN members_touch t ON t.ref = s.ref
WHERE CASE WHEN t.state IN ({", ".join(f"'{state}'" for state in Touch.TOLD)}) THEN 'sent' ELSE t.state END
  IS DISTINCT FROM s.state ORDER BY 1
"""
LOCK = "SELECT 1 FROM members_touch WHERE ref = ANY(%(refs)s::uuid[]) ORDER BY id FOR UPDATE"
DOUBT = """
UPDATE members_touch SET state = 'unknown', reason = 'no_answer', settled_at = %(at)s
WHERE id IN (SELECT id FROM members_touch WHERE state = 'claimed' AND settled_at IS NULL AND claimed_at <= %(before)s
             ORDER BY id FOR UPDATE SKIP LOCKED)
"""
STOP = """
UPDATE members_touch SET state = 'suppressed', reason = 'stopped', held_until = NULL, settled_at = %(at)s
WHERE id IN (SELECT id FROM members_touch WHERE source = %(source)s AND state IN ('planned', 'held') ORDER BY id
             FOR UPDATE)
"""
ENDS = frozenset(
    (Touch.State.SENT, Touch.State.FAILED, Touch.State.UNKNOWN, Touch.State.REFUSED, Touch.State.OVER_QUOTA,
     Touch.State.WAITING)
)  # fmt: skip
WITHOUT_REASON = (Touch.State.SENT, Touch.State.WAITING)


class SettledOtherwise(Refused):
    """A touch has another end already, or was never claimed."""

    code = "settled_otherwise"
    sentence = gettext_noop("%(count)s touches were never claimed, or ended otherwise already.")


@dataclass(frozen=True)
class Claimed:
    """A touch to be sent now: our number of it, whom it is for, by what, what for, which plan wants it.

    `content_id`: what it says; `post_id`: the guide in whose name; None where nothing is said of it.
    """

    ref: uuid.UUID
    member_id: int
    channel: str
    purpose: str
    source: str
    content_id: int | None = None
    post_id: int | None = None


@dataclass(frozen=True)
class Settlement:
    """What became of a touch, with the reason where it was not sent, and what it cost (cents)."""

    ref: uuid.UUID
    state: str
    reason: str = ""
    cost_cents: int = 0


@dataclass(frozen=True)
class Terms:
    """How a plan's touches stand among others: priority (0 to 100, the higher first), how long they are held at most.

    What was promised (a birthday's gift) passes all caps but those of the platform. Without patience nothing is
    dropped.
    """

    priority: int = Touch.USUAL_PRIORITY
    promised: bool = False
    patience: timedelta | None = None


USUAL = Terms()


@verb
def plan(*, table: str, source: str, at: datetime, by: User | None = None, terms: Terms = USUAL) -> int:
    """Plan touches of a temporary table; returns how many are new.

    Columns: member_id, channel, purpose, planned_for; content_id, post_id (or null); not_wanted, the reason for which
    one is only written down and never sent (`holdout`), else empty. A plan (`source`) touches a member once a day by a
    channel, however often it is planned; who was erased is left out.
    Writes: members.touch.planned.
    """
    entry = journal.reserve()
    given = {
        "source": source, "zone": clock.brand_zone().key, "entry": entry, "at": at, "priority": terms.priority,
        "promised": terms.promised, "patience": terms.patience,
    }  # fmt: skip
    planned = sql.execute(PLAN.format(table=table), given)
    if planned:
        journal.write(
            "members.touch.planned", at=at, by=by, subject=f"plan:{source}"[:80], entry_id=entry, planned=planned
        )
    return planned


@verb
def claim(
    *, channel: str, most: int, at: datetime, by: User | None = None, but_not: Sequence[str] = ()
) -> list[Claimed]:  # fmt: skip
    """Claim touches that have fallen due, each once and one for each person; the gate is part of the statement.

    What the gate stops for good is suppressed, what it stops for now is held back and judged again later, each with
    its reason (`members/queries/gating.py`). A claim not settled within `LEASE` becomes unknown. `but_not`: plans
    that rest. Returns what is to be sent, the longest due first.
    Writes: members.touch.claimed.
    """
    given = {**gating.given(at), "channel": channel, "most": min(most, MOST_AT_ONCE), "but_not": list(but_not)}
    sql.temporary("tmp_picked", PICK, given, analyze=False)
    failpoint("touch.picked")
    found = sql.rows(CLAIM, given)
    claimed = [Claimed(uuid.UUID(str(ref)), *rest) for state, ref, *rest in found if state == Touch.State.CLAIMED]
    if found:
        became = Counter(state for state, *_ in found)
        journal.write(
            "members.touch.claimed", at=at, by=by, subject=f"channel:{channel}", claimed=len(claimed),
            suppressed=became["suppressed"], held=became["held"],
        )  # fmt: skip
    failpoint("touch.claimed")
    return claimed


@verb
def settle(*, results: Sequence[Settlement], at: datetime, by: User | None = None) -> int:
    """Say what became of claimed touches, by our numbers; what waits or was unknown may still end otherwise.

    Said again, nothing changes. Returns how many were settled; all of them or none.
    Refuses: SettledOtherwise.
    Writes: members.touch.settled.
    """
    for each in results:
        if each.state not in ENDS or bool(each.reason) == (each.state in WITHOUT_REASON):
            raise ValueError(each)
    params = {
        "refs": [str(each.ref) for each in results], "states": [each.state for each in results],
        "reasons": [each.reason for each in results], "costs": [each.cost_cents for each in results], "at": at,
    }  # fmt: skip
    sql.rows(LOCK, params)
    settled = sql.execute(SETTLE, params)
    failpoint("touch.settled")
    if otherwise := sql.rows(OTHERWISE, params):
        raise SettledOtherwise(count=len(otherwise))
    if settled:
        ended = Counter(str(each.state) for each in results)
        journal.write("members.touch.settled", at=at, by=by, ended=dict(ended))
    return settled


@verb
def doubt(*, at: datetime) -> int:
    """Call unknown what was claimed too long ago and never settled: the channel is asked about it, nothing goes again.

    Returns how many.
    Writes: members.touch.doubted.
    """
    doubted = sql.execute(DOUBT, {"at": at, "before": at - LEASE})
    if doubted:
        journal.write("members.touch.doubted", at=at, touches=doubted)
    return doubted


@verb
def stop(*, source: str, at: datetime, by: User | None = None) -> int:
    """Suppress what a plan still has ahead; what was claimed goes its way. Returns how many.

    Writes: members.touch.stopped.
    """
    stopped = sql.execute(STOP, {"source": source, "at": at})
    if stopped:
        journal.write("members.touch.stopped", at=at, by=by, subject=f"plan:{source}"[:80], touches=stopped)
    return stopped
