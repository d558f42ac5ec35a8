"""Plan touches, let who sends them claim them through the gate of consent, settle what became of them."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import Touch
from members.queries import consents
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LEASE = timedelta(minutes=15)  # so long after its claim a touch is unknown when nobody has settled it
MOST_AT_ONCE = 5_000
# Who is being erased is waited for, and then left out.
PLAN = """
INSERT INTO members_touch (ref, member_id, channel, purpose, source, planned_for, day, state, reason, entry_id)
SELECT gen_random_uuid(), w.member_id, w.channel, w.purpose, %(source)s, w.planned_for,
  (w.planned_for AT TIME ZONE %(zone)s)::date, 'planned', '', %(entry)s
FROM {table} w JOIN members_member m ON m.id = w.member_id
WHERE m.erased_at IS NULL ORDER BY w.member_id, w.channel, w.planned_for FOR KEY SHARE OF m
ON CONFLICT (member_id, source, channel, day) DO NOTHING
"""
# Who withdraws a consent, or is erased, holds the row she lives on in: she is passed over until that is decided. What
# is locked here is judged by the next statement, which sees all that was committed before the locks.
PICK = """
SELECT t.id FROM members_touch t JOIN members_member m ON m.id = t.member_id
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
WHERE t.state = 'planned' AND t.channel = %(channel)s AND t.planned_for <= %(at)s
ORDER BY t.planned_for, t.id LIMIT %(most)s FOR UPDATE OF t SKIP LOCKED FOR SHARE OF r SKIP LOCKED
"""
CLAIM = f"""
UPDATE members_touch t SET
  state = CASE g.reason WHEN '' THEN 'claimed' ELSE 'suppressed' END, reason = g.reason,
  claimed_at = CASE g.reason WHEN '' THEN %(at)s::timestamptz END,
  settled_at = CASE g.reason WHEN '' THEN NULL ELSE %(at)s::timestamptz END
FROM (SELECT t.id, {consents.WHY_NOT} AS reason FROM members_touch t JOIN members_member m ON m.id = t.member_id
      WHERE t.id IN (SELECT id FROM tmp_picked) AND t.state = 'planned') g
WHERE g.id = t.id
RETURNING t.reason, t.ref, t.member_id, t.channel, t.purpose, t.source
"""
SETTLE = """
UPDATE members_touch t SET state = s.state, reason = s.reason, settled_at = %(at)s
FROM unnest(%(refs)s::uuid[], %(states)s::text[], %(reasons)s::text[]) s (ref, state, reason)
WHERE t.ref = s.ref AND (t.state = 'claimed' OR t.state = 'unknown' AND s.state <> 'unknown')
"""
OTHERWISE = """
SELECT s.ref::text FROM unnest(%(refs)s::uuid[], %(states)s::text[]) s (ref, state)
LEFT JOIN members_touch t ON t.ref = s.ref WHERE t.state IS DISTINCT FROM s.state ORDER BY 1
"""
LOCK = "SELECT 1 FROM members_touch WHERE ref = ANY(%(refs)s::uuid[]) ORDER BY id FOR UPDATE"
DOUBT = """
UPDATE members_touch SET state = 'unknown', reason = 'no_answer', settled_at = %(at)s
WHERE id IN (SELECT id FROM members_touch WHERE state = 'claimed' AND claimed_at <= %(before)s
             ORDER BY id FOR UPDATE SKIP LOCKED)
"""


class SettledOtherwise(Refused):
    """A touch has another end already, or was never claimed."""

    code = "settled_otherwise"
    sentence = gettext_noop("%(count)s touches were never claimed, or ended otherwise already.")


@dataclass(frozen=True)
class Claimed:
    """A touch to be sent now: our number of it, whom it is for, by what, what for, which plan wants it."""

    ref: uuid.UUID
    member_id: int
    channel: str
    purpose: str
    source: str


@dataclass(frozen=True)
class Settlement:
    """What became of a touch: sent, failed or unknown, with the reason of the latter two."""

    ref: uuid.UUID
    state: str
    reason: str = ""


@verb
def plan(*, table: str, source: str, at: datetime, by: User | None = None) -> int:
    """Plan touches of a temporary table (member_id, channel, purpose, planned_for); returns how many are new.

    A plan (`source`) touches a member once a day by a channel, however often it is planned; who was erased is left out.
    Writes: members.touch.planned.
    """
    entry = journal.reserve()
    planned = sql.execute(
        PLAN.format(table=table), {"source": source, "zone": clock.brand_zone().key, "entry": entry}
    )  # fmt: skip
    if planned:
        journal.write(
            "members.touch.planned", at=at, by=by, subject=f"plan:{source}"[:80], entry_id=entry, planned=planned
        )
    return planned


@verb
def claim(*, channel: str, most: int, at: datetime, by: User | None = None) -> list[Claimed]:
    """Claim touches that have fallen due, each once; those the gate stops are suppressed with their reason.

    The gate is part of the claiming statement: erased, under 14 without a guardian, withdrawn, never allowed. A claim
    not settled within `LEASE` becomes unknown. Returns what is to be sent, the longest due first.
    Writes: members.touch.claimed.
    """
    given = {"channel": channel, "at": at, "most": min(most, MOST_AT_ONCE), **consents.gate(at)}
    sql.temporary("tmp_picked", PICK, given, analyze=False)
    failpoint("touch.picked")
    found = sql.rows(CLAIM, given)
    claimed = [Claimed(uuid.UUID(str(ref)), *rest) for reason, ref, *rest in found if not reason]
    if found:
        journal.write(
            "members.touch.claimed", at=at, by=by, subject=f"channel:{channel}", claimed=len(claimed),
            suppressed=len(found) - len(claimed),
        )  # fmt: skip
    failpoint("touch.claimed")
    return claimed


@verb
def settle(*, results: Sequence[Settlement], at: datetime, by: User | None = None) -> int:
    """Say what became of claimed touches, by our numbers; what was unknown may still turn out sent or failed.

    Said again, nothing changes. Returns how many were settled; all of them or none.
    Refuses: SettledOtherwise.
    Writes: members.touch.settled.
    """
    ends = {Touch.State.SENT, Touch.State.FAILED, Touch.State.UNKNOWN}
    if wrong := [each for each in results if each.state not in ends or bool(each.reason) == (each.state == "sent")]:
        raise ValueError(wrong[0])
    params = {
        "refs": [str(each.ref) for each in results], "states": [each.state for each in results],
        "reasons": [each.reason for each in results], "at": at,
    }  # fmt: skip
    sql.rows(LOCK, params)
    settled = sql.execute(SETTLE, params)
    failpoint("touch.settled")
    if otherwise := sql.rows(OTHERWISE, params):
        raise SettledOtherwise(count=len(otherwise))
    if settled:
        ended = Counter(each.state for each in results)
        journal.write(
            "members.touch.settled", at=at, by=by, sent=ended["sent"], failed=ended["failed"], unknown=ended["unknown"]
        )
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
