"""Refunds that came before their order: kept until it comes, then taken in by the verb that takes all refunds."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from members.actions import refunds
from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

MOST = 1_000  # at a time
# Those whose order has come, the oldest first; one that another applies at this moment is left to it.
DUE = """
SELECT p.id, p.within FROM members_parkedrefund p WHERE p.state = 'waiting' AND EXISTS (
  SELECT 1 FROM members_order o WHERE o.source = p.source AND upper(o.order_no) = upper(p.order_no)
    AND (p.within IS NULL OR o.store_id = ANY(p.within)) AND (%(of)s::bigint IS NULL OR o.entry_id = %(of)s))
ORDER BY p.id LIMIT %(most)s FOR UPDATE OF p SKIP LOCKED
"""
LOADED = """
COPY (SELECT row_number() OVER (ORDER BY p.id), 0, p.refund_no, p.order_no, p.source, p.line_no, p.quantity,
    p.amount_cents, p.refunded_at
  FROM members_parkedrefund p WHERE p.id = ANY('{{{ids}}}'::bigint[]) ORDER BY p.id) TO STDOUT (FORMAT csv)
"""
COLUMNS = (
    "line", "dup_of", "refund_no", "order_no", "source", "line_no", "quantity", "amount_cents", "refunded_at",
)  # fmt: skip
SETTLE = """
UPDATE members_parkedrefund p SET state = CASE WHEN t.reason = '' THEN 'applied' ELSE 'refused' END,
  reason = t.reason, settled_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(reasons)s::text[]) AS t(id, reason) WHERE p.id = t.id
"""
EXPIRE = """
UPDATE members_parkedrefund SET state = 'expired', settled_at = %(at)s
WHERE state = 'waiting' AND parked_at < %(before)s
"""


def _batch(ids: Sequence[int]) -> Batch:
    """Read parked refunds as a batch, in the order in which they came."""
    text = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(LOADED.format(ids=",".join(map(str, ids))), text)
    return Batch(COLUMNS, text.getvalue(), len(ids))


def _take(ids: Sequence[int], within: list[int] | None, at: datetime, by: User | None) -> int:
    """Take some in; those that the books refuse keep their reason."""
    outcome = refunds.record(batch=_batch(ids), at=at, by=by, within=within)
    reasons = {refusal.line: refusal.code for refusal in outcome.refusals}
    told = [reasons.get(line, "") for line in range(1, len(ids) + 1)]
    return sql.execute(SETTLE, {"ids": list(ids), "reasons": told, "at": at})


@verb
def apply(*, at: datetime, by: User | None = None, of: int | None = None) -> int:
    """Take in the parked refunds whose order has come, in the order in which they came; return how many ended.

    `of`: only those of the orders that this journal line wrote.
    What the books refuse (more than was paid, no such line) ends refused, with its reason, for somebody to look at.
    Writes: members.refund.unparked.
    """
    if not sql.rows("SELECT EXISTS (SELECT 1 FROM members_parkedrefund WHERE state = 'waiting')")[0][0]:
        return 0
    groups: dict[tuple[int, ...] | None, list[int]] = {}
    for pk, within in sql.rows(DUE, {"most": MOST, "of": of}):
        groups.setdefault(None if within is None else tuple(within), []).append(pk)
    ended = sum(
        _take(ids, None if within is None else list(within), at, by)
        for within, ids in sorted(groups.items(), key=lambda group: group[1])
    )
    if ended:
        journal.write("members.refund.unparked", at=at, by=by, ended=ended)
    return ended


@verb
def expire(*, at: datetime) -> int:
    """End the waiting of refunds whose order has not come for as many days as the brand's setting says.

    Writes: members.refund.expired.
    """
    before = at - timedelta(days=brand.setting("parked_refund_days"))
    gone = sql.execute(EXPIRE, {"before": before, "at": at})
    if gone:
        journal.write("members.refund.expired", at=at, refunds=gone)
    return gone
