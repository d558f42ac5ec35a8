"""One object of a request, read field by field; everything that is wrong with it is told at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newretail.kernel import money
from newretail.kernel.api import items
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.strict import Number

LONGEST = 64
MOST_DIGITS = 9


class Fields:
    """The fields of an object; a name that nobody knows is wrong, and what is no object is refused at once."""

    def __init__(self, given: Any, known: frozenset[str], within: str = "") -> None:
        self.faults: list[Fault] = []
        self.within = within
        self.given: Mapping[str, Any] = given if isinstance(given, dict) else {}
        if not isinstance(given, dict):
            raise Problem(422, "refused", items.REFUSED, faults=[Fault("not_an_item", within.rstrip("."))])
        for name in sorted(set(self.given) - known):
            self.wrong(name[:LONGEST], "unknown_field")

    def wrong(self, name: str, code: str) -> None:
        """Note what is wrong with a field."""
        self.faults.append(Fault(code, f"{self.within}{name}"))

    def text(self, name: str, *, most: int = LONGEST, required: bool = False) -> str:
        """Read a text in one line, without blanks around it; empty where it is left out."""
        value = self.given.get(name)
        if value is None or value == "":
            return self._none(name, required=required)
        if not isinstance(value, str) or isinstance(value, Number):
            code = "not_text"
        elif len(value) > most:
            code = "too_long"
        elif value != value.strip():
            code = "blanks_around"
        else:
            code = "" if value.isprintable() else "unprintable"
        if code:
            self.wrong(name, code)
        return "" if code else str(value)

    def written(self, name: str, *, most: int) -> str:
        """Read a text that is needed as it was written, with the blanks and signs that its own reader takes away."""
        value = self.given.get(name)
        if value is None or value == "":
            return self._none(name, required=True)
        if not isinstance(value, str) or isinstance(value, Number) or len(value) > most:
            self.wrong(name, "too_long" if isinstance(value, str) and len(value) > most else "not_text")
            return ""
        return str(value)

    def _none(self, name: str, *, required: bool) -> str:
        if required:
            self.wrong(name, "missing")
        return ""

    def moment(self, name: str) -> datetime | None:
        """Read a time with its offset, which is needed; None where it is wrong."""
        text = self.text(name, required=True)
        if not text:
            return None
        try:
            if not items.OFFSET.fullmatch(text):
                self.wrong(name, "no_offset")
                return None
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self.wrong(name, "not_moment")
            return None

    def cents(self, name: str, *, required: bool = False) -> int | None:
        """Read an amount, written as a text or a number; None where it is left out."""
        value = self.given.get(name)
        if value is None:
            if required:
                self.wrong(name, "missing")
            return None
        try:
            if not isinstance(value, str) or str(value) != str(value).strip():
                raise money.NotMoney(name)
            return money.to_cents(str(value))
        except money.NotMoney:
            self.wrong(name, "not_money")
            return None

    def whole(self, name: str, *, usual: int) -> int:
        """Read a whole number above zero; the usual one where it is left out."""
        value = self.given.get(name)
        if value is None:
            return usual
        plain = isinstance(value, Number) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS
        if not plain or int(value) < 1:
            self.wrong(name, "not_whole" if isinstance(value, Number) else "not_number")
            return usual
        return int(value)

    def flag(self, name: str) -> bool:
        """Read a yes or no; no where it is left out."""
        value = self.given.get(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(name, "not_flag")
        return value is True

    def judge(self) -> None:
        """Refuse the object for all that is wrong with it.

        Raises Problem: refused.
        """
        if self.faults:
            raise Problem(422, "refused", items.REFUSED, faults=self.faults)
