"""Kinds of files: which sheet goes to which verb; and the one way a file comes in."""

import csv
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_noop
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from newretail.kernel import clock, sql
from newretail.kernel.actions import imports
from newretail.kernel.actions.jobs import Cancelled
from newretail.kernel.files import reader, reasons, storage
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import FileRefused, Sheet
from newretail.kernel.models import ImportFile, RowError, Upload, User
from newretail.kernel.verbs import Refused

ERRORS_TOLD = 20  # of a trial
TRIES = 3  # of a chunk that loses a deadlock
GIVES_WAY = "400ms"  # so long a trial waits for a row: PostgreSQL looks for deadlocks after a second
RecordVerb = Callable[..., Outcome]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Importer:
    """A kind of file: its sheet, the verb its batches go to, the tables to leave vacuumed, the verb that takes back."""

    sheet: Sheet
    verb: RecordVerb
    tables: tuple[str, ...]
    withdraw: Callable[..., None]
    enrols: bool = False


IMPORTERS: dict[str, Importer] = {}


def enter(importer: Importer) -> None:
    """Enter a kind of file."""
    IMPORTERS[importer.sheet.kind] = importer


@dataclass(frozen=True)
class Result:
    """Counts of a file's own rows; `errors_file` lists what was refused."""

    rows: int
    created: int
    updated: int
    skipped: int
    rejected: int
    enrolled: int
    errors_file: str | None = None


class RowsBusy(Refused):
    """Somebody else is writing the rows of a trial."""

    code = "rows_busy"
    sentence = gettext_noop(
        "Something else is writing the same rows at this moment."
        " Try the file again when it has ended, from its columns."
    )


class _RolledBack(Exception):
    """Ends a dry run: everything it did is undone."""


@dataclass(frozen=True)
class Given:
    """A file on its way in; with `columns` its headers are matched as somebody said, else they speak for themselves."""

    kind: str
    path: Path
    enrol: bool = False
    columns: dict[str, str] | None = None
    upload: Upload | None = None

    @property
    def importer(self) -> Importer:
        """Give its kind."""
        return IMPORTERS[self.kind]

    @property
    def sheet(self) -> Sheet:
        """Give its kind's sheet, with the columns as they were matched."""
        return replace(self.importer.sheet, named=self.columns)

    @property
    def name(self) -> str:
        """Name it as people do."""
        return self.upload.file_name if self.upload else os.fsencode(self.path.name).decode(errors="replace")

    @property
    def digest(self) -> str:
        """Tell it from all others: the same file, matched in the same way, is the same import."""
        plain = reader.digest(self.path)
        if self.columns is None:
            return plain
        return hashlib.sha256(f"{plain} {json.dumps(self.columns, sort_keys=True)}".encode()).hexdigest()


Report = Callable[[ImportFile], None]


def _take(row: ImportFile, given: Given, at: datetime, report: Report) -> None:
    extra: dict[str, Any] = {"enrol": row.enrol} if given.importer.enrols else {}

    def apply(batch: Batch) -> Outcome:
        return given.importer.verb(batch=batch, at=at, by=row.by, **extra)

    report(row)
    for batch in reader.batches(given.path, given.sheet, done=row.chunks_done, rows=row.chunk_rows):
        _take_chunk(row, batch, apply, at)
        row.refresh_from_db()
        report(row)


def _take_chunk(row: ImportFile, batch: Batch, apply: imports.Apply, at: datetime) -> None:
    """Take a chunk; one that lost a deadlock is taken again, unless it is part of a trial."""
    for left in range(TRIES, 0, -1):
        try:
            imports.take_chunk(import_file=row, batch=batch, apply=apply, at=at)
        except OperationalError as error:
            if left == 1 or connection.in_atomic_block or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return


def _silent(_row: ImportFile) -> None:
    pass


def take(given: Given, *, at: datetime, by: User | None = None, report: Report = _silent) -> Result:
    """Take a whole file in, chunk by chunk; the same call again goes on where a kill left it.

    `report` is told after each chunk and may raise Cancelled: what is in stays in.
    Refuses: FileRefused, when the file as a whole cannot be read; what the kind's verb refuses as a whole.
    """
    row = imports.begin(
        kind=given.kind, file_name=given.name, digest=given.digest, enrol=given.enrol,
        chunk_rows=reader.chunk_rows(), at=at, by=by, upload=given.upload,
    )  # fmt: skip
    try:
        _take(row, given, at, report)
    except FileRefused as refusal:
        imports.end(import_file=row, at=clock.now(), error=reasons.both(refusal.code, refusal.facts))
        raise
    except Refused as refusal:
        imports.end(import_file=row, at=clock.now(), error=str(refusal))
        raise
    except Cancelled:
        _leave(imports.end(import_file=row, at=clock.now(), cancelled=True), given)
        raise
    return _leave(imports.end(import_file=row, at=clock.now()), given)


def _leave(row: ImportFile, given: Given) -> Result:
    """Leave the tables ready to be read, and the refused rows in a file."""
    if row.created or row.updated or row.enrolled:
        sql.vacuum(*given.importer.tables)
    return _result(row, write_errors(row) if row.rejected else None)


def take_file(kind: str, path: Path, *, at: datetime, enrol: bool = False, report: Report = _silent) -> Result:
    """Take a whole file in as its headers say.

    Refuses: as `take`.
    """
    return take(Given(kind, path, enrol), at=at, report=report)


def attempt(given: Given, *, at: datetime, report: Report = _silent) -> tuple[Result, list[RowError]]:
    """Tell what taking the file in would do, and its first errors: the same code, rolled back at the end.

    Until then it holds the rows it would change: it waits for nobody who needs them, so that nobody waits for both.
    Refuses: as `take`; RowsBusy.
    """
    found: tuple[Result, list[RowError]] | None = None
    try:
        with transaction.atomic():
            sql.rows("SELECT set_config('lock_timeout', %(most)s, true)", {"most": GIVES_WAY})
            row = imports.begin(
                kind=given.kind, file_name=given.name, digest=f"dry-{given.digest[:50]}", enrol=given.enrol,
                chunk_rows=reader.chunk_rows(), at=at,
            )  # fmt: skip
            _take(row, given, at, report)
            errors = list(RowError.objects.filter(import_file=row).order_by("line", "id")[:ERRORS_TOLD])
            found = _result(row, write_errors(row) if row.rejected else None), errors
            raise _RolledBack
    except _RolledBack:
        pass
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise RowsBusy from None
        raise
    if found is None:
        raise FileRefused("is_empty")
    return found


def undo(row: ImportFile, *, at: datetime, by: User | None = None) -> ImportFile:
    """Undo an import as a whole.

    Refuses: what `imports.undo` refuses.
    """
    withdraw = IMPORTERS[row.kind].withdraw
    return imports.undo(
        import_file=row, withdraw=lambda entry_id: withdraw(entry_id=entry_id, at=at, by=by), at=at, by=by
    )


def try_file(kind: str, path: Path, *, at: datetime, enrol: bool = False) -> Result:
    """Tell what taking the file in as its headers say would do.

    Refuses: as `take`.
    """
    return attempt(Given(kind, path, enrol), at=at)[0]


def _result(row: ImportFile, errors_file: Path | None) -> Result:
    return Result(
        row.rows, row.created, row.updated, row.skipped, row.rejected, row.enrolled,
        str(errors_file) if errors_file else None,
    )  # fmt: skip


def formula_safe(text: str) -> str:
    """Keep a spreadsheet from running a cell: what looks like a formula, also behind blanks, gets an apostrophe."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA) else text


def errors_path(row: ImportFile) -> Path:
    """Tell where an import's refused rows lie as a file."""
    return storage.folder("imports") / f"{row.kind}-{row.pk}-errors.csv"


def write_errors(row: ImportFile) -> Path:
    """Write the refused rows beside each other: line, column, reason in both languages; no cell of the file itself."""
    path = errors_path(row)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["line", "column", "code", "原因", "reason"])
        errors = RowError.objects.filter(import_file=row).order_by("line")
        for error in errors.iterator(chunk_size=5000):
            says = [reasons.sentence(error.code, error.facts, lang) for lang in ("zh-hans", "en")]
            out.writerow([error.line, error.column, error.code, *map(formula_safe, says)])
    path.chmod(0o600)
    return path
