"""Any cent is explained: what a page reckons is what the books say, for each share, rate and refund."""

from datetime import date

import pytest

from guides.actions import commission_adjustments, commission_months, commissions, credits
from guides.actions.credits import Claim
from guides.models import Credit
from guides.queries import explaining, paying
from members.models import Order
from newretail.kernel.guard import writing
from tests import earning, serving, world
from tests import paying as cast
from tests.earning import boss


@pytest.fixture(autouse=True)
def _june(noon):
    cast.shops()
    cast.sold()
    cast.online()


def every(staff_no="G1"):
    """All lines of somebody, explained."""
    account = paying.account_of(serving.guide(staff_no))
    return [
        explaining.explained(account, line)
        for month in paying.months_of(account, world.NOW) for line in paying.lines_of(account, month.first).rows
    ]  # fmt: skip


def of(order_no, line_no=0, role="seller", staff_no="G1"):
    """The accrual of a line of an order, explained."""
    found = [why for why in every(staff_no) if why.line.order and why.line.order.order_no == order_no]
    return next(why for why in found if (why.first.line_no, why.first.role) == (line_no, role))


def rounded(cents, *basis_points):
    """Half a cent up, by whole numbers."""
    whole, parts = cents, 1
    for each in basis_points:
        whole, parts = whole * each, parts * 10_000
    return (2 * whole + parts) // (2 * parts)


def test_base_by_rate_by_share_less_refunds_is_what_the_books_say():
    found = every() + every("G2")
    assert {why.first.role for why in found} == {"seller", "bonded", "pool"}
    for why in found:
        told = why.reckoned
        assert told.gross_cents == rounded(told.paid_cents, why.first.rate_bp, why.share.credit.share_bp)
        assert (told.gross_cents, told.net_cents) == (why.first.amount_cents, why.sum_cents)
        assert why.first.rate_bp == rounded(why.first.level_bp, why.first.goods_bp, why.first.channel_bp,
                                            why.first.fresh_bp)  # fmt: skip


def test_a_first_purchase_its_goods_and_a_refund_are_told():
    why = of("A1", 1)
    first, told = why.first, why.reckoned
    assert (why.line.goods, first.level, first.level_bp, first.goods_bp, first.fresh_bp) == (
        "明前龙井", 1, 300, 15_000, 12_000)  # fmt: skip
    assert (told.paid_cents, told.back_cents, told.gross_cents, told.taken_cents) == (6666, 2222, 360, 120)
    assert [(move.kind, move.amount_cents) for move in why.moves] == [("accrue", 360), ("claw_back", -120)]
    assert of("A1", 2).moves[0].amount_cents == why.sum_cents - 120  # 33.33 at 3.6 %


def test_money_given_back_without_a_line_is_told_at_each_line():
    earning.refund("30.00", "R2")
    for line_no in (1, 2):
        why = of("A1", line_no)
        assert why.reckoned.back_cents > 0
        assert why.reckoned.net_cents == why.sum_cents == why.first.amount_cents - why.reckoned.taken_cents


def test_shares_are_told_with_the_version_they_follow():
    bonded, pool = of("M1", role="bonded"), of("L1", role="pool", staff_no="G2")
    assert (bonded.share.credit.share_bp, bonded.share.credit.policy.version) == (10_000, 2)
    assert (bonded.first.channel_bp, bonded.first.rate_bp) == (8_000, 240)
    assert (pool.share.credit.share_bp, pool.first.amount_cents) == (1_666, rounded(7777, 300, 1_666))


def test_who_lost_an_order_by_a_decision_reads_why_and_who_won_it_too():
    order = Order.objects.get(order_no="M1")
    raised = credits.dispute(order=order, post=serving.post("G2"), claim=Claim("我在直播间成交"), at=world.NOW,
                             ref="0e0f5b9e-7a3a-4b0e-9d39-1d9a3c3f0001")  # fmt: skip
    credits.grant(dispute=raised, shares={serving.post("G2"): 10_000}, reason="小丽成交", at=world.NOW, by=boss())
    lost, won = of("M1", role="bonded"), of("M1", role="decided", staff_no="G2")
    assert (lost.share.ended, lost.sum_cents, lost.share.decision.decision) == (True, 0, "小丽成交")
    assert (won.share.ended, won.sum_cents, won.share.decision.by) == (False, lost.first.amount_cents, boss())
    assert Credit.objects.current().get(order=order).role == "decided"


def test_of_an_order_that_was_taken_back_what_it_earned_is_still_told():
    with writing("tests"):
        Order.objects.filter(order_no="M1").delete()
    commissions.settle(line=0, facts={"left_instants": ["2026-06-15T13:00:00+08:00"]}, at=world.NOW)
    why = next(why for why in every() if why.first.role == "bonded")
    assert (why.line.order, why.line.goods, why.reckoned, why.sum_cents) == (None, "", None, 0)
    assert why.first.amount_cents == rounded(why.first.base_cents, why.first.rate_bp, why.first.share_bp)


def test_a_month_goes_on_to_the_pay_and_each_line_with_it():
    commission_adjustments.adjust(user=serving.guide("G1"), month=cast.JUNE, cents=-500, reason="多发", at=world.NOW,
                                  ref="0e0f5b9e-7a3a-4b0e-9d39-1d9a3c3f0002", by=boss())  # fmt: skip
    later = world.NOW.replace(month=7, day=1)
    states = []
    for act in (commission_months.compute, close, commission_months.export, commission_months.pay):
        act(month=cast.JUNE, at=later, by=boss())
        states.append(of("A1", 1).line.state)
    assert states == ["vested", "payable", "payable", "paid"]
    assert [move.kind for move in of("A1", 1).went_on] == ["vest", "settle", "pay"]
    adjusted = next(why for why in every() if why.line.entry.kind == "adjust")
    assert (adjusted.sum_cents, adjusted.line.entry.reason, adjusted.share) == (-500, "多发", None)


def close(**given):
    return commission_months.close(**given, unreviewed=True)


def test_steps_and_the_cap_are_told_with_their_terms():
    earning.publish("commission", {**earning.SCHEME, "steps": [{"from_cents": 100, "pay_cents": 5_000}],
                                   "month_most_cents": 4_000}, date(2026, 6, 16))  # fmt: skip
    commission_months.compute(month=cast.JUNE, at=world.NOW.replace(month=7, day=1), by=boss())
    found = {why.line.entry.kind: why for why in every()}
    step, cap = found["step"], found["cap"]
    assert (step.step.pay_cents, step.sum_cents) == (5_000, 5_000)
    assert cap.line.entry.base_cents + cap.sum_cents == cap.scheme.month_most_cents == 4_000


def test_lines_are_numbered_for_ever_and_paged_from_the_newest():
    account = paying.account_of(serving.guide("G1"))
    before = {line.number: line.entry.pk for line in paying.lines_of(account, cast.JUNE).rows}
    earning.refund("1.00", "R9", line_no=2)
    after = {line.number: line.entry.pk for line in paying.lines_of(account, cast.JUNE).rows}
    assert before.items() < after.items()
    assert sorted(after) == list(range(1, len(after) + 1))
    page = paying.lines_of(account, cast.JUNE, before=3)
    assert [line.number for line in page.rows] == [2, 1]
    assert paying.line_of(account, cast.JUNE, 2).entry.pk == after[2]
    assert paying.line_of(account, cast.JUNE, len(after) + 1) is None


def test_a_line_is_provisional_until_its_window_has_ended():
    assert {line.state for line in paying.lines_of(paying.account_of(serving.guide("G1")), cast.JUNE).rows} == {
        "provisional"}  # fmt: skip
    commissions.vest(as_of=date(2026, 6, 10), at=world.NOW)
    account = paying.account_of(serving.guide("G1"))
    states = {line.order.order_no: line.state for line in paying.lines_of(account, cast.JUNE).rows}
    assert states == {"A1": "vested", "M1": "provisional", "L1": "provisional"}
    month = paying.month_of(account, cast.JUNE)
    assert month.earned_cents == account.provisional_cents + account.vested_cents
    assert month.provisional_cents == account.provisional_cents


def test_a_debt_tells_what_the_next_month_pays_back_at_most():
    account = paying.account_of(serving.guide("G1"))
    assert paying.debt_of(account, paying.months_of(account, world.NOW), world.NOW) is None
    earning.buy("E1", "1000.00", paid_at="2026-04-02")
    earning.settle(date(2026, 4, 1))
    earning.refund("1000.00", "R7", "E1", refunded_at="2026-05-20")
    earning.settle(date(2026, 5, 1))
    account.refresh_from_db()
    months = paying.months_of(account, world.NOW)
    owed, june = paying.debt_of(account, months, world.NOW), next(each for each in months if each.first == cast.JUNE)
    assert (owed.cents, owed.recovery_bp, owed.month) == (account.debt_cents, 3_000, cast.JUNE)
    assert owed.next_cents == june.earned_cents * 3_000 // 10_000 > 0
    assert [(each.name, each.state) for each in months] == [("2026-06", "open"), ("2026-05", "paid"),
                                                            ("2026-04", "paid")]  # fmt: skip
