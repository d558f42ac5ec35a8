"""Points moved at the same moment: nothing below zero, nothing twice, nothing lost."""

import threading

import pytest
from django.db import IntegrityError

from members.actions import earnings, points, postings
from members.actions.points import Name
from members.actions.postings import NotEnough
from members.models import Member, PointsAccount, PointsEntry
from newretail.kernel import books, sql
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry
from tests import world
from tests.members import purse
from tests.races.race import RACERS, each, errors, race

# Whoever begins the walk has looked already; the other has too before either writes.
SLOWLY = "SELECT (SELECT 0 FROM pg_sleep(0.5)), 0::bigint"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chain(brand):
    world.chain()
    purse.rule()
    purse.give(100)
    return brand


def total():
    return sum(PointsAccount.objects.values_list("balance", flat=True))


@pytest.mark.prove
def test_many_spenders_at_once_spend_what_there_is_and_no_more(chain):
    outcomes = race(chain, RACERS, lambda number: purse.spend(30, f"S{number}"))
    assert {type(error) for error in errors(outcomes)} == {NotEnough}
    assert len(outcomes) - len(errors(outcomes)) == 3
    assert purse.held() == (10, 0, 0)
    assert books.verify() == []


@pytest.mark.prove
def test_one_spending_sent_by_many_at_once_is_done_once(chain):
    outcomes = race(chain, RACERS, lambda _: purse.spend(30))
    assert errors(outcomes) == []
    assert sorted(used.again for used in outcomes) == [False] + [True] * (RACERS - 1)
    assert purse.held() == (70, 0, 0)
    assert JournalEntry.objects.filter(name="members.points.spent").count() == 1


def test_without_the_lock_two_spenders_meet_the_database_and_nothing_falls_below_zero(chain, monkeypatch):
    together = threading.Barrier(2)
    monkeypatch.setattr(postings, "QUEUE", "SELECT 1")
    monkeypatch.setattr(postings, "USE", postings.USE.replace("SELECT 0, 0::bigint", SLOWLY))

    def spend(number):
        together.wait(20)
        return purse.spend(80, f"S{number}")

    outcomes = race(chain, 2, spend)
    assert len(errors(outcomes)) == 1
    assert isinstance(errors(outcomes)[0], IntegrityError | NotEnough)
    assert purse.held() == (20, 0, 0)


@pytest.mark.prove
@pytest.mark.parametrize("givers", [20])
def test_of_twenty_gifts_of_a_hundred_from_a_hundred_one_succeeds(chain, givers):
    giver, taker = (Member.objects.get(member_no=no) for no in ("V1", "V2"))
    outcomes = race(chain, givers, lambda number: points.gift(
        member=giver, to=taker, points=100, name=Name("app", f"{number}"), at=world.NOW,
    ))  # fmt: skip
    assert {type(error) for error in errors(outcomes)} == {NotEnough}
    assert len(errors(outcomes)) == givers - 1
    assert (purse.held("V1"), purse.held("V2")) == ((0, 0, 0), (100, 0, 0))


def test_gifts_both_ways_at_once_neither_deadlock_nor_make_points(chain):
    purse.give(100, "G2", to="V2")
    one, two = (Member.objects.get(member_no=no) for no in ("V1", "V2"))

    def give(number):
        giver, taker = (one, two) if number % 2 else (two, one)
        return points.gift(member=giver, to=taker, points=10, name=Name("app", f"{number}"), at=world.NOW)

    assert errors(race(chain, RACERS, give)) == []
    assert total() == 200
    assert books.verify() == []


def test_spending_expiring_and_refunding_at_once_leave_whole_books(chain):
    world.buy(world.order("A1", "50", "2026-05-01", member_no="V1"))
    relay.drain(at=world.NOW)
    world.refund({"order_no": "A1", "refund_no": "R1", "line_no": 0, "amount": "50", "refunded_at": "2026-06-12"})
    line = JournalEntry.objects.get(name="members.refund.recorded")
    as_of = purse.PointsLot.objects.order_by("-expires_on").first().expires_on
    found = each(chain, [
        lambda: purse.spend(60, "S1"),
        lambda: purse.spend(60, "S2"),
        lambda: points.expire(as_of=as_of, at=world.NOW),
        lambda: earnings.settle(line=line.pk, facts={}, at=world.NOW),
    ])  # fmt: skip
    assert {type(error) for error in errors(found)} <= {NotEnough}
    assert books.verify() == []
    assert min(purse.held()) >= 0


@pytest.mark.prove
def test_an_order_heard_by_many_at_once_earns_once(chain):
    world.buy(world.order("A1", "50", "2026-05-01", member_no="V1"))
    line = JournalEntry.objects.filter(name="members.order.recorded").latest("id")
    assert errors(race(chain, RACERS, lambda _: earnings.settle(line=line.pk, facts=line.facts, at=world.NOW))) == []
    assert purse.held() == (150, 0, 0)
    assert PointsEntry.objects.filter(rule="base").count() == 1


def test_an_order_heard_twice_without_the_lock_meets_the_unique_name(chain, monkeypatch):
    world.buy(world.order("A1", "50", "2026-05-01", member_no="V1"))
    line = JournalEntry.objects.filter(name="members.order.recorded").latest("id")
    together = threading.Barrier(2)
    monkeypatch.setattr(postings, "lock", lambda accounts, given: sql.temporary("tmp_points_locked", accounts, given))
    begin, met = postings.begin, set()

    def meet():
        begin()
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            together.wait(20)

    monkeypatch.setattr(earnings.postings, "begin", meet)
    found = race(chain, 2, lambda _: earnings.settle(line=line.pk, facts=line.facts, at=world.NOW))
    assert [type(error).__name__ for error in errors(found)] == ["IntegrityError"]
    assert purse.held() == (150, 0, 0)
