"""Lists by key: a page begins after the last name of the one before, so that each costs the same."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop

from newretail.kernel.api.problems import Fault, Problem

USUAL, MOST = 100, 500
BAD_CURSOR = gettext_noop("This cursor leads nowhere: begin again without one.")
BAD_LIMIT = gettext_noop("A page holds between 1 and 500 items.")


def refused(field: str, code: str, sentence: str) -> Problem:
    """Make the answer to a parameter that means nothing."""
    return Problem(400, code, sentence, faults=[Fault(code, field, sentence=sentence)])


def limit_of(text: str | None) -> int:
    """Read how many items a page shall hold."""
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST):
        raise refused("limit", "bad_limit", BAD_LIMIT)
    return int(text)


def cursor(values: Sequence[Any]) -> str:
    """Write the place behind an item."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def place(text: str, size: int) -> list[str]:
    """Read a place: the texts of its key."""
    try:
        read = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise refused("after", "bad_cursor", BAD_CURSOR) from None
    fits = isinstance(read, list) and len(read) == size and all(isinstance(each, str) for each in read)
    if not fits or any("\0" in each or len(each) > 200 for each in read):
        raise refused("after", "bad_cursor", BAD_CURSOR)
    return list(read)


def beyond(key: Sequence[str], values: Sequence[str]) -> Q:
    """Write "behind this place in the order of the key"."""
    found = Q()
    for i, name in enumerate(key):
        found |= Q(**dict(zip(key[:i], values[:i], strict=True)), **{f"{name}__gt": values[i]})
    return Q(**{f"{key[0]}__gte": values[0]}) & found


def _at(row: Any, path: str) -> Any:
    """Follow a path of the key from a row."""
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def page(rows: QuerySet[Any], key: Sequence[str], after: str, limit: int) -> tuple[list[Model], str | None]:
    """Fetch a page in the order of the key, and the cursor of the next; None at the end."""
    if after:
        try:
            rows = rows.filter(beyond(key, place(after, len(key))))
        except (ValueError, ValidationError):  # a text where the key has a number or a time
            raise refused("after", "bad_cursor", BAD_CURSOR) from None
    found = list(rows.order_by(*key)[: limit + 1])
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return found[:limit], cursor([str(_at(last, name)) for name in key]) if last else None
