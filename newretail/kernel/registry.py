"""The tables of handlers and jobs, filled by each app's `handlers.py` and `jobs.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.apps import apps

if TYPE_CHECKING:
    from newretail.kernel.files.outcome import RowRefusal
    from newretail.kernel.models import JobRun, JournalEntry, User

Handler = Callable[["JournalEntry"], None]
Counts = dict[str, object]
Job = Callable[["JobRun", date], Counts]
Rows = Iterable[dict[str, Any]]
Pager = Callable[["JournalEntry"], Rows]
TELLER = "newretail.kernel.handlers.tell_endpoints"


@dataclass(frozen=True)
class Told:
    """What people are told of a job: what it does (an English message id), and whether they start it by hand."""

    does: str
    by_hand: bool


@dataclass(frozen=True)
class News:
    """An event other systems are told of: what it says (an English message id), and the rows of a line that tell it."""

    event: str
    says: str
    rows: Pager


@dataclass(frozen=True)
class Intake:
    """What stands behind items that came as a message: the account by whose right they are taken, the instant."""

    user: "User"
    at: datetime


Take = Callable[[Intake, list[Any]], "Sequence[RowRefusal]"]


@dataclass(frozen=True)
class Taker:
    """Who takes items of a kind in: under which right, and the function that gives what was refused."""

    resource: str
    take: Take


@dataclass
class _Tables:
    handlers: dict[str, Handler] = field(default_factory=dict)
    hears: dict[str, list[str]] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    after_relay: list[Callable[[datetime], None]] = field(default_factory=list)
    after_restore: list[Callable[[datetime], None]] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    news: dict[str, list[News]] = field(default_factory=dict)
    takers: dict[str, Taker] = field(default_factory=dict)


TABLES = _Tables()


def hears(*lines: str) -> Callable[[Handler], Handler]:
    """Enter a handler for journal lines of these names; its name is `module.function`."""

    def enter(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__qualname__}"
        TABLES.handlers[name] = handler
        for line in lines:
            if name not in TABLES.hears.setdefault(line, []):
                TABLES.hears[line].append(name)
        return handler

    return enter


def tells(*lines: str, event: str, says: str) -> Callable[[Pager], Pager]:
    """Enter a question that gives the rows of such lines as another system is told of them: names, amounts, no person.

    The rows are read when the line is heard: they tell how things stand then.
    """

    def enter(rows: Pager) -> Pager:
        for line in lines:
            known = TABLES.news.setdefault(line, [])
            known[:] = [news for news in known if news.event != event] + [News(event, says, rows)]
            if TELLER not in TABLES.hears.setdefault(line, []):
                TABLES.hears[line].append(TELLER)
        return rows

    return enter


def takes(name: str, *, resource: str) -> Callable[[Take], Take]:
    """Enter who takes items of this kind in when they come as messages; they have the shape they have over the API."""

    def enter(take: Take) -> Take:
        TABLES.takers[name] = Taker(resource, take)
        return take

    return enter


def job(name: str, *, does: str = "", by_hand: bool = False) -> Callable[[Job], Job]:
    """Enter a job: a function of (run, as_of) that returns its counts; `by_hand` when it needs nothing but a day."""

    def enter(function: Job) -> Job:
        TABLES.jobs[name] = function
        TABLES.told[name] = Told(does, by_hand)
        return function

    return enter


def after_relay(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Enter what a brand does each time its lines were carried: a function of the instant, quick when nothing waits."""
    if function not in TABLES.after_relay:
        TABLES.after_relay.append(function)
    return function


def after_restore(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Enter what a brand does once it was put back from a backup: a function of the instant."""
    if function not in TABLES.after_restore:
        TABLES.after_restore.append(function)
    return function


def discover() -> None:
    """Import the rooms that enter themselves of every installed app that has them."""
    for config in apps.get_app_configs():
        for room in ("handlers", "hooks", "jobs", "importers", "laws", "holds"):
            if find_spec(config.name) and find_spec(f"{config.name}.{room}"):
                import_module(f"{config.name}.{room}")
