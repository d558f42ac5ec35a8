"""What a verb is: one transaction in one brand, that acts or refuses."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from newretail.kernel.guard import IN_VERB, writing

P = ParamSpec("P")
R = TypeVar("R")


class Refused(Exception):
    """A verb will not act; the sentence says why, the code is for machines.

    Subclasses stand beside their verb and give `code` and `sentence` (an English message id).
    """

    code = "refused"
    sentence = gettext_noop("This was refused.")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code)

    def __str__(self) -> str:
        return _(self.sentence) % self.facts if self.facts else _(self.sentence)

    def both(self) -> str:
        """Say it in both languages, for the command line."""
        said = []
        for language in ("zh-hans", "en"):
            with translation.override(language):
                said.append(str(self))
        return " / ".join(dict.fromkeys(said))


class NoBrand(RuntimeError):
    """A verb was called outside every brand: a mistake of the caller, never a leak."""


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function as a verb: inside a brand, in one transaction, allowed to write.

    A verb that is part of another has no savepoint of its own: who goes on after its refusal sets one.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.schema_name == "public":  # type: ignore[attr-defined]
            raise NoBrand(function.__qualname__)
        part = IN_VERB.get() is not None
        with writing(f"{function.__module__}.{function.__qualname__}"), transaction.atomic(savepoint=not part):
            return function(*args, **kwargs)

    run.is_verb = True  # type: ignore[attr-defined]
    return run
