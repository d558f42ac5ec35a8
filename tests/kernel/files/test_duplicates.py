"""A key twice in one file: equal rows are skipped, differing ones name the first line, in one chunk or across many."""

import pytest

from members.models import Claim, Identity, Member, Order, Refund
from newretail.kernel.files import reader
from newretail.kernel.models import RowError
from tests import world
from tests.kernel.files import desk

ORDERS = "order_no,source,paid_at,amount"
DAY = "2026-06-01"


def orders(*cells):
    return desk.rows(ORDERS, [f"{no},{source},{DAY},{amount}" for no, source, amount in cells])


def first_lines():
    return list(RowError.objects.order_by("line").values_list("line", "code", "facts__first_line"))


TWICE = orders(
    ("A1", "pos", 1), ("A2", "pos", 2), ("a1", "pos", 1), ("A3", "pos", 3), (" A1 ", "pos", 5), ("Ａ2", "pos", 2),
    ("A4", "pos", "x"), ("A4", "pos", 4), ("A2", "pos", 9), ("A5", "pos", 5), ("A5", "pos", 5),
)  # fmt: skip


def test_equal_rows_are_skipped_and_differing_ones_name_the_first(take):
    taken = take("orders", TWICE)
    assert taken.counts == (5, 0, 3, 3)
    assert first_lines() == [(6, "duplicate_differs", 2), (8, "not_money", None), (10, "duplicate_differs", 3)]
    assert Order.objects.get(order_no="A1").amount_cents == 100


def test_it_is_the_same_across_chunks(take, small_chunks):
    taken = take("orders", TWICE)
    assert taken.counts == (5, 0, 3, 3)
    assert first_lines() == [(6, "duplicate_differs", 2), (8, "not_money", None), (10, "duplicate_differs", 3)]


def test_one_number_in_two_systems_is_two_orders(take):
    taken = take("orders", orders(("A1", "pos", 1), ("A1", "mall", 2), ("A1", "POS", 3)))
    assert taken.counts == (3, 0, 0, 0)


def test_a_member_twice_is_skipped_when_equal_and_refused_when_not(take):
    lines = ["V1,13800000001,张三", "V1,13800000001,张三", "V1,13800000001,李四", "V2,13800000002,", "V1,,"]
    taken = take("members", desk.rows("member_no,phone,name", lines))
    assert taken.counts == (2, 0, 2, 1)
    assert first_lines() == [(4, "duplicate_differs", 2)]


@pytest.mark.parametrize("chunks", ["1000", "3"])
def test_a_phone_leads_to_the_first_who_states_it_and_is_claimed_by_the_next(take, monkeypatch, chunks):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, chunks)
    lines = ["V1,13800000001", "V2,13800000002", "V3,138 0000 0003", "V4,+8613800000001"]
    taken = take("members", desk.rows("member_no,phone", lines))
    assert (taken.counts, Member.objects.count()) == ((4, 0, 0, 0), 4)
    assert Identity.objects.get(value="+8613800000001").member.member_no == "V1"
    assert Claim.objects.get().member.member_no == "V4"


def test_a_refund_of_the_whole_order_is_the_same_with_line_0_and_without_line(take):
    take("orders", orders(("A1", "pos", 10)))
    header = "refund_no,order_no,source,line_no,amount,refunded_at"
    taken = take("refunds", desk.rows(header, ["R1,A1,pos,,5,2026-06-02", "R1,A1,pos,0,4,2026-06-02"]))
    assert taken.codes == ["duplicate_differs"]
    assert Refund.objects.get().amount_cents == 500


def test_an_order_line_twice_is_judged_by_its_number(take):
    world.chain()
    take("orders", orders(("A1", "pos", 10)))
    header = "order_no,source,line_no,sku,quantity,amount"
    lines = ["A1,pos,1,TEA,1,4", "a1,pos,01,TEA,1,4", "A1,pos,1.0,NUT,1,4", "A1,pos,2,NUT,1,6"]
    taken = take("order_lines", desk.rows(header, lines))
    assert taken.counts == (2, 0, 1, 1)
