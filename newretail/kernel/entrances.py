"""Further ways to sign in, beside the password: offered by the floors that have them, shown while they stand open."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Entrance(NamedTuple):
    """What the page to sign in offers: in words, and where it leads."""

    title: Any
    url: str


_OFFERED: list[Callable[[], Entrance | None]] = []


def offer(question: Callable[[], Entrance | None]) -> None:
    """Let this question tell from now on whether a way stands open in the brand at work."""
    if question not in _OFFERED:
        _OFFERED.append(question)


def offered() -> list[Entrance]:
    """List the ways that stand open."""
    return [way for way in (question() for question in _OFFERED) if way]
