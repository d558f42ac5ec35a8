"""An arm of a plan by its sums, which are all that lift needs: at a million members one GROUP BY."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Amounts = Sequence[int] | npt.NDArray[np.int64]
# The sums of an arm in the order of `Arm`, of a row per member with `spend` and `before` in cents. GROUP BY arm gives
# the arms; GROUP BY arm and a bucket drawn by number (`drawing.bucket_sql`) gives what the bootstrap draws from too.
SUMS = (
    "count(*), coalesce(sum(spend), 0), coalesce(sum(before), 0), coalesce(sum(spend::numeric * spend), 0),"
    " coalesce(sum(before::numeric * before), 0), coalesce(sum(spend::numeric * before), 0)"
)
LARGEST = 2**62  # the sum that fits an int64 beyond doubt


@dataclass(frozen=True)
class Arm:
    """Sufficient statistics of one arm: members n, Σy, Σx, Σy², Σx², Σxy.

    y is what a member spent within the goal window and x what she spent before it, both in whole cents, who spent
    nothing counted as 0. Whole numbers keep the differences of large squares exact.
    """

    n: int
    spend: int
    before: int
    spend_squared: int
    before_squared: int
    product: int

    @classmethod
    def of_row(cls, row: Iterable[Any]) -> Self:
        """Read the six columns of `SUMS`."""
        return cls(*(int(value) for value in row))

    @classmethod
    def of(cls, spend: Amounts, before: Amounts) -> Self:
        """Sum two columns in cents, one row per member, in the same order."""
        y, x = np.asarray(spend, dtype=np.int64), np.asarray(before, dtype=np.int64)
        if y.shape != x.shape or y.ndim != 1:
            raise ValueError("spend and before are two columns of one length")
        return cls(len(y), _sum(y), _sum(x), _dot(y, y), _dot(x, x), _dot(y, x))

    def __add__(self, other: Self) -> Self:
        """Put two groups of people together."""
        return type(self)(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def mean(self) -> float:
        """Spend per member, cents; an empty arm has none."""
        return self.spend / self.n

    @property
    def mean_before(self) -> float:
        """Spend per member before the window, cents."""
        return self.before / self.n

    @property
    def squares(self) -> float:
        """Σ(y − ȳ)², cents²."""
        return (self.n * self.spend_squared - self.spend**2) / self.n

    @property
    def squares_before(self) -> float:
        """Σ(x − x̄)², cents²."""
        return (self.n * self.before_squared - self.before**2) / self.n

    @property
    def products(self) -> float:
        """Σ(y − ȳ)(x − x̄), cents²."""
        return (self.n * self.product - self.spend * self.before) / self.n


def _sum(values: npt.NDArray[np.int64]) -> int:
    return _dot(values, np.ones_like(values))


def _dot(one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> int:
    """Sum the products of two columns exactly, whatever their size."""
    if not len(one):
        return 0
    if int(np.abs(one).max()) * int(np.abs(other).max()) * len(one) < LARGEST:
        return int(one @ other)
    return sum(a * b for a, b in zip(one.tolist(), other.tolist(), strict=True))
