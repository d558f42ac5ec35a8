"""Bind members to guides, hand them over, let them go: a member is served by one guide at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from guides.models import Bond
from members.models import Member
from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.models import Post

# Who is bound lives in her root's row: two guides that add her at once queue there.
HOLD = """
SELECT m.id, m.erased_at IS NOT NULL FROM members_member m
WHERE m.id IN (SELECT coalesce(w.merged_into_id, w.id) FROM {table} t JOIN members_member w ON w.id = t.member_id)
ORDER BY m.id FOR NO KEY UPDATE
"""
# The open bond of the person: her root's, else the oldest of the rows merged into her.
HELD = """
SELECT DISTINCT ON (root) coalesce(m.merged_into_id, m.id) AS root, b.id, b.post_id, b.locked_until
FROM guides_bond b JOIN members_member m ON m.id = b.member_id
WHERE b.ended_at IS NULL AND coalesce(m.merged_into_id, m.id) IN (SELECT root FROM tmp_binding)
ORDER BY root, (m.merged_into_id IS NULL) DESC, b.began_at, b.id
"""
WISHED = """
SELECT DISTINCT ON (root) coalesce(m.merged_into_id, m.id) AS root, t.post_id, t.began_at
FROM {table} t JOIN members_member m ON m.id = t.member_id
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
WHERE r.erased_at IS NULL ORDER BY root, t.began_at, t.post_id
"""
# Free: whoever adds her last has her. Locked: so does she, once the lock is over. First: nobody takes her.
TAKES = """
SELECT w.root, w.post_id, w.began_at, h.id AS former
FROM tmp_binding w LEFT JOIN tmp_bound h ON h.root = w.root
WHERE h.id IS NULL OR h.post_id <> w.post_id AND (
  %(mode)s = 'free' OR %(mode)s = 'locked' AND coalesce(h.locked_until, '-infinity') <= w.began_at)
"""
END = """
UPDATE guides_bond b SET ended_at = greatest(b.began_at, %(at)s), "end" = %(end)s, ended_by_id = %(by)s,
  end_entry_id = %(entry)s
FROM members_member m WHERE m.id = b.member_id AND b.ended_at IS NULL
  AND coalesce(m.merged_into_id, m.id) IN (SELECT root FROM tmp_taking {where})
"""
BEGIN = """
INSERT INTO guides_bond (member_id, post_id, source, began_at, locked_until, by_id, "end", entry_id)
SELECT root, post_id, %(source)s, began_at, began_at + %(lock)s, %(by)s, '', %(entry)s FROM tmp_taking ORDER BY root
"""
ONE = "SELECT %(member)s::bigint AS member_id, %(post)s::bigint AS post_id, %(at)s::timestamptz AS began_at"


@dataclass(frozen=True)
class Bound:
    """How many members were bound now, and how many stayed with the guide they have."""

    made: int
    kept: int


def _given(source: str, mode: str, at: datetime, by: User | None) -> sql.Params:
    mode = "first" if source == Bond.Source.POOL else mode  # the pool takes nobody from a guide
    days = int(brand.setting("bond_lock_days")) if mode == "locked" else 0
    return {
        "mode": mode, "source": source, "at": at, "by": by.pk if by else None, "lock": timedelta(days=days) or None,
        "end": Bond.End.TAKEN_OVER,
    }  # fmt: skip


@verb
def bind(*, table: str, source: str, at: datetime, by: User | None = None) -> Bound:
    """Bind the members of a temporary table (member_id, post_id, began_at) to guides, by the brand's mode of bonds.

    First adder: who is served stays with her guide. Locked: so for so many days. Free: the last adder has her. Who was
    erased is left out. Bound again to the guide she has, nothing changes.
    Writes: guides.bond.made.
    """
    given = _given(source, str(brand.setting("bond_mode")), at, by)
    sql.rows(HOLD.format(table=table))
    sql.temporary("tmp_binding", WISHED.format(table=table), analyze=False)
    sql.temporary("tmp_bound", HELD, analyze=False)
    sql.temporary("tmp_taking", TAKES, given, analyze=False)
    failpoint("bond.judged")
    wished, made = sql.count("tmp_binding"), sql.count("tmp_taking")
    if made:
        given["entry"] = journal.reserve()
        ended = sql.execute(END.format(where="WHERE former IS NOT NULL"), given)
        sql.execute(BEGIN, given)
        journal.write("guides.bond.made", at=at, by=by, entry_id=given["entry"], source=source, bonds=made, ended=ended)
    return Bound(made, wished - made)


@verb
def bind_one(*, member: Member, post: Post, source: str, at: datetime, by: User | None = None) -> Bound:
    """Bind one member to a guide from now on, as `bind` does.

    Writes: guides.bond.made.
    """
    given = {"member": member.pk, "post": post.pk, "at": at}
    sql.temporary("tmp_one", ONE, given, analyze=False)
    return bind(table="tmp_one", source=source, at=at, by=by)
