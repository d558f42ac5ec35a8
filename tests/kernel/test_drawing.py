"""Lots: the same in Python and in SQL, as many as planned, none telling of another."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from newretail.kernel import drawing, sql

SHARES = (("holdout", 1_000), ("a", 4_500), ("nobody", 0), ("b", 4_500))
NUMBERS = [f"会员-{n:05d}" for n in range(10_000)]


def drawn(salt, shares=SHARES):
    return [drawing.arm_of(no, salt, shares) for no in NUMBERS]


@pytest.mark.django_db
@pytest.mark.parametrize("shares", [SHARES, (("all", 10_000),), (("none", 0), ("all", 10_000))])
def test_the_database_draws_the_same_arm_for_ten_thousand_numbers(shares):
    expression, params = drawing.arm_sql("t.no", salt="生日'26%", shares=shares)
    found = sql.rows(
        f"SELECT {expression}, {drawing.point_sql('t.no', '%(draw_salt)s')}"
        " FROM unnest(%(numbers)s::text[]) WITH ORDINALITY t(no, place) ORDER BY t.place",
        {**params, "numbers": NUMBERS},
    )
    assert [arm for arm, _ in found] == drawn("生日'26%", shares)
    assert [point for _, point in found] == [drawing.point_of(no, "生日'26%") for no in NUMBERS]


def test_a_draw_never_changes():
    # md5("p1:M1") and md5("p1:M2") begin with the 32 bits below.
    points = {no: drawing.point_of(no, "p1") for no in ("M1", "M2")}
    assert points == {"M1": 0xC9C4697B * 10_000 >> 32, "M2": 0xE74BA834 * 10_000 >> 32}


def test_points_are_even_and_arms_as_large_as_planned():
    points = Counter(drawing.point_of(no, "p1") // 100 for no in NUMBERS)
    assert stats.chisquare([points[each] for each in range(100)]).pvalue > 0.001
    counts = Counter(drawn("p1"))
    assert stats.chisquare([counts[name] for name in ("holdout", "a", "b")], [1_000, 4_500, 4_500]).pvalue > 0.001
    assert counts["nobody"] == 0


def test_one_plan_tells_nothing_of_another():
    pairs = Counter(zip(drawn("p1"), drawn("p2"), strict=True))
    names = ("holdout", "a", "b")
    assert stats.chi2_contingency([[pairs[one, other] for other in names] for one in names]).pvalue > 0.001
    assert drawn("p1") == drawn("p1")


def test_a_share_that_grows_moves_only_the_next_arm():
    wider = (("holdout", 2_000), ("a", 3_500), ("nobody", 0), ("b", 4_500))
    moved = {(was, is_) for was, is_ in zip(drawn("p1"), drawn("p1", wider), strict=True) if was != is_}
    assert moved == {("a", "holdout")}


@given(st.text(), st.text(min_size=1).filter(lambda salt: ":" not in salt))
def test_every_number_falls_somewhere(member_no, salt):
    assert 0 <= drawing.point_of(member_no, salt) < 10_000


@pytest.mark.parametrize("salt", ["", "a:b"])
def test_a_salt_that_could_be_read_two_ways_is_refused(salt):
    for draw in (lambda: drawing.point_of("M1", salt), lambda: drawing.arm_sql("no", salt=salt, shares=SHARES)):
        with pytest.raises(ValueError, match="colon"):
            draw()


@pytest.mark.parametrize("shares", [(), (("a", 9_999),), (("a", 10_001), ("b", -1))])
def test_shares_that_are_not_a_whole_are_refused(shares):
    with pytest.raises(ValueError, match="sum to 10 000"):
        drawing.arm_of("M1", "p1", shares)
