"""What the address line asks for: known parameters, once each; fields to be told, since when, of whom."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_noop
from rest_framework import serializers

from newretail.kernel.api.paging import refused
from newretail.kernel.models import JournalEntry

SPARSE = frozenset({"fields"})
PAGED = SPARSE | {"after", "limit", "updated_since"}
LONGEST = 200
OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)
UNKNOWN = gettext_noop("There is no such parameter here, or it stands twice.")
BAD_FIELDS = gettext_noop("There is no such field; name fields as the answer does, parted by commas.")
BAD_SINCE = gettext_noop("Write a time with its offset, such as 2026-06-10T02:00:00Z.")
BAD_DAY = gettext_noop("Write a day such as 2026-06-10.")
BAD_VALUE = gettext_noop("This parameter holds no value that could be one.")
Since = Callable[[int], Q]


def judge(query: QueryDict, known: frozenset[str]) -> None:
    """Refuse parameters that are not known here, that stand twice, or hold what no name holds.

    Raises Problem: unknown_parameter, bad_parameter.
    """
    for name, values in query.lists():
        if name not in known or len(values) > 1:
            raise refused(name[:64], "unknown_parameter", UNKNOWN)
        if "\0" in values[0] or not values[0].isprintable():
            raise refused(name[:64], "bad_parameter", BAD_VALUE)


def sparse(query: QueryDict, out: type[serializers.Serializer[Any]]) -> Callable[..., serializers.BaseSerializer[Any]]:
    """Give the description of a row with those fields alone that were asked for.

    Raises Problem: bad_fields.
    """
    wanted = query.get("fields")
    if wanted is None:
        return out
    names = wanted.split(",")
    known = set(out._declared_fields)
    if not set(names) <= known:
        raise refused("fields", "bad_fields", BAD_FIELDS)
    left_out = dict.fromkeys(known.difference(names))
    return type(out.__name__, (out,), left_out)


def written_since(entry_id: int) -> Q:
    """Narrow to the rows last written by this journal line or a later one."""
    return Q(entry_id__gte=entry_id)


def since(query: QueryDict, rows: QuerySet[Any], written: Since) -> QuerySet[Any]:
    """Narrow to rows written at a time or later, by the time of the journal line that each row carries.

    Raises Problem: bad_since.
    """
    text = query.get("updated_since")
    if text is None:
        return rows
    try:
        moment = datetime.fromisoformat(text) if OFFSET.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise refused("updated_since", "bad_since", BAD_SINCE)
    first = JournalEntry.objects.filter(written_at__gte=moment).aggregate(first=Min("id"))["first"]
    return rows.none() if first is None else rows.filter(written(first))


Narrowing = Mapping[str, str | Callable[[str], Q]]


def narrow(query: QueryDict, rows: QuerySet[Any], paths: Narrowing) -> QuerySet[Any]:
    """Narrow to the rows of what is named, where it is named.

    Raises Problem: bad_parameter.
    """
    for name, path in paths.items():
        text = query.get(name)
        if text is not None and not 0 < len(text) <= LONGEST:
            raise refused(name, "bad_parameter", BAD_VALUE)
        if text is not None:
            rows = rows.filter(Q(**{path: text}) if isinstance(path, str) else path(text))
    return rows


def days(path: str, begins: Callable[[date], Any] = lambda day: day) -> dict[str, Callable[[str], Q]]:
    """Narrow by the days `from` and `to`, both included; `begins` tells when a day begins where the path holds times.

    Asked, they raise Problem: bad_day.
    """
    return {
        "from": lambda text: Q(**{f"{path}__gte": begins(_day("from", text))}),
        "to": lambda text: Q(**{f"{path}__lt": begins(_day("to", text) + timedelta(days=1))}),
    }


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise refused(name, "bad_day", BAD_DAY)
    return found
