"""Record tags, put them on members and take them off."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from members.models import Tag, TagSource
from newretail.kernel import clock, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

RECIPE = staging.Recipe(
    name="tags",
    line_name="members.tag.recorded",
    types={"line": "int", "dup_of": "int", "expires_days": "bigint"},
    # Zero days: it holds for good. A dash: no region, no store. Who names one of them gives up the other.
    resolve="""
SELECT i.*, g.id AS existing, n.*,
  g.id IS NOT NULL AND (n.new_family, n.new_colour, n.new_owner, n.new_days, n.new_region, n.new_store)
    IS NOT DISTINCT FROM (g.family, g.colour, g.owner_id, g.expires_days, g.region_id, g.store_id) AS same,
  CASE WHEN i.owner_no IS NOT NULL AND u.id IS NULL THEN 'unknown_staff'
    WHEN i.expires_days > 36500 THEN 'too_many_days'
    WHEN i.region <> '-' AND r.id IS NULL THEN 'unknown_region'
    WHEN i.store_code <> '-' AND s.id IS NULL THEN 'unknown_store'
    WHEN r.id IS NOT NULL AND s.id IS NOT NULL THEN 'two_places' END AS error,
  CASE WHEN i.owner_no IS NOT NULL AND u.id IS NULL THEN 'owner_no'
    WHEN i.expires_days > 36500 THEN 'expires_days'
    WHEN i.region <> '-' AND r.id IS NULL THEN 'region' ELSE 'store_code' END AS error_column
FROM tmp_tags_in i
LEFT JOIN members_tag g ON g.name = i.name
LEFT JOIN kernel_user u ON u.staff_no = i.owner_no
LEFT JOIN stores_region r ON r.name = i.region
LEFT JOIN stores_store s ON s.code = i.store_code
CROSS JOIN LATERAL (SELECT coalesce(i.family, g.family, 'personal') AS new_family,
  CASE WHEN i.colour IS NULL THEN coalesce(g.colour, '') WHEN i.colour = '-' THEN '' ELSE i.colour END AS new_colour,
  coalesce(u.id, g.owner_id) AS new_owner,
  CASE WHEN i.expires_days IS NULL THEN g.expires_days ELSE nullif(i.expires_days, 0) END AS new_days,
  CASE WHEN i.region IS NULL AND s.id IS NULL THEN g.region_id ELSE r.id END AS new_region,
  CASE WHEN i.store_code IS NULL AND r.id IS NULL THEN g.store_id ELSE s.id END AS new_store) n
""",
    write="""
INSERT INTO members_tag AS g (name, family, colour, owner_id, expires_days, region_id, store_id, entry_id)
SELECT t.name, t.new_family, t.new_colour, t.new_owner, t.new_days, t.new_region, t.new_store, %(entry)s
FROM tmp_tags t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.name
ON CONFLICT (name) DO UPDATE SET family = excluded.family, colour = excluded.colour, owner_id = excluded.owner_id,
  expires_days = excluded.expires_days, region_id = excluded.region_id, store_id = excluded.store_id,
  entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="members.tag.withdrawn",
    trail=Trail(
        creates=("members_tag",),
        counted=(("members_tag", "created"),),
        keeps=(("members_tag", "k.id IN (SELECT existing FROM tmp_tags WHERE error IS NULL AND same IS NOT TRUE)"),),
    ),
)


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, subject: str = "") -> Outcome:
    """Record tags by name; an empty cell keeps what is there.

    Batch columns: those of `members.importers.TAGS`. `subject` names the one tag that a page edits.
    Row refusals: unknown_staff, too_many_days, unknown_region, unknown_store, two_places.
    Writes: members.tag.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, subject=subject)


# A tag of a region or a store reaches those at home there; `within` are the stores of whoever acts, null all of them.
REACHED = """
SELECT DISTINCT m.id AS member_id, %(tag)s::bigint AS tag_id FROM {table} t JOIN members_member m ON m.id = t.member_id
JOIN members_tag g ON g.id = %(tag)s LEFT JOIN stores_store h ON h.id = m.home_store_id
WHERE (num_nonnulls(g.store_id, g.region_id) = 0 OR g.store_id = h.id OR g.region_id = h.region_id)
  AND (%(within)s::bigint[] IS NULL OR m.home_store_id = ANY(%(within)s))
"""
# A later end counts, and a hand's word outlives the rule's; the former row's source and end are told by its moves.
PUT = """
WITH put AS (
  INSERT INTO members_membertag AS l (member_id, tag_id, source, set_at, set_by_id, expires_on, entry_id)
  SELECT t.member_id, t.tag_id, %(source)s, %(at)s, %(by)s, %(until)s, %(entry)s FROM {table} t
  ORDER BY t.member_id, t.tag_id
  ON CONFLICT (member_id, tag_id) DO UPDATE SET source = excluded.source, set_at = excluded.set_at,
    set_by_id = excluded.set_by_id, expires_on = excluded.expires_on, entry_id = excluded.entry_id
    WHERE l.expires_on < coalesce(excluded.expires_on, 'infinity') OR (l.source = 'rule' AND excluded.source <> 'rule')
  RETURNING member_id, tag_id)
INSERT INTO members_tagmove (member_id, tag_id, kind, source, reason, moved_at, by_id, entry_id)
SELECT member_id, tag_id, 'added', %(source)s, %(reason)s, %(at)s, %(by)s, %(entry)s FROM put ORDER BY 1, 2
"""
LOCK_LINKS = """
SELECT 1 FROM members_membertag l JOIN {table} t ON t.member_id = l.member_id AND t.tag_id = l.tag_id
ORDER BY l.member_id, l.tag_id FOR UPDATE OF l
"""
TAKE = """
WITH gone AS (
  DELETE FROM members_membertag l USING {table} t WHERE t.member_id = l.member_id AND t.tag_id = l.tag_id
  RETURNING l.member_id, l.tag_id)
INSERT INTO members_tagmove (member_id, tag_id, kind, source, reason, moved_at, by_id, entry_id)
SELECT member_id, tag_id, %(kind)s, %(source)s, %(reason)s, %(at)s, %(by)s, %(entry)s FROM gone ORDER BY 1, 2
"""
ENDED = "SELECT member_id, tag_id FROM members_membertag WHERE expires_on <= %(today)s"


class TagElsewhere(Refused):
    """The tag is a region's or a store's own, and none of these members is at home there."""

    code = "tag_elsewhere"
    sentence = gettext_noop("This tag belongs to one place; it is not put on members who are at home elsewhere.")


@dataclass(frozen=True)
class Tagged:
    """What came of tagging a list of members: how many changed, how many were so already, how many are out of reach."""

    changed: int
    unchanged: int
    out: int


@dataclass(frozen=True)
class Word:
    """Who says so, why, and, for a tag that is put on, until when; none is as long as the tag holds."""

    source: TagSource = TagSource.HAND
    reason: str = ""
    expires_on: date | None = None
    within: list[int] | None = None


BY_HAND = Word()


def _params(tag: Tag | None, word: Word, at: datetime, by: User | None) -> sql.Params:
    days = tag.expires_days if tag else None
    until = word.expires_on or (clock.business_day(at) + timedelta(days=days) if days else None)
    return {
        "tag": tag.pk if tag else None, "source": word.source, "reason": word.reason, "at": at, "until": until,
        "by": by.pk if by else None, "within": word.within, "today": clock.business_day(at),
        "entry": journal.reserve(), "kind": "removed",
    }  # fmt: skip


def _reach(members: str, params: sql.Params) -> tuple[int, int]:
    """Find whom of a temporary table the tag reaches: (how many, of how many)."""
    sql.rows("SELECT 1 FROM members_tag WHERE id = %(tag)s FOR SHARE", params)
    sql.temporary("tmp_reached", REACHED.format(table=members), params)
    return sql.count("tmp_reached"), int(sql.rows(f"SELECT count(DISTINCT member_id) FROM {members}")[0][0])


@verb
def put_on(*, tag: Tag, members: str, at: datetime, by: User | None = None, word: Word = BY_HAND) -> Tagged:
    """Put a tag on the members of a temporary table (member_id); who carries it already keeps the later end.

    Refuses: TagElsewhere.
    Writes: members.tag.put_on.
    """
    params = _params(tag, word, at, by)
    reached, given = _reach(members, params)
    if given and not reached:
        raise TagElsewhere
    changed = sql.execute(PUT.format(table="tmp_reached"), params)
    if changed:
        facts = {"source": word.source, "members": changed}
        journal.write("members.tag.put_on", at=at, by=by, subject=tag.name, entry_id=params["entry"], **facts)
    return Tagged(changed, reached - changed, given - reached)


@verb
def take_off(*, tag: Tag, members: str, at: datetime, by: User | None = None, word: Word = BY_HAND) -> Tagged:
    """Take a tag off the members of a temporary table (member_id); `word` says whose word that is.

    Refuses: TagElsewhere.
    Writes: members.tag.taken_off.
    """
    params = _params(tag, word, at, by)
    reached, given = _reach(members, params)
    if given and not reached:
        raise TagElsewhere
    sql.execute(LOCK_LINKS.format(table="tmp_reached"))
    changed = sql.execute(TAKE.format(table="tmp_reached"), params)
    if changed:
        facts = {"source": word.source, "members": changed}
        journal.write("members.tag.taken_off", at=at, by=by, subject=tag.name, entry_id=params["entry"], **facts)
    return Tagged(changed, reached - changed, given - reached)


@verb
def expire(*, as_of: date, at: datetime) -> int:
    """Take off each tag whose time has run out by the start of a business day; return how many.

    Writes: members.tag.expired.
    """
    params = {**_params(None, Word(), at, None), "today": as_of, "kind": "expired"}
    sql.temporary("tmp_ended", ENDED, params)
    sql.execute(LOCK_LINKS.format(table="tmp_ended"))
    # Whose end was moved meanwhile keeps it: judged once more on the locked rows.
    sql.temporary("tmp_ended", ENDED, params)
    gone = sql.execute(TAKE.format(table="tmp_ended"), params)
    if gone:
        journal.write(
            "members.tag.expired", at=at, entry_id=params["entry"], as_of=as_of.isoformat(), members=gone
        )  # fmt: skip
    return gone
