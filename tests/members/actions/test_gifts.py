"""The catalogue of gifts is kept, paused and resumed; how many lie in a store is counted, never below what waits."""

from datetime import date

import pytest

from members.actions import gifts
from members.actions.gifts import BadGift, BelowReserved, CountedOtherwise, GiftStands, NoPieces
from members.models import Gift, GiftStock, GiftSupply
from newretail.kernel.models import JournalEntry
from tests import gifts as cast
from tests import world
from tests.gifts import gift, hand_over, place, stock, supply

BAD = [
    {"points": 0}, {"points": 1_000_000_001}, {"extra_cents": -1}, {"pickup_days": 0}, {"pickup_days": 366},
    {"first_on": date(2026, 6, 2), "last_on": date(2026, 6, 1)}, {"name": ""}, {"name": "x" * 61}, {"code": "x" * 41},
    {"state": "closed"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def test_a_gift_is_kept_under_its_code_and_changed_there():
    gift(stock=0)
    gift(stock=0, points=80, description="304 不锈钢")
    assert Gift.objects.values_list("code", "points", "description").get() == ("CUP", 80, "304 不锈钢")
    lines = JournalEntry.objects.filter(name="members.gift.kept", subject="CUP").order_by("id")
    assert [line.facts["changed"] for line in lines] == [[], ["description", "points"]]


@pytest.mark.parametrize("terms", BAD)
def test_a_gift_that_does_not_hold_together_is_refused(terms):
    with pytest.raises(BadGift):
        gift(stock=0, **terms)
    assert not Gift.objects.exists()


def test_what_was_ordered_keeps_its_price():
    gift()
    cast.purse()
    order = place().order
    gift(stock=0, points=1)
    order.refresh_from_db()
    assert order.points == 100


def test_a_paused_gift_is_handed_over_and_resumes_once():
    cast.purse()
    row = gift()
    code = place().order.code
    gifts.pause(gift=row, at=world.NOW)
    with pytest.raises(GiftStands):
        gifts.pause(gift=row, at=world.NOW)
    hand_over(code)
    gifts.resume(gift=row, at=world.NOW)
    assert (Gift.objects.get().state, stock()) == ("active", (4, 0, 1))


def test_a_count_is_kept_with_what_it_changed_and_the_same_again_changes_nothing():
    row = gift(stock=5)
    assert [supply(row, pieces) for pieces in (5, 2, 2, 9)] == [0, 1, 0, 1]
    assert list(GiftSupply.objects.order_by("id").values_list("pieces", flat=True)) == [5, -3, 7]
    assert stock() == (9, 0, 0)


@pytest.mark.parametrize("pieces", [-1, 1_000_001, "5", 1.5, True])
def test_pieces_are_a_whole_number(pieces):
    with pytest.raises(NoPieces):
        gift(stock=pieces)
    assert not GiftStock.objects.exists()


def test_no_fewer_lie_in_a_store_than_wait_there():
    row = gift()
    cast.purse()
    place()
    place("O2")
    with pytest.raises(BelowReserved):
        supply(row, 1)
    supply(row, 2)
    assert stock() == (2, 2, 0)


def test_who_counted_before_another_did_looks_again():
    row = gift(stock=5)
    with pytest.raises(CountedOtherwise):
        supply(row, 8, seen=4)
    supply(row, 8, seen=5)
    assert stock() == (8, 0, 0)
