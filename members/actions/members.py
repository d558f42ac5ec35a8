"""Record and enrol members."""

from datetime import datetime

from members.actions import claims, tombstones
from members.queries import carried
from newretail.kernel import sql, staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

# An empty cell says nothing: it keeps what is there.
RESOLVE = """
SELECT i.*, m.id AS existing, m.joined_at AS left_joined_at, s.id AS store_id, NULL::bigint AS seat,
  CASE WHEN d.member_id IS NULL OR d.member_id = m.id THEN i.phone END AS own_phone,
  m.id IS NOT NULL
    AND (i.tags IS NULL OR NOT EXISTS (
      SELECT 1 FROM regexp_split_to_table(i.tags, '[;；,，、|]') AS word
      WHERE btrim(word) <> '' AND NOT EXISTS (
        SELECT 1 FROM members_membertag l JOIN members_tag g ON g.id = l.tag_id
        WHERE l.member_id = m.id AND g.name = left(btrim(word), 60))))
    AND (num_nonnulls({others}) = 0 OR NOT EXISTS (
      SELECT 1 FROM {values} WHERE v.value IS NOT NULL AND v.kind <> 'phone' AND NOT EXISTS (
        SELECT 1 FROM members_identity x WHERE x.kind = v.kind AND x.value = v.value)))
    AND (coalesce(i.name, m.name),
         CASE WHEN d.member_id IS NULL THEN coalesce(i.phone, m.phone) ELSE m.phone END, coalesce(i.gender, m.gender),
         coalesce(i.birth_month, m.birth_month), coalesce(i.birth_day, m.birth_day),
         CASE WHEN i.birth_month IS NULL THEN m.birth_year ELSE i.birth_year END,
         CASE WHEN i.birth_month IS NULL THEN m.birthday_calendar ELSE i.birthday_calendar END,
         coalesce(i.joined_at, m.joined_at), coalesce(s.id, m.home_store_id), coalesce(i.source, m.source))
      IS NOT DISTINCT FROM
        (m.name, m.phone, m.gender, m.birth_month, m.birth_day, m.birth_year,
         m.birthday_calendar, m.joined_at, m.home_store_id, m.source) AS same,
  CASE
    WHEN i.store_code IS NOT NULL AND s.id IS NULL THEN 'unknown_store'
    WHEN i.joined_at > %(at)s::timestamptz + interval '1 day' THEN 'in_future'
    WHEN i.birthday_calendar = 'solar' AND i.birth_month IS NOT NULL AND i.birth_day >
      (ARRAY[31, CASE WHEN coalesce(i.birth_year, 2000) %% 4 = 0
                       AND (coalesce(i.birth_year, 2000) %% 100 <> 0 OR coalesce(i.birth_year, 2000) %% 400 = 0)
                      THEN 29 ELSE 28 END, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[i.birth_month]
      OR i.birthday_calendar = 'lunar' AND i.birth_day > 30 THEN 'no_such_day'
    WHEN i.birth_year IS NOT NULL AND (i.birth_year, i.birth_month, i.birth_day) >
      (extract(year FROM %(today)s::date), extract(month FROM %(today)s::date), extract(day FROM %(today)s::date))
      THEN 'in_future'
  END AS error,
  CASE
    WHEN i.store_code IS NOT NULL AND s.id IS NULL THEN 'store_code'
    WHEN i.joined_at > %(at)s::timestamptz + interval '1 day' THEN 'joined_at'
    ELSE 'birthday'
  END AS error_column
FROM tmp_members_in i
LEFT JOIN members_member m ON m.member_no = i.member_no
LEFT JOIN stores_store s ON s.code = i.store_code
LEFT JOIN members_identity d ON d.kind = 'phone' AND d.value = i.phone
""".replace("{others}", ", ".join(f"i.{column}" for column in carried.COLUMNS)).replace(
    "{values}", carried.values_of("i")
)
# New members in the order of their numbers, known ones where they stand: an empty cell keeps, a birthday is whole.
WRITE = """
WITH written AS (
  INSERT INTO members_member (member_no, seat, name, name_pinyin, phone, gender, birth_year, birth_month,
    birth_day, birthday_calendar, joined_at, joined_told, home_store_id, source, entry_id)
  SELECT t.member_no, t.seat, coalesce(t.name, ''), coalesce(t.name_pinyin, ''), coalesce(t.own_phone, ''),
    coalesce(t.gender, ''), t.birth_year, t.birth_month, t.birth_day, t.birthday_calendar,
    coalesce(t.joined_at, %(at)s), t.joined_at IS NOT NULL, t.store_id, coalesce(t.source, ''), %(entry)s
  FROM tmp_members t WHERE t.error IS NULL AND t.existing IS NULL ORDER BY t.member_no
  RETURNING true AS created),
changed AS (
  UPDATE members_member m SET
    name = coalesce(t.name, m.name), name_pinyin = coalesce(t.name_pinyin, m.name_pinyin),
    phone = coalesce(t.own_phone, m.phone), gender = coalesce(t.gender, m.gender),
    birth_year = CASE WHEN t.birth_month IS NULL THEN m.birth_year ELSE t.birth_year END,
    birth_month = coalesce(t.birth_month, m.birth_month), birth_day = coalesce(t.birth_day, m.birth_day),
    birthday_calendar = CASE WHEN t.birth_month IS NULL THEN m.birthday_calendar ELSE t.birthday_calendar END,
    joined_at = coalesce(t.joined_at, m.joined_at), joined_told = m.joined_told OR t.joined_at IS NOT NULL,
    home_store_id = coalesce(t.store_id, m.home_store_id),
    source = coalesce(t.source, m.source), entry_id = %(entry)s
  FROM tmp_members t WHERE m.id = t.existing AND t.error IS NULL AND t.same IS NOT TRUE
  RETURNING false)
SELECT created FROM written UNION ALL SELECT * FROM changed
"""
# Words are told apart by any separator; a word nobody knows becomes a personal tag.
TAGS = """
WITH words AS (
  SELECT DISTINCT t.member_no, btrim(word) AS name
  FROM tmp_members t, regexp_split_to_table(t.tags, '[;；,，、|]') AS word
  WHERE t.error IS NULL AND t.same IS NOT TRUE AND btrim(word) <> ''),
fresh AS (
  INSERT INTO members_tag (name, family, colour, entry_id)
  SELECT DISTINCT left(name, 60), 'personal', '', %(entry)s FROM words ORDER BY 1
  ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, name, expires_days),
put AS (
  INSERT INTO members_membertag (member_id, tag_id, source, set_at, set_by_id, expires_on, entry_id)
  SELECT m.id, g.id, 'import', %(at)s, %(by)s, %(today)s::date + g.expires_days, %(entry)s
  FROM words w JOIN members_member m ON m.member_no = w.member_no JOIN fresh g ON g.name = left(w.name, 60)
  ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING member_id, tag_id)
INSERT INTO members_tagmove (member_id, tag_id, kind, source, reason, moved_at, by_id, entry_id)
SELECT member_id, tag_id, 'added', 'import', '', %(at)s, %(by)s, %(entry)s FROM put ORDER BY 1, 2
"""
# A region's or a store's own tag is not put on who is at home elsewhere.
TAG_ELSEWHERE = """
UPDATE tmp_members t SET error = 'tag_elsewhere', error_column = 'tags'
WHERE t.error IS NULL AND t.tags IS NOT NULL AND EXISTS (
  SELECT FROM regexp_split_to_table(t.tags, '[;；,，、|]') AS word JOIN members_tag g ON g.name = left(btrim(word), 60)
  LEFT JOIN stores_store h
    ON h.id = coalesce(t.store_id, (SELECT home_store_id FROM members_member WHERE id = t.existing))
  WHERE num_nonnulls(g.store_id, g.region_id) = 1 AND (g.store_id = h.id OR g.region_id = h.region_id) IS NOT TRUE)
"""
OF_PLACES = "SELECT EXISTS (SELECT FROM members_tag WHERE store_id IS NOT NULL OR region_id IS NOT NULL)"
# A member who changes her phone gives up the former one.
PHONES = """
WITH left_behind AS (
  DELETE FROM members_identity d USING tmp_members t
  WHERE d.kind = 'phone' AND d.member_id = t.existing AND t.error IS NULL AND t.own_phone IS NOT NULL
    AND d.value <> t.own_phone)
INSERT INTO members_identity (kind, value, member_id, entry_id)
SELECT 'phone', t.own_phone, m.id, %(entry)s FROM tmp_members t JOIN members_member m ON m.member_no = t.member_no
WHERE t.error IS NULL AND t.own_phone IS NOT NULL AND t.same IS NOT TRUE ORDER BY t.own_phone
ON CONFLICT DO NOTHING
"""
# One phone, two members in one file: the first line that is not refused has it, the others claim it.
PHONE_TWICE = """
UPDATE tmp_members t SET own_phone = NULL
FROM (SELECT line, first_value(line) OVER (PARTITION BY own_phone ORDER BY line) AS first_line
      FROM tmp_members WHERE error IS NULL AND own_phone IS NOT NULL) f
WHERE f.line = t.line AND f.first_line < f.line
"""
CLAIMING = "SELECT EXISTS (SELECT 1 FROM tmp_members WHERE phone IS NOT NULL AND own_phone IS NULL)"
STATED = f"""
SELECT m.id AS member_id, v.kind, v.value FROM tmp_members t JOIN members_member m ON m.member_no = t.member_no
CROSS JOIN LATERAL {carried.values_of("t")} WHERE t.error IS NULL AND v.value IS NOT NULL
"""
OTHERS = """
INSERT INTO members_identity (kind, value, member_id, entry_id)
SELECT DISTINCT ON (kind, value) kind, value, member_id, %(entry)s FROM tmp_stated WHERE kind <> 'phone'
ORDER BY kind, value, member_id ON CONFLICT DO NOTHING
"""
# In the order of their ids, as everybody does who changes members.
LOCK_CHANGING = """
SELECT 1 FROM members_member WHERE id IN (SELECT existing FROM tmp_members WHERE error IS NULL AND same IS FALSE)
ORDER BY id FOR NO KEY UPDATE
"""
LEFT = """
SELECT left_joined_at FROM tmp_members
WHERE error IS NULL AND same IS FALSE AND joined_at IS NOT NULL AND joined_at <> left_joined_at
"""
# What lies outside the stores an integration is confined to is not there for it.
OUTSIDE = """
UPDATE tmp_members t SET error = 'unknown_store', error_column = 'store_code'
WHERE t.error IS NULL AND (t.store_id IS NULL OR t.store_id <> ALL(%(within)s) OR EXISTS (
  SELECT 1 FROM members_member m LEFT JOIN stores_store h ON h.id = m.home_store_id
  WHERE m.id = t.existing AND (h.id IS NULL OR h.id <> ALL(%(within)s))))
"""
CHANGING = "SELECT existing FROM tmp_members WHERE error IS NULL AND same IS FALSE"
RECIPE = staging.Recipe(
    name="members",
    line_name="members.member.recorded",
    types={
        "line": "int", "dup_of": "int", "joined_at": "timestamptz",
        "birth_year": "int", "birth_month": "int", "birth_day": "int",
    },
    resolve=RESOLVE,
    write=WRITE,
    back_name="members.member.withdrawn",
    trail=Trail(
        creates=(
            "members_tagmove", "members_membertag", "members_claim", "members_duplicate", "members_identity",
            "members_member",
        ),
        counted=(("members_member", "created"),),
        words=("members_tag",),
        keeps=(
            ("members_member", f"k.id IN ({CHANGING})"),
            ("members_identity", f"k.kind = 'phone' AND k.member_id IN ({CHANGING})"),
        ),
    ),
)  # fmt: skip


def take_seats(count: int) -> int:
    """Take the next `count` seats and return the first; whoever creates members queues here."""
    sql.execute("INSERT INTO members_seatcounter (id, next_seat) VALUES (1, 0) ON CONFLICT (id) DO NOTHING")
    found = sql.rows(
        "UPDATE members_seatcounter SET next_seat = next_seat + %(count)s WHERE id = 1 RETURNING next_seat",
        {"count": count},
    )
    return int(found[0][0]) - count


def _seat_new_ones(params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    if params["within"] is not None:
        sql.execute(OUTSIDE, params)
    tombstones.refuse()
    sql.execute(PHONE_TWICE)
    if sql.rows(OF_PLACES)[0][0]:
        sql.execute(TAG_ELSEWHERE)
    sql.execute(LOCK_CHANGING)
    new = "FROM tmp_members WHERE error IS NULL AND existing IS NULL"
    first = take_seats(int(sql.rows(f"SELECT count(*) {new}")[0][0]))
    sql.execute(
        "UPDATE tmp_members t SET seat = %(first)s + n.number FROM"
        f" (SELECT line, row_number() OVER (ORDER BY member_no) - 1 AS number {new}) n WHERE n.line = t.line",
        {"first": first},
    )
    # The days of a joining that moves are counted anew, also the one it leaves.
    left = sorted({at.isoformat() for (at,) in sql.rows(LEFT)})
    return {"left_instants": left} if left else {}


def _tags_and_identities(params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    sql.execute(TAGS, params)
    sql.execute(PHONES, params)
    if not carried.filled("tmp_members") and not sql.rows(CLAIMING)[0][0]:
        return {}
    sql.temporary("tmp_stated", STATED)
    sql.execute(OTHERS, params)
    claimed = claims.contend(table="tmp_stated", params={**params, "source": "members"})
    return {"claims": claimed} if claimed else {}


@verb
def record(
    *, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None
) -> Outcome:  # fmt: skip
    """Record members as a file or a system states them: new ones join, known ones are brought up to date.

    Batch columns: those of `members.importers.MEMBERS`. An empty cell keeps what is there; tags are added, never
    removed. `within`: stores (ids) beyond which nothing is there.
    Row refusals: unknown_store, in_future, no_such_day, phone_taken, phone_twice, tag_elsewhere, person_erased.
    Writes: members.member.recorded.
    """
    take_seats(0)
    steps = staging.Steps(between=_seat_new_ones, after=_tags_and_identities)
    params = {"by": by.pk if by else None, "within": within}
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=steps)
