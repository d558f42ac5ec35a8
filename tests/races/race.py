"""Many at once: each on a thread and a database connection of its own, let go together."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

PROVE = os.environ.get("NEWRETAIL_PROVE") == "1"
RACERS, ROUNDS = (64, 50) if PROVE else (8, 2)
PATIENCE = 60  # seconds until a race counts as stuck


def race(brand: Any, count: int, act: Callable[[int], Any]) -> list[Any]:
    """Let `count` of them act at the same moment inside a brand; give what each returned, or the error it met."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            with brand:
                barrier.wait(timeout=PATIENCE)
                return act(number)
        except Exception as error:  # noqa: BLE001 - the test judges what went wrong
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def each(brand: Any, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Let different acts happen at the same moment; give what each returned, or the error it met."""
    return race(brand, len(acts), lambda number: acts[number]())


def errors(found: Sequence[Any]) -> list[Any]:
    """Pick the errors out of what a race gave."""
    return [each for each in found if isinstance(each, Exception)]


@dataclass
class Beside:
    """An act on a connection of its own, begun while this one is in the middle of something."""

    brand: Any
    act: Callable[[], Any]
    given: list[Any] = field(default_factory=list)
    thread: threading.Thread | None = None

    def start(self, seconds: float = 1) -> "Beside":
        """Begin, and wait for the end for a while: the act may have to wait for us."""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.thread.join(seconds)
        return self

    def _run(self) -> None:
        try:
            with self.brand:
                self.given.append(self.act())
        except Exception as error:  # noqa: BLE001 - the test judges what went wrong
            self.given.append(error)
        finally:
            connection.close()

    @property
    def answer(self) -> Any:
        """Wait for the end; give what the act returned, or the error it met."""
        assert self.thread is not None
        self.thread.join(PATIENCE)
        return self.given[0]


class Once:
    """Do something in the middle of something else, the first time that point is reached."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act
        self.lock = threading.Lock()

    def __call__(self) -> None:
        """Act, unless it was done."""
        if self.lock.acquire(blocking=False):
            self.act()
