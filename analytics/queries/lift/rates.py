"""Conversion: which share of each arm did what the plan wished, and how far the shares differ."""

from dataclasses import dataclass
from math import sqrt

from analytics.queries.lift.distributions import NORMAL
from analytics.queries.lift.reasons import Reason
from analytics.queries.lift.spend import LEVEL

Z = NORMAL.inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1; `low` and `high` bound `difference` at 95 %, `relative` is it as a share of the base.

    Where `reason` is given nothing can be said; `relative` alone is None where nobody held out converted.
    """

    treated: float | None = None
    held_out: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    reason: Reason | None = None


def compare(*, converted: int, treated: int, converted_anyway: int, held_out: int) -> Rates:
    """Compare conversions: so many of the treated, so many of those held out.

    The interval is Newcombe's (1998, method 10): Wilson's intervals of the two shares, squared and added. It holds for
    shares of 0 and 1 too.
    """
    _counted(converted, treated)
    _counted(converted_anyway, held_out)
    if not treated or not held_out:
        return Rates(reason=Reason.EMPTY)
    share, base = converted / treated, converted_anyway / held_out
    low, high = wilson(converted, treated)
    base_low, base_high = wilson(converted_anyway, held_out)
    difference = share - base
    return Rates(
        share, base, difference,
        low=difference - sqrt((share - low) ** 2 + (base_high - base) ** 2),
        high=difference + sqrt((high - share) ** 2 + (base - base_low) ** 2),
        relative=difference / base if base else None,
    )  # fmt: skip


def wilson(converted: int, members: int) -> tuple[float, float]:
    """Give the bounds of one share at 95 % (Wilson 1927)."""
    share, square = converted / members, Z**2 / members
    middle = share + square / 2
    off = Z * sqrt(share * (1 - share) / members + square / (4 * members))
    return max(0.0, (middle - off) / (1 + square)), min(1.0, (middle + off) / (1 + square))


def _counted(converted: int, members: int) -> None:
    if not 0 <= converted <= members:
        raise ValueError("converted members are some of the members")
