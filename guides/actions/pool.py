"""The pool: members whom no guide serves are given to guides of their store; who stays untouched goes back."""

from datetime import datetime, timedelta

from guides.actions import bonds
from guides.models import Bond
from guides.queries import pooling
from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

RECYCLE = """
UPDATE guides_bond b SET ended_at = greatest(b.began_at, %(at)s), "end" = %(end)s, ended_by_id = %(by)s,
  end_entry_id = %(entry)s
FROM tmp_quiet q WHERE b.id = q.id AND b.ended_at IS NULL
"""


def _quiet(at: datetime) -> sql.Params:
    return {"at": at, "before": at - timedelta(days=int(brand.setting("pool_quiet_days")))}


@verb
def allocate(*, at: datetime, by: User | None = None) -> int:
    """Give members without a guide to the guides of a store of theirs, by the brand's rules; returns how many.

    Nobody who was added by a guide meanwhile is taken from her. Who deleted her guide is left in peace for a while.
    Writes: guides.bond.made.
    """
    given = {**_quiet(at), "rule": str(brand.setting("pool_rule")), "place": str(brand.setting("pool_place"))}
    sql.temporary("tmp_reach", pooling.REACH, given)
    sql.temporary("tmp_waiting", pooling.WAITING, given)
    sql.temporary("tmp_pooled", pooling.PLACED, given)
    failpoint("pool.placed")
    return bonds.bind(table="tmp_pooled", source=Bond.Source.POOL, at=at, by=by).made


@verb
def recycle(*, at: datetime, by: User | None = None) -> int:
    """Send customers back to the pool who were neither contacted nor bought for the brand's days; returns how many.

    Who is locked stays, and so does for whom a task is open.
    Writes: guides.bond.recycled.
    """
    given = {**_quiet(at), "end": Bond.End.RECYCLED, "by": by.pk if by else None, "entry": journal.reserve()}
    sql.temporary("tmp_quiet", pooling.QUIET, given)
    sql.rows(bonds.HOLD.format(table="tmp_quiet"))
    # Whoever was served anew meanwhile stays: judged once more on the held rows.
    sql.temporary("tmp_quiet", pooling.QUIET, given)
    recycled = sql.execute(RECYCLE, given)
    if recycled:
        journal.write("guides.bond.recycled", at=at, by=by, entry_id=given["entry"], bonds=recycled)
    return recycled
