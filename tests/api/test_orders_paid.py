"""An order goes in with the coupons and points it was paid with, or none of it does; sent again it happens once."""

import pytest

from members.actions import redemptions
from members.models import Coupon, CouponEvent, CouponPlan, Order, OrderLine, PointsEntry
from members.queries import coupon_codes
from newretail.kernel import books, guesses
from newretail.kernel.models import JournalEntry
from stores.models import Product
from tests import coupons as cast
from tests import world
from tests.api.machines import account, line, machine, order, post
from tests.coupons import coupon, plan
from tests.members import purse


@pytest.fixture(scope="module")
def chain(long_noon):
    world.chain()


@pytest.fixture
def till(chain, noon):
    return machine()


def off(row, discount="5.00"):
    return {"code": row.code, "discount": discount}


def paid(*coupons, number="A1", **more):
    """An order of 95 yuan after 5 yuan off."""
    return order(number, **{"amount": "95.00", "coupons": list(coupons), **more})


def written():
    return [
        list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Coupon, CouponEvent, PointsEntry)
    ]


def lines_of(name):
    return JournalEntry.objects.filter(name=name).count()


def test_an_order_its_coupon_and_its_points_go_in_together(till):
    row = coupon(plan(threshold_cents=10_000))
    purse.give(100)
    answer = post(till, "orders", paid(off(row), points_spent=60))
    assert (answer.status_code, answer.json()["amount"]) == (201, "95.00")
    row.refresh_from_db()
    assert (row.state, row.source, row.source_no, row.store.code) == ("redeemed", "pos", "A1", "SH01")
    assert (row.amount_cents, row.discount_cents) == (10_000, 500)
    assert purse.held() == (40, 0, 0)
    names = ("members.order.recorded", "members.coupon.redeemed", "members.points.spent")
    assert [lines_of(name) for name in names] == [1, 1, 1]
    assert books.verify() == []


def test_the_answer_tells_what_each_coupon_took_off_and_the_points_spent(till):
    of = plan(stacks="any", per_member=2)
    first, second = coupon(of, key="1"), coupon(of, key="2")
    purse.give(100)
    told = post(till, "orders", paid(off(first), off(second), amount="90.00", points_spent=60)).json()
    assert [(each["code"], each["plan"], each["discount"]) for each in told["coupons"]] == [
        (first.code, "FIVE", "5.00"), (second.code, "FIVE", "5.00"),
    ]  # fmt: skip
    assert told["points_spent"] == 60
    stands = till.get("/api/v1/orders/pos/A1").json()
    assert {name: told[name] for name in stands} == stands
    assert post(till, "orders", order(amount="90.00")).json() == stands


@pytest.mark.parametrize("header", [{}, {"idempotency_key": "k1"}])
def test_the_order_sent_again_redeems_and_spends_nothing_more(till, header):
    body = paid(off(coupon(plan())), points_spent=60)
    purse.give(100)
    first = post(till, "orders", body, **header)
    before = written()
    again = post(till, "orders", {**body, "order_no": "A1" if header else "a1"}, **header)
    assert (first.status_code, again.status_code) == (201, 201 if header else 200)
    assert (again.json(), written()) == (first.json(), before)
    assert [each["discount"] for each in again.json()["coupons"]] == ["5.00"]


def test_a_coupon_held_for_the_order_is_redeemed_in_it(till):
    row = coupon(plan())
    redemptions.lock(use=cast.use(row.code, "A1"), at=world.NOW)
    assert post(till, "orders", paid(off(row), number="A2")).json()["code"] == "coupon_locked"
    assert post(till, "orders", paid(off(row))).status_code == 201


def test_coupons_are_added_to_an_order_that_is_there_and_one_left_out_stays_redeemed(till):
    of = plan(stacks="any", per_member=2)
    first, second = coupon(of, key="1"), coupon(of, key="2")
    assert post(till, "orders", order(amount="100.00")).status_code == 201
    assert post(till, "orders", paid(off(first))).status_code == 200
    assert post(till, "orders", paid(off(second), amount="90.00")).status_code == 200
    second.refresh_from_db()
    assert (cast.states(), second.amount_cents) == ({"redeemed": 2}, 10_000)
    assert post(till, "orders", order(amount="90.00")).status_code == 200
    assert cast.states() == {"redeemed": 2}


def test_coupons_go_together_as_their_plans_say_each_on_the_whole_purchase(till):
    tenth = coupon(plan("TENTH", kind="percent", off_bp=1_000, cap_cents=5_000, stacks="others"))
    five = coupon(plan("FIVE", stacks="others"))
    assert post(till, "orders", paid(off(tenth, "10.00"), off(five), amount="85.00")).status_code == 201
    alone = coupon(plan("ALONE"), "V2")
    other = coupon(CouponPlan.objects.get(code="FIVE"), "V2")
    before = written()
    answer = post(till, "orders", paid(off(other), off(alone), number="A2", amount="90.00", member_no="V2"))
    assert (answer.status_code, answer.json()["code"], written()) == (409, "coupon_not_together", before)


def test_a_coupon_of_certain_products_and_one_for_freight_count_on_what_they_took_off(till):
    nut = Product.objects.get(sku="NUT")
    half = coupon(plan("HALF", kind="percent", off_bp=5_000, cap_cents=5_000, stacks="any", products=[nut.pk]))
    free = coupon(plan("FREE", kind="shipping", cap_cents=1_000, stacks="any"))
    sold = [line(1, amount="60.00"), line(2, sku="NUT", amount="20.00", discount="20.00")]
    body = paid(off(half, "20.00"), off(free, "8.00"), amount="80.00", lines=sold)
    assert post(till, "orders", body).status_code == 201
    assert sorted(Coupon.objects.values_list("amount_cents", "discount_cents")) == [(10_800, 800), (10_800, 2_000)]


def refused_by(case, till):
    """What is sent in each case, and the code of its answer."""
    row = coupon(plan(threshold_cents=5_000, per_member=3))
    purse.give(50)
    spent = coupon(row.plan, key="2")
    cast.redeem(spent.code, "A0")
    return {
        "another discount": (paid(off(row, "4.00")), "coupon_discount_differs"),
        "below its threshold": (paid(off(row), amount="44.99"), "coupon_below_threshold"),
        "redeemed for another order": (paid(off(spent)), "coupon_redeemed"),
        "another's coupon": (paid(off(row), member_no="V2"), "coupon_other_member"),
        "no such coupon": (paid({"code": coupon_codes.make(1)[0], "discount": "5.00"}), "unknown_coupon"),
        "no code at all": (paid({"code": "?", "discount": "5.00"}), "unknown_coupon"),
        "more points than she has": (paid(off(row), points_spent=51), "not_enough_points"),
        "points of nobody": (paid(off(row), member_no=None, points_spent=1), "no_payer"),
    }[case]  # fmt: skip


@pytest.mark.parametrize("case", [
    "another discount", "below its threshold", "redeemed for another order", "another's coupon", "no such coupon",
    "no code at all", "more points than she has", "points of nobody",
])  # fmt: skip
def test_whatever_is_refused_is_told_in_both_languages_and_nothing_is_written(till, case):
    body, code = refused_by(case, till)
    before = written()
    english, chinese = (post(till, "orders", body, accept_language=language) for language in ("en", "zh-CN"))
    assert {answer.status_code for answer in (english, chinese)} == {409}
    assert {answer.json()["code"] for answer in (english, chinese)} == {code}
    assert english.json()["title"].isascii() or "¥" in english.json()["title"] or "上海" in english.json()["title"]
    assert english.json()["title"] != chinese.json()["title"]
    assert written() == before


def test_an_order_that_is_refused_takes_its_coupon_with_it(till):
    row = coupon(plan())
    before = written()
    answer = post(till, "orders", paid(off(row), store_code="XX"))
    assert (answer.status_code, answer.json()["errors"][0]["code"], written()) == (422, "unknown_store", before)


def test_another_discount_or_other_points_for_what_was_used_are_refused(till):
    row = coupon(plan())
    purse.give(100)
    assert post(till, "orders", paid(off(row), points_spent=60)).status_code == 201
    before = written()
    assert post(till, "orders", paid(off(row, "4.00"))).json()["code"] == "coupon_discount_differs"
    assert post(till, "orders", paid(off(row), points_spent=50)).json()["code"] == "another_move"
    assert written() == before


BAD = [
    ({"coupons": {}}, "coupons", "not_a_list"), ({"coupons": [1]}, "coupons.0", "not_an_item"),
    ({"coupons": [{"code": "x"}]}, "coupons.0.discount", "missing"),
    ({"coupons": [{"discount": "5.00"}]}, "coupons.0.code", "missing"),
    ({"coupons": [{"code": "x", "discount": "-5"}]}, "coupons.0.discount", "not_money"),
    ({"coupons": [{"code": "x", "discount": "１"}]}, "coupons.0.discount", "not_money"),
    ({"coupons": [{"code": "x", "discount": "1", "colour": "red"}]}, "coupons.0.colour", "unknown_field"),
    ({"coupons": [{"code": 7, "discount": "1"}]}, "coupons.0.code", "not_text"),
    ({"coupons": [{"code": "x", "discount": "1"}] * 21}, "coupons", "too_many_items"),
    ({"points_spent": "60"}, "points_spent", "not_number"), ({"points_spent": 0}, "points_spent", "not_whole"),
    ({"points_spent": -1}, "points_spent", "not_whole"), ({"points_spent": 1.5}, "points_spent", "not_whole"),
    ({"points_spent": True}, "points_spent", "not_number"), ({"points_spent": 2**63}, "points_spent", "not_whole"),
    ({"points_spent": 1, "source": "gifts"}, "source", "source_of_gifts"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "field", "code"), BAD)
def test_a_bad_field_is_named_and_nothing_is_written(till, more, field, code):
    answer = post(till, "orders", order(**more))
    assert answer.status_code == 422, answer.content
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not Order.objects.exists()


def test_a_coupon_that_stands_twice_is_named_and_null_is_nothing(till):
    row = coupon(plan())
    spelled = {"code": coupon_codes.shown(row.code).lower(), "discount": "5.00"}
    answer = post(till, "orders", paid(off(row), spelled, amount="90.00"))
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("coupons.1.code", "coupon_twice")
    ]
    assert not Order.objects.exists()
    assert post(till, "orders", order(coupons=None, points_spent=None)).status_code == 201
    assert post(till, "orders", order("A2", coupons=[])).status_code == 201


def test_a_batch_says_where_an_order_with_coupons_is_sent_and_takes_the_others(till):
    row = coupon(plan())
    told = post(
        till, "orders:batch", {"orders": [order("A1"), paid(off(row), number="A2"), order("A3", points_spent=1)]}
    )
    assert [each["state"] for each in told.json()["results"]] == ["created", "refused", "refused"]
    faults = [each["errors"][0] for each in told.json()["results"][1:]]
    assert [(fault["field"], fault["code"]) for fault in faults] == [
        ("coupons", "one_at_a_time"), ("points_spent", "one_at_a_time"),
    ]  # fmt: skip
    assert "POST /api/v1/orders" in faults[0]["detail"]
    assert cast.states() == {"issued": 1}


def test_a_key_needs_the_rights_to_redeem_and_to_spend(till):
    row = coupon(plan())
    purse.give(100)
    poor = machine("orders:view", "orders:change", of=account("mall"))
    for body in (paid(off(row)), order(points_spent=60)):
        assert post(poor, "orders", body).status_code == 403
    assert not Order.objects.exists()
    rich = machine("orders:change", "redemptions:change", "points:change", of=account("crm"))
    assert post(rich, "orders", paid(off(row), points_spent=60)).status_code == 201


def test_a_till_of_one_store_spends_the_points_of_its_own_members_alone(till):
    purse.give(100)
    confined = machine(of=account("till-gz", store="GZ01"))
    answer = post(confined, "orders", order(store_code="GZ01", points_spent=60))
    assert (answer.status_code, answer.json()["code"], Order.objects.count()) == (409, "no_payer", 0)
    own = machine(of=account("till-sh", store="SH01"))
    assert post(own, "orders", order(points_spent=60)).status_code == 201


def test_guessing_codes_by_orders_ends_after_a_few(till):
    code = coupon(plan())
    for wrong in coupon_codes.make(guesses.MOST):
        assert post(till, "orders", paid({"code": wrong, "discount": "5.00"})).json()["code"] == "unknown_coupon"
    assert post(till, "orders", paid(off(code))).json()["code"] == "too_many_wrong_codes"
    assert post(till, "orders", order()).status_code == 201
