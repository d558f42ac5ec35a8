"""Bind members to guides, hand them over, let them go: a member is served by one guide at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from guides.models import Bond
from guides.queries import serving
from members.models import Member
from newretail.kernel import brand, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import Column, Sheet
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

# Who is bound lives in her root's row: two guides that add her at once queue there.
HOLD = """
SELECT m.id, m.erased_at IS NOT NULL FROM members_member m
WHERE m.id IN (SELECT coalesce(w.merged_into_id, w.id) FROM {table} t JOIN members_member w ON w.id = t.member_id)
ORDER BY m.id FOR NO KEY UPDATE
"""
HELD = serving.HELD.format(whose="IN (SELECT root FROM tmp_binding)")
WISHED = """
SELECT DISTINCT ON (root) coalesce(m.merged_into_id, m.id) AS root, t.post_id, t.began_at
FROM {table} t JOIN members_member m ON m.id = t.member_id
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
WHERE r.erased_at IS NULL ORDER BY root, t.began_at, t.post_id
"""
# Free: whoever adds her last has her. Locked: so does she, once the lock is over. First: nobody takes her.
# A bond begins when she was added, but not before the former has ended.
TAKES = """
SELECT w.root, w.post_id, h.id AS former, greatest(w.began_at,
  CASE WHEN h.id IS NOT NULL THEN greatest(h.began_at, %(at)s) END,
  (SELECT max(e.ended_at) FROM guides_bond e WHERE e.member_id = w.root)) AS began_at
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

# Who was added to whom, as another system tells it: a member by her number or by what WeCom calls her.
ADDED = Sheet(
    kind="bonds",
    columns=(
        Column("member_no", "会员号", limit=40),
        Column("external_userid", "企微external_userid", type="identity", limit=120),
        Column("staff_no", "工号", required=True, limit=40),
        Column("added_at", "添加时间", type="moment"),
    ),
    key=("member_no", "external_userid", "staff_no"),
)
RECIPE = staging.Recipe(
    name="bonds",
    line_name="guides.bond.made",
    types={"line": "int", "dup_of": "int", "added_at": "timestamptz"},
    resolve="""
SELECT i.*, w.id AS member_id, p.id AS post_id, h.id AS existing, coalesce(h.post_id = p.id, false) AS same,
  CASE WHEN w.id IS NULL OR w.erased_at IS NOT NULL THEN 'unknown_member'
    WHEN coalesce(o.merged_into_id, o.id) <> w.id THEN 'two_members' WHEN p.id IS NULL THEN 'unknown_staff'
    WHEN i.added_at > %(at)s::timestamptz + interval '5 minutes' THEN 'in_future' END AS error,
  CASE WHEN w.id IS NULL OR w.erased_at IS NOT NULL
      THEN CASE WHEN i.member_no IS NULL THEN 'external_userid' ELSE 'member_no' END
    WHEN coalesce(o.merged_into_id, o.id) <> w.id THEN 'external_userid'
    WHEN p.id IS NULL THEN 'staff_no' ELSE 'added_at' END AS error_column
FROM tmp_bonds_in i
LEFT JOIN members_identity d ON d.kind = 'external_userid' AND d.value = i.external_userid
LEFT JOIN members_member o ON o.id = d.member_id
LEFT JOIN members_member n ON n.member_no = i.member_no
LEFT JOIN members_member m ON m.id = CASE WHEN i.member_no IS NULL THEN o.id ELSE n.id END
LEFT JOIN members_member w ON w.id = coalesce(m.merged_into_id, m.id)
LEFT JOIN LATERAL (
  SELECT x.id FROM stores_post x JOIN kernel_user u ON u.id = x.user_id
  WHERE u.staff_no = i.staff_no AND u.is_active AND x.until IS NULL AND x.role IN ('guide', 'manager')
    AND (%(within)s::bigint[] IS NULL OR x.store_id = ANY(%(within)s::bigint[]))
  ORDER BY x.role, x.id LIMIT 1) p ON true
LEFT JOIN guides_bond h ON h.member_id = w.id AND h.ended_at IS NULL
""",
    write="SELECT existing IS NULL FROM tmp_bonds WHERE error IS NULL AND same IS NOT TRUE",
)
ROWS = """
SELECT member_id, post_id, coalesce(least(added_at, %(at)s), %(at)s) AS began_at
FROM tmp_bonds WHERE error IS NULL AND same IS NOT TRUE
"""
# Who stays with the guide she has, by the brand's mode, is told as unchanged; of two wishes for one the first counts.
STAYED = """
UPDATE tmp_bonds t SET same = true, existing = coalesce(t.existing, 0)
WHERE t.error IS NULL AND t.same IS NOT TRUE AND (
  NOT EXISTS (SELECT FROM tmp_taking k WHERE k.root = t.member_id AND k.post_id = t.post_id)
  OR EXISTS (SELECT FROM tmp_bonds o WHERE o.line < t.line AND o.error IS NULL AND o.member_id = t.member_id
    AND o.post_id = t.post_id))
"""


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
    told = _judge(table, given)
    if told.made:
        given["entry"] = journal.reserve()
        ended, entry = _write(given), given["entry"]
        journal.write("guides.bond.made", at=at, by=by, entry_id=entry, source=source, bonds=told.made, ended=ended)
    return told


def _judge(table: str, given: sql.Params) -> Bound:
    """Hold the members of a temporary table, and judge who of them goes to another guide (`tmp_taking`)."""
    sql.rows(HOLD.format(table=table))
    sql.temporary("tmp_binding", WISHED.format(table=table), analyze=False)
    sql.temporary("tmp_bound", HELD, analyze=False)
    sql.temporary("tmp_taking", TAKES, given, analyze=False)
    failpoint("bond.judged")
    wished, made = sql.count("tmp_binding"), sql.count("tmp_taking")
    return Bound(made, wished - made)


def _write(given: sql.Params) -> int:
    """End the former bonds and begin the new ones; returns how many ended."""
    ended = sql.execute(END.format(where="WHERE former IS NOT NULL"), given)
    sql.execute(BEGIN, given)
    failpoint("bond.written")
    return ended


@verb
def bind_one(*, member: Member, post: Post, source: str, at: datetime, by: User | None = None) -> Bound:
    """Bind one member to a guide from now on, as `bind` does.

    Writes: guides.bond.made.
    """
    given = {"member": member.pk, "post": post.pk, "at": at}
    sql.temporary("tmp_one", ONE, given, analyze=False)
    return bind(table="tmp_one", source=source, at=at, by=by)


def _take_rows(params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    sql.temporary("tmp_recording", ROWS, params, analyze=False)
    told = _judge("tmp_recording", params)
    sql.execute(STAYED)
    return {"source": params["source"], "bonds": told.made, "ended": _write(params)} if told.made else {}


class BondsStay(Refused):
    """Whose customers they became is not undone by undoing the file."""

    code = "bonds_stay"
    sentence = gettext_noop("An import of bonds cannot be undone: import the guides whose customers they are to be.")


def _record(source: str, batch: Batch, *, at: datetime, by: User | None, within: list[int] | None = None) -> Outcome:
    params = {**_given(source, str(brand.setting("bond_mode")), at, by), "within": within}
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=staging.Steps(between=_take_rows))


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None) -> Outcome:
    """Bind members to guides as another system tells it, row by row, by the brand's mode of bonds.

    Batch columns: those of `ADDED`. `within`: stores (ids) beyond which no guide is there.
    Row refusals: unknown_member, two_members, unknown_staff, in_future.
    Writes: guides.bond.made.
    """
    return _record(Bond.Source.API, batch, at=at, by=by, within=within)


@verb
def record_file(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Bind members to guides as a file tells it, as `record` does; who came by a file was not added: nobody greets her.

    Row refusals: those of `record`.
    Writes: guides.bond.made.
    """
    return _record(Bond.Source.IMPORT, batch, at=at, by=by)


@verb
def take_back(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Refuse to take back an import of bonds: tasks were done and customers handed over since.

    Refuses: BondsStay.
    Writes no line: nothing happens.
    """
    raise BondsStay
