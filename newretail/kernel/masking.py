"""How a member's personal data is shown: the one place that shortens names and hides phones, by who reads."""

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
    """Somebody who reads: she sees members as persons, or as numbers with shortened names."""

    sees_people: bool = False

    def name(self, name: str) -> str:
        """Show a name whole, or shortened."""
        return name if self.sees_people else shortened(name)

    def called(self, member: Any) -> str:
        """Call a member by name, by number where she has none."""
        return self.name(member.name) or str(member.member_no)

    def phone(self, phone: str) -> str:
        """Show a phone with its middle hidden, or nothing of it; whole it is shown by a reveal alone."""
        return phones.masked(phone) if self.sees_people else HIDDEN if phone else ""

    def value(self, value: str) -> str:
        """Show a number by which somebody is recognised with its middle hidden, or nothing of it."""
        if not self.sees_people:
            return HIDDEN
        return f"{value[:3]}****{value[-2:]}" if len(value) > 6 else f"{value[:1]}****"

    def birthday(self, member: Any) -> str:
        """Write a birthday with its calendar; for whom members are no persons it is not there."""
        if not self.sees_people or not member.birth_month:
            return numbers.DASH
        year = f"{member.birth_year}-" if member.birth_year else ""
        return f"{year}{member.birth_month:02}-{member.birth_day:02} ({member.get_birthday_calendar_display()})"


NOBODY = Reader()


def reader(user: Any) -> Reader:
    """Give the eyes of a person, from the table of rights."""
    return Reader(sees_people=scopes.sees_people(user))


def let_read(row: Any, eyes: Reader) -> Any:
    """Put a row before somebody's eyes; her columns ask `eyes_on`."""
    row.__dict__["_reader"] = eyes
    return row


def eyes_on(row: Any) -> Reader:
    """Tell whose eyes a row stands before; a row that nobody put anywhere shows no person."""
    found: Reader = row.__dict__.get("_reader", NOBODY)
    return found
