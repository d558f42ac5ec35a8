"""JSON as it is meant: one meaning for every body, or a refusal that says where it fails."""

import json
from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext_noop
from rest_framework.parsers import BaseParser

from newretail.kernel.api.problems import Problem

MOST_BYTES = 2_000_000
DEEPEST = 12
LONGEST_NUMBER = 40

# Each reason why a body cannot be read: its code, its sentence.
BODY_REASONS = {
    "too_large": gettext_noop("The body is larger than 2 000 000 bytes: send smaller batches."),
    "not_json": gettext_noop("The body is no JSON in UTF-8."),
    "too_deep": gettext_noop("The body is nested deeper than anything here has meaning."),
    "field_twice": gettext_noop("A name stands twice in one object of the body."),
    "bad_text": gettext_noop("A text of the body holds NUL, or half a character."),
    "bad_number": gettext_noop("The body holds a number that is none, or far too long."),
    "not_an_object": gettext_noop("The body must be a JSON object."),
}


class Number(str):
    """A number as it was written: what it means is judged by the field it is for, digit by digit."""

    __slots__ = ()


def unreadable(code: str) -> Problem:
    """Make the answer to a body that cannot be read."""
    return Problem(413 if code == "too_large" else 400, code, BODY_REASONS[code])


def _number(text: str) -> Number:
    if len(text) > LONGEST_NUMBER:
        raise unreadable("bad_number")
    return Number(text)


def _no_number(_text: str) -> Any:
    raise unreadable("bad_number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise unreadable("field_twice")
    return found


def _texts(value: Any) -> Iterator[str]:
    """Give every text of a body, names too."""
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > DEEPEST:
            raise unreadable("too_deep")
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from each
            waiting += [(inner, depth + 1) for inner in each.values()]
        elif isinstance(each, list):
            waiting += [(inner, depth + 1) for inner in each]


def read(body: bytes) -> Any:
    """Read a body; numbers come as `Number`, nothing is guessed.

    Raises Problem: too_large, not_json, too_deep, field_twice, bad_text, bad_number.
    """
    if len(body) > MOST_BYTES:
        raise unreadable("too_large")
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_int=_number, parse_float=_number,
            parse_constant=_no_number,
        )  # fmt: skip
    except RecursionError:
        raise unreadable("too_deep") from None
    except ValueError:
        raise unreadable("not_json") from None
    if any("\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text) for text in _texts(value)):
        raise unreadable("bad_text")
    return value


class StrictParser(BaseParser):
    """Reads the body of a request."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """Read an object."""
        value = read(stream.read(MOST_BYTES + 1))
        if not isinstance(value, dict):
            raise unreadable("not_an_object")
        return value
