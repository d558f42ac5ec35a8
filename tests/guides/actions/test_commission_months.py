"""A month of commission: computed, reviewed, closed once and for all, exported, paid; what comes later goes on."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from guides.actions import commission_adjustments, commission_months, credits
from guides.actions.commission_adjustments import AnotherPayAdjustment, BadPayAdjustment, MoreThanOwed
from guides.actions.commission_months import (
    DisputesOpen,
    EarlierMonthOpen,
    MonthClosed,
    MonthNotOver,
    NotReviewed,
    NotThatFar,
    StatementsStale,
)
from guides.actions.credits import AlreadyDecided, BadClaim, BadDecision, Claim, DisputeOpen
from guides.models import CommissionEntry, CommissionStatement, CreditDispute
from guides.queries import crediting
from members.models import Order
from newretail.kernel.models import User
from tests import earning, serving, world
from tests.earning import boss, buy, credits_of, earned, held, moves, refund

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def shops(brand):
    earning.shops()


def statement(staff_no: str = "G1") -> CommissionStatement:
    return CommissionStatement.objects.filter(account__user__staff_no=staff_no).latest("month__month")


def compute(month: date = MAY) -> None:
    commission_months.compute(month=month, at=world.NOW)


def close(month: date = MAY, *, unreviewed: bool = True) -> None:
    commission_months.close(month=month, at=world.NOW, unreviewed=unreviewed)


def claim(staff_no: str = "G2", order_no: str = "A1", words: str = "她在我这里试的") -> CreditDispute:
    order = Order.objects.get(order_no=order_no)
    return credits.dispute(order=order, post=serving.post(staff_no), claim=Claim(words), ref=uuid.uuid4(), at=world.NOW)


def test_a_month_is_computed_when_it_is_over_reviewed_closed_exported_and_paid_once(shops):
    buy(paid_at="2026-05-10")
    with pytest.raises(MonthNotOver):
        compute(JUNE)
    with pytest.raises(NotThatFar):
        close()
    compute()
    assert (held(), statement().gross_cents) == ((0, 300, 0, 0, 0), 300)
    with pytest.raises(NotReviewed):
        close(unreviewed=False)
    commission_months.review(statement=statement(), seen_cents=300, at=world.NOW, by=boss())
    close(unreviewed=False)
    assert held() == (0, 0, 300, 0, 0)
    for again in (compute, close):
        with pytest.raises((MonthClosed, NotThatFar)):
            again()
    with pytest.raises(NotThatFar):
        commission_months.pay(month=MAY, at=world.NOW)
    commission_months.export(month=MAY, at=world.NOW)
    commission_months.export(month=MAY, at=world.NOW)
    commission_months.pay(month=MAY, at=world.NOW)
    with pytest.raises(NotThatFar):
        commission_months.pay(month=MAY, at=world.NOW)
    assert held() == (0, 0, 0, 300, 0)


def test_what_the_return_window_of_belongs_to_the_next_month_is_paid_in_it(shops):
    buy(paid_at="2026-05-28")
    compute()
    assert held() == (300, 0, 0, 0, 0)
    assert not CommissionStatement.objects.exists()


def test_months_are_closed_one_after_another(shops):
    buy("A1", paid_at="2026-04-10")
    buy("A2", paid_at="2026-05-10")
    with pytest.raises(EarlierMonthOpen):
        compute(MAY)
    earning.settle(APRIL)
    compute(MAY)


def test_what_moves_after_it_was_computed_is_computed_again_before_it_is_closed(shops):
    buy(paid_at="2026-05-10")
    compute()
    commission_months.review(statement=statement(), seen_cents=300, at=world.NOW, by=boss())
    refund("50.00", refunded_at="2026-05-20")
    with pytest.raises(StatementsStale):
        close()
    compute()
    assert (statement().gross_cents, statement().reviewed_at) == (150, None)
    close()


def test_a_review_holds_as_long_as_its_statement_does(shops):
    buy("A1", paid_at="2026-05-10")
    buy("A2", paid_at="2026-05-11", staff_no="G2")
    compute()
    for staff_no in ("G1", "G2"):
        commission_months.review(statement=statement(staff_no), seen_cents=300, at=world.NOW, by=boss())
    refund("50.00", refunded_at="2026-05-20")
    compute()
    assert (statement("G1").reviewed_at, statement("G2").reviewed_at) == (None, world.NOW)


def test_a_refund_after_the_month_was_paid_is_owed_and_recovered_up_to_the_cap(shops):
    buy("A1", "1000.00", paid_at="2026-04-02")
    earning.settle(APRIL)
    assert held() == (0, 0, 0, 3_000, 0)
    refund("1000.00", refunded_at="2026-05-20")
    assert moves()[-1] == ("claw_back", -3_000)
    buy("A2", "500.00", paid_at="2026-05-02")
    earning.settle(MAY)
    assert (statement().earned_cents, statement().owed_cents, statement().gross_cents) == (-1_500, 1_500, 0)
    assert held() == (0, 0, 0, 3_000, 1_500)
    buy("A3", "1000.00", paid_at="2026-06-02")
    earning.settle(JUNE, at=world.NOW + timedelta(days=20))
    june = statement()
    assert (june.earned_cents, june.recovered_cents, june.gross_cents, june.debt_cents) == (3_000, 900, 2_100, 600)
    assert held() == (0, 0, 0, 5_100, 600)


def test_a_debt_is_written_off_with_a_reason_and_never_more_than_it_is(shops):
    buy("A1", "1000.00", paid_at="2026-04-02")
    earning.settle(APRIL)
    refund("1000.00", refunded_at="2026-05-20")
    earning.settle(MAY)
    user, ref = serving.guide("G1"), uuid.uuid4()
    with pytest.raises(MoreThanOwed):
        write_off(user, 3_001, ref)
    with pytest.raises(BadPayAdjustment):
        write_off(user, 500, ref, reason=" ")
    for _again in range(2):
        write_off(user, 1_000, ref)
    assert held() == (0, 0, 0, 3_000, 2_000)


def write_off(user: User, cents: int, ref: uuid.UUID, reason: str = "离职和解") -> CommissionEntry:
    return commission_adjustments.write_off(user=user, cents=cents, reason=reason, ref=ref, at=world.NOW, by=boss())


def test_an_adjustment_stands_in_an_open_month_once_for_its_number(shops):
    buy(paid_at="2026-04-10")
    earning.settle(APRIL)
    user, ref = serving.guide("G1"), uuid.uuid4()
    given = {"user": user, "reason": "陈列奖", "ref": ref, "at": world.NOW, "by": boss()}
    with pytest.raises(MonthClosed):
        commission_adjustments.adjust(month=APRIL, cents=500, **given)
    for _again in range(2):
        commission_adjustments.adjust(month=MAY, cents=500, **given)
    with pytest.raises(AnotherPayAdjustment):
        commission_adjustments.adjust(month=MAY, cents=600, **given)
    assert held() == (0, 500, 0, 300, 0)


def test_a_granted_dispute_moves_what_the_order_earned_and_a_declined_one_leaves_it(shops):
    buy(paid_at="2026-05-10")
    with pytest.raises(BadClaim):
        claim(words=" ")
    first = claim()
    with pytest.raises(DisputeOpen):
        claim()
    compute()
    with pytest.raises(DisputesOpen):
        close()
    credits.decline(dispute=first, reason="小票上是小美", at=world.NOW, by=boss())
    assert (earned("G1"), earned("G2")) == (300, 0)
    second = claim()
    half = {serving.post("G1"): 5_000, serving.post("G2"): 5_000}
    with pytest.raises(BadDecision):
        grant(second, {serving.post("G2"): 9_999})
    grant(second, half)
    with pytest.raises(AlreadyDecided):
        grant(second, half)
    assert credits_of() == [("decided", "G1", 5_000), ("decided", "G2", 5_000)]
    assert (earned("G1"), earned("G2")) == (150, 150)
    compute()
    close()
    with pytest.raises(MonthClosed):
        claim("G2")


def grant(dispute: CreditDispute, shares: dict) -> CreditDispute:
    return credits.grant(dispute=dispute, shares=shares, reason="两人接待", at=world.NOW, by=boss())


def test_what_was_decided_stays_when_its_month_is_credited_anew(shops):
    buy(paid_at="2026-05-10")
    grant(claim(), {serving.post("G2"): 10_000})
    credits.recompute(month=MAY, at=world.NOW)
    assert (credits_of(), earned("G1"), earned("G2")) == ([("decided", "G2", 10_000)], 0, 300)


def test_steps_and_the_cap_are_reckoned_from_the_month_and_again_with_it(brand):
    steps = [{"from_cents": 5_000, "pay_cents": 800}, {"from_cents": 20_000, "pay_cents": 2_000}]
    earning.shops(steps=steps, month_most_cents=1_000)
    buy(paid_at="2026-05-10")
    compute()
    compute()
    assert moves() == [("accrue", 300), ("vest", 0), ("step", 800), ("cap", -100)]
    refund("60.00", refunded_at="2026-05-20")
    compute()
    assert moves()[4:] == [("claw_back", -180), ("step", -800), ("cap", 100)]
    assert held() == (0, 120, 0, 0, 0)


def test_the_shares_of_an_order_are_the_whole_of_it_before_and_after_refunds(brand):
    earning.shops()
    earning.publish("credits", {"channels": {"*": {"seller": 3_334, "bonded": 6_666}}}, date(2026, 2, 1))
    buy(amount="0.05", staff_no="G2", paid_at="2026-06-15T13:00:00+08:00")
    order = Order.objects.get(order_no="A1")
    assert [cents for *_who, cents in crediting.splits(order.pk)] == [3, 2]
    refund("0.02", refunded_at="2026-06-15T14:00:00+08:00")
    assert sorted(cents for *_who, cents in crediting.splits(order.pk)) == [1, 2]


def test_a_bounty_vests_if_she_is_still_a_friend_and_is_taken_back_if_not(brand):
    earning.shops(bounty_cents=500, bounty_days=30)
    serving.bind("V2", "G2", at=datetime.fromisoformat("2026-06-10T12:00:00+08:00"))
    earning.hear()
    assert (moves("G2"), held("G2")) == ([("bounty", 500)], (500, 0, 0, 0, 0))
    serving.bind("V2", "G1", at=datetime.fromisoformat("2026-06-11T12:00:00+08:00"))
    earning.hear()
    assert moves("G1") == [("bounty", 500)]  # 张三 scanned her code
