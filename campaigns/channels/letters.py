"""What a carrier is given and what it answers: the interface that each of them keeps."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from members.actions.touches import Settlement
from members.models import Touch


@dataclass(frozen=True)
class Letter:
    """A message to one member: our own number of it, where it goes, what it says, what for.

    `title_template` and `template` are what it says with its places open, `facts` what fills them.
    """

    ref: uuid.UUID
    to: str
    title: str
    body: str
    purpose: str
    member_no: str
    title_template: str = ""
    template: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Connection:
    """How a carrier is reached: its terms, its secret unsealed, what a message costs (cents)."""

    terms: dict[str, Any] = field(default_factory=dict)
    secret: str = ""
    cost_cents: int = 0


class CannotConnect(Exception):
    """The carrier does not answer: nothing is claimed for it now. The message names why, never a secret."""


class Wire(Protocol):
    """An open way to a carrier."""

    def send(self, letters: Sequence[Letter], at: datetime) -> Iterator[Settlement]:
        """Send messages, each under our number; whatever happens to one is a settlement."""
        ...

    def ask(self, refs: Sequence[uuid.UUID], at: datetime) -> Iterator[Settlement]:
        """Ask what became of messages that nobody knows of; those that cannot be told are left out."""
        ...


class Client(Protocol):
    """One carrier."""

    BATCH: int  # so many are claimed at once: all of them are settled well within the lease

    def open(self, connection: Connection) -> AbstractContextManager[Wire]:
        """Open the way, before anything is claimed. Raises CannotConnect."""
        ...

    def missing(self, terms: dict[str, Any]) -> list[str]:
        """Name the terms that are missing or wrong."""
        ...


def sent(letter: Letter, cost_cents: int) -> Settlement:
    """Say that a message was taken."""
    return Settlement(letter.ref, Touch.State.SENT, cost_cents=cost_cents)


def waiting(ref: uuid.UUID) -> Settlement:
    """Say that an employee is to send a message."""
    return Settlement(ref, Touch.State.WAITING)


def over_quota(ref: uuid.UUID) -> Settlement:
    """Say that there was no room left for a message."""
    return Settlement(ref, Touch.State.OVER_QUOTA, Touch.Reason.QUOTA)


def failed(ref: uuid.UUID, reason: str) -> Settlement:
    """Say that a message surely did not go out."""
    return Settlement(ref, Touch.State.FAILED, reason)


def unknown(ref: uuid.UUID) -> Settlement:
    """Say that nobody knows whether a message went out."""
    return Settlement(ref, Touch.State.UNKNOWN, Touch.Reason.NO_ANSWER)
