"""The sandbox takes everything and sends nothing."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from campaigns.channels import letters
from campaigns.channels.letters import Connection, Letter, Wire
from campaigns.channels.sandbox import limits
from members.actions.touches import Settlement


class _Box:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def send(self, messages: Sequence[Letter], at: datetime) -> Iterator[Settlement]:
        return (letters.sent(letter, self.connection.cost_cents) for letter in messages)

    def ask(self, refs: Sequence[uuid.UUID], at: datetime) -> Iterator[Settlement]:
        """Nothing left the house: what was not settled was not sent."""
        return (letters.failed(ref, "no_answer") for ref in refs)


class Sandbox:
    """Settles as sent whatever it is given."""

    BATCH = limits.BATCH

    @contextmanager
    def open(self, connection: Connection) -> Iterator[Wire]:
        """Open the box."""
        yield _Box(connection)

    def missing(self, terms: dict[str, Any]) -> list[str]:
        """Name nothing: the sandbox needs nothing."""
        return []
