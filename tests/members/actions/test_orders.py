"""Orders, lines and refunds come into the books."""

import pytest

from members.models import Member, Order, OrderLine, Refund
from tests import world

pytestmark = pytest.mark.usefixtures("chain")


@pytest.fixture
def chain(brand):
    world.chain()


def test_an_order_is_recorded_once_whatever_the_spelling_of_its_number():
    assert world.buy(world.order("A1", "12.50", "2026-06-01T10:00:00", member_no="V1")).created == 1
    again = world.buy(world.order(" a1 ", "12.50", "2026-06-01T10:00:00", member_no="V1"))
    assert (again.created, again.updated, again.skipped) == (0, 0, 1)
    assert Order.objects.get().amount_cents == 1250


def test_a_changed_order_is_updated_and_an_empty_cell_keeps_what_is_there():
    world.buy(world.order("A1", "12.50", "2026-06-01T10:00:00", member_no="V1", store_code="SH01"))
    outcome = world.buy(world.order("A1", "13.00", "2026-06-01T10:00:00"))
    assert outcome.updated == 1
    order = Order.objects.get()
    assert (order.amount_cents, order.member.member_no, order.store.code) == (1300, "V1", "SH01")


def test_a_time_without_offset_is_the_brands():
    world.buy(world.order("A1", "1", "2026-06-01T08:00:00"), world.order("A2", "1", "2026-06-01T00:00:00Z"))
    first, second = Order.objects.order_by("order_no")
    assert first.paid_at == second.paid_at


def test_bad_rows_are_named_and_good_ones_go_in():
    outcome = world.buy(
        world.order("A1", "12.50", "2026-06-01", member_no="V1"),
        world.order("A2", "-1", "2026-06-01"),
        world.order("A3", "1", "2026-02-30"),
        world.order("A4", "1", "2026-06-01", store_code="XX"),
        world.order("A5", "1", "2026-06-01", member_no="nobody"),
        world.order("A6", "1", "2026-06-01", staff_no="nobody"),
        world.order("A7", "1", "2027-06-01"),
        world.order("A8", "1", "2026-06-01", member_no="V1", phone="13800000002"),
    )
    assert outcome.created == 1
    assert sorted(world.reasons(outcome)) == [
        (2, "amount", "negative"),
        (3, "paid_at", "no_such_day"),
        (4, "store_code", "unknown_store"),
        (5, "member_no", "unknown_member"),
        (6, "staff_no", "unknown_staff"),
        (7, "paid_at", "in_future"),
        (8, "phone", "two_members"),
    ]
    assert Order.objects.count() == 1


def test_a_key_twice_is_skipped_when_equal_and_refused_when_not():
    outcome = world.buy(
        world.order("A1", "12.50", "2026-06-01"),
        world.order("a1", "12.50", "2026-06-01"),
        world.order("A1", "13.00", "2026-06-01"),
        world.order("A2", "1", "2026-06-01", store_code="XX"),
        world.order("A2", "1", "2026-06-01"),
    )
    assert (outcome.created, outcome.skipped) == (1, 1)
    assert [(r.line, r.code, r.facts.get("first_line")) for r in outcome.refusals] == [
        (4, "unknown_store", None),
        (3, "duplicate_differs", 1),
        (5, "first_refused", 4),
    ]


def test_an_unknown_payer_is_enrolled_only_when_asked():
    order = world.order("A1", "9", "2026-05-01T10:00:00", phone="138 0000 0099", store_code="SH01")
    assert world.reasons(world.buy(order)) == [(1, "phone", "unknown_member")]
    assert Member.objects.count() == 2
    outcome = world.buy(order, world.order("A0", "9", "2026-04-01T10:00:00", phone="+8613800000099"), enrol=True)
    assert (outcome.created, outcome.enrolled) == (2, 1)
    member = Member.objects.get(phone="+8613800000099")
    assert (member.source, member.home_store.code) == ("payment", "SH01")
    assert member.joined_at == Order.objects.get(order_no="A0").paid_at


def test_who_joined_by_paying_joined_with_the_earliest_order_whenever_it_comes():
    world.buy(world.order("A1", "9", "2026-05-01T10:00:00", member_no="N1"), enrol=True)
    world.buy(world.order("A0", "9", "2026-03-01T10:00:00", member_no="N1"))
    assert Member.objects.get(member_no="N1").joined_at == Order.objects.get(order_no="A0").paid_at


def test_a_member_enrolled_by_number_keeps_the_phone_beside_it():
    world.buy(
        world.order("A1", "9", "2026-05-01", member_no="N1", phone="13800000088"),
        world.order("A2", "9", "2026-05-02", phone="13800000088"),
        enrol=True,
    )
    assert list(Order.objects.values_list("member__member_no", flat=True)) == ["N1", "N1"]


def test_lines_sum_to_no_more_than_their_order():
    world.buy(world.order("A1", "10", "2026-06-01"), world.order("A2", "10", "2026-06-01"))
    outcome = world.lines(
        {"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "6"},
        {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "4"},
        {"order_no": "A2", "line_no": 1, "sku": "TEA", "amount": "6"},
        {"order_no": "A2", "line_no": 2, "sku": "NUT", "amount": "4.01"},
        {"order_no": "A9", "line_no": 1, "sku": "TEA", "amount": "1"},
        {"order_no": "A1", "line_no": 3, "sku": "??", "amount": "0"},
    )
    assert outcome.created == 2
    assert sorted(world.reasons(outcome)) == [
        (3, "amount", "lines_exceed_order"),
        (4, "amount", "lines_exceed_order"),
        (5, "order_no", "unknown_order"),
        (6, "sku", "unknown_product"),
    ]
    assert OrderLine.objects.filter(order__order_no="A2").count() == 0


def test_an_order_never_falls_below_its_lines_or_refunds():
    world.buy(world.order("A1", "10", "2026-06-01"), world.order("A2", "10", "2026-06-01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "10"})
    world.refund({"refund_no": "R1", "order_no": "A2", "amount": "5", "refunded_at": "2026-06-02"})
    outcome = world.buy(world.order("A1", "9", "2026-06-01"), world.order("A2", "4", "2026-06-01"))
    assert [code for _, _, code in world.reasons(outcome)] == ["below_lines", "below_refunds"]


def test_refunds_never_exceed_the_line_or_the_order():
    world.buy(world.order("A1", "10", "2026-06-01"))
    world.lines(
        {"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "6"},
        {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "4"},
    )
    row = {"order_no": "A1", "line_no": 1, "refunded_at": "2026-06-02"}
    outcome = world.refund(
        {**row, "refund_no": "R1", "amount": "5"},
        {**row, "refund_no": "R2", "amount": "1.01"},
        {**row, "refund_no": "R3", "amount": "4", "line_no": 2},
        {**row, "refund_no": "R4", "amount": "1", "line_no": 7},
    )
    assert outcome.created == 2
    assert sorted(world.reasons(outcome)) == [(2, "amount", "refund_exceeds"), (4, "line_no", "unknown_line")]
    assert Order.objects.get().refunded_cents == 900


def test_a_recorded_refund_never_changes():
    world.buy(world.order("A1", "10", "2026-06-01"))
    row = {"refund_no": "R1", "order_no": "A1", "amount": "5", "refunded_at": "2026-06-02"}
    world.refund(row)
    assert world.refund(row).skipped == 1
    assert world.reasons(world.refund({**row, "amount": "6"})) == [(1, "refund_no", "refund_differs")]
    assert Refund.objects.get().amount_cents == 500


def test_a_member_whose_joining_nobody_told_joined_with_her_earliest_order():
    world.people({"member_no": "N2"}, {"member_no": "N3", "joined_at": "2026-05-01"})
    world.buy(*(world.order(f"A{no}", "9", "2026-03-01T10:00:00", member_no=no) for no in ("N2", "N3")))
    order = Order.objects.get(order_no="AN2")
    assert Member.objects.get(member_no="N2").joined_at == order.paid_at
    assert Member.objects.get(member_no="N3").joined_at > order.paid_at
