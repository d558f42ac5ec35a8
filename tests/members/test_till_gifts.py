"""Gifts at the till: whoever shows her code, or is of the store, has them ordered, handed over, taken back."""

from datetime import date, timedelta

import pytest

from members.models import Gift, GiftOrder, GiftReturn
from members.queries import coupon_codes, member_codes
from newretail.kernel import guesses
from tests import gifts as cast
from tests import sights, world
from tests.gifts import gift, place, states, stock
from tests.members import purse

TOKEN = "a1b2c3"


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    cast.purse()
    gift()


@pytest.fixture
def manager(chain):
    return sights.browser("manager", "en")


def ask(client, do="look", **given):
    return client.post("/till/", {"do": do, "amount": "", "receipt": "", "purchase": "77", **given}, follow=True)


def order(client, **given):
    return ask(client, "order", **{"member": "V1", "gift": "CUP", "token": TOKEN, **given})


def hand_back(client, row, **given):
    names = {"source": row.source, "number": row.order_no, "pickup_source": row.pickup_source,
             "pickup_no": row.pickup_no, "reason": "拿错了"}  # fmt: skip
    return ask(client, "take_back", **{**names, **given})


def nothing_ordered():
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (0, (5, 0, 0), 300)


def stranger():
    """A member of another store, with points."""
    cast.purse(member_no="V2")
    member = world.member("V2")
    assert member.home_store.code != "SH01"
    return member


def test_a_member_found_by_her_number_is_ordered_a_gift_that_is_handed_over_at_once(manager):
    cast.gift("PAN", points=900)
    looked = sights.text(ask(manager, code="v1"))
    for words in ("300 points", "保温杯", "5 left", "600 points are lacking"):
        assert words in looked
    told = sights.text(order(manager))
    row = GiftOrder.objects.get()
    assert (row.source, row.order_no, row.by.username, row.state) == ("till", f"SH01-{TOKEN}", "manager", "open")
    assert coupon_codes.shown(row.code) in told
    assert "Handed over" in sights.text(ask(manager, "hand", code=row.code))
    assert (states(), stock(), purse.held()[0]) == ({row.order_no: "handed"}, (4, 0, 1), 200)


def test_a_form_sent_twice_orders_once(manager):
    for _ in range(2):
        assert order(manager).status_code == 200
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (1, (5, 1, 0), 200)


def test_a_member_of_another_store_is_ordered_for_when_she_has_just_shown_her_code(manager, noon):
    code = member_codes.of(stranger(), world.NOW).code
    assert "No coupon, no gift and no member" in sights.text(ask(manager, code="V2"))
    assert order(manager, member="V2").status_code == 422
    nothing_ordered()
    assert "300 points" in sights.text(ask(manager, code=code))
    assert order(manager, member="V2", purchase="78").status_code == 422
    nothing_ordered()
    assert order(manager, member="V2").status_code == 200
    assert (GiftOrder.objects.get().member.member_no, purse.held("V2")[0]) == ("V2", 200)
    noon.move_to(world.NOW + timedelta(minutes=31))
    assert order(sights.browser("manager", "en"), member="V2", token="d4").status_code == 422
    assert GiftOrder.objects.count() == 1


def test_a_number_shows_no_coupons_and_no_codes_of_hers(manager):
    waits = place().order
    told = ask(manager, code="V1").content.decode()
    assert waits.code not in told
    assert coupon_codes.shown(waits.code) not in told


def test_several_members_with_one_name_are_not_guessed_among(manager):
    world.people(
        *({"member_no": f"W{n}", "name": "李雷", "joined_at": "2026-01-01", "store_code": "SH01"} for n in "12")
    )
    told = ask(manager, code="李雷")
    assert (told.status_code, "Several members are found" in sights.text(told)) == (422, True)


@pytest.mark.parametrize("wrong", [
    {"gift": "NO"}, {"gift": ""}, {"gift": "\0"}, {"member": ""}, {"member": "NO"}, {"member": "\0"},
])  # fmt: skip
def test_an_order_of_nothing_or_for_nobody_is_refused_and_nothing_is_spent(manager, wrong):
    told = order(manager, **wrong)
    assert (told.status_code, "Not ordered" in sights.text(told)) == (422, True)
    nothing_ordered()


@pytest.mark.parametrize("terms", [{"state": "paused"}, {"last_on": date(2026, 6, 14)}, {"points": 301}])
def test_a_gift_that_is_not_hers_to_have_is_refused_and_her_page_stays(manager, terms):
    gift(**terms)
    told = order(manager)
    assert (told.status_code, "张三" in sights.text(told)) == (422, True)
    nothing_ordered()


@pytest.mark.parametrize("token", ["", "\0", "x" * 400, "a b", "<b>"])
def test_a_form_whose_name_was_bent_orders_under_a_fresh_one(manager, token):
    assert order(manager, token=token).status_code == 200
    assert GiftOrder.objects.get().order_no.startswith("SH01-")


def test_what_was_handed_over_today_is_listed_and_taken_back_for_a_reason(manager):
    cast.hand_over(place().order.code)
    row = GiftOrder.objects.get()
    assert "Gifts handed over today" in sights.text(manager.get("/till/"))
    for wrong in ({"reason": " "}, {"reason": "打 13800000001"}, {"pickup_no": "H9"}, {"number": "\0"}):
        assert hand_back(manager, row, **wrong).status_code == 422
    assert (states(), stock(), GiftReturn.objects.count()) == ({"O1": "handed"}, (4, 0, 1), 0)
    for _ in range(2):
        assert "its order waits" in sights.text(hand_back(manager, row))
    assert (states(), stock(), GiftReturn.objects.get().by.username) == ({"O1": "open"}, (5, 1, 0), "manager")


def test_what_another_store_handed_over_is_neither_listed_nor_taken_back(manager):
    cast.supply(Gift.objects.get(), 1, "GZ01")
    cast.hand_over(place(store="GZ01").order.code, store="GZ01")
    row = GiftOrder.objects.get()
    assert "Take it back" not in sights.text(manager.get("/till/"))
    assert hand_back(manager, row).status_code == 422
    assert states() == {"O1": "handed"}


def test_on_the_next_day_it_is_listed_no_more_and_stays_handed_over(manager, noon):
    cast.hand_over(place().order.code)
    row = GiftOrder.objects.get()
    noon.move_to(world.NOW + timedelta(days=1))
    tomorrow = sights.browser("manager", "en")
    assert "Take it back" not in sights.text(tomorrow.get("/till/"))
    assert "own day only" in sights.text(hand_back(tomorrow, row))
    assert states() == {"O1": "handed"}


def test_the_code_of_what_was_ordered_is_shown_to_whoever_ordered_it_alone(manager):
    order(manager)
    row = GiftOrder.objects.get()
    page = f"/till/?store=SH01&ordered={row.order_no}"
    assert coupon_codes.shown(row.code) in sights.text(manager.get(page))
    assert coupon_codes.shown(row.code) not in sights.text(sights.browser("hq", "en").get(page))


def test_guessing_numbers_ends_after_a_few(manager):
    for number in range(guesses.MOST):
        assert ask(manager, code=f"NO{number}").status_code == 422
    assert "Too many wrong codes" in sights.text(ask(manager, code="V1"))


def test_a_till_with_a_member_at_hand_asks_as_little_as_any_page(manager):
    for number in range(30):
        gift(f"G{number}")
        cast.hand_over(place(f"O{number}", code=f"G{number}").order.code) if number < 2 else None
    with sights.asked() as queries:
        ask(manager, code="V1")
    assert len(queries) <= sights.MOST_QUERIES
