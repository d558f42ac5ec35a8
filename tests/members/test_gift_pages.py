"""Gifts in the browser: kept, supplied and paused by HQ, their orders cancelled, handed over at the till."""

import re
from datetime import timedelta

import pytest

from members.models import Gift, GiftOrder
from members.queries import coupon_codes, member_codes
from newretail.kernel import guesses
from tests import gifts as cast
from tests import sights, world
from tests.gifts import gift, place, states, stock
from tests.members import purse

GIFTS, ORDERS = "/admin/members/gift/", "/admin/members/giftorder/"
FORM = {
    "code": "CUP", "name": "保温杯", "description": "500ml", "points": "100", "extra": "9.90", "first_on": "", "last_on": "",
    "per_member": "2", "least_level": "", "pickup_days": "",
}  # fmt: skip


@pytest.fixture
def chain(noon):
    world.chain()
    cast.purse()


@pytest.fixture
def hq(chain):
    return sights.browser("hq", "en")


@pytest.fixture
def manager(chain):
    return sights.browser("manager", "en")


def keep(client, row, **counts):
    given = {f"pieces-{code}": pieces for code, (pieces, _seen) in counts.items()}
    seen = {f"seen-{code}": told for code, (_pieces, told) in counts.items()}
    return client.post(f"{GIFTS}{row.pk}/stock/", {**given, **seen}, follow=True)


def test_hq_keeps_a_gift_supplies_a_store_pauses_and_resumes_it(hq):
    assert hq.post(f"{GIFTS}add/", FORM, follow=True).status_code == 200
    row = Gift.objects.get()
    assert (row.points, row.extra_cents, row.per_member) == (100, 990, 2)
    hq.post(f"{GIFTS}{row.pk}/change/", {**FORM, "points": "80"}, follow=True)
    told = sights.text(keep(hq, row, SH01=("5", "0"), GZ01=("0", "0")))
    assert "The stock of 1 stores is kept." in told
    for act, state in (("pause", "paused"), ("resume", "active")):
        hq.post(f"{GIFTS}{row.pk}/move/", {"do": act}, follow=True)
        row.refresh_from_db()
        assert row.state == state
    assert (row.points, stock()) == (80, (5, 0, 0))
    assert "80 points + ¥9.90" in sights.text(hq.get(GIFTS))


@pytest.mark.parametrize("wrong", [
    {"code": ""}, {"name": ""}, {"points": "0"}, {"points": "x"}, {"points": "-1"}, {"points": "9999999999"}, {"extra": "-1"},
    {"extra": "1.005"}, {"pickup_days": "0"}, {"first_on": "2026-06-02", "last_on": "2026-06-01"}, {"least_level": "9"},
])  # fmt: skip
def test_a_form_that_does_not_hold_together_is_shown_again_and_nothing_is_kept(hq, wrong):
    assert hq.post(f"{GIFTS}add/", {**FORM, **wrong}).status_code == 200
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    "counts", [("-1", "5"), ("x", "5"), ("1.5", "5"), ("9999999", "5"), ("8", "4"), ("1" * 30, "5")]
)
def test_a_count_that_cannot_be_is_refused_and_the_stock_stays(hq, counts):
    row = gift()
    assert keep(hq, row, SH01=counts).status_code == 200
    assert stock() == (5, 0, 0)


def test_an_order_is_cancelled_with_a_reason_by_those_of_its_store(manager):
    gift()
    cast.supply(Gift.objects.get(), 1, "GZ01")
    place("O-1")
    place("O-2", store="GZ01")
    here, there = GiftOrder.objects.order_by("order_no")
    listed = sights.text(manager.get(ORDERS))
    assert "O-1" in listed
    assert "O-2" not in listed
    assert manager.post(f"{ORDERS}{there.pk}/cancel/", {"reason": "x"}).status_code == 404
    manager.post(f"{ORDERS}{here.pk}/cancel/", {"reason": " "})
    assert states() == {"O-1": "open", "O-2": "open"}
    page = sights.text(manager.get(f"{ORDERS}{here.pk}/change/"))
    assert "Cancel the order" in page
    assert here.code not in page
    told = manager.post(f"{ORDERS}{here.pk}/cancel/", {"reason": "选错"}, follow=True)
    assert "the points are back" in sights.text(told)
    assert (states(), purse.held()[0]) == ({"O-1": "cancelled", "O-2": "open"}, 200)


def test_a_manager_sees_the_catalogue_and_changes_nothing(manager):
    row = gift()
    assert manager.get(f"{GIFTS}{row.pk}/change/").status_code == 200
    assert keep(manager, row, SH01=("9", "5")).status_code == 403
    assert manager.post(f"{GIFTS}{row.pk}/move/", {"do": "pause"}).status_code == 403
    assert (Gift.objects.get().state, stock()) == ("active", (5, 0, 0))


def shops(number):
    """So many stores more, in a city of their own."""
    rows = [
        {"code": f"N{n:03}", "name": f"新店{n:03}", "city": "成都", "opened_on": "2026-01-01"} for n in range(number)
    ]
    world.stores(*rows)


def test_the_stock_of_many_stores_is_shown_a_page_at_a_time_and_found_by_store_city_or_code(hq):
    row = gift()
    shops(120)
    page = f"{GIFTS}{row.pk}/change/"
    with sights.asked() as queries:
        first = sights.text(hq.get(page))
    assert len(queries) <= sights.MOST_QUERIES
    assert (first.count('name="pieces-'), "1 / 3" in first) == (50, True)
    for words, shown in (
        ("q=n007", ["N007"]),
        ("q=新店119", ["N119"]),
        ("q=%00", None),
        ("q=zzz", []),
        ("p=99&q=成都", None),
    ):
        told = sights.text(hq.get(f"{page}?{words}"))
        found = re.findall('name="pieces-([^"]+)"', told)
        assert found == shown if shown is not None else found
    assert "No store is found" in sights.text(hq.get(f"{page}?q=zzz"))


def test_a_count_typed_on_a_later_page_is_kept_and_leads_back_to_it(hq):
    row = gift()
    shops(60)
    given = {"pieces-N059": "7", "seen-N059": "0", "p": "2", "q": ""}
    told = hq.post(f"{GIFTS}{row.pk}/stock/", given)
    assert (told.url, stock(store="N059")) == (f"{GIFTS}{row.pk}/change/?p=2#stock", (7, 0, 0))


ORDERED = {"member_no": "V1", "gift": "CUP", "store": "SH01", "token": "0123456789abcdef"}


def order(client, **given):
    return client.post(f"{ORDERS}order/?member=V1", {**ORDERED, **given}, follow=True)


def test_a_gift_is_ordered_from_the_page_of_a_member_once_and_its_code_told_once(manager):
    gift(extra_cents=990)
    page = f"/admin/members/member/{world.member('V1').pk}/change/"
    assert f"{ORDERS}order/?member=V1" in sights.text(manager.get(page))
    asked = sights.text(manager.get(f"{ORDERS}order/?member=V1"))
    assert "300 points" in asked
    assert "保温杯 · 100 points + ¥9.90" in asked
    told = sights.text(order(manager))
    row = GiftOrder.objects.get()
    assert (row.source, row.member.member_no, row.store.code, row.by.username) == ("hq", "V1", "SH01", "manager")
    assert coupon_codes.shown(row.code) in told
    assert coupon_codes.shown(row.code) not in sights.text(manager.get(f"{ORDERS}{row.pk}/change/"))
    order(manager)
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (1, (5, 1, 0), 200)


@pytest.mark.parametrize("wrong", [
    {"member_no": ""}, {"member_no": "NO"}, {"member_no": "V2"}, {"gift": ""}, {"gift": "NO"}, {"gift": "OLD"},
    {"gift": "DEAR"}, {"store": ""}, {"store": "NO"}, {"store": "GZ01"}, {"token": ""}, {"token": "x"},
])  # fmt: skip
def test_an_order_that_cannot_be_is_shown_again_and_nothing_is_spent(manager, wrong):
    cast.supply(gift(), 1, "GZ01")
    gift("OLD", state="paused")
    gift("DEAR", points=301)
    assert order(manager, **wrong).status_code == 422
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (0, (5, 0, 0), 300)


def test_nobody_orders_without_the_right_and_the_list_offers_it_to_those_who_may(manager):
    gift()
    auditor = sights.browser("auditor", "en")
    assert order(auditor).status_code == 403
    assert "Order a gift" not in sights.text(auditor.get(ORDERS))
    assert "Order a gift" in sights.text(manager.get(ORDERS))
    assert not GiftOrder.objects.exists()


def test_what_was_handed_over_today_is_taken_back_by_those_of_its_store(manager, noon):
    gift()
    cast.hand_over(place().order.code)
    row = GiftOrder.objects.get()
    given = {"pickup_source": "pos", "pickup_no": "H1", "reason": "拿错了"}
    back = f"{ORDERS}{row.pk}/take-back/"
    assert "Take the gift back" in sights.text(manager.get(f"{ORDERS}{row.pk}/change/"))
    assert sights.browser("auditor", "en").post(back, given).status_code == 403
    for wrong in ({"reason": ""}, {"pickup_no": "H2"}):
        manager.post(back, {**given, **wrong})
    assert (states(), stock()) == ({"O1": "handed"}, (4, 0, 1))
    assert "its order waits" in sights.text(manager.post(back, given, follow=True))
    assert (states(), stock()) == ({"O1": "open"}, (5, 1, 0))
    cast.hand_over(row.code, "H2")
    noon.move_to(world.NOW + timedelta(days=1))
    later = sights.browser("manager", "en").get(f"{ORDERS}{row.pk}/change/")
    assert "Take the gift back" not in sights.text(later)


def ask(client, do="look", **given):
    return client.post("/till/", {"do": do, "amount": "", "receipt": "77", **given}, follow=True)


def test_a_gift_is_looked_at_and_handed_over_with_one_tap(manager):
    gift(extra_cents=990)
    code = place().order.code
    looked = sights.text(ask(manager, code=coupon_codes.shown(code).lower()))
    assert "保温杯" in looked
    assert "Take ¥9.90 for it." in looked
    for _ in range(2):
        assert "Handed over" in sights.text(ask(manager, "hand", code=code))
    order = GiftOrder.objects.get()
    assert (order.state, order.pickup_source, order.pickup_no, order.ended_by.username) == (
        "handed", "till", "SH01/77", "manager",
    )  # fmt: skip
    again = ask(manager, "hand", code=code, receipt="78")
    assert (again.status_code, stock()) == (422, (4, 0, 1))


def test_a_members_code_shows_what_she_can_pick_up_here(manager):
    gift()
    place()
    code = member_codes.of(world.member("V1"), world.NOW).code
    assert "保温杯" in sights.text(ask(manager, code=code))


def test_a_gift_of_another_store_or_out_of_time_is_refused_at_the_till(manager, noon):
    cast.supply(gift(), 1, "GZ01")
    there, here = (place(f"O-{store}", store=store).order.code for store in ("GZ01", "SH01"))
    assert "another store: 广州天河店" in sights.text(ask(manager, code=there))
    noon.move_to(world.NOW + timedelta(days=15))
    late = ask(sights.browser("manager", "en"), "hand", code=here)
    assert late.status_code == 422
    assert set(states().values()) == {"open"}


def test_guessing_at_the_till_ends_after_a_few_wrong_codes(manager):
    gift()
    code = place().order.code
    for wrong in coupon_codes.make(guesses.MOST):
        assert ask(manager, "hand", code=wrong).status_code == 422
    assert "Too many wrong codes" in sights.text(ask(manager, "hand", code=code))
    assert states() == {"O1": "open"}
