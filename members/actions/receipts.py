"""Record what is heard of touches after they went out: delivered, opened, clicked, replied, converted."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from members.models import Touch, TouchReceipt
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

LOCK = "SELECT 1 FROM members_touch WHERE ref = ANY(%(refs)s::uuid[]) ORDER BY id FOR UPDATE"
# Of what never went out nothing can be heard.
RECORD = """
INSERT INTO members_touchreceipt (touch_id, kind, at, entry_id)
SELECT t.id, s.kind, min(s.at), %(entry)s
FROM unnest(%(refs)s::uuid[], %(kinds)s::text[], %(ats)s::timestamptz[]) s (ref, kind, at)
JOIN members_touch t ON t.ref = s.ref
WHERE t.claimed_at IS NOT NULL AND t.state NOT IN ('failed', 'refused', 'over_quota')
GROUP BY t.id, s.kind ORDER BY t.id, s.kind
ON CONFLICT (touch_id, kind) DO NOTHING
"""
# A word of hers proves that it went out, whatever its end was thought to be.
FOLLOW = """
UPDATE members_touch t SET state = f.kind, reason = CASE f.kind WHEN 'bounced' THEN 'unreachable' ELSE '' END,
  settled_at = coalesce(t.settled_at, %(at)s::timestamptz)
FROM (SELECT DISTINCT ON (r.touch_id) r.touch_id, r.kind FROM members_touchreceipt r
      JOIN members_touch n ON n.id = r.touch_id WHERE n.ref = ANY(%(refs)s::uuid[])
      ORDER BY r.touch_id, array_position(%(furthest)s::varchar[], r.kind) DESC) f
WHERE f.touch_id = t.id AND t.state <> f.kind
"""


@dataclass(frozen=True)
class Heard:
    """What was heard of a touch, and when."""

    ref: uuid.UUID
    kind: str
    at: datetime


@verb
def record(*, heard: Sequence[Heard], at: datetime, by: User | None = None) -> int:
    """Record what is heard of touches, each kind once; a touch stands as far as the furthest tells.

    What is heard of a number that nobody knows, or of a touch that never went out, is left aside. Returns how many
    receipts are new.
    Writes: members.touch.receipted.
    """
    if wrong := [each for each in heard if each.kind not in TouchReceipt.Kind]:
        raise ValueError(wrong[0])
    entry = journal.reserve()
    params = {
        "refs": [str(each.ref) for each in heard], "kinds": [each.kind for each in heard],
        "ats": [each.at for each in heard], "at": at, "entry": entry, "furthest": [str(kind) for kind in Touch.TOLD],
    }  # fmt: skip
    sql.rows(LOCK, params)
    recorded = sql.execute(RECORD, params)
    if recorded:
        sql.execute(FOLLOW, params)
        kinds = Counter(str(each.kind) for each in heard)
        journal.write("members.touch.receipted", at=at, by=by, entry_id=entry, receipts=recorded, heard=dict(kinds))
    return recorded
