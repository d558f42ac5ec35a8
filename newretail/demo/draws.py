"""Stable random draws: each is a pure function of its name and its key, so two runs agree."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _scatter(keys: npt.ArrayLike, name: str) -> npt.NDArray[np.uint64]:
    """Hash whole numbers to 64 bits (splitmix64 finaliser; Steele, Lea, Flood 2014)."""
    salt = np.frombuffer(hashlib.blake2b(name.encode(), digest_size=8).digest(), "<u8")[0]
    with np.errstate(over="ignore"):
        mixed = np.atleast_1d(np.asarray(keys)).astype(np.int64).view(np.uint64) * _STEP + salt
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


def unit(keys: npt.ArrayLike, name: str) -> Floats:
    """Draw one number in [0, 1) per key."""
    return (_scatter(keys, name) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def whole(keys: npt.ArrayLike, name: str, below: npt.ArrayLike) -> Ints:
    """Draw one whole number in [0, below) per key; `below` may differ from key to key."""
    return np.floor(unit(keys, name) * np.asarray(below)).astype(np.int64)


def between(keys: npt.ArrayLike, name: str, low: npt.ArrayLike, high: npt.ArrayLike) -> Ints:
    """Draw one whole number in [low, high) per key."""
    low = np.asarray(low)
    return low + whole(keys, name, np.asarray(high) - low)


def pick(
    keys: npt.ArrayLike, name: str, table: Sequence[Any], weights: Sequence[float] | None = None
) -> npt.NDArray[Any]:
    """Draw one entry of the table per key, evenly or by weight."""
    entries = np.empty(len(table), dtype=object)
    entries[:] = table
    shares = np.cumsum(np.ones(len(table)) if weights is None else np.asarray(weights, float))
    return entries[np.searchsorted(shares / shares[-1], unit(keys, name), side="right")]


def pair(first: npt.ArrayLike, second: npt.ArrayLike) -> Ints:
    """Join two keys into one, so that a draw may depend on both."""
    return _scatter(first, "pair").view(np.int64) ^ np.asarray(second).astype(np.int64)


def ranks(keys: npt.ArrayLike, name: str) -> Floats:
    """Spread the keys evenly over [0, 1) in a drawn order, so that no stretch stays empty."""
    order = np.argsort(np.argsort(_scatter(keys, name), kind="stable"), kind="stable")
    return (order + 0.5) / max(len(order), 1)
