"""Import files: rows, refusals and cursor move in one transaction per chunk."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from newretail.kernel.actions import images, jobs, journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import BeforeImage, ImportFile, JobRun, JournalEntry, RowError, Upload, User
from newretail.kernel.verbs import Refused, verb

Apply = Callable[[Batch], Outcome]
UNDO = "undo_import"
UNDO_DAYS = 14  # so long before-images are kept


class NotUndone(Refused):
    """The import does not stand where it could be undone."""

    code = "not_undone"
    sentence = gettext_noop("Only an import that has ended and brought something can be undone, once.")


class TooLate(Refused):
    """What it was like before is no longer known."""

    code = "too_late"
    sentence = gettext_noop("An import can be undone for %(days)s days; this one is older.")


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

    An upload has one import: one that has ended is given back as it ended.
    Writes: kernel.import.begun.
    """
    same_file: dict[str, Any] = {"kind": kind, "digest": digest, "enrol": enrol, "state": ImportFile.State.RUNNING}
    new: dict[str, Any] = {"file_name": file_name[-200:], "chunk_rows": chunk_rows, "by": by, "upload": upload}
    known = ImportFile.objects.filter(**same_file).first() or (upload and upload.imports.first())
    if known:
        return known
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
    with images.kept():
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
        entry_ids=row.entry_ids + ([outcome.entry_id] if outcome.entry_id else []),
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


def _undoable(import_file: ImportFile, at: datetime) -> ImportFile:
    row = ImportFile.objects.select_for_update().get(pk=import_file.pk)
    if row.state in (ImportFile.State.RUNNING, ImportFile.State.UNDONE) or not row.entry_ids:
        raise NotUndone
    if row.started_at < at - timedelta(days=UNDO_DAYS):
        raise TooLate(days=UNDO_DAYS)
    return row


@verb
def ask_undo(*, import_file: ImportFile, at: datetime, by: User | None) -> ImportFile:
    """Have an import undone by a worker.

    Refuses: NotUndone, TooLate.
    Writes: kernel.undo.asked, kernel.job.entered.
    """
    row = _undoable(import_file, at)
    unended = (JobRun.State.WAITING, JobRun.State.RUNNING)
    if row.undo_run is not None and row.undo_run.state in unended:
        raise NotUndone
    row.undo_run = jobs.queue(name=UNDO, at=at, by=by, params={"import": row.pk})
    row.save(update_fields=["undo_run"])
    journal.write("kernel.undo.asked", at=at, by=by, subject=f"import:{row.pk}", kind=row.kind)
    return row


@verb
def undo(*, import_file: ImportFile, withdraw: Callable[[int], None], at: datetime, by: User | None) -> ImportFile:
    """Undo an import as a whole: what it made goes, what it changed is as it was; the last chunk first.

    `withdraw` takes back what one line brought. Its counts and refused rows stay to be read.
    Refuses: NotUndone, TooLate, StillNeeded; what `withdraw` refuses.
    Writes: kernel.import.undone.
    """
    row = _undoable(import_file, at)
    try:
        with transaction.atomic():
            for entry_id in reversed(row.entry_ids):
                withdraw(entry_id)
    except IntegrityError:
        raise images.StillNeeded(what="–") from None
    failpoint("import.before_undone")
    row.state = ImportFile.State.UNDONE
    row.save(update_fields=["state"])
    counts = {name: getattr(row, name) for name in ("rows", "created", "updated", "enrolled")}
    journal.write("kernel.import.undone", at=at, by=by, subject=f"import:{row.pk}", kind=row.kind, **counts)
    return row


@verb
def forget(*, at: datetime) -> dict[str, int]:
    """Forget the before-images of imports that can no longer be undone; returns counts: forgotten.

    Writes no line: the books stay as they are.
    """
    old = JournalEntry.objects.filter(written_at__lt=at - timedelta(days=UNDO_DAYS + 1)).order_by("-pk").first()
    forgotten, _ = BeforeImage.objects.filter(entry_id__lte=old.pk if old else 0).delete()
    return {"forgotten": forgotten}
