"""Merges that cross, merges while orders come in, two undos at once: one pointer at a time, never a ring."""

import pytest

from members.actions import merges
from members.models import Member, Merge, MergeUndone, Order
from newretail.kernel import books
from newretail.kernel.verbs import Refused
from tests import world
from tests.races.race import RACERS, race

pytestmark = pytest.mark.django_db(transaction=True)


def people(count=2):
    world.people(*({"member_no": f"P{i}", "phone": f"1390000000{i}", "joined_at": "2026-01-01"} for i in range(count)))


def merge(one, other):
    return merges.merge(member=world.member(f"P{one}"), into=world.member(f"P{other}"), reason="一人", at=world.NOW)


def rings():
    return [m.member_no for m in Member.objects.filter(merged_into__merged_into__isnull=False)]


def refused(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, Refused)]


@pytest.mark.parametrize("_round", range(3))
def test_of_two_merges_that_cross_one_stands_and_the_other_is_refused(brand, _round):
    people()
    outcomes = race(brand, 2, lambda number: merge(number, 1 - number))
    assert [type(outcome) for outcome in refused(outcomes)] == [merges.MergedAlready]
    assert (Merge.objects.count(), rings()) == (1, [])


@pytest.mark.prove
def test_one_merge_asked_for_by_many_at_once_is_done_once(brand):
    people()
    outcomes = race(brand, RACERS, lambda _number: merge(0, 1))
    assert [type(outcome) for outcome in refused(outcomes)] == [merges.MergedAlready] * (RACERS - 1)
    assert (Merge.objects.count(), rings()) == (1, [])


def test_merges_around_a_circle_never_close_it(brand):
    people(4)
    race(brand, 4, lambda number: merge(number, (number + 1) % 4))
    assert rings() == []
    assert books.verify() == []


@pytest.mark.books_may_break
def test_without_the_queue_and_the_locks_two_merges_that_cross_make_a_ring(brand, monkeypatch):
    import threading

    people()
    together = threading.Barrier(2)
    judge = merges._must_be_root

    def late(pk):
        judge(pk)
        together.wait(20)

    monkeypatch.setattr(merges, "queue", lambda: None)
    monkeypatch.setattr(merges, "hold", lambda ids: {})
    monkeypatch.setattr(merges, "_must_be_root", late)
    race(brand, 2, lambda number: merge(number, 1 - number))
    assert rings() != []
    assert [finding.law for finding in books.verify()] != []


def test_orders_that_come_in_while_their_member_is_merged_are_hers(brand):
    people()

    def act(number):
        if number == 0:
            return merge(0, 1)
        return world.buy(world.order(f"A{number}", 9, "2026-06-01", phone=f"1390000000{number % 2}"))

    outcomes = race(brand, 8, act)
    assert refused(outcomes) == []
    assert Order.objects.filter(member__member_no="P0").count() == 3
    assert Order.objects.filter(member__member_no="P1").count() == 4
    assert books.verify() == []


def test_of_two_undos_one_is_done(brand):
    people()
    row = merge(0, 1)
    outcomes = race(brand, 4, lambda _number: merges.undo(merge=row, reason="两人", at=world.NOW))
    assert [type(outcome) for outcome in refused(outcomes)] == [merges.UndoneAlready] * 3
    assert MergeUndone.objects.count() == 1
    assert not Member.objects.filter(merged_into__isnull=False).exists()
