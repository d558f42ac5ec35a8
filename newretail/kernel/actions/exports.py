"""Exports: who took which list out of the house, and how much of it."""

from datetime import datetime

from django.utils.translation import gettext_noop

from newretail.kernel.actions import journal
from newretail.kernel.models import JournalEntry, User
from newretail.kernel.verbs import Refused, verb

EXPORT_MOST_ROWS = 50_000


class TooManyRows(Refused):
    """The list is longer than one file may be."""

    code = "too_many_rows"
    sentence = gettext_noop("An export holds at most %(most)s rows; narrow the filters first.")


@verb
def take(
    *, noun: str, filters: list[str], rows: int, at: datetime, by: User | None, most: int | None = None
) -> JournalEntry:
    """Write down that a list is taken out: the noun, the names of the filters in force, how many rows.

    What was searched for is not kept: it may be a name or a phone. `most` bounds what a page may stream.
    Refuses: TooManyRows.
    Writes: kernel.export.taken.
    """
    bound = most or EXPORT_MOST_ROWS
    if rows > bound:
        raise TooManyRows(most=f"{bound:,}")
    return journal.write("kernel.export.taken", at=at, by=by, subject=f"export:{noun}", filters=filters, rows=rows)
