"""The timeline of a member: everything once and in order, as far as somebody may see, at a cost that does not grow."""

import json
import random
from datetime import timedelta

import pytest

from members.models import MemberTag, Tag, TagMove
from members.queries import families, portrayal
from members.queries.timeline import stretch
from members.queries.timeline.strands import KINDS, STRANDS
from members.queries.timeline.stretch import Mark, Seen, Wish
from newretail.kernel import clock, sql
from newretail.kernel.guard import writing
from stores.models import Store
from tests import sights, world
from tests.members import lives, purse

pytestmark = [pytest.mark.usefixtures("traded"), pytest.mark.books_may_break]

HOUR, MINUTE, ALL = timedelta(hours=1), timedelta(minutes=1), Wish()


def seen(user, number="V1"):
    family = list(families.rows_of(world.member(number)).order_by("pk"))
    return Seen(family, user, portrayal.tags_seen(user))


def walked(whose, wish=ALL, at=world.NOW):
    """Every entry of a timeline, page by page."""
    pages = []
    while True:
        found = stretch.stretch(whose, wish, at=at)
        pages.append(found.entries)
        if found.earlier is None:
            return pages
        after = stretch.mark_of(str(found.earlier))
        wish = Wish(wish.kinds, wish.since, wish.until, after)


def told(pages):
    return [(entry.at, entry.strand, entry.id) for page in pages for entry in page]


def colliding(seed, number=12):
    """Instants of which many are one, and many begin a day."""
    draw = random.Random(seed)
    days = [clock.day_start(sights.TODAY - timedelta(days=draw.randrange(4))) for _ in range(number)]
    return [day + draw.choice([0 * HOUR, 0 * HOUR, HOUR, 9 * HOUR]) for day in days]


@pytest.mark.parametrize("seed", range(6))
def test_pages_show_everything_once_and_in_order_also_of_who_was_merged_into_her(seed):
    hq = sights.person("hq")
    draw = random.Random(seed)
    for number in ("V1", "V2"):
        lives.live(world.member(number), colliding(f"{seed}{number}"))
    lives.merged(at=clock.day_start(sights.TODAY))
    ids = [world.member("V1").pk, world.member("V2").pk]
    for kinds in (set(), {"points"}, set(draw.sample(sorted(KINDS), 4))):
        pages = walked(seen(hq), Wish(kinds=frozenset(kinds)))
        assert told(pages) == lives.merged_naively(ids, kinds, world.NOW)
        assert all(len(page) == stretch.SHOWN for page in pages[:-1])


def test_every_kind_is_there_and_a_filter_shows_it_alone():
    hq = sights.person("hq")
    lives.live(world.member("V1"), [world.NOW - 3 * HOUR] * 3)
    lives.merged()
    assert {entry.strand for page in walked(seen(hq)) for entry in page} == {strand.name for strand in STRANDS}
    for kind in KINDS:
        entries = [entry for page in walked(seen(hq), Wish(kinds=frozenset({kind}))) for entry in page]
        assert {entry.kind for entry in entries} == {kind}


def test_days_hold_what_happened_from_the_first_through_the_last():
    hq, first = sights.person("hq"), sights.TODAY - timedelta(days=3)
    starts = [clock.day_start(first + timedelta(days=n)) for n in range(4)]
    lives.live(world.member("V1"), [at + shift for at in starts for shift in (0 * HOUR, 24 * HOUR - stretch.TINY)])
    wish = Wish(frozenset({"orders", "levels"}), first + timedelta(days=1), first + timedelta(days=2))
    every = lives.merged_naively([world.member("V1").pk], {"orders", "levels"}, world.NOW)
    expected = [row for row in every if starts[1] <= row[0] < starts[3]]
    assert told(walked(seen(hq), wish)) == expected != []


@pytest.mark.parametrize(
    "word", ["", "x", "1-2", "1-2-3-4", "1--1-2", "١-2-3", f"1-{len(STRANDS)}-1", "9" * 19 + "-1-1", "9" * 18 + "-1-1"]
)
def test_a_mark_that_is_none_asks_for_the_newest(word):
    assert stretch.mark_of(word) is None
    path = f"/admin/members/member/{world.member('V1').pk}/change/"
    answer = sights.browser("hq").get(path, {"after": word, "since": "x", "until": "2026-13-01", "kind": "nonsense"})
    assert answer.status_code == 200
    assert answer.context["timeline"].lines


def test_a_mark_reads_as_it_was_written():
    mark = Mark(world.NOW + stretch.TINY, 3, 77)
    assert stretch.mark_of(str(mark)) == mark


def test_a_manager_sees_the_orders_of_her_store_and_tags_that_are_no_other_stores():
    manager, hq = sights.person("manager"), sights.person("hq")
    world.buy(world.order("C1", "5.00", "2026-06-12T10:00:00", member_no="V1", store_code="GZ01"))
    world.refund({"refund_no": "R9", "order_no": "C1", "line_no": 0, "amount": "1.00",
                  "refunded_at": "2026-06-12T11:00:00"})  # fmt: skip
    lives.live(world.member("V1"), [world.NOW])
    with writing("tests"):
        Tag.objects.update(store=Store.objects.get(code="GZ01"))
    kinds = Wish(kinds=frozenset({"orders", "refunds", "tags"}))

    def facts(user):
        return {entry.facts.get("no", entry.facts.get("tag")) for page in walked(seen(user), kinds) for entry in page}

    assert facts(hq) - facts(manager) == {"C1", "爱喝茶"}
    assert {"A1", "A2"} <= facts(manager)


def test_tags_of_another_store_are_neither_on_the_page_nor_in_its_timeline():
    member = world.member("V1")
    with writing("tests"):
        for name, store in (("爱喝茶", None), ("南国", Store.objects.get(code="GZ01"))):
            tag = Tag.objects.create(name=name, store=store)
            given = {"member": member, "tag": tag, "source": "hand", "entry_id": 0}
            MemberTag.objects.create(**given, set_at=world.NOW)
            TagMove.objects.create(**given, kind="added", moved_at=world.NOW)
    for role, shown in (("hq", True), ("manager", False)):
        page = sights.text(sights.browser(role).get(f"/admin/members/member/{member.pk}/change/"))
        assert page.count("爱喝茶") == 2
        assert page.count("南国") == 2 * shown


def test_rows_of_a_merged_member_of_another_store_are_hers_to_hq_alone():
    lives.live(world.member("V2"), [world.NOW])
    lives.merged()
    manager, hq = sights.person("manager"), sights.person("hq")
    of_points = Wish(kinds=frozenset({"points"}))
    assert (len(told(walked(seen(manager), of_points))), len(told(walked(seen(hq), of_points)))) == (0, 1)


def test_points_that_moved_in_one_go_are_one_entry_with_their_sum():
    hq, of_points = sights.person("hq"), Wish(kinds=frozenset({"points"}))
    purse.give(7, number="G1")
    purse.give(5, number="G2")
    (page,) = walked(seen(hq), of_points)
    assert [(entry.facts["points"], entry.facts["many"]) for entry in page] == [(12, 2)]


def test_what_came_back_of_an_order_on_one_day_is_one_entry_with_its_sum():
    hq, of_refunds = sights.person("hq"), Wish(kinds=frozenset({"refunds"}))
    midnight = clock.day_start(sights.TODAY)
    world.buy(
        *(world.order(no, "9.00", "2026-06-01T10:00:00", member_no="V1", store_code="SH01") for no in ("M1", "M2"))
    )
    moments = [midnight - MINUTE, midnight, midnight, midnight + HOUR, midnight + HOUR]
    orders = ["M1", "M1", "M1", "M1", "M2"]
    for number, (order_no, at) in enumerate(zip(orders, moments, strict=True)):
        world.refund({"refund_no": f"X{number}", "order_no": order_no, "line_no": 0, "amount": "1.00",
                      "refunded_at": at.isoformat()})  # fmt: skip
    entries = [entry for page in walked(seen(hq), of_refunds) for entry in page if entry.facts["no"].startswith("M")]
    told = [(entry.facts["no"], entry.at, entry.facts["cents"], entry.facts["many"]) for entry in entries]
    assert told == [("M2", midnight + HOUR, 100, 1), ("M1", midnight + HOUR, 300, 3), ("M1", midnight - MINUTE, 100, 1)]


def test_kinds_are_offered_by_the_table_of_rights():
    hq, manager = sights.person("hq"), sights.person("manager")
    assert set(stretch.kinds_for(hq)) == set(KINDS)
    assert set(stretch.kinds_for(manager)) == set(KINDS) - {"persons", "privacy"}
    assert stretch.kinds_for(None) == {}
    assert stretch.stretch(Seen([], None), Wish(), at=world.NOW).entries == []


def read(whose, wish=ALL):
    """How many rows the parts of the statement read, those taken up from tables and those thrown away."""
    statement, params = stretch.statement(whose, wish, world.NOW)
    (plan,) = json.loads(json.dumps(sql.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", params)[0][0]))
    return _rows_of(plan["Plan"])


def _rows_of(node):
    scanned = "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan"
    own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] if scanned else 0
    return own + sum(_rows_of(child) for child in node.get("Plans", []))


TAKEN: list[str] = []
COPIES = {
    "members_order": ("order_no", "paid_at"), "members_pointsentry": ("source_no", "made_at"),
    "members_coupon": ("code", "issued_at", "given_key"), "members_tagmove": ("", "moved_at"),
    "members_event": ("event_no", "happened_at"), "members_touch": ("source", "planned_for"),
    "members_levelmove": ("", "moved_on"), "members_growthadjustment": ("key", "adjusted_at"),
    "members_consent": ("", "stated_at"),
}  # fmt: skip


def multiply(table, number):
    """Copy the newest row of a table, each a minute, or a day, earlier than the one before."""
    named, at, *more = COPIES[table]
    TAKEN.append(table)
    columns = [name for (name,) in sql.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %(table)s AND column_name <> 'id'"
        " AND table_schema = current_schema() ORDER BY ordinal_position", {"table": table})]  # fmt: skip
    step = "n" if at == "moved_on" else "n * INTERVAL '1 minute'"
    change = {
        at: f"{at} - {step}",
        "ref": "gen_random_uuid()",
        "refunded_cents": "0",
        **{name: f"'{len(TAKEN)}c' || n" for name in (named, *more) if name},
    }
    values = ", ".join(change.get(name, name) for name in columns)
    with writing("tests"):
        sql.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM (SELECT * FROM {table} ORDER BY id DESC"
            f" LIMIT 1) x, generate_series(1, {number}) n"
        )
        sql.execute(f"ANALYZE {table}")


def test_a_page_of_ten_thousand_entries_reads_as_many_rows_as_one_of_five_hundred():
    hq = sights.person("hq")
    lives.live(world.member("V1"), [world.NOW - HOUR])

    def grown(number):
        for table in COPIES:
            multiply(table, number)
        whose = seen(hq)
        middle = Wish(after=Mark(world.NOW - HOUR - 5 * MINUTE))
        return read(whose), read(whose, middle)

    few, many = grown(50), grown(1_100)
    assert len(told(walked(seen(hq), Wish(since=sights.TODAY)))) > 500
    for before, after in zip(few, many, strict=True):
        assert after <= before * 1.1
