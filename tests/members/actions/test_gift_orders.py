"""A gift is ordered whole or not at all, handed over once, and gives its points back when it ends otherwise."""

from datetime import date, timedelta

import pytest

from members.actions import gift_endings, leveling, merges, persons, points
from members.actions.gift_orders import NoGiftOrderNumber
from members.actions.merges import NumberInNote, WhyMissing
from members.actions.points import Name
from members.actions.postings import AnotherMove, NotEnough
from members.models import GiftOrder, Level, PointsEntry
from members.queries import gift_reasons as why
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import gifts as cast
from tests import sights, world
from tests.gifts import cancel, gift, hand_over, place, states, stock
from tests.members import purse
from tests.members.levels import ladder


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    cast.purse()


def nothing_happened(balance=300):
    assert (purse.held()[0], GiftOrder.objects.count()) == (balance, 0)
    assert not JournalEntry.objects.filter(name="members.gift_order.placed").exists()


def test_an_order_spends_its_points_reserves_a_piece_and_gives_a_code():
    gift(extra_cents=990)
    told = place()
    order = GiftOrder.objects.get()
    assert (told.again, order.points, order.extra_cents, order.state, len(order.code)) == (False, 100, 990, "open", 18)
    assert order.until.isoformat() == "2026-06-29T16:00:00+00:00"  # the end of the fourteenth day in Shanghai
    assert (purse.held()[0], stock()) == (200, (5, 1, 0))
    assert JournalEntry.objects.get(name="members.gift_order.placed").pk == order.entry_id


def test_the_same_order_again_is_the_first_and_moves_nothing():
    gift()
    first = place().order
    again = place("o1", at=world.NOW + timedelta(days=400))
    assert (again.again, again.order.pk, again.order.code) == (True, first.pk, first.code)
    assert (purse.held()[0], stock()) == (200, (5, 1, 0))


@pytest.mark.parametrize("other", [{"member_no": "V2"}, {"store": "GZ01"}, {"code": "BAG"}])
def test_another_wish_under_a_known_number_is_refused(other):
    gift()
    gift("BAG", store="GZ01")
    cast.purse(member_no="V2")
    place()
    with pytest.raises(why.NamedOtherwise):
        place(**other)
    assert (GiftOrder.objects.count(), purse.held()[0], purse.held("V2")[0]) == (1, 200, 300)


@pytest.mark.books_may_break
def test_a_number_under_which_points_were_spent_before_orders_nothing():
    gift()
    points.spend(member=world.member("V1"), points=100, name=Name("gifts", "app:O1"), at=world.NOW)
    with pytest.raises(AnotherMove):
        place()
    nothing_happened(200)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"state": "paused"}, why.NotOffered), ({"first_on": date(2026, 6, 16)}, why.NotOffered),
        ({"last_on": date(2026, 6, 14)}, why.NotOffered), ({"points": 301}, NotEnough), ({"stock": 0}, why.NoneLeft),
    ],
)  # fmt: skip
def test_what_is_not_offered_not_there_or_too_dear_is_not_ordered(terms, refusal):
    gift(**terms)
    with pytest.raises(refusal):
        place()
    nothing_happened()


def test_a_gift_is_offered_on_its_first_and_on_its_last_day():
    gift(first_on=date(2026, 6, 15), last_on=date(2026, 6, 15))
    assert not place().again


def test_none_is_left_where_all_are_reserved_and_another_store_has_its_own():
    gift(stock=1)
    cast.supply(gift(stock=0), 1, "GZ01")
    place()
    with pytest.raises(why.NoneLeft):
        place("O2")
    assert not place("O3", store="GZ01").again


def test_a_member_has_a_gift_as_often_as_it_allows_and_what_was_cancelled_does_not_count():
    gift(per_member=1)
    place()
    with pytest.raises(why.EnoughOfIt):
        place("O2")
    cancel()
    place("O2")
    assert states() == {"O1": "cancelled", "O2": "open"}


def test_the_limit_counts_all_rows_that_are_one_person():
    gift(per_member=1)
    cast.purse(member_no="V2")
    place()
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一个人", at=world.NOW)
    with pytest.raises(why.EnoughOfIt):
        place("O2", "V2")
    assert states() == {"O1": "open"}


def test_a_gift_for_a_level_is_for_those_on_it_and_above():
    ladder.steps()
    gift(least_level=Level.objects.get(code="S"))
    with pytest.raises(why.LevelTooLow):
        place()
    nothing_happened()
    ladder.publish(window_months=0, growth={"joining": 300})
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    assert not place().again


@pytest.mark.parametrize("number", ["", " ", "x" * 51, "a\nb"])
def test_an_order_without_a_number_of_its_own_is_refused(number):
    gift()
    with pytest.raises(NoGiftOrderNumber):
        place(number)
    nothing_happened()


def test_a_gift_is_handed_over_once_and_the_till_that_lost_the_answer_is_given_it_again():
    gift()
    code = place().order.code
    first, again = hand_over(code), hand_over(code, at=cast.AFTER)
    assert (first.again, again.again, again.order.pickup_no) == (False, True, "H1")
    with pytest.raises(why.HandedAlready, match=r"2026-06-15 12:00.*上海南京西路店"):
        hand_over(code, "H2")
    assert (states(), stock(), purse.held()[0]) == ({"O1": "handed"}, (4, 0, 1), 200)


def test_a_gift_is_handed_over_where_it_waits_and_in_time():
    gift()
    code = place().order.code
    with pytest.raises(why.WaitsElsewhere, match="上海南京西路店"):
        hand_over(code, store="GZ01")
    with pytest.raises(why.PickupOver, match="2026-06-29"):
        hand_over(code, at=cast.AFTER)
    with pytest.raises(why.UnknownPickup):
        hand_over("X")
    assert (states(), stock()) == ({"O1": "open"}, (5, 1, 0))


def test_a_cancelled_order_gives_back_its_piece_and_its_points_once():
    gift()
    code = place().order.code
    assert [cancel().again, cancel("o1").again] == [False, True]
    assert (purse.held()[0], stock()) == (300, (5, 0, 0))
    with pytest.raises(why.OrderEnded):
        hand_over(code)
    assert GiftOrder.objects.get().reason == "不想要了"


def test_what_was_handed_over_is_not_cancelled():
    gift()
    hand_over(place().order.code)
    with pytest.raises(why.HandedAlready):
        cancel()
    assert (purse.held()[0], stock()) == (200, (4, 0, 1))


@pytest.mark.parametrize(
    ("reason", "refusal"), [(" ", WhyMissing), ("x" * 201, WhyMissing), ("打 13800000001", NumberInNote)]
)
def test_an_order_is_cancelled_for_a_reason_that_names_nobody(reason, refusal):
    gift()
    place()
    with pytest.raises(refusal):
        cancel(reason=reason)
    assert states() == {"O1": "open"}


def test_an_order_that_is_not_there_or_of_a_store_out_of_sight_is_not_cancelled():
    gift()
    place()
    for unknown in ({"order_no": "O9"}, {"source": "pos"}, {"within": []}):
        with pytest.raises(why.UnknownGiftOrder):
            cancel(**unknown)
    assert states() == {"O1": "open"}


def test_what_nobody_picked_up_lapses_and_gives_back_its_piece_and_its_points():
    gift(per_member=1)
    gift("BAG", points=50, pickup_days=30)
    place()
    place("O2", code="BAG")
    early = world.NOW + timedelta(days=14)
    assert [gift_endings.lapse(at=at) for at in (early, cast.AFTER, cast.AFTER)] == [0, 1, 0]
    assert (states(), stock(), purse.held()[0]) == ({"O1": "lapsed", "O2": "open"}, (5, 0, 0), 250)
    with pytest.raises(why.OrderEnded):
        cancel()
    place("O3", at=cast.AFTER)


def test_many_orders_of_one_and_of_several_members_lapse_together():
    gift()
    cast.purse(member_no="V2")
    for number, whose in (("A", "V1"), ("B", "V2"), ("C", "V1")):
        place(number, whose)
    assert gift_endings.lapse(at=cast.AFTER) == 3
    assert (purse.held()[0], purse.held("V2")[0], stock()) == (300, 300, (5, 0, 0))
    assert PointsEntry.objects.filter(kind="reverse").count() == 3


def test_points_that_ended_meanwhile_come_back_and_end_in_the_next_night():
    gift()
    place()
    later = world.NOW + timedelta(days=400)
    points.expire(as_of=date(2027, 7, 20), at=later)
    assert purse.held()[0] == 0
    gift_endings.lapse(at=later)
    assert purse.held()[0] == 100
    points.expire(as_of=date(2027, 7, 21), at=later)
    assert purse.held()[0] == 0


def test_the_brand_says_how_long_gifts_wait():
    settings.put(key="gift_pickup_days", value=3, at=world.NOW)
    gift()
    assert place().order.until.isoformat() == "2026-06-19T00:00:00+08:00"


def test_who_lives_on_in_another_spends_what_both_hold_and_picks_up_what_either_ordered():
    gift(points=400)
    cast.purse(member_no="V2")
    merge = merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一个人", at=world.NOW)
    code = place("O1", "V2").order.code
    assert (GiftOrder.objects.get().member.member_no, purse.held()[0] + purse.held("V2")[0]) == ("V1", 200)
    assert place("O1", "V1").again
    cancel()
    assert (purse.held()[0], purse.held("V2")[0]) == (300, 300)
    merges.undo(merge=merge, reason="两个人", at=world.NOW)
    with pytest.raises(why.OrderEnded):
        hand_over(code)


def test_an_order_from_before_a_merge_is_picked_up_and_known_after_it():
    gift()
    cast.purse(member_no="V2")
    code = place("O1", "V2").order.code
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一个人", at=world.NOW)
    assert place("O1", "V1").again
    hand_over(code)
    assert states() == {"O1": "handed"}


def erase():
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)


def test_nobody_orders_for_a_person_who_was_erased():
    gift()
    place()
    cancel(reason="张三不要了")
    erase()
    with pytest.raises(persons.AlreadyErased):
        place("O3")
    assert not GiftOrder.objects.filter(reason__contains="张三").exists()


def test_who_is_erased_has_no_gift_waiting_and_her_points_lie_where_nobody_spends_them():
    gift()
    handed, waits = place("O1").order, place("O2").order
    hand_over(handed.code)
    erase()
    assert (states(), stock()) == ({"O1": "handed", "O2": "cancelled"}, (4, 0, 1))
    assert (purse.held()[0], GiftOrder.objects.get(order_no="O2").reason) == (200, gift_endings.ERASED)
    with pytest.raises(why.OrderEnded):
        hand_over(waits.code)
    assert gift_endings.lapse(at=cast.AFTER) == 0


def test_all_rows_of_an_erased_person_give_up_their_gifts():
    gift()
    cast.purse(member_no="V2")
    place("O1", "V2")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一个人", at=world.NOW)
    place("O2", "V1")
    erase()
    assert (states(), stock()) == ({"O1": "cancelled", "O2": "cancelled"}, (5, 0, 0))


def test_who_has_no_gift_waiting_is_erased_without_a_line_of_gifts():
    gift()
    erase()
    assert not JournalEntry.objects.filter(name="members.gift_order.cancelled").exists()
