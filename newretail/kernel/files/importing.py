"""Kinds of files: which sheet goes to which verb; and the one way a file comes in."""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from newretail.kernel import clock, staging
from newretail.kernel.actions import imports
from newretail.kernel.files import reader, reasons
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import FileRefused, Sheet
from newretail.kernel.models import ImportFile, RowError, User
from newretail.kernel.verbs import Refused

RecordVerb = Callable[..., Outcome]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Importer:
    """A kind of file: its sheet, the verb its batches go to, the tables to leave vacuumed."""

    sheet: Sheet
    verb: RecordVerb
    tables: tuple[str, ...]
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


class _RolledBack(Exception):
    """Ends a dry run: everything it did is undone."""


def _take(row: ImportFile, importer: Importer, path: Path, at: datetime, report: Callable[[ImportFile], None]) -> None:
    extra: dict[str, Any] = {"enrol": row.enrol} if importer.enrols else {}

    def apply(batch: Batch) -> Outcome:
        return importer.verb(batch=batch, at=at, by=row.by, **extra)

    for batch in reader.batches(path, importer.sheet, done=row.chunks_done, rows=row.chunk_rows):
        imports.take_chunk(import_file=row, batch=batch, apply=apply, at=at)
        row.refresh_from_db()
        report(row)


def take_file(
    kind: str,
    path: Path,
    *,
    at: datetime,
    enrol: bool = False,
    by: User | None = None,
    report: Callable[[ImportFile], None] = lambda row: None,
) -> Result:
    """Take a whole file in, chunk by chunk; the same call again goes on where a kill left it.

    Refuses: FileRefused, when the file as a whole cannot be read; what the kind's verb refuses as a whole.
    """
    importer = IMPORTERS[kind]
    row = imports.begin(
        kind=kind,
        file_name=os.fsencode(path.name).decode(errors="replace"),
        digest=reader.digest(path),
        enrol=enrol,
        chunk_rows=reader.chunk_rows(),
        at=at,
        by=by,
    )
    try:
        _take(row, importer, path, at, report)
    except FileRefused as refusal:
        imports.end(import_file=row, at=clock.now(), error=reasons.both(refusal.code, refusal.facts))
        raise
    except Refused as refusal:
        imports.end(import_file=row, at=clock.now(), error=str(refusal))
        raise
    row = imports.end(import_file=row, at=clock.now())
    if row.created or row.updated or row.enrolled:
        staging.vacuum(*importer.tables)
    return _result(row, _write_errors(row) if row.rejected else None)


def try_file(kind: str, path: Path, *, at: datetime, enrol: bool = False) -> Result:
    """Tell what taking the file in would do: the same code, rolled back at the end.

    Refuses: FileRefused.
    """
    importer = IMPORTERS[kind]
    result: Result | None = None
    try:
        with transaction.atomic():
            row = imports.begin(
                kind=kind,
                file_name=os.fsencode(path.name).decode(errors="replace"),
                digest=f"dry-{reader.digest(path)[:50]}",
                enrol=enrol,
                chunk_rows=reader.chunk_rows(),
                at=at,
            )
            _take(row, importer, path, at, lambda row: None)
            result = _result(row, _write_errors(row) if row.rejected else None)
            raise _RolledBack
    except _RolledBack:
        pass
    if result is None:
        raise FileRefused("is_empty")
    return result


def _result(row: ImportFile, errors_file: Path | None) -> Result:
    return Result(
        row.rows, row.created, row.updated, row.skipped, row.rejected, row.enrolled,
        str(errors_file) if errors_file else None,
    )  # fmt: skip


def formula_safe(text: str) -> str:
    """Keep a spreadsheet from running a cell: what looks like a formula, also behind blanks, gets an apostrophe."""
    return f"'{text}" if text.lstrip(" \u3000").startswith(FORMULA) else text


def _write_errors(row: ImportFile) -> Path:
    """Write the refused rows beside each other: line, column, reason in both languages; no cell of the file itself."""
    schema = connection.schema_name  # type: ignore[attr-defined]
    folder: Path = Path(settings.MEDIA_ROOT) / schema / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{row.kind}-{row.pk}-errors.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["line", "column", "code", "原因", "reason"])
        errors = RowError.objects.filter(import_file=row).order_by("line")
        for error in errors.iterator(chunk_size=5000):
            says = [reasons.sentence(error.code, error.facts, lang) for lang in ("zh-hans", "en")]
            out.writerow([error.line, error.column, error.code, *map(formula_safe, says)])
    path.chmod(0o600)
    return path
