"""Hands messages to guides as tasks; what becomes of the tasks becomes of the messages."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from campaigns.channels import letters
from campaigns.channels.guide import limits, render
from campaigns.channels.letters import Connection, Letter, Wire
from guides.actions import plan_tasks
from guides.queries import planned
from members.actions.touches import Settlement


class _Hand:
    def __init__(self, terms: dict[str, Any]) -> None:
        self.kept = timedelta(days=int(terms.get("kept_days", limits.USUAL_DAYS)))
        self.a_day = int(terms.get("most_a_day", limits.USUAL_A_DAY))

    def send(self, messages: Sequence[Letter], at: datetime) -> Iterator[Settlement]:
        """Give the guides their tasks, all of them or none; whom her guide has no room for today is over the quota."""
        asked = [render.asked(letter) for letter in messages]
        given = plan_tasks.give(asked=asked, a_day=self.a_day, kept=self.kept, at=at)
        for letter in messages:
            yield letters.waiting(letter.ref) if letter.ref in given else letters.over_quota(letter.ref)

    def ask(self, refs: Sequence[uuid.UUID], at: datetime) -> Iterator[Settlement]:
        """Look for the tasks: where there is one it waits, where there is none nothing was said."""
        given = planned.given(refs)
        return (letters.waiting(ref) if ref in given else letters.failed(ref, "no_answer") for ref in refs)


class Guide:
    """The guide who serves a member."""

    BATCH = limits.BATCH

    @contextmanager
    def open(self, connection: Connection) -> Iterator[Wire]:
        """Nothing has to be opened: the guides are of the house."""
        yield _Hand(connection.terms)

    def missing(self, terms: dict[str, Any]) -> list[str]:
        """Name the terms that are wrong: kept_days, most_a_day."""
        most = {"kept_days": limits.MOST_DAYS, "most_a_day": limits.MOST_A_DAY}
        given = {name: str(terms[name]) for name in most if name in terms}
        return [
            name for name, text in given.items()
            if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most[name])
        ]  # fmt: skip
