"""A brand's settings: their defaults, what each may hold, and the value in force."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from newretail.kernel.models import Setting
from newretail.kernel.money import MAX_CENTS

CUTS_EACH = 4
MOST_MONTHS = 120


def _rising(values: Any, kind: type) -> bool:
    return isinstance(values, list) and all(type(v) is kind for v in values) and values == sorted(values)


def _are_numbers(values: Any) -> bool:
    return _rising(values, int) and all(0 <= value <= MAX_CENTS for value in values)


def _is_months(value: Any) -> bool:
    return (
        _rising(value, int) and len(set(value)) == len(value) == CUTS_EACH and 0 < value[0] <= value[-1] <= MOST_MONTHS
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value < 100_000


def _is_cents_or_none(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MAX_CENTS)


def _is_days(values: Any) -> bool:
    try:
        return _rising(values, str) and [date.fromisoformat(v).isoformat() for v in values] == values
    except ValueError:
        return False


def _is_cuts(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not value or set(value) - {"last_day", "frequency", "monetary"}:
        return False
    return all(
        (_is_days(cuts) if name == "last_day" else _are_numbers(cuts)) and len(cuts) == CUTS_EACH
        for name, cuts in value.items()
    )


@dataclass(frozen=True)
class Declared:
    """A setting: its default, and what it may hold."""

    default: Any
    holds: Callable[[Any], bool]


# Money in integer cents, days and months whole, bounds half-open.
DECLARED: dict[str, Declared] = {
    # docs/glossary.md, lifecycle: wake, win-back, dormant, lost begin after so many completed calendar months
    "lifecycle_months": Declared([3, 6, 9, 12], _is_months),
    # one purchase within so many days makes a new customer, longer ago a one-timer
    "new_days": Declared(90, _is_count),
    # docs/glossary.md, super customer: at least so many purchases within a year …
    "super_orders": Declared(3, _is_count),
    # … and so much money; none: the 80th percentile of the base
    "super_cents": Declared(None, _is_cents_or_none),
    # {"last_day": [4 days], "frequency": [4 numbers], "monetary": [4 cents]}, each optional; none: quintiles
    "rfm_cuts": Declared(None, _is_cuts),
    # a core customer is kept when she buys again within so many days
    "core_days": Declared(90, _is_count),
    # a person is shown at most so many whole phones in a business day
    "phone_reveals_each_day": Declared(50, _is_count),
}


def setting(key: str) -> Any:
    """Give the value in force of a setting, its default when it was never set."""
    row = Setting.objects.filter(key=key).order_by("-id").first()
    return DECLARED[key].default if row is None else row.value
