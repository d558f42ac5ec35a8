"""Exports: who took which list out of the house, and how much of it; long ones lie as files for a while."""

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop

from newretail.kernel.actions import jobs, journal
from newretail.kernel.models import ExportFile, JobRun, JournalEntry, User
from newretail.kernel.verbs import Refused, verb

AT_ONCE_MOST_ROWS = 20_000  # a longer list is written by a worker
FILE_MOST_ROWS = 1_000_000  # a sheet of Excel holds 1 048 576
KEPT = timedelta(hours=24)  # a file can be fetched so long
MOST_AT_WORK = 3  # lists of one person that wait or are being written
JOB = "export_list"


class TooManyRows(Refused):
    """The list is longer than one file may be."""

    code = "too_many_rows"
    sentence = gettext_noop("An export holds at most %(most)s rows; narrow the filters first.")


class TooManyAtWork(Refused):
    """She asked for enough already."""

    code = "too_many_at_work"
    sentence = gettext_noop("%(most)s of your exports are still being written; wait for one to end, or cancel it.")


class NotToBeFetched(Refused):
    """It is not written yet, or not any more."""

    code = "not_to_be_fetched"
    sentence = gettext_noop(
        "This export cannot be fetched: it is not written yet, or its time has run out. Export again."
    )


class NoRight(Refused):
    """The right was taken away meanwhile."""

    code = "no_right"
    sentence = gettext_noop("You may not export this list any more.")


class SeesOther(Refused):
    """What she may see is not what it was."""

    code = "sees_other"
    sentence = gettext_noop("What you may see has changed since this file was written. Export the list again.")


@verb
def take(
    *, noun: str, filters: list[str], rows: int, at: datetime, by: User | None, most: int | None = None
) -> JournalEntry:
    """Write down that a list is taken out: the noun, the names of the filters in force, how many rows.

    What was searched for is not kept: it may be a name or a phone. `most` bounds what a page may stream.
    Refuses: TooManyRows.
    Writes: kernel.export.taken.
    """
    bound = most or AT_ONCE_MOST_ROWS
    if rows > bound:
        raise TooManyRows(most=f"{bound:,}")
    return journal.write("kernel.export.taken", at=at, by=by, subject=f"export:{noun}", filters=filters, rows=rows)


@verb
def ask(
    *, noun: str, words: str, filters: list[str], rows: int, language: str, form: str, at: datetime, by: User
) -> ExportFile:
    """Ask for a long list as a file, written by a worker with the rights she has then; hers alone, for a while.

    `words` are the filters as they stand in an address, kept until the file is closed and shown to nobody else;
    `filters` their names.
    Refuses: TooManyRows, TooManyAtWork.
    Writes: kernel.export.asked, kernel.job.entered.
    """
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if rows > FILE_MOST_ROWS:
        raise TooManyRows(most=f"{FILE_MOST_ROWS:,}")
    if ExportFile.objects.filter(by=by, run__state__in=jobs.UNENDED).count() >= MOST_AT_WORK:
        raise TooManyAtWork(most=MOST_AT_WORK)
    file = ExportFile.objects.create(
        noun=noun, words=words, language=language, format=form, stored=secrets.token_hex(16), asked_at=at,
        ends_at=at + KEPT, by=by,
    )  # fmt: skip
    file.run = jobs.queue(name=JOB, at=at, by=by, params={"export": file.pk})
    file.save(update_fields=["run"])
    journal.write(
        "kernel.export.asked", at=at, by=by, subject=f"export:{noun}", filters=filters, rows=rows, format=form
    )
    return file


@verb
def finish(*, file: ExportFile, rows: int, size: int, sight: str, at: datetime) -> ExportFile:
    """Say that a file is written: its rows, its size in bytes, what its owner saw; from now on it can be fetched.

    Writes: kernel.export.written.
    """
    file.rows, file.size, file.sight, file.written_at, file.ends_at = rows, size, sight, at, at + KEPT
    file.save(update_fields=["rows", "size", "sight", "written_at", "ends_at"])
    journal.write("kernel.export.written", at=at, by=file.by, subject=f"export:{file.noun}", rows=rows, size=size)
    return file


@verb
def fetch(*, file: ExportFile, sight: str, at: datetime, by: User) -> ExportFile:
    """Write down that a file is fetched; `sight` is what she may see now.

    Refuses: NotToBeFetched, SeesOther.
    Writes: kernel.export.taken.
    """
    kept = ExportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if not kept.ready(at) or kept.by_id != by.pk:
        raise NotToBeFetched
    if kept.sight != sight:
        raise SeesOther
    journal.write("kernel.export.taken", at=at, by=by, subject=f"export:{kept.noun}", filters=[], rows=kept.rows)
    return kept


@verb
def close_ended(*, at: datetime) -> list[str]:
    """Close the files whose time has run out and forget what was searched for; return what they were stored as.

    Writes: kernel.export.closed.
    """
    ended = list(
        ExportFile.objects.ended(at).select_for_update(of=("self",)).order_by("pk").values_list("pk", "stored")
    )
    if ended:
        ExportFile.objects.filter(pk__in=[pk for pk, _ in ended]).update(closed=True, words="")
        journal.write("kernel.export.closed", at=at, files=len(ended))
    return [stored for _, stored in ended]


@verb
def close_all(*, at: datetime) -> int:
    """Close every file, its time run out or not: somebody was erased who may stand in it; returns how many.

    Writes: kernel.export.closed.
    """
    open_ones = ExportFile.objects.filter(closed=False).select_for_update(of=("self",)).order_by("pk")
    keys = list(open_ones.values_list("pk", flat=True))
    if keys:
        ExportFile.objects.filter(pk__in=keys).update(closed=True, words="")
        journal.write("kernel.export.closed", at=at, files=len(keys))
    return len(keys)


def any_at_work() -> bool:
    """Tell whether any list is being written as a file, or will be."""
    return ExportFile.objects.filter(run__state__in=jobs.UNENDED).exists()


def at_work(file: ExportFile) -> bool:
    """Tell whether a worker still writes it, or will."""
    return file.run is not None and file.run.state in (JobRun.State.WAITING, JobRun.State.RUNNING)
