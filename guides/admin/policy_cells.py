"""What people write in the cells of policies: percentages, yuan, whole numbers; what is none stays as it is."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from newretail.kernel import money

BP_OF_PERCENT = 100
PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?) ?%?", re.ASCII)
LONGEST_NUMBER = 9
LONGEST_CELL = 200


def text(value: object) -> str:
    """Read a cell as it was sent."""
    return str(value).strip()[:LONGEST_CELL]


def percent(bp: int) -> str:
    """Write basis points as a percentage, without a tail of zeros: 250 → "2.5"."""
    whole, rest = divmod(bp, BP_OF_PERCENT)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def basis_points(cell: str) -> Any:
    """Read a percentage with at most two decimals."""
    found = PERCENT.fullmatch(cell)
    return int(Decimal(found[1]) * BP_OF_PERCENT) if found else cell


def cents(cell: str) -> Any:
    """Read yuan."""
    try:
        return money.to_cents(cell.replace(",", "").replace("，", ""))
    except money.NotMoney:
        return cell


def whole(cell: str) -> Any:
    """Read a whole number."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) <= LONGEST_NUMBER else cell


WRITE: dict[Callable[[str], Any], Callable[[int], str]] = {basis_points: percent, cents: money.to_yuan, whole: str}
