"""Terms of task rules: what each trigger may be narrowed by, read strictly."""

from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext_noop

from guides.models import Bond, TaskRule
from members.models.portraits import Stage
from newretail.kernel.verbs import Refused

Terms = dict[str, Any]
Read = Callable[[object], object]
LONGEST_LIST, LONGEST_NAME = 50, 120


class BadTerms(Refused):
    """The terms do not fit the trigger."""

    code = "bad_terms"
    sentence = gettext_noop("The term %(term)s does not fit a rule of this kind, or its value is out of range.")


def _number(low: int, high: int) -> Read:
    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return read


def _names(known: Collection[str] | None = None) -> Read:
    def read(value: object) -> object:
        if not isinstance(value, list) or not 0 < len(value) <= LONGEST_LIST:
            raise ValueError
        for each in value:
            if not isinstance(each, str) or not 0 < len(each) <= LONGEST_NAME or (known and each not in known):
                raise ValueError
        return sorted(set(value))

    return read


_Trigger = TaskRule.Trigger
# For each trigger its terms: how each is read, and what holds where it is left out (None: it must be given).
TERMS: dict[str, dict[str, tuple[Read, object]]] = {
    _Trigger.BOND_MADE: {"sources": (_names(Bond.Source.values), Bond.Source.values)},
    _Trigger.PURCHASE: {"categories": (_names(), []), "after": (_number(0, 60), 0)},
    _Trigger.QUIET: {"days": (_number(1, 365), 7), "within": (_number(1, 365), 30)},
    _Trigger.BIRTHDAY: {"days": (_number(0, 60), 7)},
    _Trigger.STAGE: {"stages": (_names(Stage.values), None)},
}


def read(trigger: str, given: object) -> Terms:
    """Read the terms of a rule: each known to its trigger and within its range, what is left out as it usually is.

    Refuses: BadTerms.
    """
    known = TERMS.get(trigger)
    if known is None or not isinstance(given, dict):
        raise BadTerms(term=trigger)
    if strange := sorted(set(given) - set(known)):
        raise BadTerms(term=strange[0])
    return {name: _one(name, given.get(name, usual), how, usual) for name, (how, usual) in known.items()}


def _one(name: str, value: object, how: Read, usual: object) -> object:
    if value == usual and usual is not None:
        return value
    try:
        return how(value)
    except ValueError as error:
        raise BadTerms(term=name) from error
