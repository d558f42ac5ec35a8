"""What the values of settings that are more than a number may hold: rising lists, days, spans of a day."""

import re
from datetime import date
from typing import Any

from newretail.kernel.money import MAX_CENTS

CUTS_EACH = 4
MOST_MONTHS = 120
CUTS = ("last_day", "frequency", "monetary")
SPAN = re.compile(r"(\S{1,12}) ((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])", re.ASCII)
MOST_SPANS = 8
TAKEN = frozenset({"休", "off", "-"})  # what a roster says without a shift


def _rising(values: Any, kind: type) -> bool:
    return isinstance(values, list) and all(type(v) is kind for v in values) and values == sorted(values)


def _are_numbers(values: Any) -> bool:
    return _rising(values, int) and all(0 <= value <= MAX_CENTS for value in values)


def is_months(value: Any) -> bool:
    """Tell whether a value is four rising numbers of months."""
    return (
        _rising(value, int) and len(set(value)) == len(value) == CUTS_EACH and 0 < value[0] <= value[-1] <= MOST_MONTHS
    )


def _is_days(values: Any) -> bool:
    try:
        return _rising(values, str) and [date.fromisoformat(v).isoformat() for v in values] == values
    except ValueError:
        return False


def is_cuts(value: Any) -> bool:
    """Tell whether a value gives four cuts for each of the lines it names, or is none."""
    if value is None:
        return True
    if not isinstance(value, dict) or not value or set(value) - set(CUTS):
        return False
    return all(
        isinstance(cuts, list)
        and len(cuts) == CUTS_EACH
        and (_is_days(cuts) if name == "last_day" else _are_numbers(cuts))
        for name, cuts in value.items()
    )


def span_of(text: str) -> tuple[str, str, str]:
    """Read a span of the day: its name, when it begins, when it ends; nothing where it is none."""
    found = SPAN.fullmatch(text)
    return (found[1], found[2], found[3]) if found and found[2] != found[3] else ("", "", "")


def are_spans(values: Any) -> bool:
    """Tell whether values are spans of the day, each with a name of its own."""
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_SPANS:
        return False
    names = [span_of(value)[0] if isinstance(value, str) else "" for value in values]
    return all(names) and len(set(names)) == len(names) and not TAKEN & set(names)


def are_two_spans(values: Any) -> bool:
    """Tell whether values are two spans of one day, one after the other."""
    if not are_spans(values) or len(values) != 2:
        return False
    times = [time for value in values for time in span_of(value)[1:]]
    return times == sorted(times)
