"""Posts messages to a gateway, signed by Standard Webhooks; what nobody answered is asked about by our number."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from campaigns.channels import letters
from campaigns.channels.gateway import limits, receipts, render
from campaigns.channels.letters import Connection, Letter
from members.actions.touches import Settlement
from newretail.kernel.webhooks import calls, places, signatures

REFUSALS = range(400, 500)


class _Open:
    def __init__(self, connection: Connection, wire: calls.Wire) -> None:
        self.connection, self.wire, self.url = connection, wire, str(connection.terms["url"]).rstrip("/")

    def send(self, messages: Sequence[Letter], at: datetime) -> Iterator[Settlement]:
        """Post messages one by one."""
        return (self._sent(letter, at) for letter in messages)

    def _sent(self, letter: Letter, at: datetime) -> Settlement:
        """Post one message: taken is sent unless its answer says otherwise, a 4xx refused, all else unknown."""
        body = render.message(letter)
        signed = signatures.headers((self.connection.secret,), str(letter.ref), at, body)
        outcome = self.wire.post(self.url, signed, body)
        if outcome.arrived:
            told = receipts.settlement(letter.ref, outcome.answer, self.connection.cost_cents)
            return told or letters.sent(letter, self.connection.cost_cents)
        return receipts.of_refusal(letter.ref) if outcome.status in REFUSALS else letters.unknown(letter.ref)

    def ask(self, refs: Sequence[uuid.UUID], at: datetime) -> Iterator[Settlement]:
        """Ask for each message at the address of the gateway followed by our number."""
        for ref in refs:
            try:
                answer = self.wire.get(f"{self.url}/{ref}", limits.LONGEST_ANSWER).decode("utf-8", "replace")
            except calls.NoAnswer:
                continue
            if told := receipts.settlement(ref, answer, self.connection.cost_cents):
                yield told


class Gateway:
    """A gateway that speaks our plain HTTP; `wire` is how it is reached, a test gives another."""

    BATCH = limits.BATCH

    def __init__(self, wire: calls.Wire = calls.WIRE) -> None:
        self.wire = wire

    @contextmanager
    def open(self, connection: Connection) -> Iterator[letters.Wire]:
        """Each message is a call of its own: there is nothing to open."""
        yield _Open(connection, self.wire)

    def missing(self, terms: dict[str, Any]) -> list[str]:
        """Name what is missing: a public https address."""
        try:
            self.wire.check(str(terms.get("url", "")))
        except places.BadPlace:
            return ["url"]
        return []
