"""A handing over is undone on its own day, once, for a reason; the piece lies in the store, the order waits again."""

from datetime import timedelta

import pytest

from members.actions import gifts, merges, persons
from members.actions.gifts import Count
from members.actions.merges import NumberInNote, WhyMissing
from members.models import Gift, GiftReturn
from members.models.gifts import MOST_PIECES
from members.queries import gift_reasons as why
from newretail.kernel.models import JournalEntry
from stores.models import Store
from tests import gifts as cast
from tests import world
from tests.gifts import cancel, gift, hand_over, place, states, stock, take_back
from tests.members import purse

MIDNIGHT = world.NOW.replace(hour=16, minute=0)  # of Shanghai


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    cast.purse()
    gift()


def stands_handed():
    assert (states(), stock(), GiftReturn.objects.count()) == ({"O1": "handed"}, (4, 0, 1), 0)
    assert not JournalEntry.objects.filter(name="members.gift_order.taken_back").exists()


def test_a_gift_taken_back_lies_in_the_store_its_order_waits_and_its_points_stay_spent():
    code = place().order.code
    handed = hand_over(code).order
    told = take_back(at=world.NOW + timedelta(hours=1))
    assert (told.again, told.order.state, told.order.pickup_no, told.order.ended_at) == (False, "open", "", None)
    assert (stock(), purse.held()[0]) == ((5, 1, 0), 200)
    row = GiftReturn.objects.get()
    assert (row.pickup_no, row.handed_at, row.handed_entry_id) == ("H1", world.NOW, handed.end_entry_id)
    assert (row.reason, JournalEntry.objects.get(name="members.gift_order.taken_back").pk) == ("拿错了", row.entry_id)


def test_undone_again_it_is_so_already_and_a_later_handing_over_stands():
    code = place().order.code
    hand_over(code)
    take_back()
    hand_over(code, "H2")
    assert take_back().again
    assert (states(), stock()) == ({"O1": "handed"}, (4, 0, 1))
    assert not take_back(pickup_no="H2").again
    assert (states(), stock(), GiftReturn.objects.count()) == ({"O1": "open"}, (5, 1, 0), 2)


def test_a_till_that_sends_the_undone_handing_over_again_hands_nothing_over():
    code = place().order.code
    hand_over(code)
    take_back()
    with pytest.raises(why.TakenBack):
        hand_over(code)
    assert (states(), stock()) == ({"O1": "open"}, (5, 1, 0))


def test_what_was_taken_back_is_cancelled_and_lapses_as_any_order_that_waits():
    hand_over(place().order.code)
    take_back()
    cancel()
    assert (states(), stock(), purse.held()[0]) == ({"O1": "cancelled"}, (5, 0, 0), 300)


def test_on_the_next_day_it_stays_handed_over():
    hand_over(place().order.code)
    with pytest.raises(why.DayOver, match="2026-06-15"):
        take_back(at=MIDNIGHT)
    stands_handed()
    assert not take_back(at=MIDNIGHT - timedelta(seconds=1)).again


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"order_no": "O9"}, why.UnknownGiftOrder), ({"within": []}, why.UnknownGiftOrder), ({"pickup_no": "H9"}, why.NotHandedSo)],
)  # fmt: skip
def test_an_order_out_of_sight_or_not_handed_over_so_is_not_taken_back(given, refusal):
    hand_over(place().order.code)
    with pytest.raises(refusal):
        take_back(**given)
    stands_handed()


@pytest.mark.parametrize("state", ["open", "cancelled"])
def test_what_was_not_handed_over_is_not_taken_back(state):
    place()
    if state == "cancelled":
        cancel()
    with pytest.raises(why.NotHandedSo):
        take_back(pickup_no="")
    assert states() == {"O1": state}


@pytest.mark.parametrize(("reason", "refusal"), [(" ", WhyMissing), ("打 13800000001", NumberInNote)])
def test_it_is_taken_back_for_a_reason_that_names_nobody(reason, refusal):
    hand_over(place().order.code)
    with pytest.raises(refusal):
        take_back(reason=reason)
    stands_handed()


def test_nothing_is_taken_back_from_a_person_who_was_erased():
    hand_over(place().order.code)
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)
    with pytest.raises(persons.AlreadyErased):
        take_back()
    stands_handed()


def test_it_is_taken_back_from_whoever_lives_on_in_another():
    hand_over(place().order.code)
    merges.merge(member=world.member("V1"), into=world.member("V2"), reason="一个人", at=world.NOW)
    take_back()
    assert (states(), stock()) == ({"O1": "open"}, (5, 1, 0))


def test_no_more_lies_in_a_store_than_can_be_counted():
    hand_over(place().order.code)
    counts = {Store.objects.get(code="SH01").pk: Count(MOST_PIECES)}
    gifts.supply(gift=Gift.objects.get(), counts=counts, at=world.NOW)
    with pytest.raises(why.NoRoom):
        take_back()
    assert (states(), stock()) == ({"O1": "handed"}, (MOST_PIECES, 0, 1))
