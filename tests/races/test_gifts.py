"""Gifts that many want at the same moment: never more than lie there, never for points that are not there, one end."""

import threading

import pytest

from members.actions import gift_endings, gift_orders, gift_returns, merges, persons
from members.actions.postings import NotEnough
from members.models import GiftOrder, GiftReturn, GiftStock, PointsEntry
from members.queries import gift_reasons as why
from newretail.kernel import books
from tests import gifts as cast
from tests import world
from tests.gifts import cancel, gift, hand_over, place, states, stock, take_back
from tests.members import purse
from tests.races.race import RACERS, Beside, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 20


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()


def crowd(count, balance=100):
    """So many members with points each."""
    numbers = [f"W{n:03}" for n in range(count)]
    world.people(*({"member_no": number, "joined_at": "2026-01-01"} for number in numbers))
    for number in numbers:
        cast.purse(balance, number)
    return numbers


def placed(outcomes):
    return [told for told in outcomes if not isinstance(told, Exception)]


def test_twenty_members_order_the_last_piece_and_one_has_it(brand):
    gift(stock=1)
    numbers = crowd(CLIENTS)
    outcomes = race(brand, CLIENTS, lambda n: place(f"O{n}", numbers[n]))
    assert (len(placed(outcomes)), {type(error) for error in errors(outcomes)}) == (1, {why.NoneLeft})
    assert stock() == (1, 1, 0)
    assert PointsEntry.objects.filter(kind="spend").count() == 1


def test_twenty_orders_of_a_hundred_points_from_a_balance_of_a_hundred_are_one(brand):
    gift(stock=CLIENTS)
    cast.purse(100)
    outcomes = race(brand, CLIENTS, lambda n: place(f"O{n}"))
    assert (len(placed(outcomes)), {type(error) for error in errors(outcomes)}) == (1, {NotEnough})
    assert (purse.held()[0], stock()) == (0, (CLIENTS, 1, 0))


@pytest.mark.prove
def test_an_order_sent_many_times_at_once_is_one_order(brand):
    gift()
    cast.purse()
    outcomes = race(brand, RACERS, lambda _: place())
    assert errors(outcomes) == []
    assert (sum(not told.again for told in outcomes), len({told.order.code for told in outcomes})) == (1, 1)
    assert (purse.held()[0], stock()) == (200, (5, 1, 0))


def test_a_number_sent_for_two_members_at_once_is_one_of_theirs(brand):
    gift()
    numbers = crowd(2)
    outcomes = race(brand, 2, lambda n: place("O1", numbers[n]))
    assert [type(error) for error in errors(outcomes)] == [why.NamedOtherwise]
    assert (states(), stock()) == ({"O1": "open"}, (5, 1, 0))


@pytest.mark.prove
def test_the_limit_of_a_member_holds_for_orders_at_once_and_over_all_rows_of_hers(brand):
    gift(stock=RACERS, per_member=1, points=1)
    numbers = crowd(2)
    merges.merge(member=world.member(numbers[0]), into=world.member(numbers[1]), reason="一个人", at=world.NOW)
    outcomes = race(brand, RACERS, lambda n: place(f"O{n}", numbers[n % 2]))
    assert (len(placed(outcomes)), {type(error) for error in errors(outcomes)}) == (1, {why.EnoughOfIt})
    assert stock() == (RACERS, 1, 0)


def test_an_order_that_is_cancelled_and_handed_over_at_once_meets_one_end(brand):
    gift(stock=8)
    cast.purse(800)
    for number in range(4):
        code = place(f"O{number}").order.code
        outcomes = each(brand, [lambda n=number: cancel(f"O{n}"), lambda code=code: hand_over(code)])
        assert [type(error) for error in errors(outcomes)] in ([why.HandedAlready], [why.OrderEnded])
    handed = list(states().values()).count("handed")
    assert set(states().values()) <= {"handed", "cancelled"}
    assert (stock(), purse.held()[0]) == ((8 - handed, 0, handed), 800 - 100 * handed)


def test_an_order_that_is_cancelled_while_the_night_lets_orders_lapse_gives_its_points_back_once(brand):
    gift()
    cast.purse()
    place("O1")
    place("O2")
    outcomes = each(
        brand, [lambda: gift_endings.lapse(at=cast.AFTER), cancel, lambda: gift_endings.lapse(at=cast.AFTER)]
    )
    assert {type(error) for error in errors(outcomes)} <= {why.OrderEnded}
    gift_endings.lapse(at=cast.AFTER)
    assert (purse.held()[0], stock(), states()["O2"]) == (300, (5, 0, 0), "lapsed")


def test_a_handing_over_that_is_undone_many_times_at_once_is_undone_once(brand):
    gift()
    cast.purse()
    hand_over(place().order.code)
    outcomes = race(brand, 4, lambda _: take_back())
    assert (errors(outcomes), sum(not told.again for told in outcomes)) == ([], 1)
    assert (stock(), states()) == ((5, 1, 0), {"O1": "open"})


def test_a_person_who_is_erased_while_her_gift_is_in_somebodys_hand_waits_or_has_none_waiting(brand):
    gift(stock=8)
    for number in crowd(4, balance=200):
        handed, _waits = place(f"{number}-1", number).order, place(f"{number}-2", number)
        hand_over(handed.code)
        erase = lambda who=number: persons.erase(member=world.member(who), reason="request", at=world.NOW)  # noqa: E731
        deeds = [erase, lambda who=number: cancel(f"{who}-2"), lambda who=number: take_back(f"{who}-1")]
        outcomes = each(brand, deeds)
        assert {type(error) for error in errors(outcomes)} <= {persons.UnderWay, persons.AlreadyErased}
    assert kept_for_the_erased() == 0


def kept_for_the_erased():
    """How many gifts wait for somebody who was erased."""
    return GiftOrder.objects.filter(member__erased_at__isnull=False, state="open").count()


def taken_back_while_erased(brand, monkeypatch):
    """Take a gift back, in the middle of which its member is erased; give the erasure as it goes on."""
    gift()
    cast.purse()
    hand_over(place().order.code)
    erasure = Beside(brand, lambda: persons.erase(member=world.member("V1"), reason="request", at=world.NOW))
    judged = gift_returns._check
    monkeypatch.setattr(gift_returns, "_check", lambda *given: (judged(*given), erasure.start()))
    take_back()
    return erasure.answer


def test_an_erasure_waits_for_a_gift_that_is_being_taken_back_and_cancels_its_order(brand, monkeypatch):
    assert not isinstance(taken_back_while_erased(brand, monkeypatch), Exception)
    assert (states(), kept_for_the_erased()) == ({"O1": "cancelled"}, 0)


def meet_after(monkeypatch, module, name, together):
    """Let two meet after a step, before either goes on."""
    step = getattr(module, name)

    def met(*args, **named):
        found = step(*args, **named)
        together.wait(20)
        return found

    monkeypatch.setattr(module, name, met)


@pytest.mark.books_may_break
def test_without_the_condition_of_the_reserving_statement_more_is_ordered_than_lies_there(brand, monkeypatch):
    gift(stock=1)
    numbers = crowd(2)
    unjudged = gift_orders.RESERVE.replace(
        "reserved = k.reserved + 1", "stock = k.stock + 1, reserved = k.reserved + 1"
    )
    monkeypatch.setattr(gift_orders, "RESERVE", unjudged.replace("AND k.reserved < k.stock", ""))
    outcomes = race(brand, 2, lambda n: place(f"O{n}", numbers[n]))
    assert (errors(outcomes), GiftOrder.objects.count(), GiftStock.objects.get().reserved) == ([], 2, 2)
    assert "gifts that lie in a store" in " ".join(finding.law for finding in books.verify())


@pytest.mark.books_may_break
def test_without_the_spending_in_the_same_transaction_a_balance_of_a_hundred_buys_two(brand, monkeypatch):
    gift()
    cast.purse(100)
    monkeypatch.setattr(gift_orders.points, "spend", lambda **given: gift_orders.Told(None))
    outcomes = race(brand, 2, lambda n: place(f"O{n}"))
    assert (errors(outcomes), GiftOrder.objects.count()) == ([], 2)
    assert [finding.law for finding in books.verify()] == ["a gift order has spent its points, once"]


def test_without_the_queue_on_her_rows_a_member_has_more_than_a_gift_allows(brand, monkeypatch):
    gift(per_member=1)
    cast.purse()
    monkeypatch.setattr(gift_orders.merges, "hold_person", lambda member: [member.pk])
    meet_after(monkeypatch, gift_orders.questions, "check", threading.Barrier(2))
    outcomes = race(brand, 2, lambda n: place(f"O{n}"))
    assert (errors(outcomes), GiftOrder.objects.count()) == ([], 2)


def unlock(monkeypatch):
    """Let whoever changes an order read it without its lock, nor that of its stock."""
    rows = GiftOrder.objects.select_related("gift", "member", "store")
    monkeypatch.setattr(gift_orders, "locked", lambda **name: rows.filter(**name).first())
    monkeypatch.setattr(gift_endings, "LOCK_STOCKS", "SELECT %(ids)s")


@pytest.mark.books_may_break
def test_without_the_lock_and_the_condition_an_order_meets_two_ends(brand, monkeypatch):
    gift(stock=5)
    cast.purse()
    place("O2")
    code = place().order.code
    unlock(monkeypatch)
    unjudged = gift_endings.END.replace("AND o.state = 'open'", "").replace("SET state", "SET pickup_no = '', state")
    monkeypatch.setattr(gift_endings, "END", unjudged)
    handed = gift_orders.HAND_OVER.replace("AND o.state = 'open'", "").replace("SET state", "SET reason = '', state")
    monkeypatch.setattr(gift_orders, "HAND_OVER", handed)
    meet_after(monkeypatch, gift_orders, "locked", threading.Barrier(2))
    assert errors(each(brand, [cancel, lambda: hand_over(code)])) == []
    assert stock()[1] == 0 != list(states().values()).count("open")


@pytest.mark.books_may_break
def test_without_the_locks_the_condition_and_the_name_a_handing_over_is_undone_twice(brand, monkeypatch):
    gift()
    cast.purse()
    for number in ("O1", "O2"):
        hand_over(place(number).order.code, f"H{number}")
    unlock(monkeypatch)
    monkeypatch.setattr(gift_returns.merges, "hold_person", lambda member: [member.pk])
    unjudged = gift_returns.TAKE_BACK.replace("AND o.state = 'handed'", "")
    nameless = unjudged.replace(
        "pickup_no, ended_at, ended_by_id, %(at)s", "%(entry)s::text, %(at)s, ended_by_id, %(at)s"
    )
    monkeypatch.setattr(gift_returns, "TAKE_BACK", nameless.replace("end_entry_id, %(entry)s", "%(entry)s, %(entry)s"))
    meet_after(monkeypatch, gift_returns, "_check", threading.Barrier(2))
    outcomes = race(brand, 2, lambda _: take_back(pickup_no="HO1"))
    assert (errors(outcomes), [told.again for told in outcomes], GiftReturn.objects.count()) == ([], [False] * 2, 2)
    assert (stock(), states()) == ((5, 2, 0), {"O1": "open", "O2": "handed"})
    assert "gifts handed over in a store" in " ".join(finding.law for finding in books.verify())


@pytest.mark.books_may_break
def test_without_the_hold_of_the_person_a_gift_waits_for_somebody_who_was_erased(brand, monkeypatch):
    monkeypatch.setattr(gift_returns.merges, "hold_person", lambda member: [member.pk])
    taken_back_while_erased(brand, monkeypatch)
    assert kept_for_the_erased() == 1
