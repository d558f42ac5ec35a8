"""Who may look: the kernel asks, a higher floor answers; until it has, nobody but administrators sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest


class Sees(Protocol):
    """How far a person sees."""

    @property
    def everything(self) -> bool:
        """Tell whether she sees the whole brand."""

    @property
    def nothing(self) -> bool:
        """Tell whether she sees no place at all."""


@dataclass(frozen=True)
class _Administrators:
    everything: bool

    @property
    def nothing(self) -> bool:
        return not self.everything


def _administrators_only(user: Any) -> Sees:
    return _Administrators(bool(user.is_active and getattr(user, "is_superuser", False)))


_ANSWER: dict[str, Callable[[Any], Sees]] = {"sight_of": _administrators_only}


def answer_with(sight_of: Callable[[Any], Sees]) -> None:
    """Let this question answer from now on; called once, by the floor that knows posts."""
    _ANSWER["sight_of"] = sight_of


def sight(user: Any) -> Sees:
    """Tell how far a person sees."""
    return _ANSWER["sight_of"](user)


def sees_places(request: HttpRequest) -> bool:
    """Tell whether the person asking sees any place; for the side bar."""
    return not sight(request.user).nothing


def sees_everything(request: HttpRequest) -> bool:
    """Tell whether the person asking sees the whole brand; for the side bar."""
    return sight(request.user).everything
