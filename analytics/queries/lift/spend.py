"""Incremental revenue: what the treated spent more than those held out, with the interval that chance allows."""

from dataclasses import dataclass
from math import sqrt

from analytics.queries.lift.arms import Arm
from analytics.queries.lift.distributions import student_bound, student_p
from analytics.queries.lift.reasons import Reason

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, and the two-sided p of its being zero."""

    value: float
    low: float
    high: float
    p: float

    def times(self, factor: float) -> "Estimate":
        """Give the same for a multiple, of members for one."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor, self.p)


@dataclass(frozen=True)
class Lift:
    """What a plan brought in cents; where `reason` is given nothing can be said and every figure is None.

    `adjusted` is per member with pre-period spend taken into account, `plain` the same without; `total` is `adjusted`
    for all treated. `relative` is `adjusted` as a share of what those held out spent (0.05 is 5 %), None where they
    spent nothing. `narrowing` is the share of the plain interval's width that pre-period spend saved.
    """

    treated: int
    held_out: int
    adjusted: Estimate | None = None
    plain: Estimate | None = None
    total: Estimate | None = None
    relative: float | None = None
    theta: float | None = None
    narrowing: float | None = None
    reason: Reason | None = None


def measure(treated: Arm, held_out: Arm) -> Lift:
    """Compare the treated with those held out; the order of the two arms gives the sign.

    CUPED (Deng, Xu, Kohavi, Walker 2013): compare y − θ(x − x̄) with one θ = Σ(y − ȳ)(x − x̄) / Σ(x − x̄)², both sums
    over both arms about each arm's own means, so that an effect cannot leak into θ. The interval is Welch's (1947):
    each arm's own variance, degrees of freedom by Satterthwaite (1946). Pre-period spend that is the same for all
    adjusts nothing.
    """
    reason = _missing(treated, held_out)
    if reason:
        return Lift(treated.n, held_out.n, reason=reason)
    theta = common_slope(treated, held_out)
    adjusted, plain = _welch(treated, held_out, theta), _welch(treated, held_out, 0.0)
    if adjusted is None or plain is None:
        return Lift(treated.n, held_out.n, reason=Reason.SAME)
    base = adjusted_base(treated, held_out, theta)
    return Lift(
        treated.n, held_out.n, adjusted, plain, adjusted.times(treated.n),
        relative=adjusted.value / base if base > 0 else None,
        theta=theta,
        narrowing=1 - (adjusted.high - adjusted.low) / (plain.high - plain.low),
    )  # fmt: skip


def _missing(*arms: Arm) -> Reason | None:
    fewest = min(arm.n for arm in arms)
    if fewest < 2:
        return Reason.ALONE if fewest else Reason.EMPTY
    return Reason.SAME if any(arm.squares == 0 for arm in arms) else None


def common_slope(treated: Arm, held_out: Arm) -> float:
    """Give CUPED's θ, cents now for a cent before; 0 where all spent the same before."""
    squares = treated.squares_before + held_out.squares_before
    return (treated.products + held_out.products) / squares if squares else 0.0


def adjusted_base(treated: Arm, held_out: Arm, theta: float) -> float:
    """Give what those held out would have spent per member, had they spent before what all did on average; cents."""
    everybody = (treated.before + held_out.before) / (treated.n + held_out.n)
    return held_out.mean - theta * (held_out.mean_before - everybody)


def _welch(treated: Arm, held_out: Arm, theta: float) -> Estimate | None:
    """Compare two means of y − θx with unequal variances; None where pre-period spend tells all of both arms."""
    value = treated.mean - held_out.mean - theta * (treated.mean_before - held_out.mean_before)
    errors = [_variance(arm, theta) / arm.n for arm in (treated, held_out)]
    total = sum(errors)
    if total <= 0:
        return None
    by_arm = zip(errors, (treated, held_out), strict=True)
    freedom = total**2 / sum(error**2 / (arm.n - 1) for error, arm in by_arm)
    error = sqrt(total)
    bound = student_bound(LEVEL, freedom) * error
    return Estimate(value, value - bound, value + bound, student_p(value / error, freedom))


def _variance(arm: Arm, theta: float) -> float:
    """Give the variance of y − θx within an arm; what rounding leaves of nothing is nothing."""
    squares = arm.squares - 2 * theta * arm.products + theta**2 * arm.squares_before
    return squares / (arm.n - 1) if squares > arm.squares * 1e-12 else 0.0
