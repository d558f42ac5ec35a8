"""Coupons over the API: what a till asks is answered once for one purchase, and what is wrong is named."""

from datetime import timedelta

import pytest
import segno

from members.actions import code_batches
from members.models import CouponEvent, CouponPlan, Member, MemberCodeUse
from members.queries import coupon_codes, member_codes
from newretail.kernel import guesses
from tests import coupons as cast
from tests import world
from tests.api.machines import account, machine, post
from tests.coupons import coupon, plan


@pytest.fixture
def till(noon):
    world.chain()
    return machine()


def shown(code, **more):
    return {"code": code, "source": "pos", "source_no": "A1", "amount": "100.00", "store_code": "SH01", **more}


def named(code, source_no="A1", **more):
    return {"code": code, "source": "pos", "source_no": source_no, **more}


def test_a_till_verifies_redeems_and_undoes(till):
    code = coupon(plan()).code
    told = post(till, "coupons:verify", shown(coupon_codes.shown(code).lower()))
    assert (told.status_code, told.json()["discount"], told.json()["plan"]) == (200, "5.00", "FIVE")
    assert not CouponEvent.objects.exists()
    first, again = (post(till, "coupons:redeem", shown(code)) for _ in range(2))
    assert first.status_code == 200
    assert first.json() == again.json()
    other = post(till, "coupons:redeem", shown(code, source_no="A2"), accept_language="zh-CN")
    assert (other.status_code, other.json()["code"]) == (409, "coupon_redeemed")
    assert "上海南京西路店" in other.json()["title"]
    assert post(till, "coupons:roll-back", named(code)).json()["discount"] == "5.00"
    assert cast.states() == {"issued": 1}


def test_a_coupon_is_held_released_and_claimed(till):
    of = plan()
    code = code_batches.make(plan=of, key="flyer", size=1, at=world.NOW).coupons.get().code
    assert post(till, "coupons:claim", {"code": code, "member_no": "V1"}).json()["member_no"] == "V1"
    held = post(till, "coupons:lock", shown(code, minutes=5)).json()
    assert held["until"].startswith("2026-06-15T12:05")
    assert post(till, "coupons:redeem", shown(code, source_no="A2")).json()["code"] == "coupon_locked"
    assert post(till, "coupons:release", named(code)).status_code == 200
    assert post(till, "coupons:redeem", shown(code, source_no="A2")).status_code == 200


def test_members_are_given_coupons_once_for_an_occasion_and_each_is_told_her_fate(till):
    plan(stock=1)
    body = {"plan": "FIVE", "source": "crm", "key": "c1", "members": ["V1", "V2", "?"]}
    told = post(till, "coupons:issue", body).json()
    assert told["issued"] == 1
    assert [each["state"] for each in told["results"]] == ["issued", "no_stock", "unknown_member"]
    assert [each["state"] for each in post(till, "coupons:issue", body).json()["results"]][:1] == ["again"]
    hers = till.get("/api/v1/members/V1/coupons").json()["items"]
    assert [(each["plan"], each["state"], len(each["code"])) for each in hers] == [("FIVE", "issued", 18)]
    assert till.get("/api/v1/coupon-plans/FIVE").json()["issued"] == 1
    assert len(till.get("/api/v1/coupon-plans").json()["items"]) == 1


def test_a_key_of_one_store_redeems_there_alone_and_gives_back_what_it_redeemed(till):
    first, second = coupon(plan(per_member=2), key="a"), coupon(CouponPlan.objects.get(), key="b")
    confined = machine(of=account("till-gz", store="GZ01"))
    for body in (shown(first.code), {**shown(first.code), "store_code": None}):
        assert post(confined, "coupons:redeem", body).status_code == 422
    assert post(confined, "coupons:redeem", shown(first.code, store_code="GZ01")).status_code == 200
    cast.redeem(second.code, "A2")
    assert post(confined, "coupons:roll-back", named(second.code, "A2")).json()["code"] == "coupon_not_redeemed"
    assert post(confined, "coupons:roll-back", named(first.code)).status_code == 200
    assert confined.get("/api/v1/members/V1/coupons").status_code == 404


BAD = [
    ({"amount": "１２.００"}, "amount"), ({"amount": "1_000"}, "amount"), ({"amount": "-1"}, "amount"), ({"amount": None}, "amount"),
    ({"amount": True}, "amount"), ({"amount": 1.005}, "amount"), ({"amount": " 1"}, "amount"), ({"amount": 2**63}, "amount"),
    ({"source": ""}, "source"), ({"source": "x" * 41}, "source"), ({"source_no": 7}, "source_no"), ({"store_code": "XX"}, "store_code"),
    ({"member_no": "?"}, "member_no"), ({"lines": {}}, "lines"), ({"lines": [1]}, "lines.0"), ({"colour": "red"}, "colour"),
    ({"lines": [{"sku": "TEA", "amount": "99.00"}]}, "amount"), ({"lines": [{"sku": "TEA", "amount": "100.00", "quantity": 0}]}, "lines.0.quantity"),
    ({"freight": "100.01"}, "freight"), ({"source_no": "a\u200bb"}, "source_no"), ({"code": 12}, "code"), ({"code": None}, "code"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "field"), BAD)
def test_a_bad_field_is_named_and_nothing_is_written(till, more, field):
    code = coupon(plan()).code
    answer = post(till, "coupons:redeem", shown(code) | more)
    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert cast.states() == {"issued": 1}


def unknown():
    made = coupon_codes.make(1)[0]
    return [made, made[:-1] + ("0" if made[-1] != "0" else "1"), "", "x", "0" * 18, "\u200b", "9" * 80]


def test_whatever_leads_to_no_coupon_is_answered_alike(till):
    answers = [post(till, "coupons:redeem", shown(code)) for code in unknown() if code]
    assert {(answer.status_code, answer.content) for answer in answers if answer.status_code == 409} == {
        (409, answers[0].content)
    }
    assert {answer.status_code for answer in answers} <= {409, 422}


def test_guessing_ends_after_a_few_wrong_codes_and_begins_anew_later(till, noon):
    code = coupon(plan()).code
    for wrong in coupon_codes.make(guesses.MOST):
        assert post(till, "coupons:verify", shown(wrong)).json()["code"] == "unknown_coupon"
    assert post(till, "coupons:verify", shown(code)).json()["code"] == "too_many_wrong_codes"
    noon.move_to(world.NOW + timedelta(seconds=guesses.WINDOW))
    assert post(till, "coupons:verify", shown(code)).status_code == 200


def test_a_reason_is_told_in_the_language_asked_for(till):
    code = coupon(plan(threshold_cents=20_000)).code
    english = post(till, "coupons:verify", shown(code))
    chinese = post(till, "coupons:verify", shown(code), accept_language="zh-CN")
    assert english.json()["title"] == "This coupon needs a purchase of ¥200.00; ¥100.00 counts."
    assert chinese.json()["title"] == "此券满 ¥200.00 可用，目前可计 ¥100.00。"


def test_the_code_of_a_member_comes_with_a_qr_that_says_it(till):
    answer = till.get("/api/v1/members/V1/code").json()
    assert answer["qr"].startswith("<svg ")
    assert answer["qr"] == segno.make_qr(answer["code"], error="m").svg_inline(scale=5)
    other = till.get("/api/v1/members/V2/code").json()
    assert answer["qr"] != other["qr"]


def test_a_members_code_is_shown_taken_once_and_tells_what_she_can_use(till):
    used, free = coupon(plan(per_member=2), key="a"), coupon(CouponPlan.objects.get(), key="b")
    cast.redeem(used.code)
    code = till.get("/api/v1/members/V1/code").json()["code"]
    for _ in range(2):
        told = post(till, "member-codes:verify", named(code)).json()
        assert (told["member_no"], [each["code"] for each in told["coupons"]]) == ("V1", [free.code])
    assert post(till, "member-codes:verify", named(code, "A2")).json()["code"] == "member_code_taken"
    assert MemberCodeUse.objects.count() == 1


def test_guessing_members_codes_ends_after_a_few(till):
    code = member_codes.of(Member.objects.get(member_no="V1"), world.NOW).code
    for number in range(guesses.MOST):
        assert post(till, "member-codes:verify", named(f"{number:018}")).json()["code"] == "unknown_member_code"
    assert post(till, "member-codes:verify", named(code)).json()["code"] == "too_many_wrong_codes"
    assert not MemberCodeUse.objects.exists()


def test_a_key_without_the_right_uses_no_coupon(till):
    code = coupon(plan()).code
    reader = machine("coupons:view", of=account("crm"))
    assert reader.get("/api/v1/members/V1/coupons").status_code == 200
    assert post(reader, "coupons:redeem", shown(code)).json()["code"] == "no_right"
    assert cast.states() == {"issued": 1}
