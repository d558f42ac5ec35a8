"""Money: whole minor units inside, decimal strings at the doors, rounding and splitting here only."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

MAX_CENTS = 10**14  # a trillion yuan: beyond it a figure is a typing error
_YUAN = re.compile(r"\A([0-9]{1,12})(?:\.([0-9]{1,2}))?\Z", re.ASCII)


class NotMoney(ValueError):
    """The text is not a plain amount with at most two decimals."""


def to_cents(text: str) -> int:
    """Read yuan as written ("12", "12.5", "12.50") into cents; nothing negative, no signs or separators."""
    found = _YUAN.match(text.strip())
    if not found:
        raise NotMoney(text[:40])
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def to_yuan(cents: int) -> str:
    """Write cents as yuan with two decimals: 1234 → "12.34"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def share(cents: int, basis_points: int) -> int:
    """Take a rate in basis points of an amount, half a cent rounded away from zero."""
    exact = Decimal(cents) * basis_points / 10_000
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split(cents: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by whole weights so that the parts sum to it exactly (largest remainder).

    Equal remainders go to the earlier part. Σ weights must be > 0, each weight ≥ 0, cents ≥ 0.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0 or cents < 0:
        raise ValueError("split needs weights that sum to more than zero")
    parts = [cents * weight // total for weight in weights]
    left = cents - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(cents * weights[i] % total), i))
    for i in order[:left]:
        parts[i] += 1
    return parts
