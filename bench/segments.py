"""Segments of a million members: counted while they are written, beside joins by the ORM; their audience fetched."""

import random
from datetime import UTC, datetime
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import Q

from bench.figures import Figure, at_least, at_most, holds
from bench.ground import SMALL, Ground, brand
from bench.meter import spoken
from campaigns.actions import refreshing, seat_maps
from campaigns.actions import segments as verbs
from campaigns.models import SegmentMember
from campaigns.queries import counting, segments
from campaigns.queries.segments import Moment
from members.models import Member
from members.queries.conditions import tree
from newretail.kernel import sql
from newretail.kernel.verbs import verb

MANY = {"full": 1_000_000, "medium": 1_000_000, "small": 20_000}
FEW = 3_000
CONDITIONS, TREES, ORM_TREES = 30, 60, 3
TAGS = 10
AT = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
MEMBERS = """
INSERT INTO members_member (member_no, seat, name, name_pinyin, phone, gender, birth_year, birth_month, birth_day,
  birthday_calendar, joined_at, joined_told, home_store_id, source, entry_id)
SELECT 'SEG' || n, (SELECT next_seat FROM members_seatcounter) + n - 1, '', '', '', (ARRAY['f', 'm'])[1 + n %% 2],
  1960 + n %% 45, 1 + n %% 12, 1 + n %% 28, 'solar', %(at)s::timestamptz - (n %% 900) * interval '1 day', true,
  (SELECT min(id) FROM stores_store), 'bench', 0
FROM generate_series(1, %(many)s) n
"""
SEATS = "UPDATE members_seatcounter SET next_seat = next_seat + %(many)s"
PORTRAITS = """
INSERT INTO members_portrait (member_id, purchases, frequency, monetary_cents, r, f, m, "group", is_super, relationship,
  stage, stage_since, first_day, last_day)
SELECT id, 1 + seat %% 9, 1 + seat %% 9, seat %% 90000, 1 + seat %% 5, 1 + seat / 5 %% 5, 1 + seat / 25 %% 5,
  'general_keep', seat %% 50 = 0, 'repeat', (ARRAY['active', 'wake', 'win_back', 'dormant', 'lost'])[1 + seat / 7 %% 5],
  '2026-01-01', '2024-01-01', %(at)s::date - (seat %% 700)
FROM members_member WHERE source = 'bench'
"""
TAGGED = """
WITH made AS (INSERT INTO members_tag (name, family, colour, entry_id)
  SELECT 'seg' || n, 'life', '', 0 FROM generate_series(0, %(tags)s - 1) n RETURNING id, substr(name, 4)::int AS nth)
INSERT INTO members_membertag (member_id, tag_id, source, set_at, entry_id)
SELECT m.id, t.id, 'import', %(at)s, 0 FROM members_member m JOIN made t ON m.seat::bigint * (t.nth + 3) %% 19 < 6
WHERE m.source = 'bench'
"""
ARRAYS = """
CREATE TABLE IF NOT EXISTS pg_temp.tmp_bench_arrays AS SELECT member_id, array_agg(DISTINCT tag_id::int) AS held
FROM members_membertag GROUP BY 1
"""
GIN = "CREATE INDEX ON pg_temp.tmp_bench_arrays USING gin (held)"
BY_ARRAYS = """
CREATE TEMPORARY TABLE tmp_bench_audience ON COMMIT DROP AS SELECT member_id FROM tmp_bench_arrays
WHERE held @> (SELECT array_agg(id::int) FROM members_tag WHERE name IN ('seg0', 'seg1', 'seg2'))
"""
BY_SEGMENT = """
CREATE TEMPORARY TABLE tmp_bench_audience ON COMMIT DROP AS
SELECT member_id FROM campaigns_segmentmember WHERE segment_id = %(segment)s
"""
AUDIENCE = {"field": "tags", "op": "all_of", "value": ["seg0", "seg1", "seg2"]}


def _leaves() -> list[tuple[dict[str, Any], Q]]:
    """Give thirty conditions, each with what the ORM says instead."""
    numbers = [(f"portrait.{name}", name, n) for name in "rfm" for n in range(1, 6)]
    found = [({"field": field, "op": "is", "value": n}, Q(**{f"portrait__{name}": n})) for field, name, n in numbers]
    stages = ("active", "wake", "win_back", "dormant", "lost")
    found += [({"field": "portrait.stage", "op": "one_of", "value": [s]}, Q(portrait__stage=s)) for s in stages]
    names = [f"seg{n}" for n in range(TAGS)]
    found += [({"field": "tags", "op": "any_of", "value": [name]}, Q(tag_links__tag__name=name)) for name in names]
    return found


def _tree(draw: random.Random) -> tuple[dict[str, Any], Q]:
    """Put all thirty into one tree: whoever some groups hold, each of both one of three and one of two conditions."""
    left, groups, whole = draw.sample(_leaves(), CONDITIONS), [], Q()
    for at in range(0, CONDITIONS, 5):
        three, two = left[at : at + 3], left[at + 3 : at + 5]
        groups.append({"all": [{"any": [raw for raw, _q in some]} for some in (three, two)]})
        whole |= _either(three) & _either(two)
    return {"any": groups}, whole


def _either(some: list[tuple[dict[str, Any], Q]]) -> Q:
    either = Q()
    for _raw, q in some:
        either |= q
    return either


@verb
def _fill(many: int) -> None:
    """Put members, portraits and tags down."""
    given = {"many": many, "at": AT, "tags": TAGS}
    for statement in (MEMBERS, SEATS, PORTRAITS, TAGGED):
        sql.execute(statement, given)


def _timed(work: Any) -> tuple[Any, float]:
    began = perf_counter()
    return work(), perf_counter() - began


@transaction.atomic
def _fetched(statement: str, params: sql.Params) -> tuple[int, float]:
    """Fetch an audience into a table; how many, and the seconds."""
    _none, took = _timed(lambda: sql.execute(statement, params))
    count = sql.count("tmp_bench_audience")
    transaction.set_rollback(True)
    return count, took


def _audience(rounds: int) -> tuple[int, int, float, float]:
    """Fetch the same members from a segment and from arrays with a GIN index; both counts, both medians."""
    version = verbs.keep(code="bench", name="bench", conditions=AUDIENCE, at=AT)
    refreshing.refresh(version=version, at=AT)
    sql.vacuum("campaigns_segmentmember")
    for statement in (ARRAYS, GIN, "ANALYZE pg_temp.tmp_bench_arrays"):
        sql.execute(statement)
    ours = [_fetched(BY_SEGMENT, {"segment": version.segment_id}) for _round in range(rounds)]
    theirs = [_fetched(BY_ARRAYS, {}) for _round in range(rounds)]
    kept = SegmentMember.objects.filter(segment=version.segment_id).count()
    return kept, theirs[0][0], median(took for _n, took in ours), median(took for _n, took in theirs)


def measure(ground: Ground) -> list[Figure]:
    """Draw thirty conditions, count trees of all of them, compare with the ORM and with the exact statement."""
    many = MANY.get(ground.scale.name, FEW)
    ground.say(f"segments of {many:,} members")
    with brand(SMALL):
        _fill(many)
        sql.vacuum("members_member", "members_portrait", "members_membertag", "members_tag")
        draw = random.Random(30)
        trees = [_tree(draw) for _each in range(TREES)]
        nodes = [tree.read(raw) for raw, _q in trees]
        drawn, drew = _timed(lambda: seat_maps.draw(nodes=nodes[:1], at=AT))
        asked = [counting.question([node]) for node in nodes]
        counted = [_timed(lambda asked=asked: int(sql.rows(*asked)[0][0])) for asked in asked]
        times = [took for _count, took in counted]
        orm = [
            _timed(Member.objects.filter(merged_into=None).filter(q).distinct().count) for _raw, q in trees[:ORM_TREES]
        ]
        exact = [segments.count(node, Moment.now(AT)) for node in nodes[:ORM_TREES]]
        told = [count for count, _took in counted[:ORM_TREES]]
        ratio = median(took for _count, took in orm) / median(times)
        kept, found, ours, theirs = _audience(max(ground.scale.rounds, 3))
    p95 = quantiles(times, n=20)[-1]
    return [
        holds(f"segments: {CONDITIONS} conditions of {many:,} members counted, median and p95",
              f"{spoken(median(times))}, {spoken(p95)}", "≤ 2 ms, ≤ 5 ms", ok=median(times) <= 0.002 and p95 <= 0.005),
        at_least(Figure("segments: the same by joins of the ORM", spoken(median(times)),
                        spoken(median(took for _count, took in orm)), ratio), 50),
        holds("segments: counts by bits, by the statement, by the ORM",
              f"{told} {exact} {[count for count, _took in orm]}", "equal",
              ok=told == exact == [count for count, _took in orm]),
        Figure(f"segments: {drawn} conditions drawn for the first time", spoken(drew)),
        at_most(Figure(f"segments: the audience of {kept:,} fetched into a table", spoken(ours),
                       f"int[] GIN {spoken(theirs)}", ours / theirs), 0.6),
        holds("segments: the audience is whom the arrays hold", f"{kept:,} / {found:,}", "equal", ok=kept == found),
    ]  # fmt: skip
