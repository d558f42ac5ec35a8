"""Money: read and written to the cent, shared and split without a cent lost."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newretail.kernel import money

CENTS = st.integers(0, 10**14)


@pytest.mark.parametrize(("text", "cents"), [
    ("12", 1200), ("12.5", 1250), ("12.50", 1250), ("0", 0), ("0.01", 1), ("007.10", 710), (" 3 ", 300),
    ("999999999999.99", 99_999_999_999_999),
])  # fmt: skip
def test_yuan_are_read_to_the_cent(text, cents):
    assert money.to_cents(text) == cents


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.234", "1,000", "1e3", ".5", "5.", "¥5", "１２", "٣", "1 2", "nan",
                                  "1000000000000", "1\n.5"])  # fmt: skip
def test_what_is_no_plain_amount_is_refused(text):
    with pytest.raises(money.NotMoney):
        money.to_cents(text)


@given(CENTS.filter(lambda cents: cents < 10**14))
def test_what_is_written_is_read_again(cents):
    assert money.to_cents(money.to_yuan(cents)) == cents


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (5, "0.05"), (1234, "12.34"), (-5, "-0.05"), (-1234, "-12.34")]
)
def test_cents_are_written_with_two_decimals(cents, text):
    assert money.to_yuan(cents) == text


@pytest.mark.parametrize(("cents", "basis_points", "part"), [
    (100, 5000, 50), (1, 5000, 1), (3, 5000, 2), (-1, 5000, -1), (999, 333, 33), (0, 9999, 0), (50, 100, 1), (49, 100, 0),
])  # fmt: skip
def test_half_a_cent_is_rounded_away_from_zero(cents, basis_points, part):
    assert money.share(cents, basis_points) == part


@given(CENTS, st.integers(0, 10_000))
def test_a_share_equals_decimal_arithmetic(cents, basis_points):
    exact = (Decimal(cents) * Decimal(basis_points) / Decimal(10_000)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert money.share(cents, basis_points) == exact


WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(CENTS, WEIGHTS)
def test_the_parts_of_a_split_sum_to_the_whole_and_miss_the_exact_by_less_than_a_cent(cents, weights):
    parts = money.split(cents, weights)
    total = sum(weights)
    assert sum(parts) == cents
    assert all(abs(part * total - cents * weight) < total for part, weight in zip(parts, weights, strict=True))


@given(CENTS, WEIGHTS)
def test_a_split_favours_nobody_of_less_weight(cents, weights):
    by_weight = sorted(zip(weights, money.split(cents, weights), strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(by_weight) if a[0] < b[0])


@pytest.mark.parametrize(("cents", "weights", "parts"), [
    (100, [1, 1, 1], [34, 33, 33]), (0, [1, 2], [0, 0]), (1, [0, 1], [0, 1]), (7, [3], [7]), (5, [1, 1, 1, 1], [2, 1, 1, 1]),
])  # fmt: skip
def test_equal_remainders_go_to_the_earlier_part(cents, weights, parts):
    assert money.split(cents, weights) == parts


@pytest.mark.parametrize(("cents", "weights"), [(1, []), (1, [0, 0]), (1, [2, -1]), (-1, [1])])
def test_a_split_without_weight_is_a_mistake(cents, weights):
    with pytest.raises(ValueError, match="split needs"):
        money.split(cents, weights)
