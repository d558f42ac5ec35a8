"""A list as a CSV file: the same filters, the same sight, masked, safe to open, written down in the journal."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from newretail.kernel import clock, masking
from newretail.kernel.files.importing import formula_safe
from newretail.kernel.verbadmin import paging

CHUNK = 2000


@dataclass(frozen=True)
class Column:
    """A column of an exported file: its header, and how a row fills it."""

    header: Any
    cell: Callable[[Any], object]


class _Echo:
    """Gives each written line back instead of keeping it."""

    def write(self, line: str) -> str:
        """Give the line back."""
        return line


def chunks(queryset: QuerySet[Any], key: tuple[str, ...]) -> Iterator[list[Any]]:
    """Read a list in the order of its key, a chunk at a time, whatever its size."""
    place = ""
    while True:
        rows = queryset
        if place:
            rows = rows.filter(paging.beyond(queryset.model, key, place, forward=True))
        found = list(rows[:CHUNK])
        if found:
            yield found
        if len(found) < CHUNK:
            return
        place = paging.token(found[-1], key)


def _text(value: object) -> str:
    return formula_safe("" if value is None else str(value))


def lines(
    queryset: QuerySet[Any], key: tuple[str, ...], columns: Sequence[Column], eyes: masking.Reader = masking.NOBODY
) -> Iterator[str]:
    """Write the file line by line for somebody's eyes, a byte order mark first, so that Excel reads it as UTF-8.

    The body is read after the middleware has left: brand, language and zone are held on to here.
    """
    brand, language, zone = connection.tenant, translation.get_language(), clock.brand_zone()  # type: ignore[attr-defined]
    out = csv.writer(_Echo())
    reading = chunks(queryset, key)
    with translation.override(language):
        yield "\ufeff" + out.writerow([_text(column.header) for column in columns])
    while True:
        with brand, translation.override(language), timezone.override(zone):
            rows = next(reading, None)
            if rows is None:
                return
            shown = (masking.let_read(row, eyes) for row in rows)
            text = "".join(out.writerow([_text(c.cell(row)) for c in columns]) for row in shown)
        yield text


def answer(
    queryset: QuerySet[Any],
    key: tuple[str, ...],
    columns: Sequence[Column],
    file_name: str,
    eyes: masking.Reader = masking.NOBODY,
) -> StreamingHttpResponse:
    """Stream a list as a file."""
    return StreamingHttpResponse(
        lines(queryset, key, columns, eyes),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "Cache-Control": "no-store",
        },
    )
