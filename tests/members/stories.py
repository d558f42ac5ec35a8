"""Lives made of deeds, done in the books and on paper, each in a savepoint of its own; and ledgers broken on purpose."""

import os
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from newretail.kernel.verbs import Refused

PROVE = os.environ.get("NEWRETAIL_PROVE") == "1"
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
Deed = tuple[Any, ...]
Mutant = tuple[Any, str, str, str]  # where a statement stands, its name, a part of it, what takes its place


class Life(Protocol):
    """Whoever does deeds by their names, and says in the end whether books and paper agree."""

    def agree(self) -> None:
        """Fail where they do not."""


class Tried:
    """A model of what may be done."""

    def tried(self, act: Callable[[], Any], allowed: bool) -> Any:
        """Do it, and give what came of it, None where it is refused; whether it is done must be what the model says."""
        try:
            told = act()
        except Refused:
            assert not allowed
            return None
        assert allowed
        return True if told is None else told


def lived(born: Callable[[], Life], deeds: Iterable[Deed]) -> None:
    """Live through deeds, and agree."""
    mark = transaction.savepoint()
    try:
        alive = born()
        for deed, *told in deeds:
            getattr(alive, deed)(*told)
        alive.agree()
    finally:
        transaction.savepoint_rollback(mark)


def live(born: Callable[[], Life], deeds: SearchStrategy[list[Deed]], short: int, long: int) -> None:
    """Live so many lives of drawn deeds: short loops as a rule, long ones under `make prove`."""

    @settings(max_examples=long if PROVE else short, deadline=None, suppress_health_check=QUIET,
              phases=[Phase.generate], derandomize=True, database=None)  # fmt: skip
    @given(deeds)
    def run(drawn: list[Deed]) -> None:
        lived(born, drawn)

    run()


def survives(born: Callable[[], Life], story: Iterable[Deed]) -> bool:
    """Tell whether a story is lived to its end."""
    try:
        lived(born, story)
    except (AssertionError, IntegrityError):
        return False
    return True


def mutate(monkeypatch: Any, mutants: Iterable[Mutant]) -> None:
    """Break statements."""
    for module, name, whole, broken in mutants:
        text = getattr(module, name)
        assert whole in text, "the mutant changes nothing"
        monkeypatch.setattr(module, name, text.replace(whole, broken))
