"""What a plan brought: worked examples, what must always hold, and when nothing can be said."""

from math import inf, isfinite, sqrt

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.queries.lift import arms, balance, bootstrap, distributions, planner, rates, spend, variants
from analytics.queries.lift.arms import Arm
from analytics.queries.lift.planner import Baseline
from analytics.queries.lift.reasons import Reason
from newretail.kernel import drawing, sql

TREATED = ([1200, 0, 3400, 900, 2500, 0], [1000, 0, 3000, 1100, 2000, 400])
HELD = ([800, 0, 1500, 0], [900, 100, 2100, 0])
CENTS = st.integers(0, 5_000_000)
ROWS = st.lists(st.tuples(CENTS, CENTS), max_size=40)


def arm(rows):
    return Arm.of([y for y, _ in rows], [x for _, x in rows])


def drawn(seed, many, mean=0.0):
    draw = np.random.default_rng(seed)
    before = draw.lognormal(8, 0.5, many)
    spent = before * draw.lognormal(0, 0.3, many) + mean
    return np.rint(spent).astype(np.int64), np.rint(before).astype(np.int64)


def test_the_plain_difference_is_welchs():
    plain = spend.measure(Arm.of(*TREATED), Arm.of(*HELD)).plain
    theirs = stats.ttest_ind(TREATED[0], HELD[0], equal_var=False)
    bounds = theirs.confidence_interval(0.95)
    assert plain.value == pytest.approx(8000 / 6 - 2300 / 4)
    assert (plain.low, plain.high, plain.p) == pytest.approx((bounds.low, bounds.high, theirs.pvalue), rel=1e-9)


def test_pre_period_spend_is_taken_off_at_one_slope_within_the_arms():
    # Σ(x−x̄)² 5 995 000 + 2 827 500 and Σ(y−ȳ)(x−x̄) 7 390 000 + 2 087 500, worked by hand from the two columns.
    theta = (7_390_000 + 2_087_500) / (5_995_000 + 2_827_500)
    lift = spend.measure(Arm.of(*TREATED), Arm.of(*HELD))
    assert lift.theta == pytest.approx(theta)
    theirs = stats.ttest_ind(*(np.array(y) - theta * np.array(x) for y, x in (TREATED, HELD)), equal_var=False)
    bounds = theirs.confidence_interval(0.95)
    assert lift.adjusted.value == pytest.approx(8000 / 6 - 575 - theta * (1250 - 775))
    assert (lift.adjusted.low, lift.adjusted.high) == pytest.approx((bounds.low, bounds.high), rel=1e-9)
    assert (lift.total.value, lift.total.low) == pytest.approx((6 * lift.adjusted.value, 6 * lift.adjusted.low))
    assert lift.relative == pytest.approx(lift.adjusted.value / (575 - theta * (775 - 1060)))
    assert 0 < lift.narrowing < 1


@given(ROWS, ROWS)
def test_arms_add_up_and_sums_are_exact(one, other):
    assert arm(one) + arm(other) == arm(one + other)
    assert arm(one).spend_squared == sum(y * y for y, _ in one)


def test_amounts_too_large_for_sixty_four_bits_are_summed_exactly():
    assert Arm.of([10**13, 1], [10**13, 0]).spend_squared == 10**26 + 1
    with pytest.raises(ValueError, match="one length"):
        Arm.of([1, 2], [1])


def test_one_statement_of_the_database_gives_the_same_arms(db):
    rows = [
        {"arm": name, "y": y, "x": x}
        for name, (ys, xs) in (("a", TREATED), ("b", HELD))
        for y, x in zip(ys, xs, strict=True)
    ]
    columns = {key: [row[key] for row in rows] for key in ("arm", "y", "x")}
    found = sql.rows(
        f"SELECT arm, {arms.SUMS} FROM unnest(%(arm)s::text[], %(y)s::bigint[], %(x)s::bigint[]) t(arm, spend, before) GROUP BY arm",
        columns,
    )
    assert {name: Arm.of_row(row) for name, *row in found} == {"a": Arm.of(*TREATED), "b": Arm.of(*HELD)}
    assert Arm.of_row(sql.rows(f"SELECT {arms.SUMS} FROM (SELECT 1 AS spend, 1 AS before WHERE false) t")[0]) == Arm.of(
        [], []
    )


@given(ROWS, ROWS)
def test_swapping_the_arms_flips_the_sign_and_nothing_is_ever_not_a_number(one, other):
    there, back = spend.measure(arm(one), arm(other)), spend.measure(arm(other), arm(one))
    assert there.reason == back.reason
    assert (there.adjusted is None) == (there.reason is not None)
    for ours, theirs in ((there.adjusted, back.adjusted), (there.plain, back.plain)):
        if ours is None:
            assert theirs is None
            continue
        assert all(isfinite(figure) for figure in (ours.value, ours.low, ours.high, ours.p))
        assert ours.low <= ours.value <= ours.high
        near = {"rel": 1e-6, "abs": 1e-6}
        assert (ours.value, ours.low, ours.high) == pytest.approx((-theirs.value, -theirs.high, -theirs.low), **near)


@pytest.mark.parametrize(
    ("treated", "held_out", "reason"),
    [
        (([], []), HELD, Reason.EMPTY),
        (TREATED, ([], []), Reason.EMPTY),
        (([5], [5]), HELD, Reason.ALONE),
        (TREATED, ([0, 0, 0], [100, 0, 20]), Reason.SAME),
        (([7, 7], [1, 2]), HELD, Reason.SAME),
        (([1, 2, 3], [2, 4, 6]), ([3, 5, 7], [6, 10, 14]), Reason.SAME),
    ],
)
def test_where_nothing_can_be_said_there_is_a_reason_and_no_figure(treated, held_out, reason):
    lift = spend.measure(Arm.of(*treated), Arm.of(*held_out))
    assert (lift.reason, lift.adjusted, lift.plain, lift.total, lift.relative) == (reason, None, None, None, None)
    checked = bootstrap.check(lift, bootstrap.buckets(*treated, seed=1), bootstrap.buckets(*held_out, seed=1), seed=1)
    assert (checked.reason, checked.low, checked.warns) == (reason, None, False)


def test_pre_period_spend_that_is_the_same_for_all_adjusts_nothing():
    lift = spend.measure(Arm.of(TREATED[0], [0] * 6), Arm.of(HELD[0], [0] * 4))
    assert lift.adjusted == lift.plain
    assert (lift.theta, lift.narrowing) == (0.0, 0.0)


def test_nobody_spending_among_those_held_out_leaves_no_percentage():
    lift = spend.measure(Arm.of([5, 9, 12], [0, 0, 0]), Arm.of([-1, 1, 0], [0, 0, 0]))
    assert lift.relative is None
    assert lift.adjusted.value == pytest.approx(26 / 3)


def test_the_bootstrap_agrees_about_many_and_warns_of_one_great_spender():
    treated, held_out = drawn(1, 4_000, mean=100), drawn(2, 1_000)
    parts = [bootstrap.buckets(*columns, seed=3) for columns in (treated, held_out)]
    assert sum(parts[0][1:], parts[0][0]) == Arm.of(*treated)
    assert (len(parts[0]), len(parts[1])) == (1_000, 1_000)
    lift = spend.measure(Arm.of(*treated), Arm.of(*held_out))
    agreed = bootstrap.check(lift, *parts, seed=4)
    assert agreed == bootstrap.check(lift, *parts, seed=4)
    assert not agreed.warns
    assert agreed.low == pytest.approx(lift.adjusted.low, abs=0.1 * (lift.adjusted.high - lift.adjusted.low))
    spent = held_out[0].copy()
    spent[0] = 10_000_000
    odd = spend.measure(Arm.of(*treated), Arm.of(spent, held_out[1]))
    assert bootstrap.check(odd, parts[0], bootstrap.buckets(spent, held_out[1], seed=3), seed=4).warns


def test_a_handful_of_buckets_is_not_drawn_from():
    lift = spend.measure(Arm.of(*TREATED), Arm.of(*HELD))
    parts = [bootstrap.buckets(*columns, seed=1) for columns in (TREATED, HELD)]
    assert bootstrap.check(lift, *parts, seed=1).reason == Reason.FEW


def test_conversion_stands_in_newcombes_paper():
    # Newcombe 1998, table II, example (a): 56/70 − 48/80, method 10: 0.0524 to 0.3339.
    found = rates.compare(converted=56, treated=70, converted_anyway=48, held_out=80)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.relative == pytest.approx(1 / 3)
    # The same table, 10/10 − 0/10: 0.6075 to 1.
    whole = rates.compare(converted=10, treated=10, converted_anyway=0, held_out=10)
    assert (whole.low, whole.high, whole.relative) == (pytest.approx(0.6075, abs=5e-5), 1.0, None)
    assert rates.compare(converted=0, treated=0, converted_anyway=0, held_out=5).reason == Reason.EMPTY
    with pytest.raises(ValueError, match="some of"):
        rates.compare(converted=3, treated=2, converted_anyway=0, held_out=5)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_a_difference_of_shares_lies_within_its_bounds_and_flips(treated, held_out, data):
    a, b = data.draw(st.integers(0, treated)), data.draw(st.integers(0, held_out))
    found = rates.compare(converted=a, treated=treated, converted_anyway=b, held_out=held_out)
    back = rates.compare(converted=b, treated=held_out, converted_anyway=a, held_out=treated)
    assert -1 - 1e-9 <= found.low <= found.difference <= found.high <= 1 + 1e-9
    assert (found.low, found.high) == pytest.approx((-back.high, -back.low))


def test_the_planner_tells_the_lift_that_can_be_seen():
    baseline = Baseline(mean=5_000, deviation=15_000)
    # (1.95996 + 0.84162) · 15 000 · √(1/9 000 + 1/1 000) = 1 400.8 cents.
    seen = planner.smallest_lift(audience=10_000, holdout_bp=1_000, baseline=baseline)
    assert seen.cents == pytest.approx(1400.8, abs=0.1)
    assert seen.relative == pytest.approx(0.28016, abs=1e-4)
    told = planner.smallest_lift(audience=10_000, holdout_bp=1_000, baseline=Baseline(5_000, 15_000, 0.6))
    assert told.cents == pytest.approx(0.8 * seen.cents)


def test_four_plans_in_five_show_the_lift_the_planner_names():
    draw, deviation = np.random.default_rng(5), 300.0
    seen = planner.smallest_lift(audience=1_000, holdout_bp=2_000, baseline=Baseline(1_000, deviation))
    shown = 0
    for _ in range(1_000):
        columns = [
            np.rint(draw.normal(1_000 + lift, deviation, n)).astype(np.int64)
            for lift, n in ((seen.cents, 800), (0, 200))
        ]
        shown += spend.measure(*(Arm.of(y, np.zeros_like(y)) for y in columns)).adjusted.low > 0
    assert 760 <= shown <= 840


@settings(max_examples=60)
@given(st.integers(100, 1_000_000), st.floats(0.01, 2), st.floats(0, 0.95))
def test_the_holdout_needed_sees_the_lift_and_a_basis_point_less_does_not(audience, relative, correlation):
    baseline = Baseline(5_000, 12_000, correlation)
    needed = planner.holdout_needed(audience=audience, relative=relative, baseline=baseline)
    half = planner.smallest_lift(audience=audience, holdout_bp=5_000, baseline=baseline)
    if needed.reason:
        assert half.relative > relative * (1 - 1e-9)
        return
    seen = planner.smallest_lift(audience=audience, holdout_bp=needed.holdout_bp, baseline=baseline)
    assert seen.relative <= relative
    assert needed.members == audience * needed.holdout_bp // 10_000
    less = planner.smallest_lift(audience=audience, holdout_bp=needed.holdout_bp - 1, baseline=baseline)
    assert less.reason or less.relative > relative


@pytest.mark.parametrize(
    ("audience", "baseline", "reason"),
    [
        (0, Baseline(5_000, 9_000), Reason.EMPTY),
        (19, Baseline(5_000, 9_000), Reason.ALONE),
        (9_999, Baseline(0, 9_000), Reason.NO_SPEND),
        (9_999, Baseline(5_000, 0), Reason.SAME),
        (9_999, Baseline(5_000, 9_000, 1.0), Reason.SAME),
    ],
)
def test_a_planner_without_ground_says_so(audience, baseline, reason):
    seen = planner.smallest_lift(audience=audience, holdout_bp=1_000, baseline=baseline)
    assert (seen.reason, seen.cents, seen.relative) == (reason, None, None)


def test_no_holdout_sees_nothing_and_nothing_is_never_seen():
    baseline = Baseline(5_000, 9_000)
    assert planner.smallest_lift(audience=9_999, holdout_bp=0, baseline=baseline).reason == Reason.EMPTY
    for relative in (0, -0.1, 0.0001):
        assert planner.holdout_needed(audience=9_999, relative=relative, baseline=baseline).reason == Reason.UNREACHABLE


def test_arms_out_of_proportion_sound_the_alarm():
    shares = {"holdout": 1_000, "a": 4_500, "b": 4_500}
    sound = balance.weigh({"holdout": 1_020, "a": 4_480, "b": 4_500}, shares)
    theirs = stats.chisquare([1_020, 4_480, 4_500], [1_000, 4_500, 4_500])
    assert (sound.chi_square, sound.p, sound.alarm) == (
        pytest.approx(theirs.statistic),
        pytest.approx(theirs.pvalue),
        False,
    )
    assert balance.weigh({"holdout": 860, "a": 4_640, "b": 4_500}, shares).alarm
    assert balance.weigh({"holdout": 10_000}, shares).alarm
    closed = balance.weigh({"a": 500, "b": 499, "c": 1}, {"a": 5_000, "b": 5_000, "c": 0})
    assert (closed.chi_square, closed.p, closed.alarm) == (inf, 0.0, True)


def test_too_few_to_weigh_are_not_weighed():
    shares = {"holdout": 1_000, "a": 9_000}
    assert balance.weigh({}, shares).reason == Reason.EMPTY
    assert balance.weigh({"a": 100}, {"a": 10_000}).reason == Reason.EMPTY
    assert balance.weigh({"a": 40, "holdout": 9}, shares).reason == Reason.FEW
    with pytest.raises(ValueError, match="no arm"):
        balance.weigh({"c": 1}, shares)


def test_variants_stand_beside_the_holdout_and_each_other():
    found = variants.compare(
        {
            "holdout": Arm.of(*drawn(1, 800)),
            "a": Arm.of(*drawn(2, 900, mean=400)),
            "b": Arm.of(*drawn(3, 900)),
            "c": Arm.of([], []),
        },
        holdout="holdout",
    )
    assert [(one.variant, one.against) for one in found] == [
        ("a", "holdout"), ("b", "holdout"), ("c", "holdout"), ("a", "b"), ("a", "c"), ("b", "c"),
    ]  # fmt: skip
    assert [one.differs for one in found] == [True, False, False, True, False, False]
    assert [one.p is None for one in found] == [False, False, True, False, True, True]
    said = [one for one in found if one.p is not None]
    assert [one.p for one in said] == variants.holm([one.lift.adjusted.p for one in said])


def test_holms_correction_steps_down():
    assert variants.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert variants.holm([0.9, 0.8]) == [1.0, 1.0]
    assert variants.holm([]) == []


@settings(deadline=None)
@given(st.floats(0, 60), st.floats(1, distributions.NORMAL_FROM))
@example(8.02e-07, 9578.0)
def test_tails_of_student_equal_those_of_scipy(t, freedom):
    assert distributions.student_p(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-8, abs=1e-13)
    assert distributions.student_bound(0.95, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-9)


def test_with_very_many_degrees_of_freedom_student_is_normal():
    many = distributions.NORMAL_FROM + 1
    assert distributions.student_p(2.5, many) == pytest.approx(2 * stats.t.sf(2.5, many), rel=2e-3)
    assert distributions.student_bound(0.95, many) == pytest.approx(stats.t.ppf(0.975, many), rel=2e-4)


@given(st.floats(0, 200), st.integers(1, 12))
def test_tails_of_chi_square_equal_those_of_scipy(value, freedom):
    assert distributions.chi_square_p(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), rel=1e-9)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    pairs = ((Arm.of(*drawn(2 * seed, 600, mean=250)), Arm.of(*drawn(2 * seed + 1, 150))) for seed in range(400))
    found = [spend.measure(*pair).adjusted for pair in pairs]
    within = sum(one.low <= 250 <= one.high for one in found)
    assert abs(within / 400 - 0.95) < 4 * sqrt(0.95 * 0.05 / 400)


def test_buckets_drawn_by_the_database_are_whole_and_even(db):
    bucket = drawing.bucket_sql("no", salt="%(salt)s", buckets=20)
    found = sql.rows(
        f"SELECT {bucket}, count(*) FROM (SELECT 'M' || n AS no FROM generate_series(1, 20000) n) t GROUP BY 1 ORDER BY 1",
        {"salt": "p1"},
    )
    assert [number for number, _ in found] == list(range(20))
    assert stats.chisquare([many for _, many in found]).pvalue > 0.001
