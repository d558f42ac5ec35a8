"""Commission moved by several at the same moment: a month closes once, and whatever meets it finds it before or after."""

import threading
import uuid
from datetime import date

import pytest
from django.db import IntegrityError

from guides.actions import commission_ledger, commission_months, commissions, credits
from guides.actions.commission_months import DisputesOpen, MonthClosed, NotThatFar, StatementsStale
from guides.actions.credits import Claim
from guides.models import CommissionEntry, CreditDispute
from members.models import Order
from newretail.kernel import books
from newretail.kernel.models import JournalEntry
from tests import earning, serving, world
from tests.races.race import PATIENCE, RACERS, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 4
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture
def computed(brand):
    """小美 earned 3 yuan in May, which is computed."""
    earning.shops()
    earning.buy(paid_at="2026-05-10")
    commission_months.compute(month=MAY, at=world.NOW)
    return brand


def close():
    return commission_months.close(month=MAY, at=world.NOW, unreviewed=True)


def meet(monkeypatch, module, name):
    """Let nobody queue, and two have come as far as this before either goes on."""
    together, act = threading.Barrier(2), getattr(module, name)

    def both(*given):
        act(*given)
        together.wait(PATIENCE)

    monkeypatch.setattr(commission_ledger, "LOCK", "SELECT 1")
    monkeypatch.setattr(module, name, both)


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_month_closed_by_many_at_once_is_closed_once(computed, count):
    refused = errors(race(computed, count, lambda _n: close()))
    assert ({type(error) for error in refused}, len(refused)) == ({NotThatFar}, count - 1)
    assert earning.held() == (0, 0, 300, 0, 0)
    assert JournalEntry.objects.filter(name="guides.commission_month.closed").count() == 1


def test_without_the_lock_two_closes_meet_and_the_database_lets_one(computed, monkeypatch):
    meet(monkeypatch, commission_ledger, "begin")
    assert [type(error) for error in errors(race(computed, 2, lambda _n: close()))] == [IntegrityError]


def refunded():
    """A refund's line is heard."""
    return [commissions.settle(line=line.pk, facts=line.facts, at=world.NOW)
            for line in JournalEntry.objects.filter(name="members.refund.recorded")]  # fmt: skip


def refund_unheard():
    world.refund({"order_no": "A1", "refund_no": "R1", "amount": "50.00", "refunded_at": "2026-05-20"})


def test_a_refund_that_meets_the_close_is_in_the_month_or_in_the_next_never_in_both(computed):
    refund_unheard()
    closed, heard = each(computed, [close, refunded])
    assert not isinstance(heard, Exception)
    claw = CommissionEntry.objects.get(kind="claw_back")
    before = isinstance(closed, StatementsStale)
    assert (claw.month, claw.amount_cents) == (MAY if before else JUNE, -150)
    assert sum(earning.held()[:4]) == 150
    assert books.verify() == []


@pytest.mark.books_may_break
def test_without_the_lock_a_refund_slips_into_the_month_that_closes(computed, monkeypatch):
    refund_unheard()
    looked, closed = threading.Event(), threading.Event()
    monkeypatch.setattr(commission_ledger, "LOCK", "SELECT 1")
    begin = commission_ledger.begin

    def refund_first():
        looked.set()
        closed.wait(PATIENCE)
        begin()

    def late():
        monkeypatch.setattr(commissions.ledger, "begin", refund_first)
        return refunded()

    def early():
        looked.wait(PATIENCE)
        monkeypatch.setattr(commissions.ledger, "begin", begin)
        try:
            return close()
        finally:
            closed.set()

    assert errors(each(computed, [late, early])) == []
    assert CommissionEntry.objects.get(kind="claw_back").month == MAY
    assert [finding.law for finding in books.verify()] == ["a statement of a closed month is what its entries earned"]


def dispute():
    order = Order.objects.get(order_no="A1")
    return credits.dispute(
        order=order, post=serving.post("G2"), claim=Claim("我接待的"), ref=uuid.uuid4(), at=world.NOW
    )


def test_a_dispute_that_meets_the_close_holds_it_or_comes_too_late(computed):
    closed, raised = each(computed, [close, dispute])
    if isinstance(closed, Exception):
        assert isinstance(closed, DisputesOpen)
        assert CreditDispute.objects.open().count() == 1
    else:
        assert isinstance(raised, MonthClosed)
        assert not CreditDispute.objects.exists()


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_dispute_granted_by_many_at_once_is_granted_once(computed, count):
    raised, shares = dispute(), {serving.post("G2"): 10_000}
    boss = earning.boss()

    def grant(_n):
        given = CreditDispute.objects.get(pk=raised.pk)
        return credits.grant(dispute=given, shares=shares, reason="属实", at=world.NOW, by=boss)

    refused = errors(race(computed, count, grant))
    assert {type(error) for error in refused} == {credits.AlreadyDecided}
    assert (earning.earned("G1"), earning.earned("G2")) == (0, 300)


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_a_line_heard_by_many_at_once_pays_once(brand, count):
    earning.shops()
    world.buy(world.order("A1", "100.00", "2026-06-10", member_no="V1", store_code="SH01", staff_no="G1"))
    line = JournalEntry.objects.get(name="members.order.recorded")
    told = race(brand, count, lambda _n: commissions.settle(line=line.pk, facts=line.facts, at=world.NOW))
    assert errors(told) == []
    assert (earning.moves(), earning.credits_of()) == ([("accrue", 300)], [("seller", "G1", 10_000)])


def test_without_the_lock_a_line_heard_twice_at_once_is_refused_by_the_database(brand, monkeypatch):
    earning.shops()
    world.buy(world.order("A1", "100.00", "2026-06-10", member_no="V1", store_code="SH01", staff_no="G1"))
    line = JournalEntry.objects.get(name="members.order.recorded")
    meet(monkeypatch, commissions.crediting, "derive")
    told = race(brand, 2, lambda _n: commissions.settle(line=line.pk, facts=line.facts, at=world.NOW))
    assert IntegrityError in {type(error) for error in errors(told)}
