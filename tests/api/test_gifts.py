"""Gifts over the API: ordered once under their number, picked up once by their code, taken back; what is wrong is named."""

from datetime import timedelta

import pytest

from members.models import GiftOrder, GiftReturn
from members.queries import coupon_codes
from newretail.kernel import guesses
from tests import gifts as cast
from tests import world
from tests.api.machines import account, machine, post
from tests.gifts import gift, stock
from tests.members import purse


@pytest.fixture
def app(noon):
    world.chain()
    cast.purse()
    gift(extra_cents=990)
    return machine()


def wish(**more):
    usual = {"source": "app", "order_no": "O1", "gift_code": "CUP", "member_no": "V1", "store_code": "SH01"}
    return {**usual, **more}


def shown(code, **more):
    return {"code": code, "store_code": "SH01", "source": "pos", "source_no": "H1", **more}


def back(**more):
    usual = {"source": "app", "order_no": "O1", "pickup_source": "pos", "pickup_no": "H1", "reason": "拿错了"}
    return {**usual, **more}


def test_the_catalogue_tells_what_is_left_in_a_store_and_a_gift_in_each(app):
    cast.place("O9")
    listed = app.get("/api/v1/gifts").json()["items"]
    assert [(each["code"], each["points"], each["extra"], each["left"]) for each in listed] == [
        ("CUP", 100, "9.90", None)
    ]
    lefts = [app.get(f"/api/v1/gifts?store_code={code}").json()["items"][0]["left"] for code in ("SH01", "GZ01")]
    assert lefts == [4, 0]
    assert app.get("/api/v1/gifts/CUP").json()["stores"] == [{"store_code": "SH01", "left": 4}]
    assert app.get("/api/v1/gifts?store_code=XX").status_code == 400
    assert app.get("/api/v1/gifts/NONE").status_code == 404


def test_a_gift_is_ordered_looked_up_and_picked_up(app):
    first, again = (post(app, "gift-orders", wish()) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    told = first.json()
    assert (told["state"], told["points"], told["until"]) == ("open", 100, "2026-06-30T00:00:00+08:00")
    assert app.get("/api/v1/gift-orders/app/o1").json() == told
    assert app.get("/api/v1/gift-orders/app/O1?fields=state").json() == {"state": "open"}
    assert [each["order_no"] for each in app.get("/api/v1/members/V1/gift-orders").json()["items"]] == ["O1"]
    for _ in range(2):
        handed = post(app, "gift-orders:hand-over", shown(coupon_codes.shown(told["code"]).lower()))
        assert (handed.status_code, handed.json()["state"]) == (200, "handed")
    other = post(app, "gift-orders:hand-over", shown(told["code"], source_no="H2"), accept_language="zh-CN")
    assert (other.status_code, other.json()["code"]) == (409, "gift_handed")
    assert "上海南京西路店" in other.json()["title"]
    assert stock() == (4, 0, 1)


def test_the_same_key_meets_the_same_answer_and_another_wish_under_the_number_is_refused(app):
    first, again = (post(app, "gift-orders", wish(), idempotency_key="k1") for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    other = post(app, "gift-orders", wish(store_code="GZ01"))
    assert (other.status_code, other.json()["code"]) == (409, "another_gift_order")
    assert GiftOrder.objects.count() == 1


def test_an_order_is_cancelled_once_and_its_points_are_back(app):
    post(app, "gift-orders", wish())
    for _ in range(2):
        told = post(app, "gift-orders:cancel", {"source": "app", "order_no": "O1", "reason": "不想要了"})
        assert (told.status_code, told.json()["state"]) == (200, "cancelled")
    assert (purse.held()[0], stock()) == (300, (5, 0, 0))
    unknown = post(app, "gift-orders:cancel", {"source": "app", "order_no": "O2", "reason": "不想要了"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_gift_order")


def test_a_gift_handed_over_is_taken_back_once_and_handed_over_again_under_another_number(app):
    code = cast.place().order.code
    post(app, "gift-orders:hand-over", shown(code))
    told = [post(app, "gift-orders:take-back", back()) for _ in range(2)]
    assert [(each.status_code, each.json()["state"]) for each in told] == [(200, "open")] * 2
    assert (stock(), GiftReturn.objects.get().reason) == ((5, 1, 0), "拿错了")
    undone = post(app, "gift-orders:hand-over", shown(code))
    assert (undone.status_code, undone.json()["code"]) == (409, "gift_taken_back")
    assert post(app, "gift-orders:hand-over", shown(code, source_no="H2")).json()["state"] == "handed"


@pytest.mark.parametrize(("more", "code"), [
    ({"pickup_no": "H9"}, "gift_not_handed"), ({"pickup_source": "till"}, "gift_not_handed"),
    ({"order_no": "O9"}, "unknown_gift_order"), ({"reason": "13800000001"}, "number_in_note"),
])  # fmt: skip
def test_what_was_not_handed_over_so_is_not_taken_back_and_it_is_said_in_both_languages(app, more, code):
    cast.hand_over(cast.place().order.code)
    english = post(app, "gift-orders:take-back", back(**more))
    chinese = post(app, "gift-orders:take-back", back(**more), accept_language="zh-CN")
    assert {(answer.status_code, answer.json()["code"]) for answer in (english, chinese)} == {(409, code)}
    assert english.json()["title"] != chinese.json()["title"]
    assert (stock(), GiftReturn.objects.count()) == ((4, 0, 1), 0)


def test_a_gift_is_not_taken_back_on_a_later_day(app, noon):
    cast.hand_over(cast.place().order.code)
    noon.move_to(world.NOW + timedelta(days=1))
    assert post(app, "gift-orders:take-back", back()).json()["code"] == "gift_day_over"
    assert stock() == (4, 0, 1)


@pytest.mark.parametrize(("more", "field"), [
    ({"source": ""}, "source"), ({"order_no": 7}, "order_no"), ({"pickup_source": None}, "pickup_source"),
    ({"pickup_no": "x" * 101}, "pickup_no"), ({"reason": None}, "reason"), ({"reason": "x" * 201}, "reason"),
    ({"store_code": "SH01"}, "store_code"),
])  # fmt: skip
def test_a_bad_field_of_what_is_taken_back_is_named(app, more, field):
    cast.hand_over(cast.place().order.code)
    answer = post(app, "gift-orders:take-back", back(**more))
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])
    assert stock() == (4, 0, 1)


@pytest.mark.parametrize(
    ("more", "code"),
    [({"store_code": "GZ01"}, "gift_none_left"), ({"member_no": "V2"}, "not_enough_points")],
)
def test_what_the_books_refuse_is_said_and_nothing_is_written(app, more, code):
    answer = post(app, "gift-orders", wish(**more))
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (GiftOrder.objects.count(), purse.held()[0], stock()) == (0, 300, (5, 0, 0))


BAD = [
    ({"source": ""}, "source"), ({"source": "x" * 41}, "source"), ({"order_no": "x" * 51}, "order_no"),
    ({"order_no": 7}, "order_no"), ({"order_no": None}, "order_no"), ({"order_no": " O1"}, "order_no"),
    ({"order_no": "a\u200bb"}, "order_no"), ({"gift_code": "?"}, "gift_code"), ({"gift_code": None}, "gift_code"),
    ({"gift_code": ["CUP"]}, "gift_code"), ({"member_no": "?"}, "member_no"), ({"member_no": {}}, "member_no"),
    ({"store_code": "XX"}, "store_code"), ({"store_code": None}, "store_code"), ({"points": 1}, "points"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "field"), BAD)
def test_a_bad_field_is_named_and_nothing_is_written(app, more, field):
    answer = post(app, "gift-orders", wish(**more))
    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (GiftOrder.objects.count(), purse.held()[0]) == (0, 300)


def test_a_number_that_grows_too_long_when_it_is_written_plainly_is_refused(app):
    answer = post(app, "gift-orders", wish(order_no="\u337f" * 50))
    assert 400 <= answer.status_code < 500
    assert (GiftOrder.objects.count(), purse.held()[0]) == (0, 300)


def test_a_key_of_one_store_sees_orders_and_hands_over_there_alone(app):
    code = post(app, "gift-orders", wish()).json()["code"]
    confined = machine(of=account("till-gz", store="GZ01"))
    assert post(confined, "gift-orders:hand-over", shown(code)).json()["errors"][0]["field"] == "store_code"
    assert post(confined, "gift-orders:hand-over", shown(code, store_code="GZ01")).json()["code"] == "gift_elsewhere"
    assert confined.get("/api/v1/gift-orders/app/O1").status_code == 404
    assert confined.get("/api/v1/members/V1/gift-orders").status_code == 404
    assert post(confined, "gift-orders", wish(order_no="O2")).status_code == 422
    cancelled = post(confined, "gift-orders:cancel", {"source": "app", "order_no": "O1", "reason": "x"})
    assert cancelled.json()["code"] == "unknown_gift_order"
    own = machine(of=account("till-sh", store="SH01"))
    assert post(own, "gift-orders:hand-over", shown(code)).status_code == 200
    assert post(confined, "gift-orders:take-back", back()).json()["code"] == "unknown_gift_order"
    assert post(own, "gift-orders:take-back", back()).status_code == 200


def test_a_key_that_hands_over_orders_nothing_and_one_that_orders_hands_nothing_over(app):
    till, mall = machine("gift_pickups:change", of=account("till")), machine("gift_orders:change", of=account("mall"))
    assert post(till, "gift-orders", wish()).json()["code"] == "no_right"
    code = post(mall, "gift-orders", wish()).json()["code"]
    assert post(mall, "gift-orders:hand-over", shown(code)).json()["code"] == "no_right"
    assert post(till, "gift-orders:hand-over", shown(code)).status_code == 200
    assert post(mall, "gift-orders:take-back", back()).json()["code"] == "no_right"
    assert post(till, "gift-orders:take-back", back()).status_code == 200


def test_guessing_ends_after_a_few_wrong_codes_and_begins_anew_later(app, noon):
    code = cast.place().order.code
    for wrong in coupon_codes.make(guesses.MOST):
        assert post(app, "gift-orders:hand-over", shown(wrong)).json()["code"] == "unknown_pickup"
    assert post(app, "gift-orders:hand-over", shown(code)).json()["code"] == "too_many_wrong_codes"
    noon.move_to(world.NOW + timedelta(seconds=guesses.WINDOW))
    assert post(app, "gift-orders:hand-over", shown(code)).status_code == 200


def test_points_of_a_gift_are_not_put_back_behind_its_order(app):
    post(app, "gift-orders", wish())
    body = {"source": "gifts", "source_no": "app:O1", "reversal_no": "R1"}
    answer = post(app, "points:reverse", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "source_of_gifts")
    assert purse.held()[0] == 200
