"""Payers who become members at the same moment: one member a person, seats without gaps."""

import threading

import pytest
from django.db import connection

from members.actions import enrolment, members
from members.models import Claim, Identity, Member, Order
from newretail.kernel import sql
from tests import world
from tests.races.race import RACERS, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "13800000001"


def pay(number, **payer):
    return world.buy(world.order(f"A{number}", "9", "2026-06-01", **payer), enrol=True)


def seats():
    return sorted(Member.objects.values_list("seat", flat=True))


@pytest.mark.prove
def test_a_phone_that_pays_in_many_places_at_once_is_one_member(brand):
    outcomes = race(brand, RACERS, lambda number: pay(number, phone=PHONE))
    assert errors(outcomes) == []
    assert sum(outcome.enrolled for outcome in outcomes) == 1
    assert Member.objects.get().orders.count() == RACERS
    assert seats() == [0]


@pytest.mark.prove
def test_a_number_that_pays_in_many_places_at_once_is_one_member(brand):
    outcomes = race(brand, RACERS, lambda number: pay(number, member_no="N1", phone=PHONE))
    assert errors(outcomes) == []
    assert (Member.objects.count(), Identity.objects.count(), Order.objects.count()) == (1, 1, RACERS)


def test_seats_stay_dense_when_many_join_at_once_by_paying_and_by_file(brand):
    joins = [lambda: pay(1, phone=PHONE), lambda: world.people({"member_no": "V1", "phone": PHONE}),
             lambda: pay(2, member_no="N2"), lambda: world.people({"member_no": "V2"}, {"member_no": "V3"}),
             lambda: pay(3, phone="13800000003"), lambda: world.people({"member_no": "N2", "name": "张三"})]  # fmt: skip
    assert errors(each(brand, joins)) == []
    assert seats() == list(range(Member.objects.count()))
    assert Member.objects.filter(phone=f"+86{PHONE}").count() == 1


def test_a_refused_joining_leaves_no_gap_among_the_others(brand):
    rows = [{"member_no": f"V{i}", "store_code": "??" if i in (1, 3, 5) else ""} for i in range(8)]
    outcomes = race(brand, 8, lambda number: world.people(rows[number]))
    assert sorted(outcome.created for outcome in outcomes) == [0] * 3 + [1] * 5
    assert seats() == list(range(5))


def test_a_phone_that_many_state_at_once_is_ones_and_the_others_claim_it(brand):
    race(brand, 8, lambda number: world.people({"member_no": f"V{number}", "phone": PHONE}))
    assert Member.objects.filter(phone=f"+86{PHONE}").count() == 1
    assert Claim.objects.filter(state="pending").count() == 7


@pytest.mark.books_may_break
def test_seats_counted_without_a_lock_are_given_twice(brand, monkeypatch):
    world.buy(world.order("A", "9", "2026-06-01"))
    together = threading.Barrier(2)

    def look(count):
        found = sql.rows("SELECT coalesce(max(seat), -1) + 1 FROM members_member")[0][0]
        together.wait(20)
        return found

    for module in (members, enrolment):
        monkeypatch.setattr(module, "take_seats", look)
    monkeypatch.setattr("members.actions.orders.take_seats", look)
    outcomes = race(brand, 2, lambda number: pay(number, phone=f"1380000000{number}"))
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert connection.schema_name == "acme"
