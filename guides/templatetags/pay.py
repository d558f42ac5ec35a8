"""How rates, factors and amounts of pay are written."""

from decimal import Decimal

from django import template

from newretail.kernel import numbers
from newretail.kernel.templatetags.people import money

register = template.Library()


@register.filter
def rate(basis_points: int) -> str:
    """Write basis points as a percentage: 432 → "4.32%"."""
    return numbers.percent(Decimal(basis_points) / 10_000, 2)


@register.filter
def factor(basis_points: int) -> str:
    """Write basis points as a factor: 15000 → "× 1.5"."""
    return f"× {(Decimal(basis_points) / 10_000).normalize():f}"


@register.filter
def signed(cents: int) -> str:
    """Write an amount with its sign: 320 → "+¥3.20"."""
    return f"+{money(cents)}" if cents > 0 else money(cents)
