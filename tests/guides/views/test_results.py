"""The results of a guide: her own month, her rank in the store; a colleague's figures are not told."""

import pytest

from guides.queries.results import results
from tests import serving, sights, world


@pytest.fixture(autouse=True)
def _month(noon):
    serving.shops()
    orders = (("A1", "G1", "100.00"), ("A2", "G1", "50.00"), ("A3", "G2", "400.00"))
    rows = [
        world.order(no, amount, "2026-06-10T10:00:00", member_no="V1", store_code="SH01", staff_no=staff)
        for no, staff, amount in orders
    ]
    world.buy(*rows, world.order("B1", "9.00", "2026-05-31T10:00:00", store_code="SH01", staff_no="G1"))
    world.refund({"refund_no": "R1", "order_no": "A2", "line_no": 0, "amount": "20.00", "refunded_at": "2026-06-11T10:00:00"})  # fmt: skip
    sights.night()


def month(staff_no, first=sights.TODAY):
    return results([serving.post(staff_no)], month=first, at=world.NOW)


def test_sales_are_net_and_ranked_within_the_store():
    own = month("G1")
    assert (own.cents, own.orders, own.average_cents) == (13000, 2, 6500)
    assert (own.rank, own.of) == (2, 3)
    assert month("G2").rank == 1
    assert month("G1", sights.TODAY.replace(month=5)).cents == 900


def test_customers_recruits_and_repeat_rate_are_those_of_her_bonds():
    own = month("G1")
    assert (own.served, own.recruits, own.repeat_rate) == (1, 1, 1.0)
    assert (month("G2").served, month("G2").repeat_rate) == (0, None)


def test_tasks_done_in_time_late_and_not_at_all():
    for number, hours in enumerate((1, 30, None), 1):
        task = serving.give("V1", "G1", f"tests:{number}", at=world.NOW - 3 * serving.DAY)
        if hours:
            serving.complete(task, "refused", at=world.NOW - 3 * serving.DAY + hours * serving.DAY / 24)
    own = month("G1")
    assert (own.on_time, own.late, own.missed) == (1, 1, 1)
    assert own.tasks_on_time == pytest.approx(1 / 3)


def test_the_page_tells_her_month_in_both_languages():
    said = sights.text(serving.phone("G1").get("/g/results/"))
    for words in ("业绩", "¥130", "2<small> / 3</small>", "一天内问候新客", "复购率", "100.0%"):
        assert words in said
    english = sights.text(serving.phone("G1", "en").get("/g/results/?month=last"))
    for words in ("Results", "2026-05", "Greeted within a day", "rank in the store"):
        assert words in english


def test_the_page_asks_as_much_however_many_customers():
    phone = serving.phone("G1")
    with sights.asked() as few:
        phone.get("/g/results/")
    assert len(few) <= sights.MOST_QUERIES
