"""Store days equal the orders and members they were counted from, whatever changed since."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.actions import facts
from analytics.models import StaleDay, StoreDay
from members.models import Member, Order
from newretail.kernel import books, sql
from newretail.kernel.actions import relay
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from tests import world

pytestmark = pytest.mark.usefixtures("brand")
ZONE = ZoneInfo("Asia/Shanghai")
FIRST, DAYS, PEOPLE = datetime(2026, 1, 1, tzinfo=ZONE), 40, 25


def count():
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert books.verify() == []


def recruits():
    found = StoreDay.objects.filter(recruits__gt=0).order_by("day")
    return [(str(day), number) for day, number in found.values_list("day", "recruits")]


def kept(**within):
    """Facts as kept: day and store to (orders, member orders, buyers, sales, refunded, recruits)."""
    rows = StoreDay.objects.filter(**within).values_list(
        "day", "store__code", "orders", "member_orders", "buyers", "sales_cents", "refunded_cents", "recruits"
    )
    return {(day, code): tuple(figures) for day, code, *figures in rows}


def raw():
    """The same from orders, refunds and members, one by one."""
    figures, buyers = defaultdict(lambda: [0, 0, 0, 0, 0, 0]), defaultdict(set)
    for order in Order.objects.select_related("store").prefetch_related("refunds"):
        key = order.paid_at.astimezone(ZONE).date(), order.store.code if order.store else None
        buyers[key] |= {order.member_id} - {None}
        back = sum(refund.amount_cents for refund in order.refunds.all())
        more = 1, order.member_id is not None, 0, order.amount_cents, back, 0
        figures[key] = [a + int(b) for a, b in zip(figures[key], more, strict=True)]
    for member in Member.objects.select_related("home_store"):
        key = member.joined_at.astimezone(ZONE).date(), member.home_store.code if member.home_store else None
        figures[key][5] += 1
    return {key: (*rest[:2], len(buyers[key]), *rest[3:]) for key, rest in figures.items()}


def instant(draw):
    return (FIRST + timedelta(minutes=draw.randrange(DAYS * 24 * 60))).isoformat()


def maybe(draw, name, values):
    """A cell that may be empty."""
    value = draw.choice([*values, None])
    return {name: value} if value else {}


def trade(draw, names):
    """Orders of these names: new ones, or known ones stated otherwise."""
    return world.buy(*(
        world.order(name, draw.randrange(5, 90), instant(draw), **maybe(draw, "store_code", ("SH01", "GZ01")),
                    **maybe(draw, "member_no", [f"P{draw.randrange(PEOPLE)}"]))
        for name in names
    ))  # fmt: skip


def give_back(draw, step):
    rows = draw.sample(list(Order.objects.order_by("pk")), 15)
    world.refund(*({"refund_no": f"R{step}", "order_no": row.order_no, "amount": "1.50", "refunded_at": instant(draw)}
                   for row in rows))  # fmt: skip


def join(draw, numbers):
    world.people(*({"member_no": f"P{i}", "joined_at": instant(draw), **maybe(draw, "store_code", ("SH01", "GZ01"))}
                   for i in numbers))  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_facts_equal_the_raw_rows_through_late_orders_refunds_and_changes(seed):
    draw = random.Random(seed)
    world.stores({"code": "SH01", "name": "上海"}, {"code": "GZ01", "name": "广州"})
    join(draw, range(PEOPLE))
    trade(draw, [f"O{i}" for i in range(120)])
    for step in range(4):
        count()
        assert kept() == raw()
        trade(draw, [f"late {step} {i}" for i in range(5)])
        trade(draw, [f"O{i}" for i in draw.sample(range(120), 10)])
        give_back(draw, step)
        join(draw, draw.sample(range(PEOPLE), 5))


@pytest.mark.parametrize(("first", "last"), [(0, DAYS), (3, 4), (10, 20), (5, 5), (-30, 3), (35, 60)])
def test_a_range_counted_anew_equals_the_raw_rows_of_these_days(first, last):
    draw = random.Random(9)
    world.stores({"code": "SH01", "name": "上海"}, {"code": "GZ01", "name": "广州"})
    join(draw, range(PEOPLE))
    trade(draw, [f"O{i}" for i in range(150)])
    bounds = [FIRST.date() + timedelta(days=days) for days in (first, last)]
    counts = facts.refresh(first=bounds[0], last=bounds[1], at=world.NOW)
    expected = {key: row for key, row in raw().items() if bounds[0] <= key[0] < bounds[1]}
    assert kept() == expected
    assert counts == {"days": last - first, "store_days": len(expected)}


def test_a_range_counted_twice_is_the_same():
    world.buy(world.order("A", "1", "2026-06-01"), world.order("B", "1", "2026-06-02"))
    span = {"first": date(2026, 6, 1), "last": date(2026, 6, 3), "at": world.NOW}
    counts = facts.refresh(**span)
    before = kept()
    assert facts.refresh(**span) == counts
    assert kept() == before


def test_stale_days_counted_twice_are_counted_once():
    world.buy(world.order("A", "1", "2026-06-01"))
    relay.drain(at=world.NOW)
    assert facts.refresh_stale(at=world.NOW) == {"days": 1, "store_days": 1}
    assert facts.refresh_stale(at=world.NOW) == {"days": 0, "store_days": 0}
    assert JournalEntry.objects.filter(name="analytics.fact.refreshed").count() == 1


def test_only_days_that_changed_are_counted_anew():
    world.buy(*(world.order(f"A{i}", "1", f"2026-06-{i + 1:02d}") for i in range(9)))
    count()
    world.buy(world.order("A3", "2", "2026-06-07T12:00:00"))
    relay.drain(at=world.NOW)
    stale = StaleDay.objects.order_by("day").values_list("day", flat=True)
    assert [day.day for day in stale] == [4, 7]
    assert facts.refresh_stale(at=world.NOW)["days"] == 2


@pytest.mark.parametrize(("paid_at", "day"), [("2026-06-01T23:59:59", 1), ("2026-06-02T00:00:00", 2)])
def test_a_day_begins_at_the_brands_midnight(paid_at, day):
    world.buy(world.order("A", "1", paid_at))
    count()
    assert StoreDay.objects.get().day == date(2026, 6, day)


def test_a_day_whose_last_order_moves_away_is_gone():
    world.buy(world.order("A", "1", "2026-06-01"))
    count()
    world.buy(world.order("A", "1", "2026-06-05"))
    count()
    assert [(str(day), code) for day, code in kept()] == [("2026-06-05", None)]


def test_a_late_refund_corrects_the_day_its_order_was_paid():
    world.buy(world.order("A", "10", "2026-06-01"))
    count()
    world.refund({"refund_no": "R", "order_no": "A", "amount": "4", "refunded_at": "2026-06-14"})
    count()
    assert kept() == {(date(2026, 6, 1), None): (1, 0, 0, 1000, 400, 0)}


def test_a_member_who_joined_another_day_is_a_recruit_of_that_day_alone():
    world.people({"member_no": "V1", "joined_at": "2026-06-01"})
    count()
    world.people({"member_no": "V1", "joined_at": "2026-05-01"})
    count()
    assert recruits() == [("2026-05-01", 1)]


def test_a_payer_whose_earlier_order_comes_late_is_a_recruit_of_that_day_alone():
    world.buy(world.order("A", "1", "2026-06-01", member_no="N1"), enrol=True)
    count()
    world.buy(world.order("B", "1", "2026-05-01", member_no="N1"), enrol=True)
    count()
    assert recruits() == [("2026-05-01", 1)]


def test_a_member_who_moves_home_is_a_recruit_of_her_new_store():
    world.chain()
    count()
    world.people({"member_no": "V2", "store_code": "SH01"})
    count()
    assert kept(day=date(2026, 6, 1)) == {(date(2026, 6, 1), "SH01"): (0, 0, 0, 0, 0, 1)}


def test_a_batch_that_moves_an_order_and_a_joining_leaves_neither_day_as_it_was():
    world.buy(world.order("A", "1", "2026-06-01", member_no="N1"), world.order("B", "1", "2026-06-05"), enrol=True)
    count()
    world.buy(world.order("B", "1", "2026-06-06"), world.order("C", "1", "2026-05-01", member_no="N1"), enrol=True)
    count()
    assert recruits() == [("2026-05-01", 1)]
    assert kept() == raw()


@pytest.mark.parametrize("statement", ["MARK_MEMBERS", "MARK_DAYS"])
def test_what_one_line_touched_is_found_without_reading_whole_tables(statement):
    """A till sends one order after another: each is a line of its own."""
    given = {"entry": 1, "zone": ZONE.key, "members": [], "instants": []}
    with writing("tests"):
        sql.execute("SET LOCAL enable_seqscan = off")
        plan = [line for (line,) in sql.rows(f"EXPLAIN {getattr(facts, statement)}", given)]
    assert not [line for line in plan if "Seq Scan" in line]
