"""Payers become members: one per number or phone, and the same again whatever came before."""

import pytest

from members.models import Member
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def counts(outcome):
    return outcome.created, outcome.updated, outcome.skipped, outcome.rejected, outcome.enrolled


def pay(*rows):
    return world.buy(
        *(world.order(f"A{i}", "9", "2026-05-01T10:00:00", **row) for i, row in enumerate(rows)), enrol=True
    )


ROUNDS = {
    "one number, many phones": [
        {"member_no": "N1", "phone": "13800000001"},
        {"member_no": "N1", "phone": "13800000002"},
    ],
    "two numbers, one phone": [
        {"member_no": "N1", "phone": "13800000001"},
        {"member_no": "N2", "phone": "13800000001"},
    ],
    "a phone, then its number": [{"phone": "13800000001"}, {"member_no": "N1", "phone": "13800000001"}],
    "neither": [{}, {}],
}


@pytest.mark.parametrize("rows", ROUNDS.values(), ids=ROUNDS)
def test_the_same_orders_again_change_nothing(rows):
    first = pay(*rows)
    again = pay(*rows)
    assert counts(again) == (0, 0, first.created, first.rejected, 0)


@pytest.mark.parametrize("rows", ROUNDS.values(), ids=ROUNDS)
def test_it_is_the_same_whether_orders_come_together_or_one_by_one(other_brand, rows):
    together = counts(pay(*rows))
    with other_brand:
        apart = [
            world.buy(world.order(f"A{i}", "9", "2026-05-01T10:00:00", **row), enrol=True) for i, row in enumerate(rows)
        ]
        apart = tuple(map(sum, zip(*map(counts, apart), strict=True)))
    assert apart == together


def test_a_number_that_looks_like_ours_does_not_stop_an_enrolment():
    world.people({"member_no": "M000000001"}, {"member_no": "M000000002"}, {"member_no": "M000000003"})
    assert counts(pay({"phone": "13800000001"}))[::4] == (1, 1)
    assert Member.objects.count() == 4


def test_nobody_is_enrolled_by_a_refused_order():
    assert counts(pay({"phone": "13800000001", "store_code": "??"})) == (0, 0, 0, 1, 0)
    assert not Member.objects.exists()


def test_many_orders_of_one_payer_make_one_member():
    assert counts(pay(*({"phone": "13800000001"} for _ in range(5)))) == (5, 0, 0, 0, 1)
    assert Member.objects.get().orders.count() == 5
