"""A second opinion on the interval: drawing the members again and again instead of trusting a formula."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from analytics.queries.lift.arms import Amounts, Arm
from analytics.queries.lift.reasons import Reason
from analytics.queries.lift.spend import LEVEL, Lift

DRAWS = 2_000
BUCKETS = 1_000  # what an arm is cut into; buckets drawn by number differ by chance alone, as members do
LEAST_BUCKETS = 20
TOLERANCE = 0.2  # of half the interval's width: the error of the drawing itself is about 0.03
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """The interval by bootstrap, cents per member, and whether it contradicts the formula's.

    `apart` is how far the farther of its two ends lies from the formula's, in half widths; `warns` beyond `TOLERANCE`.
    """

    low: float | None = None
    high: float | None = None
    apart: float | None = None
    warns: bool = False
    reason: Reason | None = None


def check(lift: Lift, treated: Sequence[Arm], held_out: Sequence[Arm], *, seed: int) -> Check:
    """Draw the buckets of both arms with replacement 2 000 times and hold the percentile interval against the lift.

    Efron 1979. Each arm comes as buckets of members drawn by chance, a bucket for each where they are few: the sums of
    such buckets vary as those of members do, at a cost that does not grow. Every draw finds its own θ; the seed makes
    it repeatable.
    """
    if lift.reason or lift.adjusted is None:
        return Check(reason=lift.reason)
    if min(len(treated), len(held_out)) < LEAST_BUCKETS:
        return Check(reason=Reason.FEW)
    draw = np.random.default_rng(seed)
    found = _differences(_drawn(treated, draw), _drawn(held_out, draw))
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    half = (lift.adjusted.high - lift.adjusted.low) / 2
    apart = max(abs(low - lift.adjusted.low), abs(high - lift.adjusted.high)) / half
    return Check(low, high, apart, warns=apart > TOLERANCE)


def buckets(spend: Amounts, before: Amounts, *, seed: int, most: int = BUCKETS) -> list[Arm]:
    """Cut the members of an arm into at most so many buckets by chance; columns as of `Arm.of`, in cents."""
    y, x = np.asarray(spend, dtype=np.int64), np.asarray(before, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(len(y))
    return [Arm.of(y[part], x[part]) for part in np.array_split(order, min(most, len(y)))] if len(y) else []


def _drawn(parts: Sequence[Arm], draw: np.random.Generator) -> Table:
    """Give the six sums of the arm for every draw: draws × 6."""
    table = np.array([astuple(part) for part in parts], dtype=np.float64)
    times = draw.multinomial(len(parts), np.full(len(parts), 1 / len(parts)), size=DRAWS)
    sums: Table = times @ table
    return sums


def _differences(treated: Table, held_out: Table) -> Table:
    """Give the adjusted difference of every draw, as `spend.measure` does of one."""
    squares = _centred(treated, 2, 2, 4) + _centred(held_out, 2, 2, 4)
    products = _centred(treated, 1, 2, 5) + _centred(held_out, 1, 2, 5)
    theta = np.divide(products, squares, out=np.zeros_like(products), where=squares > 0)
    means, base = (arm[:, 1:3] / arm[:, :1] for arm in (treated, held_out))
    apart = means - base
    found: Table = apart[:, 0] - theta * apart[:, 1]
    return found


def _centred(sums: Table, one: int, other: int, product: int) -> Table:
    centred: Table = sums[:, product] - sums[:, one] * sums[:, other] / sums[:, 0]
    return centred
