"""A brand's settings: the value in force, what is proposed, and whether the brand trades already."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection

from newretail.kernel.declared import DECLARED
from newretail.kernel.models import Setting

# Filled by the floors that know: whether the brand trades; what they would set.
_TRADES: list[Callable[[], bool]] = []
_PROPOSED: dict[str, Callable[[], Any]] = {}
# What a page that only shows has read of the settings so far: nothing, or all of them.
_READ: ContextVar[dict[str, Any] | None] = ContextVar("read", default=None)


@contextmanager
def read_together() -> Iterator[None]:
    """Read the settings at most once while what is inside runs: it changes none, and asks for several."""
    token = _READ.set({})
    try:
        yield
    finally:
        _READ.reset(token)


def name() -> str:
    """Give the name of the brand at work."""
    return str(getattr(connection.tenant, "name", ""))  # type: ignore[attr-defined]


def setting(key: str) -> Any:
    """Give the value in force of a setting, its default when it was never set."""
    declared = DECLARED[key]
    if declared.of_tenant:
        return getattr(connection.tenant, declared.of_tenant, None) or declared.default  # type: ignore[attr-defined]
    if _READ.get() is not None:
        return in_force(key)[key]
    row = Setting.objects.filter(key=key).order_by("-id").first()
    return declared.default if row is None else row.value


def in_force(*keys: str) -> dict[str, Any]:
    """Give the values in force of several settings that a page shows together; one query."""
    read = _READ.get()
    if read is None:
        return _held(*keys)
    read.update(read or _held(*DECLARED))
    return {key: read[key] for key in keys}


def _held(*keys: str) -> dict[str, Any]:
    rows = Setting.objects.filter(key__in=keys).order_by("key", "-id").distinct("key")
    held = {row.key: row.value for row in rows}
    return {key: held.get(key, DECLARED[key].default) for key in keys}


def answer_whether_trading(question: Callable[[], bool]) -> None:
    """Let this question tell from now on whether the brand trades; called by the floors that hold trade."""
    _TRADES.append(question)


def is_trading() -> bool:
    """Tell whether members or orders are recorded: what past days rest on is fixed from then on."""
    return any(question() for question in _TRADES)


def answer_with_proposal(key: str, question: Callable[[], Any]) -> None:
    """Let this question propose a value for a setting; called by the floor that measures it."""
    _PROPOSED[key] = question


def proposed(key: str) -> Any:
    """Give the value that is proposed for a setting, None without one."""
    return _PROPOSED[key]() if key in _PROPOSED else None
