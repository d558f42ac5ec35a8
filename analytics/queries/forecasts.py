"""Where a sum of days is going: the run rate by weight, with the interval its own days allow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

HISTORY_DAYS = 56  # the days whose errors make the interval
RATE_DAYS = 28  # the days whose level is carried on
LEAST_DAYS = 14
LEVEL = 80  # percent: eight months in ten end within
Z = 1.2816  # of the normal distribution, for 80 percent
MOST_CARRIED = 0.6  # the most that one day's error is taken to tell of the next
Table = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """What a month will have brought at its end, and the bounds within which eight months in ten end."""

    amount: int
    low: int
    high: int


def forecast(days: Table, weights: Table, ahead: Table, so_far: Table) -> list[Forecast | None]:
    """Forecast where many places end, from their days so far, all at once.

    Rows are places; columns of `days` and `weights` are the days before, of `ahead` the weights of those to come. None
    where fewer than 14 days are known or nothing was ever sold.

    The level r is Σ amounts / Σ weights of the last 28 days; the month ends at so far + r · Σ weights to come. A day's
    error grows with the root of its weight (as counts do): φ = Σ (x − r w)² / w / (n − 1) over 56 days, times
    (1 + ρ) / (1 − ρ) where errors carry over from day to day. Variance of what is to come: φ · W + W² · φ / Σ w of
    the level; the interval is ± 1.2816 standard deviations, never below what is there already.
    """
    known = weights > 0
    recent = known & (np.arange(days.shape[1]) >= days.shape[1] - RATE_DAYS)
    behind = np.where(recent, weights, 0).sum(axis=1)
    level = np.where(recent, days, 0).sum(axis=1) / np.maximum(behind, 1e-9)
    errors = np.where(known, days - level[:, None] * weights, 0) / np.sqrt(np.where(known, weights, 1))
    count = known.sum(axis=1)
    spread = (errors**2).sum(axis=1) / np.maximum(count - 1, 1) * _carried(errors)
    total = ahead.sum(axis=1)
    deviation = Z * np.sqrt(spread * (total + total**2 / np.maximum(behind, 1e-9)))
    point = so_far + level * total
    told = (count >= LEAST_DAYS) & (behind > 0) & (days.sum(axis=1) > 0)
    return [
        Forecast(round(mid), round(max(mid - off, floor)), round(mid + off)) if tell else None
        for mid, off, floor, tell in zip(*_lists(point, deviation, so_far, told), strict=True)
    ]


def _lists(*arrays: npt.NDArray[Any]) -> list[list[Any]]:
    return [array.tolist() for array in arrays]


def _carried(errors: Table) -> Table:
    """Tell by how much errors that carry over from day to day widen the sum of many days."""
    square = np.maximum((errors**2).sum(axis=1), 1e-9)
    rho = np.clip((errors[:, 1:] * errors[:, :-1]).sum(axis=1) / square, 0, MOST_CARRIED)
    widened: Table = (1 + rho) / (1 - rho)
    return widened
