"""Tails of Student's t and of chi-square, which the standard library lacks."""

from math import erfc, exp, gamma, inf, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

NORMAL = NormalDist()
NORMAL_FROM = 10_000  # degrees of freedom beyond which t is the normal distribution to four digits
TINY, EXACT, MOST_STEPS = 1e-300, 1e-13, 1_000


def student_p(t: float, freedom: float) -> float:
    """Give the two-sided p of Student's t: I_x(ν/2, ½) at x = ν / (ν + t²) (Abramowitz and Stegun 26.7.1)."""
    if freedom > NORMAL_FROM:
        return erfc(abs(t) / sqrt(2))
    whole = freedom + t * t
    return _incomplete_beta(freedom / whole, t * t / whole, freedom / 2, 0.5)


def student_bound(level: float, freedom: float) -> float:
    """Give t such that a share `level` (0.95) of Student's distribution lies within ± t."""
    if freedom > NORMAL_FROM:
        return NORMAL.inv_cdf((1 + level) / 2)
    bound = NORMAL.inv_cdf((1 + level) / 2)
    for _ in range(
        MOST_STEPS
    ):  # Newton's steps: p falls and is convex, so that they come from below and never overshoot
        step = (student_p(bound, freedom) - (1 - level)) / (2 * _student_density(bound, freedom))
        bound += step
        if abs(step) < EXACT * bound:
            break
    return bound


def _student_density(t: float, freedom: float) -> float:
    front = lgamma((freedom + 1) / 2) - lgamma(freedom / 2)
    return exp(front - (freedom + 1) / 2 * log1p(t * t / freedom)) / sqrt(freedom * pi)


def chi_square_p(value: float, freedom: int) -> float:
    """Give the p of chi-square with whole degrees of freedom, by its finite sums (Abramowitz and Stegun 26.4.4–5)."""
    if value == inf:
        return 0.0
    half = value / 2
    shift = 0.5 if freedom % 2 else 0.0
    total = erfc(sqrt(half)) if shift else 0.0
    term = exp(-half) * half**shift / gamma(1 + shift)
    for step in range(freedom // 2):
        total += term
        term *= half / (step + 1 + shift)
    return min(1.0, total)


def _incomplete_beta(x: float, rest: float, a: float, b: float) -> float:
    """Give the regularised I_x(a, b) by the fraction that converges fast; `rest` is 1 − x with all its digits."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(rest, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Run the continued fraction of the incomplete beta by Lentz's method (Numerical Recipes, 6.4)."""
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, MOST_STEPS):
        for factor in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _apart(1 + factor * d), _apart(1 + factor / c)
            value *= d * c
        if abs(d * c - 1) < EXACT:
            break
    return value


def _apart(value: float) -> float:
    """Keep a divisor off zero."""
    return value if abs(value) > TINY else TINY
