"""Orders, lines and refunds stay within each other whichever comes first or changes."""

import pytest

from members.models import Order, OrderLine
from tests import world

pytestmark = pytest.mark.usefixtures("chain")
LINE = {"order_no": "A1", "line_no": 1, "sku": "TEA"}
BACK = {"order_no": "A1", "refunded_at": "2026-06-02"}


@pytest.fixture
def chain(brand):
    world.chain()
    world.buy(world.order("A1", "10", "2026-06-01", store_code="SH01"))


def codes(outcome):
    return [refusal.code for refusal in outcome.refusals]


def test_a_line_never_falls_below_its_refunds():
    world.lines({**LINE, "amount": "10"})
    world.refund({**BACK, "refund_no": "R1", "line_no": 1, "amount": "8"})
    assert codes(world.lines({**LINE, "amount": "5"})) == ["below_refunds"]
    assert OrderLine.objects.get().amount_cents == 1000


def test_lines_that_come_after_a_refund_of_theirs_hold_it():
    world.refund({**BACK, "refund_no": "R1", "line_no": 1, "amount": "8"})
    assert codes(world.lines({**LINE, "amount": "5"})) == ["below_refunds"]
    assert world.lines({**LINE, "amount": "9"}).created == 1


def test_an_empty_cell_keeps_the_channel_of_an_order():
    world.buy(world.order("A1", "10", "2026-06-01", channel="live"))
    assert world.buy(world.order("A1", "11", "2026-06-01")).updated == 1
    assert Order.objects.get().channel.code == "live"


def test_many_partial_refunds_sum_exactly_and_not_a_cent_more():
    rows = [{**BACK, "refund_no": f"R{i}", "amount": "3.33"} for i in range(4)]
    assert codes(world.refund(*rows)) == ["refund_exceeds"]
    assert world.refund({**BACK, "refund_no": "R9", "amount": "0.01"}).created == 1
    assert codes(world.refund({**BACK, "refund_no": "R10", "amount": "0.01"})) == ["refund_exceeds"]
    assert Order.objects.get().refunded_cents == 1000


def test_a_refused_refund_uses_up_nothing_of_the_order():
    rows = [("R1", "4"), ("R2", "7"), ("R3", "6")]
    outcome = world.refund(*({**BACK, "refund_no": no, "amount": amount} for no, amount in rows))
    assert [(r.line, r.code) for r in outcome.refusals] == [(2, "refund_exceeds")]
    assert Order.objects.get().refunded_cents == 1000
