"""Whoever orders, sends back and orders again, over the wire, never holds more points than her kept money earns."""

import pytest

from newretail.kernel import clock
from newretail.kernel.actions import relay
from tests.members import purse

pytestmark = pytest.mark.django_db(transaction=True)
PAID = "2026-05-10T10:00:00+08:00"
TURNS = 5


@pytest.fixture
def shop(chain, till):
    """A till of a brand that gives a point for each yuan; what it sends is heard at once."""
    purse.rule()

    def send(path, body):
        answer = till.send(path, body)
        relay.drain(at=clock.now())
        return answer.status

    return send


def buy(shop, number, amount="100.00"):
    return shop("orders", {"source": "pos", "order_no": number, "member_no": "V1", "store_code": "SH01",
                           "amount": amount, "paid_at": PAID})  # fmt: skip


def send_back(shop, number, amount="100.00", refund="R"):
    return shop("refunds", {"source": "pos", "order_no": number, "refund_no": f"{refund}-{number}", "line_no": 0,
                            "amount": amount, "refunded_at": "2026-05-12T10:00:00+08:00"})  # fmt: skip


def spend(shop, number, points):
    return shop("members/V1/points:spend", {"source": "pos", "source_no": number, "points": points})


def test_ordering_and_sending_back_again_and_again_earns_nothing(shop):
    for turn in range(TURNS):
        assert (buy(shop, f"A{turn}"), send_back(shop, f"A{turn}")) == (201, 201)
    assert purse.held() == (0, 0, 0)
    assert spend(shop, "S1", 1) == 409


def test_spending_between_order_and_refund_is_owed_and_paid_by_what_comes_next(shop):
    """Each turn would leave a hundred points spent for nothing; the debt takes the next turn's before they are spent."""
    spent = [(buy(shop, f"A{n}"), spend(shop, f"S{n}", 100), send_back(shop, f"A{n}"))[1] for n in range(TURNS)]
    assert spent == [201] + [409] * (TURNS - 1)
    assert purse.held() == (0, 0, 100)
    buy(shop, "kept", "130.00")
    assert purse.held() == (30, 0, 0)


def test_what_was_bought_sent_back_and_bought_again_earns_once(shop):
    assert (buy(shop, "A1"), send_back(shop, "A1"), buy(shop, "A2")) == (201, 201, 201)
    assert purse.held() == (100, 0, 0)


def test_an_order_sent_again_after_its_refund_earns_nothing_more(shop):
    buy(shop, "A1")
    send_back(shop, "A1", "60.00")
    assert (buy(shop, "A1"), buy(shop, "a1"), send_back(shop, "A1", "60.00")) == (200, 200, 200)
    assert purse.held() == (40, 0, 0)
    assert send_back(shop, "A1", "60.00", refund="again") == 422
    assert purse.held() == (40, 0, 0)


def test_refunds_in_parts_take_back_to_the_last_point(shop):
    buy(shop, "A1", "100.00")
    parts = ("33.33", "33.33", "33.34")
    assert [send_back(shop, "A1", part, refund=f"R{part}{n}") for n, part in enumerate(parts)] == [201] * len(parts)
    assert purse.held() == (0, 0, 0)
