"""Quotes, lengths, NUL and cells: a broken line is named and costs only itself."""

import pytest

from members.models import Order
from stores.models import Product
from tests.kernel.files import desk

HEADER = "sku,name,price"


def products(*lines):
    return desk.rows(HEADER, lines)


def known():
    return dict(Product.objects.order_by("sku").values_list("sku", "name"))


BROKEN = {
    "unclosed quote": ('P2,"nuts,2', "unclosed_quote"),
    "NUL": ("P2,nu\x00ts,2", "nul"),
    "a cell too few": ("P2,nuts", "ragged"),
    "a cell too many": ("P2,nuts,2,3", "ragged"),
    "a line beyond a mebibyte": (f"P2,{'n' * (1 << 20)},2", "line_too_long"),
}


@pytest.mark.parametrize(("line", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_named_and_costs_only_itself(take, line, code):
    taken = take("products", products("P1,tea,1", line, "P3,cake,3", "P4,figs,4"))
    assert taken.refusals == [(3, "", code)]
    assert known() == {"P1": "tea", "P3": "cake", "P4": "figs"}


@pytest.mark.parametrize("line", ['P2,5"x,"nuts', 'P2,"nu"ts","2', 'P2,nuts,"2""', 'P2,nuts,""2"'])
def test_quotes_in_the_wrong_places_cost_only_their_line(take, line):
    taken = take("products", products("P1,tea,1", line, "P3,cake,3", "P4,figs,4"))
    assert [number for number, _, _ in taken.refusals] == [3]
    assert known() == {"P1": "tea", "P3": "cake", "P4": "figs"}


def test_two_unclosed_quotes_do_not_swallow_the_lines_between_them(take):
    taken = take("products", products('P1,"tea,1', "P2,nuts,2", "P3,cake,3", 'P4,"figs,4', "P5,rice,5"))
    assert taken.refusals == [(2, "", "unclosed_quote"), (5, "", "unclosed_quote")]
    assert known() == {"P2": "nuts", "P3": "cake", "P5": "rice"}


def test_an_unclosed_quote_far_above_another_costs_only_its_line(take):
    between = [f"P{i},tea,1" for i in range(10, 50)]
    taken = take("products", products('P1,"tea,1', *between, 'P2,"nuts,2', "P3,cake,3"))
    assert taken.codes == ["unclosed_quote", "unclosed_quote"]
    assert taken.result.created == len(between) + 1


def test_inch_signs_within_plain_cells_are_letters_like_others(take):
    taken = take("products", products('P1,5" screen,1', "P2,tea,2", 'P3,6" screen,3', 'P4,7" and 8" screen,4'))
    assert taken.refusals == []
    assert known() == {"P1": '5" screen', "P2": "tea", "P3": '6" screen', "P4": '7" and 8" screen'}


def test_a_quoted_cell_holds_line_ends_commas_and_quotes(take):
    taken = take("products", products('P1,"tea,\nfirst ""flush""\r\n2026",1', "P2,nuts,2", "P2,nuts,3"))
    assert known() == {"P1": 'tea,\nfirst "flush"\n2026', "P2": "nuts"}
    assert taken.refusals == [(6, "", "duplicate_differs")]


def test_a_lone_carriage_return_costs_at_most_its_line(take):
    taken = take("products", products("P1,tea,1", "P2,nu\rts,2", "P3,cake,3"))
    assert [line for line, _, _ in taken.refusals] in ([], [3])
    assert {"P1": "tea", "P3": "cake"}.items() <= known().items()


@pytest.mark.parametrize("length", [201, 131_073, 1_000_000])
def test_a_cell_that_is_too_long_is_named_by_its_column(take, length):
    taken = take("products", products("P1,tea,1", f"P2,{'n' * length},2", "P3,cake,3"))
    assert taken.refusals == [(3, "name", "too_long")]
    assert known() == {"P1": "tea", "P3": "cake"}


def test_a_long_cell_in_a_column_nobody_reads_does_no_harm(take):
    taken = take("products", f"sku,name,remark\nP1,tea,{'r' * 200_000}\n")
    assert taken.counts == (1, 0, 0, 0)


def test_a_key_with_characters_that_cannot_be_printed_is_refused(take):
    taken = take("products", products('"P\n1",tea,1', "P\u00072,nuts,2", "P3,cake,3"))
    assert taken.refusals == [(2, "sku", "unprintable"), (4, "sku", "unprintable")]


def test_every_line_of_garbage_is_accounted_for(take):
    content = b"order_no,source,paid_at,amount\n" + bytes(range(1, 256)) * 300
    taken = take("orders", content)
    assert (taken.result.created, Order.objects.count()) == (0, 0)
    assert taken.result.rows == taken.result.rejected == len(taken.refusals)


def test_only_a_header_is_a_file_of_no_rows(take):
    taken = take("products", HEADER + "\n")
    assert (taken.result.rows, taken.counts, taken.result.errors_file) == (0, (0, 0, 0, 0), None)
