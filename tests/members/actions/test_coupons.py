"""Coupons are issued once for each thing they are given for, within stock and limit; claimed, made void, expired."""

from datetime import timedelta

import pytest

from members.actions import code_batches, coupon_plans, coupons, redemptions
from members.jobs import expire_coupons
from members.models import Coupon, CouponEvent, CouponPlan, Member
from members.queries import coupon_reasons as why
from newretail.kernel.models import JournalEntry
from tests import coupons as cast
from tests import sights, world
from tests.coupons import LATER, coupon, draft, member, plan, redeem, states


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def everybody():
    return list(Member.objects.order_by("member_no").values_list("pk", flat=True))


def issue(of, key="", members=None, at=world.NOW):
    return coupons.issue(plan=of, members=members or everybody(), source="hand", key=key, at=at)


def told(issued):
    return issued.issued, issued.again, issued.over_limit, issued.no_stock


def test_each_member_is_given_one_and_again_none():
    of = plan()
    assert told(issue(of)) == (2, 0, 0, 0)
    assert told(issue(of)) == (0, 2, 0, 0)
    assert CouponPlan.objects.get().issued == Coupon.objects.count() == 2
    row = Coupon.objects.first()
    assert (row.valid_from, row.valid_until - row.valid_from) == (world.NOW, timedelta(days=30, hours=12))


def test_no_more_are_issued_than_there_are_and_not_fewer_either():
    of = plan(stock=1)
    assert told(issue(of)) == (1, 0, 0, 1)
    assert Coupon.objects.get().member.member_no == "V1"
    with pytest.raises(coupons.OutOfStock):
        issue(of, "other")
    assert CouponPlan.objects.get().issued == 1


def test_no_member_is_given_more_than_the_plan_allows_and_void_ones_do_not_count():
    of = plan(per_member=2)
    assert [told(issue(of, key)) for key in "ab"] == [(2, 0, 0, 0)] * 2
    with pytest.raises(coupons.LimitReached):
        issue(of, "c")
    row = Coupon.objects.filter(member=member()).first()
    assert coupons.void(ids=[row.pk], at=world.NOW) == 1
    assert told(issue(of, "c")) == (1, 0, 1, 0)


def test_nothing_is_issued_of_a_draft_a_stopped_plan_or_one_that_is_over():
    for of in (draft("DRAFT"), coupon_plans.pause(plan=plan("PAUSED"), at=world.NOW)):
        with pytest.raises(why.PlanStopped):
            issue(of)
    with pytest.raises(coupons.PlanOver):
        issue(plan("OVER", last_on=sights.TODAY), at=LATER)
    assert not Coupon.objects.exists()


def test_a_batch_of_codes_is_made_once_under_its_name_whole_or_not_at_all():
    of = plan(stock=10)
    batch = code_batches.make(plan=of, key="flyer", size=6, at=world.NOW)
    assert code_batches.make(plan=of, key="flyer", size=6, at=world.NOW) == batch
    with pytest.raises(code_batches.BatchDiffers):
        code_batches.make(plan=of, key="flyer", size=7, at=world.NOW)
    with pytest.raises(coupons.OutOfStock):
        code_batches.make(plan=of, key="more", size=5, at=world.NOW)
    with pytest.raises(code_batches.BadSize):
        code_batches.make(plan=of, key="none", size=0, at=world.NOW)
    assert (batch.coupons.count(), CouponPlan.objects.get().issued) == (6, 6)


def test_a_code_is_claimed_once_and_within_the_limit():
    batch = code_batches.make(plan=plan(), key="flyer", size=3, at=world.NOW)
    first, second, third = batch.coupons.order_by("id")
    for _ in range(2):
        assert code_batches.claim(code=first.code, member=member(), at=world.NOW).member == member()
    with pytest.raises(why.OthersMember):
        code_batches.claim(code=first.code, member=member("V2"), at=world.NOW)
    with pytest.raises(coupons.LimitReached):
        code_batches.claim(code=second.code, member=member(), at=world.NOW)
    with pytest.raises(why.Expired):
        code_batches.claim(code=third.code, member=member("V2"), at=LATER)
    redeem(third.code)
    with pytest.raises(why.AlreadyRedeemed):
        code_batches.claim(code=third.code, member=member("V2"), at=world.NOW)
    assert CouponEvent.objects.filter(move="claimed").count() == 1


def test_a_code_that_a_purchase_holds_is_claimed_when_it_is_let_go_or_its_time_is_over():
    code = code_batches.make(plan=plan(), key="flyer", size=1, at=world.NOW).coupons.get().code
    redemptions.lock(use=cast.use(code), at=world.NOW)
    with pytest.raises(why.HeldElsewhere):
        code_batches.claim(code=code, member=member(), at=world.NOW)
    assert (states(), JournalEntry.objects.filter(name="members.coupon.claimed").count()) == ({"locked": 1}, 0)
    row = code_batches.claim(code=code, member=member(), at=world.NOW + redemptions.USUAL_HOLD)
    assert (row.member, row.state, row.source_no) == (member(), "issued", "")


def test_a_coupon_expires_in_the_night_after_its_last_day_unless_a_purchase_holds_it():
    of = plan(per_member=3)
    rows = [coupon(of, key=key) for key in "abc"]
    redeem(rows[0].code)
    end = rows[1].valid_until
    cast.redemptions.lock(use=cast.use(rows[1].code, "A2"), at=end - timedelta(minutes=1))
    assert coupons.expire(at=end - timedelta(seconds=1)) == 0
    assert coupons.expire(at=end) == 1
    assert states() == {"expired": 1, "locked": 1, "redeemed": 1}
    assert coupons.expire(at=end + timedelta(days=1)) == 1
    assert coupons.expire(at=end + timedelta(days=1)) == 0


def test_the_night_of_a_day_to_come_lets_nothing_expire_early(noon):
    coupon(plan())
    assert expire_coupons(None, sights.TODAY + timedelta(days=90)) == {"expired": 0}
    noon.move_to(LATER)
    assert expire_coupons(None, LATER.date()) == {"expired": 1}


def test_only_coupons_that_nobody_holds_are_made_void():
    of = plan(per_member=2)
    used, held = coupon(of, key="a"), coupon(of, key="b")
    redeem(used.code)
    cast.redemptions.lock(use=cast.use(held.code, "A2"), at=world.NOW)
    assert coupons.void(ids=[used.pk, held.pk], at=world.NOW) == 0
    assert coupons.void(ids=[used.pk, held.pk], at=LATER) == 1
    with pytest.raises(why.Voided):
        redeem(held.code, "A3")


def test_a_plan_worth_more_than_one_person_opens_is_approved_by_another():
    maker, other = sights.person("hq"), sights.person("manager")
    row = coupon_plans.open_up(plan=draft(stock=20_000), at=world.NOW, by=maker)
    assert row.state == "awaiting"
    with pytest.raises(why.PlanStopped):
        issue(row)
    with pytest.raises(coupon_plans.SamePerson):
        coupon_plans.approve(plan=row, at=world.NOW, by=maker)
    assert coupon_plans.approve(plan=row, at=world.NOW, by=other).state == "active"
    assert told(issue(row)) == (2, 0, 0, 0)


@pytest.mark.parametrize("terms", [{"kind": "percent", "off_bp": 1_000}, {"kind": "shipping"}])
def test_a_plan_whose_discount_nothing_bounds_awaits_approval(terms):
    assert coupon_plans.open_up(plan=draft(stock=1, **terms), at=world.NOW).state == "awaiting"


def test_terms_stay_once_a_plan_is_open_and_moves_out_of_order_are_refused():
    row = plan()
    with pytest.raises(coupon_plans.NotDraft):
        draft(amount_cents=5_000)
    for act in (coupon_plans.open_up, coupon_plans.resume, coupon_plans.send_back):
        with pytest.raises(coupon_plans.WrongState):
            act(plan=row, at=world.NOW)
    closed = coupon_plans.close(plan=coupon_plans.pause(plan=row, at=world.NOW), at=world.NOW)
    for act in (coupon_plans.pause, coupon_plans.resume, coupon_plans.close):
        with pytest.raises(coupon_plans.WrongState):
            act(plan=closed, at=world.NOW)


def test_stock_is_raised_up_to_what_needs_no_approval():
    row = plan()
    assert coupon_plans.raise_stock(plan=row, stock=10_000, at=world.NOW).stock == 10_000
    for stock in (10_000, 5, 10_001):
        with pytest.raises(coupon_plans.StockBelow):
            coupon_plans.raise_stock(plan=row, stock=stock, at=world.NOW)


@pytest.mark.parametrize("terms", [
    {"amount_cents": 0}, {"amount_cents": -1}, {"kind": "percent", "off_bp": 10_001}, {"kind": "exchange"},
    {"days_valid": None}, {"stock": 10_000_001}, {"threshold_cents": -1}, {"cap_cents": 0}, {"given_on": "monthly"},
    {"given_day": 3}, {"given_on": "monthly", "given_day": 29}, {"name": ""}, {"stacks": "never"},
])  # fmt: skip
def test_terms_that_do_not_hold_together_are_refused(terms):
    with pytest.raises(coupon_plans.BadTerms):
        draft(**terms)
    assert not CouponPlan.objects.exists()
