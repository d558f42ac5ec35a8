"""Guide days and buyers of store days equal the raw rows, whatever came late, went back or changed hands."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.actions import facts, standings
from analytics.models import DayBuyers, GuideDay, StaleDay, StoreDay, StoreRepeat, StoreStanding
from members.models import Member, Order
from newretail.kernel import books, sql
from newretail.kernel.actions import relay
from newretail.kernel.jobs import relay_lines
from tests import sights, world

pytestmark = pytest.mark.usefixtures("brand")
ZONE = ZoneInfo("Asia/Shanghai")
FIRST, DAYS, ORDERS, PEOPLE = datetime(2026, 1, 1, 12, tzinfo=ZONE), 50, 12, 4
STORES, STAFF = ("SH01", "GZ01"), ("G1", "G2")

day = st.integers(0, DAYS - 1)
who = st.sampled_from([None, *(f"P{i}" for i in range(PEOPLE))])
bought = st.tuples(st.just("order"), st.integers(0, ORDERS - 1), day, who, st.sampled_from([None, *STORES]),
                   st.sampled_from([None, *STAFF]), st.sampled_from(["0", "5", "9"]))  # fmt: skip
back = st.tuples(st.just("refund"), st.integers(0, ORDERS - 1), st.sampled_from(["2", "5", "9"]))
joined = st.tuples(st.just("join"), st.integers(0, PEOPLE - 1), day)
lined = st.tuples(st.just("line"), st.integers(0, ORDERS - 1), st.integers(1, 3), st.integers(1, 4))
counted = st.tuples(st.just("count"), st.integers(1, 3))


def moment(number):
    return (FIRST + timedelta(days=number)).isoformat()


def cells(**given):
    return {name: value for name, value in given.items() if value is not None}


def act(step, deed):
    kind, number, *rest = deed
    if kind == "order":
        on, member, store, staff, amount = rest
        more = cells(member_no=member, store_code=store, staff_no=staff)
        world.buy(world.order(f"O{number}", amount, moment(on), **more))
    elif kind == "refund":
        world.refund({"refund_no": f"R{step}", "order_no": f"O{number}", "amount": rest[0], "refunded_at": moment(50)})
    elif kind == "join":
        world.people({"member_no": f"P{number}", "joined_at": moment(rest[0])})
    elif kind == "line":
        world.lines({"order_no": f"O{number}", "line_no": rest[0], "sku": "TEA", "quantity": rest[1], "amount": "0"})
    else:
        relay.drain(at=world.NOW)
        facts.refresh_stale(at=world.NOW, most=number)


def raw_buyers():
    """Of each store and day: the member of each purchase."""
    found = defaultdict(list)
    for order in Order.objects.exclude(member=None).exclude(store=None):
        if order.amount_cents == 0 or order.amount_cents > order.refunded_cents:
            found[order.store_id, order.paid_at.astimezone(ZONE).date()].append(order.member_id)
    return {key: sorted(members) for key, members in found.items()}


def kept_buyers():
    return {(row.store_id, row.day): row.members for row in DayBuyers.objects.order_by()}


def raw_guides():
    """Of each post and day: orders, units, recruits."""
    found = defaultdict(lambda: [0, 0, 0])
    orders = list(Order.objects.order_by("paid_at", "pk").prefetch_related("lines"))
    for order in orders:
        row = found[order.sold_by_id, order.paid_at.astimezone(ZONE).date()]
        row[0] += 1
        row[1] += sum(line.quantity for line in order.lines.all())
    for member in Member.objects.order_by():
        on = member.joined_at.astimezone(ZONE).date()
        first = [o for o in orders if o.member_id == member.pk and o.paid_at.astimezone(ZONE).date() == on][:1]
        for order in first:
            found[order.sold_by_id, on][2] += 1
    return {key: tuple(row) for key, row in found.items() if key[0]}


def kept_guides():
    return {(row.post_id, row.day): (row.orders, row.units, row.recruits) for row in GuideDay.objects.order_by()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.one_of(bought, bought, bought, back, joined, lined, counted), max_size=25))
def test_facts_equal_the_raw_rows_after_any_course_of_events(deeds):
    with transaction.atomic():
        world.chain()
        world.staff({"staff_no": "G2", "name": "小丽", "store_code": "GZ01", "role": "guide"})
        world.people(*({"member_no": f"P{i}", "joined_at": moment(i)} for i in range(PEOPLE)))
        for step, deed in enumerate(deeds):
            act(step, deed)
        relay.drain(at=world.NOW)
        facts.refresh_stale(at=world.NOW)
        assert kept_buyers() == raw_buyers()
        assert kept_guides() == raw_guides()
        assert books.verify() == []
        transaction.set_rollback(True)


def count():
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)


def of(member_no, code="SH01"):
    """The days on which a member bought in a store, a day for each purchase."""
    number = Member.objects.get(member_no=member_no).pk
    rows = DayBuyers.objects.filter(store__code=code, members__contains=[number]).order_by("day")
    return [f"{row.day:%m-%d}" for row in rows for _ in range(row.members.count(number))]


def buy(number, on, member="V1"):
    world.buy(world.order(number, "10", f"2026-{on}T10:00:00", member_no=member, store_code="SH01"))


def test_who_bought_twice_on_a_day_stands_there_twice():
    world.chain()
    for number, on in (("A", "06-01"), ("B", "06-01"), ("C", "06-09")):
        buy(number, on)
    count()
    assert of("V1") == ["06-01", "06-01", "06-09"]


def test_an_order_that_comes_late_falls_between_those_known():
    world.chain()
    for number, on in (("A", "06-01"), ("C", "06-09"), ("B", "06-05"), ("0", "05-01")):
        buy(number, on)
        count()
    assert of("V1") == ["05-01", "06-01", "06-05", "06-09"]


def test_a_purchase_that_went_back_whole_is_none():
    world.chain()
    for number, on in (("A", "06-01"), ("B", "06-05"), ("C", "06-09")):
        buy(number, on)
    count()
    world.refund({"refund_no": "R", "order_no": "C", "amount": "10", "refunded_at": "2026-06-10"})
    count()
    assert of("V1") == ["06-01", "06-05"]


def test_an_order_that_changes_hands_leaves_its_first_buyer():
    world.chain()
    buy("A", "06-01")
    count()
    world.buy(world.order("A", "10", "2026-06-01T10:00:00", member_no="V2", store_code="SH01"))
    count()
    assert of("V1") == []
    assert of("V2") == ["06-01"]


def versions():
    """Which version of each row of the facts stands in its place: a row that was written is another one."""
    tables = ("storeday", "guideday", "daybuyers")
    return [sql.rows(f"SELECT ctid::text, xmin::text FROM analytics_{table} ORDER BY 1") for table in tables]


def test_a_day_counted_again_writes_no_row_that_is_right_already():
    world.chain()
    for number, on in (("A", "06-01"), ("B", "06-01"), ("C", "06-02")):
        world.buy(world.order(number, "10", f"2026-{on}T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"))
    count()
    before = versions()
    facts.refresh(first=date(2026, 5, 1), last=date(2026, 7, 1), at=world.NOW)
    assert [len(rows) for rows in before] == [4, 2, 2]
    assert versions() == before


def test_lines_that_come_after_their_order_bring_its_units():
    world.chain()
    buy("A", "06-01")
    count()
    world.lines({"order_no": "A", "line_no": 1, "sku": "TEA", "quantity": 3, "amount": "10"})
    count()
    assert StoreDay.objects.filter(store__code="SH01").values_list("units", "lined_orders", "known_cents").get(
        orders=1
    ) == (3, 1, 1000)


def test_the_day_is_counted_anew_each_time_lines_were_carried():
    world.chain()
    buy("A", "06-15")
    relay_lines()
    assert StoreDay.objects.get(orders=1).sales_cents == 1000
    buy("B", "06-15")
    relay_lines()
    assert StoreDay.objects.get(orders=2).sales_cents == 2000
    assert not StaleDay.objects.exists()


def test_the_newest_days_are_counted_first_and_the_others_wait():
    for on in range(1, 10):
        world.buy(world.order(f"A{on}", "1", f"2026-06-{on:02d}"))
    relay.drain(at=world.NOW)
    assert facts.refresh_stale(at=world.NOW, most=2)["days"] == 2
    assert sorted(row.day.day for row in StaleDay.objects.order_by()) == [1, 2, 3, 4, 5, 6, 7]


def test_the_repeat_rate_counts_buyers_of_a_year_and_those_who_came_again():
    world.chain()
    for number, on, member in (("A", "06-01", "V1"), ("B", "06-05", "V1"), ("C", "06-09", "V2")):
        buy(number, on, member)
    world.buy(world.order("D", "10", "2025-01-01", member_no="V2", store_code="SH01"))
    count()
    standings.count(as_of=sights.TODAY, at=world.NOW)
    found = StoreRepeat.objects.get(store__code="SH01")
    assert (found.buyers, found.repeaters) == (2, 1)


def test_members_are_counted_by_home_store_and_stage_and_those_about_to_lapse():
    world.chain()
    buy("A", "03-20")  # three months later is 20 June, five days from today
    with time_machine.travel(world.NOW, tick=False):
        sights.night()
    rows = {(row.store.code, row.stage, row.relationship): (row.members, row.lapsing)
            for row in StoreStanding.objects.select_related("store")}  # fmt: skip
    assert rows == {("SH01", "active", "new"): (1, 1), ("GZ01", "onboarding", "prospect"): (1, 0)}
