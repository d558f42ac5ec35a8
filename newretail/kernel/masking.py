"""How personal data is shown: the one place that shortens names and hides phones, by who reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from newretail.kernel import numbers, scopes
from newretail.kernel.files import phones

HIDDEN = "****"


def shortened(name: str) -> str:
    """Shorten a name to its first character, whatever its length: 王小美 → 王**."""
    return f"{name.strip()[:1]}**" if name.strip() else ""


@dataclass(frozen=True)
class Reader:
    """Somebody who reads: she sees people as persons, or members as numbers with shortened names, staff by number."""

    sees_people: bool = False
    pk: int | None = None

    def name(self, name: str) -> str:
        """Show a name whole, or shortened."""
        return name if self.sees_people else shortened(name)

    def called(self, member: Any) -> str:
        """Call a member by name, by number where she has none."""
        return self.name(member.name) or str(member.member_no)

    def staff(self, name: str, number: str, pk: int | None = None) -> str:
        """Call somebody of the staff by name, by number where names are not to be seen; oneself always by name."""
        return (name if self.sees_people or (pk is not None and pk == self.pk) else "") or number or HIDDEN

    def phone(self, phone: str) -> str:
        """Show a phone with its middle hidden, or nothing of it; whole it is shown by a reveal alone."""
        return phones.masked(phone) if self.sees_people else HIDDEN if phone else ""

    def value(self, value: str) -> str:
        """Show a number by which somebody is recognised with its middle hidden, or nothing of it."""
        if not self.sees_people:
            return HIDDEN
        return f"{value[:3]}****{value[-2:]}" if len(value) > 6 else f"{value[:1]}****"

    def words(self, words: str) -> str:
        """Show what a person said, or that she said something."""
        return words if self.sees_people or not words else HIDDEN

    def birthday(self, member: Any) -> str:
        """Write a birthday with its calendar; for whom members are no persons it is not there."""
        if not self.sees_people or not member.birth_month:
            return numbers.DASH
        year = f"{member.birth_year}-" if member.birth_year else ""
        return f"{year}{member.birth_month:02}-{member.birth_day:02} ({member.get_birthday_calendar_display()})"


NOBODY = Reader()
_EYES: ContextVar[Reader] = ContextVar("eyes", default=NOBODY)


def reader(user: Any) -> Reader:
    """Give the eyes of a person, from the table of rights."""
    return Reader(sees_people=scopes.sees_people(user), pk=getattr(user, "pk", None))


def eyes() -> Reader:
    """Tell whose eyes what is written here stands before; where nobody was named, no person is shown."""
    return _EYES.get()


@contextmanager
def before(reader: Reader) -> Iterator[None]:
    """Put what is written here before somebody's eyes."""
    token = _EYES.set(reader)
    try:
        yield
    finally:
        _EYES.reset(token)
