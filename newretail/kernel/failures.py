"""What a failed run says to people: what went wrong, and what to do; in the language at work."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, gettext_noop

from newretail.kernel import masking
from newretail.kernel.files import reasons
from newretail.kernel.models import JobRun

DIED = "died"
MEND = gettext_noop("Mend what the sentence names, then run it again.")
# By the kind of error: what happened, what to do.
KINDS: dict[str, tuple[str, str]] = {
    DIED: (
        gettext_noop("The worker that ran it died each time: it was killed, or ran out of memory or time."),
        gettext_noop(
            "Look at the worker's log and the machine's memory, then run it again; nothing was written twice."
        ),
    ),
    "OperationalError": (
        gettext_noop("The database could not be reached, or broke off."),
        gettext_noop("See that PostgreSQL runs and its disk has room, then run it again."),
    ),
    "ProgrammingError": (
        gettext_noop("The database's tables do not fit this version of the program."),
        gettext_noop("Run manage.py migrate and restart the workers, then run it again."),
    ),
    "BooksDisagree": (
        gettext_noop("The books disagree: something stored differs from what its sources say."),
        gettext_noop(
            "Keep what manage.py verify_books prints for this brand and send it to whoever looks after the site;"
            " mend no rows by hand."
        ),
    ),
    "MemoryError": (
        gettext_noop("The machine's memory was not enough."),
        gettext_noop("Give the worker more memory, or run it again when less is going on."),
    ),
    "OSError": (
        gettext_noop("A file could not be read or written."),
        gettext_noop("See that the disk of the state folder has room and may be written, then run it again."),
    ),
}
SAME = {
    "InterfaceError": "OperationalError", "DeadlockDetected": "OperationalError", "InternalError": "ProgrammingError",
    "FileNotFoundError": "OSError", "PermissionError": "OSError", "IsADirectoryError": "OSError",
    "NotADirectoryError": "OSError",
}  # fmt: skip
UNKNOWN = (
    gettext_noop("The program met a fault it does not know."),
    gettext_noop(
        "Run it again. If it fails again, send the technical line and the log to whoever looks after the site."
    ),
)


@dataclass(frozen=True)
class Failure:
    """A failure in words: what happened, what to do, and the line for technicians, which may quote a person's row."""

    what: str
    do: str
    technical: str


def failure_in_words(run: JobRun) -> Failure | None:
    """Say why a run failed; None for one that did not."""
    if run.state != JobRun.State.FAILED:
        return None
    kept: dict[str, Any] = run.failure
    line = run.error if masking.eyes().sees_people else ""
    if kept.get("sentence"):
        facts = kept.get("facts")
        sentence = gettext(kept["sentence"])
        return Failure(sentence % facts if facts else sentence, gettext(MEND), line)
    if kept.get("file"):
        return Failure(reasons.sentence(kept["code"], kept["facts"], get_language() or ""), gettext(MEND), line)
    kind = str(kept.get("code") or run.error.partition(":")[0])
    what, do = KINDS.get(SAME.get(kind, kind), UNKNOWN)
    return Failure(gettext(what), gettext(do), line)
