"""A coupon is redeemed once; the same purchase is given the same answer; whatever does not count says why."""

from datetime import timedelta

import pytest

from members.actions import coupon_plans, redemptions
from members.models import Coupon, CouponEvent, CouponPlan
from members.queries import coupon_codes
from members.queries import coupon_reasons as why
from members.queries.coupons import Line
from newretail.kernel.models import JournalEntry
from stores.models import Category, Channel, Product, Region, Store
from tests import coupons as cast
from tests import world
from tests.coupons import coupon, plan, redeem, states


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def moves(row):
    return list(CouponEvent.objects.filter(coupon=row).order_by("nth").values_list("move", flat=True))


def pks(model, **named):
    return list(model.objects.filter(**named).values_list("pk", flat=True))


def test_a_coupon_is_redeemed_with_its_ledger_its_count_and_its_journal_line():
    row = coupon(plan())
    told = redeem(row.code)
    row.refresh_from_db()
    assert (told.discount_cents, told.again) == (500, False)
    assert (row.state, row.store.code, row.source_no, row.amount_cents) == ("redeemed", "SH01", "A1", 10_000)
    assert CouponPlan.objects.get().redeemed == 1
    assert JournalEntry.objects.get(name="members.coupon.redeemed").pk == CouponEvent.objects.get().entry_id


def test_a_till_that_lost_the_answer_is_given_it_again_and_another_purchase_is_refused():
    row = coupon(plan())
    redeem(row.code)
    again = redeem(row.code, at=world.NOW + timedelta(days=400))
    assert (again.discount_cents, again.again) == (500, True)
    with pytest.raises(why.AlreadyRedeemed, match=r"2026-06-15 12:00.*上海南京西路店"):
        redeem(row.code, "A2")
    assert moves(row) == ["redeemed"]


def test_a_lock_holds_a_coupon_for_one_purchase_while_it_lasts():
    row = coupon(plan())
    redemptions.lock(use=cast.use(row.code, "A1"), at=world.NOW)
    with pytest.raises(why.HeldElsewhere):
        redeem(row.code, "A2")
    assert redemptions.lock(use=cast.use(row.code, "A1"), at=world.NOW).again
    late = world.NOW + redemptions.USUAL_HOLD
    assert redeem(row.code, "A2", at=late).discount_cents == 500
    assert moves(row) == ["locked", "redeemed"]


def test_a_lock_outlasts_the_end_of_the_coupon_for_its_purchase_alone():
    row = coupon(plan())
    end = row.valid_until
    redemptions.lock(use=cast.use(row.code, "A1"), at=end - timedelta(minutes=1))
    after = end + timedelta(minutes=1)
    with pytest.raises(why.HeldElsewhere):
        redeem(row.code, "A2", at=after)
    assert redeem(row.code, "A1", at=after).discount_cents == 500


def test_a_released_coupon_is_free_and_only_its_purchase_releases_it():
    row = coupon(plan())
    redemptions.lock(use=cast.use(row.code, "A1"), at=world.NOW)
    with pytest.raises(redemptions.NotHeld):
        redemptions.release(code=row.code, source="pos", source_no="A2", at=world.NOW)
    redemptions.release(code=row.code, source="pos", source_no="A1", at=world.NOW)
    assert redeem(row.code, "A2").discount_cents == 500
    assert moves(row) == ["locked", "released", "redeemed"]


def back(row, source_no="A1", **more):
    more = {"at": world.NOW, **more}
    return redemptions.roll_back(code=row.code, source="pos", source_no=source_no, **more)


def test_a_redemption_is_undone_within_the_minutes_of_its_plan_and_the_coupon_counts_again():
    row = coupon(plan(undo_minutes=5))
    redeem(row.code)
    with pytest.raises(redemptions.UndoOver):
        back(row, at=world.NOW + timedelta(minutes=6))
    assert back(row, at=world.NOW + timedelta(minutes=5)).discount_cents == 500
    assert back(row).again
    assert (states(), CouponPlan.objects.get().redeemed) == ({"issued": 1}, 0)
    with pytest.raises(why.UsedBefore):
        redeem(row.code)
    assert redeem(row.code, "A2").discount_cents == 500


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_refund_gives_a_coupon_back_where_its_plan_says_so(comes_back):
    row = coupon(plan(comes_back=comes_back, undo_minutes=0))
    redeem(row.code)
    late = world.NOW + timedelta(days=3)
    if comes_back:
        back(row, refunded=True, at=late)
    else:
        with pytest.raises(redemptions.StaysRedeemed):
            back(row, refunded=True, at=late)
    assert states() == {"issued" if comes_back else "redeemed": 1}


def test_only_the_purchase_that_redeemed_it_gives_it_back():
    row = coupon(plan())
    with pytest.raises(redemptions.NotRedeemed):
        back(row)
    redeem(row.code)
    with pytest.raises(redemptions.NotRedeemed):
        back(row, "A2")
    assert states() == {"redeemed": 1}


@pytest.mark.parametrize(("stacks", "other", "together"), [
    ("any", "any", True), ("others", "others", True), ("alone", "any", False), ("any", "alone", False),
])  # fmt: skip
def test_coupons_go_together_as_the_stricter_plan_says(stacks, other, together):
    first, second = coupon(plan("A", stacks=stacks)), coupon(plan("B", stacks=other))
    redeem(first.code)
    if together:
        assert redeem(second.code).discount_cents == 500
    else:
        with pytest.raises(why.NotTogether):
            redeem(second.code)
    assert states() == ({"redeemed": 2} if together else {"issued": 1, "redeemed": 1})


@pytest.mark.parametrize(("stacks", "together"), [("any", True), ("others", False)])
def test_two_coupons_of_one_plan_go_together_only_where_any_do(stacks, together):
    of = plan(stacks=stacks, per_member=2)
    first, second = coupon(of, key="1"), coupon(of, key="2")
    redeem(first.code)
    if together:
        redeem(second.code)
    else:
        with pytest.raises(why.NotTogether):
            redeem(second.code)


def test_coupons_never_take_more_off_than_the_purchase_is():
    of = plan(stacks="any", per_member=3)
    rows = [coupon(of, key=str(n)) for n in range(3)]
    assert [redeem(row.code, amount=800).discount_cents for row in rows[:2]] == [500, 300]
    with pytest.raises(why.NothingLeft):
        redeem(rows[2].code, amount=800)


TEA, NUT = Line("TEA", 6_000, 2), Line("NUT", 4_000)
WORTH = [
    ({"kind": "percent", "off_bp": 1_500, "cap_cents": 1_000}, {}, 1_000),
    ({"kind": "percent", "off_bp": 1_250, "cap_cents": 10_000}, {"amount": 9_999}, 1_250),
    ({"kind": "amount", "amount_cents": 500, "threshold_cents": 10_000}, {}, 500),
    ({"kind": "shipping", "cap_cents": 1_000}, {"freight_cents": 800}, 800),
    ({"kind": "shipping", "cap_cents": 600}, {"freight_cents": 800}, 600),
    ({"kind": "exchange", "product": "TEA"}, {"lines": [TEA, NUT]}, 3_000),
    ({"kind": "exchange", "product": "TEA"}, {}, 0),
]


@pytest.mark.parametrize(("terms", "bought", "cents"), WORTH)
def test_each_kind_gives_what_it_says(terms, bought, cents):
    terms = {**terms, **({"product": Product.objects.get(sku=terms["product"])} if "product" in terms else {})}
    assert redeem(coupon(plan(**terms)).code, **bought).discount_cents == cents


def confined(name):
    rows = {"stores": pks(Store, code="GZ01"), "regions": pks(Region, name="华南"), "products": pks(Product, sku="NUT"),
            "categories": pks(Category, name="零食"), "channels": [Channel.objects.get_or_create(code="mall", name="商城")[0].pk]}  # fmt: skip
    return {name: rows[name]}


REFUSED = [
    ({"stores": 1}, {}, why.WrongStore), ({"regions": 1}, {}, why.WrongStore), ({"channels": 1}, {}, why.WrongChannel),
    ({"products": 1}, {}, why.LinesNeeded), ({"products": 1}, {"lines": [TEA]}, why.NoneOfThese),
    ({"categories": 1}, {"lines": [TEA]}, why.NoneOfThese),
    ({"products": 1, "threshold_cents": 5_000}, {"lines": [TEA, NUT]}, why.BelowThreshold),
    ({"threshold_cents": 10_001}, {}, why.BelowThreshold), ({}, {"amount": 0}, why.NothingLeft),
    ({"kind": "shipping", "cap_cents": 500}, {}, why.NothingLeft), ({}, {"told_cents": 400}, why.DiscountDiffers),
    ({}, {"member_id": -1}, why.OthersMember),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "bought", "reason"), REFUSED)
def test_a_coupon_that_does_not_count_says_why_and_nothing_is_written(terms, bought, reason):
    from newretail.kernel.guard import writing

    with writing("tests"):
        terms = {**terms, **{k: v for name in coupon_plans.SCOPES if name in terms for k, v in confined(name).items()}}
    row = coupon(plan(**terms))
    with pytest.raises(reason):
        redeem(row.code, **bought)
    assert (states(), moves(row), CouponPlan.objects.get().redeemed) == ({"issued": 1}, [], 0)


def test_a_coupon_counts_from_its_first_day_until_its_last_is_over():
    from datetime import date

    row = coupon(plan(days_valid=None, first_on=date(2026, 6, 16), last_on=date(2026, 6, 18)))
    with pytest.raises(why.NotYet, match="2026-06-16"):
        redeem(row.code, at=row.valid_from - timedelta(seconds=1))
    with pytest.raises(why.Expired, match="2026-06-18"):
        redeem(row.code, at=row.valid_until)
    assert redeem(row.code, at=row.valid_until - timedelta(seconds=1)).discount_cents == 500


@pytest.mark.parametrize("stop", [coupon_plans.pause, coupon_plans.close])
def test_nothing_of_a_stopped_plan_is_redeemed(stop):
    of = plan()
    row = coupon(of)
    stop(plan=of, at=world.NOW)
    with pytest.raises(why.PlanStopped):
        redeem(row.code)
    assert states() == {"issued": 1}


@pytest.mark.parametrize("change", [
    str.lower, coupon_codes.shown, lambda code: f"  {coupon_codes.shown(code)} ",
    lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
    lambda code: code.replace("0", "O").replace("1", "l"), lambda code: code.replace("0", "o").replace("1", "I"),
])  # fmt: skip
def test_a_code_is_read_as_people_type_it(change):
    for code in coupon_codes.make(50):
        assert coupon_codes.read(change(code)) == code


def test_codes_are_random_and_each_wrong_sign_is_found():
    codes = coupon_codes.make(2_000)
    assert len(set(codes)) == 2_000
    assert not any(code.isdigit() for code in codes)
    for code in codes[:20]:
        for place in range(len(code)):
            for sign in coupon_codes.ALPHABET.replace(code[place], ""):
                assert coupon_codes.read(code[:place] + sign + code[place + 1 :]) == ""


@pytest.mark.parametrize("text", ["", "?", "A" * 18, "0" * 18, "x" * 10_000, "優惠", "\0", "U" * 18])
def test_what_cannot_be_a_code_is_none(text):
    assert coupon_codes.read(text) == ""


def test_an_unknown_code_is_refused():
    with pytest.raises(why.UnknownCoupon):
        redeem(coupon_codes.make(1)[0])
    assert not Coupon.objects.exists()
