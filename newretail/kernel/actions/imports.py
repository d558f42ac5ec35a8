"""Import files: rows, refusals and cursor move in one transaction per chunk."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import ImportFile, RowError, Upload, User
from newretail.kernel.verbs import verb

Apply = Callable[[Batch], Outcome]


@verb
def begin(
    *,
    kind: str,
    file_name: str,
    digest: str,
    enrol: bool,
    chunk_rows: int,
    at: datetime,
    by: User | None = None,
    upload: Upload | None = None,
) -> ImportFile:
    """Begin an import, or go on with the one of the same file that was cut off, in chunks of the size it had.

    Writes: kernel.import.begun.
    """
    same_file: dict[str, Any] = {"kind": kind, "digest": digest, "enrol": enrol, "state": ImportFile.State.RUNNING}
    new: dict[str, Any] = {"file_name": file_name[-200:], "chunk_rows": chunk_rows, "by": by, "upload": upload}
    running = ImportFile.objects.filter(**same_file).first()
    if running:
        return running
    try:
        with transaction.atomic():
            row = ImportFile.objects.create(**same_file, **new, started_at=at)
    except IntegrityError:  # another run has just begun it, and may have ended it since
        return begin(kind=kind, digest=digest, enrol=enrol, at=at, **new)
    journal.write("kernel.import.begun", at=at, by=by, subject=f"import:{row.pk}", kind=kind)
    return row


@verb
def take_chunk(*, import_file: ImportFile, batch: Batch, apply: Apply, at: datetime) -> bool:
    """Take one chunk with its counts and refusals; False when another run has taken it already.

    Two runs of one import queue on its row; the cursor tells which chunks are in.
    Writes no line: the verb that `apply` calls writes its own.
    """
    row = ImportFile.objects.select_for_update().get(pk=import_file.pk)
    if row.state != ImportFile.State.RUNNING or batch.number != row.chunks_done + 1:
        return False
    outcome = apply(batch)
    failpoint("import.before_cursor")
    RowError.objects.bulk_create(
        [
            RowError(import_file=row, line=r.line, column=r.column, code=r.code, facts=r.facts)
            for r in sorted(outcome.refusals, key=lambda r: r.line)
        ],
        batch_size=5000,
    )
    ImportFile.objects.filter(pk=row.pk).update(
        chunks_done=batch.number,
        rows=F("rows") + outcome.rows,
        created=F("created") + outcome.created,
        updated=F("updated") + outcome.updated,
        skipped=F("skipped") + outcome.skipped,
        rejected=F("rejected") + outcome.rejected,
        enrolled=F("enrolled") + outcome.enrolled,
    )
    failpoint("import.after_cursor")
    return True


@verb
def end(*, import_file: ImportFile, at: datetime, error: str = "", cancelled: bool = False) -> ImportFile:
    """End an import: done, failed with a reason, or cancelled; one that has ended stays as it is.

    Writes: kernel.import.done, kernel.import.failed, kernel.import.cancelled.
    """
    row = ImportFile.objects.select_for_update().get(pk=import_file.pk)
    if row.state != ImportFile.State.RUNNING:
        return row
    state = ImportFile.State
    row.state = state.CANCELLED if cancelled else state.FAILED if error else state.DONE
    row.ended_at, row.error = at, error
    row.save(update_fields=["state", "ended_at", "error"])
    counts: dict[str, Any] = {
        name: getattr(row, name) for name in ("rows", "created", "updated", "skipped", "rejected")
    }
    counts |= {"at": at, "subject": f"import:{row.pk}", "kind": row.kind}
    if cancelled:
        journal.write("kernel.import.cancelled", **counts)
    elif error:
        journal.write("kernel.import.failed", **counts)
    else:
        journal.write("kernel.import.done", **counts)
    return row
