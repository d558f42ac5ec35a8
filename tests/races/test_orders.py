"""Orders, their lines and refunds written at the same moment stay within each other, and come in once."""

import random
import threading
from collections import Counter

import pytest
from django.db import transaction

from analytics.actions import facts
from analytics.models import StoreDay
from members.actions import enrolment, orders, refunds
from members.models import Member, Order
from newretail.kernel import books, sql
from newretail.kernel.actions import images, relay
from tests import world
from tests.races.race import RACERS, ROUNDS, Beside, Once, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 60
ONE = "SELECT 1 FROM members_order WHERE order_no = %(number)s FOR NO KEY UPDATE"
PAYER = "SELECT 1 FROM members_member WHERE member_no = %(number)s FOR NO KEY UPDATE"


@pytest.fixture
def chain(brand):
    world.chain()
    world.buy(world.order("A", "10", "2026-06-01"))
    return brand


@pytest.mark.parametrize("amount", ["5", "10.50"])
def test_an_order_changed_while_its_lines_come_in_never_falls_below_them(chain, amount):
    with transaction.atomic():
        world.lines({"order_no": "A", "line_no": 1, "sku": "TEA", "amount": "10"})
        other = Beside(chain, lambda: world.buy(world.order("A", amount, "2026-06-01"))).start()
    refused = {"5": ["below_lines"], "10.50": []}[amount]
    assert [refusal.code for refusal in other.answer.refusals] == refused
    assert Order.objects.get().amount_cents == {"5": 1000, "10.50": 1050}[amount]


def test_an_order_lowered_while_it_is_refunded_is_refused(chain):
    with transaction.atomic():
        world.refund({"order_no": "A", "refund_no": "R", "amount": "8", "refunded_at": "2026-06-02"})
        other = Beside(chain, lambda: world.buy(world.order("A", "5", "2026-06-01"))).start()
    assert [refusal.code for refusal in other.answer.refusals] == ["below_refunds"]
    assert Order.objects.get().amount_cents == 1000


@pytest.mark.prove
def test_refunds_of_one_order_at_once_never_exceed_it(chain):
    given = {"order_no": "A", "amount": "3", "refunded_at": "2026-06-02"}
    outcomes = race(chain, RACERS, lambda number: world.refund({**given, "refund_no": f"R{number}"}))
    assert errors(outcomes) == []
    assert sorted(outcome.created for outcome in outcomes) == [0] * (RACERS - 3) + [1] * 3
    assert Order.objects.get().refunded_cents == 900


@pytest.mark.prove
def test_lines_of_one_order_at_once_never_exceed_it(chain):
    given = {"order_no": "A", "sku": "TEA", "amount": "3"}
    outcomes = race(chain, RACERS, lambda number: world.lines({**given, "line_no": number + 1}))
    assert errors(outcomes) == []
    assert sum(outcome.created for outcome in outcomes) == 3


def batch(turn, number, members):
    """Some of the round's orders in an order of their own; every order is the same whoever brings it."""
    draw = random.Random(100 * turn + number)
    picked = draw.sample(range(MANY), 2 * MANY // 3)
    return [world.order(f"{turn}-{i}", i, f"2026-06-{1 + i % 14:02d}T10:00:00", phone=f"138000000{i % members:02d}",
                        channel=("直播", "store", "mall")[i % 3]) for i in picked]  # fmt: skip


@pytest.mark.prove
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_overlapping_batches_recorded_at_once_bring_each_order_once(brand, turn):
    rows = [batch(turn, number, members=9) for number in range(RACERS)]
    outcomes = race(brand, RACERS, lambda number: world.buy(*rows[number], enrol=True))
    assert errors(outcomes) == []
    brought = {row["order_no"] for batch in rows for row in batch}
    assert Counter(Order.objects.values_list("order_no", flat=True)) == dict.fromkeys(brought, 1)
    assert sum(outcome.created for outcome in outcomes) == len(brought)
    assert {outcome.rejected for outcome in outcomes} == {0}
    assert sorted(Member.objects.values_list("seat", flat=True)) == list(range(9))


def test_without_the_unique_number_overlapping_batches_fail(chain, monkeypatch):
    together = threading.Barrier(2)
    plain = orders.ORDERS.write.partition("ON CONFLICT")[0] + "RETURNING true, NULL, NULL"
    monkeypatch.setattr(orders, "ORDERS", orders.staging.Recipe(**{**vars(orders.ORDERS), "write": plain}))
    monkeypatch.setattr(images, "keep_changing", lambda _trail, _params: together.wait(20))
    outcomes = race(chain, 2, lambda _: world.buy(world.order("B", "1", "2026-06-01")))
    assert len(errors(outcomes)) == 1


def test_refunds_and_corrections_of_the_same_orders_at_once_both_come_in(brand):
    names = [f"{i:03d}" for i in range(300)]  # the later half is written first: ids stand against the numbers
    world.buy(*(world.order(name, "10", "2026-06-01") for name in names[150:]))
    world.buy(*(world.order(name, "10", "2026-06-01") for name in names[:150]))
    given = {"amount": "1", "refunded_at": "2026-06-02", "refund_no": "R"}
    found = each(brand, [
        lambda: world.refund(*({**given, "order_no": name} for name in names)),
        lambda: world.buy(*(world.order(name, "12", "2026-06-01") for name in names)),
    ] * 2)  # fmt: skip
    assert errors(found) == []
    assert set(Order.objects.values_list("amount_cents", "refunded_cents")) == {(1200, 100)}


def test_batches_that_lock_orders_as_their_rows_stand_deadlock(chain, monkeypatch):
    world.buy(world.order("B", "10", "2026-06-01"))
    together = threading.Barrier(2)

    def lock(table):
        first, second = (number for (number,) in sql.rows(f"SELECT order_no FROM {table} ORDER BY line"))
        sql.rows(ONE, {"number": first})
        together.wait(20)
        sql.rows(ONE, {"number": second})

    monkeypatch.setattr(refunds, "lock_orders", lock)
    given = {"amount": "1", "refunded_at": "2026-06-02", "refund_no": "R"}
    found = each(chain, [
        lambda: world.refund({**given, "order_no": "A"}, {**given, "order_no": "B"}),
        lambda: world.refund({**given, "order_no": "B"}, {**given, "order_no": "A"}),
    ])  # fmt: skip
    assert ["deadlock detected" in str(error) for error in errors(found)] == [True]


def test_payers_whose_joining_moves_in_two_batches_at_once_join_with_the_earliest(brand):
    numbers = [f"N{i}" for i in range(MANY)]
    world.buy(*(world.order(f"first {no}", "1", "2026-06-10", member_no=no) for no in numbers), enrol=True)

    def bring(number):
        picked = random.Random(number).sample(numbers, MANY)
        world.buy(*(world.order(f"{number} {no}", "1", f"2026-05-{10 + number:02d}", member_no=no) for no in picked))

    assert errors(race(brand, 8, bring)) == []
    assert {str(at.date()) for at in Member.objects.values_list("joined_at", flat=True)} == {"2026-05-09"}


def joined_by_two_batches(brand):
    """Let a batch with the earlier order move a joining while one with a later order has looked already."""
    world.buy(world.order("first", "1", "2026-06-10", member_no="N"), enrol=True)
    with transaction.atomic():
        world.buy(world.order("early", "1", "2026-05-10", member_no="N"))
        other = Beside(brand, lambda: world.buy(world.order("late", "1", "2026-05-20", member_no="N"))).start()
    assert other.answer.created == 1
    return str(Member.objects.get(member_no="N").joined_at.date())


def test_a_joining_that_has_moved_meanwhile_is_not_moved_back(brand):
    assert joined_by_two_batches(brand) == "2026-05-09"


@pytest.mark.books_may_break
def test_a_joining_moved_without_looking_again_ends_with_the_later_order(brand, monkeypatch):
    monkeypatch.setattr(enrolment, "EARLIER", enrolment.EARLIER.replace("AND m.joined_at > e.paid_at", ""))
    assert joined_by_two_batches(brand) == "2026-05-19"


def test_joinings_locked_as_their_rows_stand_deadlock(brand, monkeypatch):
    for number in ("N1", "N2"):
        world.buy(world.order(f"first {number}", "1", "2026-06-10", member_no=number), enrol=True)
    together = threading.Barrier(2)

    def move(_params):
        first, second = (number for (number,) in sql.rows("SELECT member_no FROM tmp_orders ORDER BY line"))
        sql.rows(PAYER, {"number": first})
        together.wait(20)
        sql.rows(PAYER, {"number": second})
        return []

    def bring(turn, *numbers):
        return world.buy(*(world.order(f"{turn} {no}", "1", "2026-05-10", member_no=no) for no in numbers))

    monkeypatch.setattr(enrolment, "join_earlier", move)
    found = each(brand, [lambda: bring(1, "N1", "N2"), lambda: bring(2, "N2", "N1")])
    assert ["deadlock detected" in str(error) for error in errors(found)] == [True]


def test_an_order_that_two_state_differently_leaves_no_day_uncounted(chain, monkeypatch):
    """The first is written, heard and counted while the second stands between looking and writing."""

    def first():
        world.buy(world.order("B", "7", "2026-06-03T10:00:00"))
        relay.drain(at=world.NOW)
        facts.refresh_stale(at=world.NOW)

    beside = Beside(chain, first)
    meanwhile, keep = Once(beside.start), images.keep_changing
    monkeypatch.setattr(images, "keep_changing", lambda trail, params: (meanwhile(), keep(trail, params))[1])
    world.buy(world.order("B", "7", "2026-06-02T10:00:00"))
    assert beside.answer is None
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert books.verify() == []
    days = StoreDay.objects.filter(orders__gt=0).order_by("day")
    assert [str(day.day) for day in days] == ["2026-06-01", str(Order.objects.get(order_no="B").paid_at.date())]
