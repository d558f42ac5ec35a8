"""Variants of a plan: each against the holdout and against each other, with many comparisons paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from analytics.queries.lift.arms import Arm
from analytics.queries.lift.spend import LEVEL, Lift, measure


@dataclass(frozen=True)
class Comparison:
    """One variant against another arm; `p` is corrected for all comparisons, None where nothing can be said.

    The intervals within `lift` are those of this comparison alone.
    """

    variant: str
    against: str
    lift: Lift
    p: float | None

    @property
    def differs(self) -> bool:
        """Whether the two differ beyond chance, all comparisons considered."""
        return self.p is not None and self.p < 1 - LEVEL


def compare(arms: Mapping[str, Arm], *, holdout: str) -> list[Comparison]:
    """Compare every variant with the holdout, then the variants with each other, in the order of `arms`."""
    variants = [name for name in arms if name != holdout]
    pairs = [*((name, holdout) for name in variants), *combinations(variants, 2)]
    lifts = [measure(arms[one], arms[other]) for one, other in pairs]
    found = [lift.adjusted.p if lift.adjusted else None for lift in lifts]
    corrected = iter(holm([p for p in found if p is not None]))
    return [
        Comparison(one, other, lift, None if p is None else next(corrected))
        for (one, other), lift, p in zip(pairs, lifts, found, strict=True)
    ]


def holm(values: Sequence[float]) -> list[float]:
    """Correct several p by Holm's step-down method (1979), given and returned in the same order."""
    corrected, so_far = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        so_far = max(so_far, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = so_far
    return corrected
