"""Beforehand: the smallest lift a plan could see with its holdout, and the holdout that a lift would need."""

from dataclasses import dataclass
from math import ceil, sqrt

from analytics.queries.lift.distributions import NORMAL
from analytics.queries.lift.reasons import Reason
from analytics.queries.lift.spend import LEVEL

POWER = 0.8  # of the plans that bring this much, so many will show it
WHOLE = 10_000  # basis points
BOTH = NORMAL.inv_cdf((1 + LEVEL) / 2) + NORMAL.inv_cdf(POWER)


@dataclass(frozen=True)
class Baseline:
    """What members spend within such a window without a plan: mean and standard deviation in cents per member.

    `correlation` is that of spend with pre-period spend, 0 where it is unknown; CUPED leaves √(1 − ρ²) of the spread.
    """

    mean: float
    deviation: float
    correlation: float = 0.0

    @property
    def left(self) -> float:
        """The standard deviation that pre-period spend leaves, cents."""
        return self.deviation * sqrt(1 - self.correlation**2)


@dataclass(frozen=True)
class Seeable:
    """The smallest lift seen four times in five, cents per member and as a share of the mean (0.05 is 5 %)."""

    cents: float | None = None
    relative: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class Needed:
    """The holdout a lift needs: basis points of the audience, and members."""

    holdout_bp: int | None = None
    members: int | None = None
    reason: Reason | None = None


def smallest_lift(*, audience: int, holdout_bp: int, baseline: Baseline) -> Seeable:
    """Tell what lift an audience with such a holdout (1000 is a tenth) could see.

    (z₀.₉₇₅ + z₀.₈) · σ √(1 − ρ²) · √(1/n₁ + 1/n₀), two-sided at 5 %, power 80 % (van Belle 2008, chapter 2; CUPED's
    share by Deng et al. 2013).
    """
    held_out = audience * holdout_bp // WHOLE
    reason = _unknown(min(held_out, audience - held_out), baseline)
    if reason:
        return Seeable(reason=reason)
    cents = BOTH * baseline.left * sqrt(1 / held_out + 1 / (audience - held_out))
    return Seeable(cents, cents / baseline.mean)


def holdout_needed(*, audience: int, relative: float, baseline: Baseline) -> Needed:
    """Tell which share must be held out to see a lift of so much of the mean (0.05 is 5 %); at most half.

    Solves w (1 − w) = (z₀.₉₇₅ + z₀.₈)² σ² (1 − ρ²) / (N δ²) for the smaller w, rounded up to a basis point.
    """
    reason = _unknown(audience, baseline)
    if reason:
        return Needed(reason=reason)
    if relative <= 0:
        return Needed(reason=Reason.UNREACHABLE)
    product = (BOTH * baseline.left / (relative * baseline.mean)) ** 2 / audience
    if product > 0.25:
        return Needed(reason=Reason.UNREACHABLE)
    # The smaller root of w² − w + product, in the form that keeps its digits when it is small.
    exact = 2 * product / (1 + sqrt(1 - 4 * product))
    for share in range(max(1, ceil(exact * WHOLE)), WHOLE // 2 + 1):  # whole members may cost a few more
        seen = smallest_lift(audience=audience, holdout_bp=share, baseline=baseline)
        if seen.relative is not None and seen.relative <= relative:
            return Needed(share, audience * share // WHOLE)
    return Needed(reason=Reason.UNREACHABLE)


def _unknown(smaller: int, baseline: Baseline) -> Reason | None:
    if smaller < 2:
        return Reason.ALONE if smaller == 1 else Reason.EMPTY
    if baseline.mean <= 0:
        return Reason.NO_SPEND
    return Reason.SAME if baseline.left <= 0 else None
