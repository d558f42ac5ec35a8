"""Numbers for people: 1,234.5, and long ones cut to 万 and 亿 in Chinese, to K and M in English."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from django.utils import translation

STEPS: dict[str, tuple[tuple[int, str], ...]] = {
    "zh": ((10**8, "亿"), (10**4, "万")),
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "K")),
}
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "JPY": "¥"}
SHORT_FROM = 10_000
DASH = "—"
Number = int | float | Decimal


def _rounded(value: Number, decimals: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def grouped(value: Number | None, decimals: int = 0) -> str:
    """Write a number with separators of thousands: 1234.5 → "1,234.5" with one decimal."""
    return DASH if value is None else f"{_rounded(value, decimals):,f}"


def short(value: Number | None) -> str:
    """Write a long number short in the language at work: 6384000 → "638.4 万" or "6.4M"; small ones in full."""
    if value is None:
        return DASH
    whole = Decimal(str(value))
    if abs(whole) < SHORT_FROM:
        return grouped(whole)
    chinese = (translation.get_language() or "zh").startswith("zh")
    for step, sign in STEPS["zh" if chinese else "en"]:
        if abs(whole) >= step:
            cut = grouped(whole / step, 1)
            return f"{cut} {sign}" if chinese else f"{cut}{sign}"
    return grouped(whole)


def _amount(cents: int, currency: str, write: Callable[[Decimal], str]) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{write(Decimal(abs(cents)) / 100)}"


def money(cents: int | None, currency: str = "CNY") -> str:
    """Write an amount in full: 123450 → "¥1,234.50"."""
    return DASH if cents is None else _amount(cents, currency, lambda whole: grouped(whole, 2))


def money_short(cents: int | None, currency: str = "CNY") -> str:
    """Write an amount for a headline: 638400000 → "¥638.4 万"; below ten thousand without decimals."""
    return DASH if cents is None else _amount(cents, currency, short)


def percent(part: Number | None, decimals: int = 1) -> str:
    """Write a share as a percentage: 0.382 → "38.2%"."""
    return DASH if part is None else f"{grouped(Decimal(str(part)) * 100, decimals)}%"
