"""Uploads: a file is handed in, its columns are matched, it is tried, and it comes in when somebody confirms."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from newretail.kernel.actions import jobs, journal
from newretail.kernel.files.sheets import Sheet, header_keys, missing_columns
from newretail.kernel.models import ColumnMapping, ImportFile, JobRun, Upload, User
from newretail.kernel.verbs import Refused, verb

TRY, TAKE = "try_upload", "take_upload"
OPEN_DAYS = 7  # so long a file waits for somebody to confirm it
State = Upload.State


class NotNow(Refused):
    """The upload does not stand where this could be done."""

    code = "not_now"
    sentence = gettext_noop("This file is being worked on, or has been dealt with already; look at the page again.")


class ColumnTwice(Refused):
    """Two headers were given the same column."""

    code = "column_twice"
    sentence = gettext_noop("Two columns of the file cannot become the same one: %(columns)s.")


class ColumnsMissing(Refused):
    """A column that every row needs has no header."""

    code = "columns_missing"
    sentence = gettext_noop("These must be matched with a column of the file: %(columns)s.")


def at_work(upload: Upload) -> bool:
    """Tell whether a run still waits or works on an upload."""
    return upload.run is not None and upload.run.state in (JobRun.State.WAITING, JobRun.State.RUNNING)


def _locked(upload: Upload, *states: str) -> Upload:
    row: Upload = Upload.objects.select_for_update(of=("self",)).select_related("run").get(pk=upload.pk)
    if row.state not in states or at_work(row):
        raise NotNow
    return row


@verb
def take(*, at: datetime, by: User | None, **file: Any) -> Upload:
    """Enter a file that was handed in; the same one handed in again, while it is open, is the same upload.

    `file`: kind, source, enrol, file_name, stored, digest, size, header, sheet_name.
    Writes: kernel.upload.taken.
    """
    same = {name: file[name] for name in ("kind", "source", "enrol", "digest")}
    known = Upload.objects.filter(**same).exclude(state=State.CLOSED).first()
    if known:
        return known
    try:
        with transaction.atomic():
            row: Upload = Upload.objects.create(**file, uploaded_at=at, by=by)
    except IntegrityError:  # another click was quicker
        return take(at=at, by=by, **file)
    journal.write("kernel.upload.taken", at=at, by=by, subject=f"upload:{row.pk}", kind=row.kind, size=row.size)
    return row


@verb
def map_columns(*, upload: Upload, columns: dict[str, str], sheet: Sheet, at: datetime, by: User | None) -> Upload:
    """Say which column stands behind each header, remember it for the source, and have the file tried.

    Refuses: NotNow, ColumnTwice, ColumnsMissing.
    Writes: kernel.upload.mapped, kernel.job.entered.
    """
    row = _locked(upload, State.NEW, State.TRYING, State.TRIED)
    kept = {key: columns[key] for key in header_keys(row.header) if columns.get(key)}
    named = list(kept.values())
    twice = {column.zh for column in sheet.columns if named.count(column.name) > 1}
    if twice:
        raise ColumnTwice(columns="、".join(sorted(twice)))
    missing = missing_columns(set(named), sheet)
    if missing:
        raise ColumnsMissing(columns="、".join(f"{column.zh} ({column.name})" for column in missing))
    ColumnMapping.objects.update_or_create(
        kind=row.kind, source=row.source, defaults={"columns": kept, "mapped_at": at, "by": by}
    )
    row.columns, row.told, row.state = kept, {}, State.TRYING
    row.run = jobs.queue(name=TRY, at=at, by=by, params={"upload": row.pk})
    row.save(update_fields=["columns", "told", "state", "run"])
    journal.write("kernel.upload.mapped", at=at, by=by, subject=f"upload:{row.pk}", columns=sorted(named))
    return row


@verb
def tell(*, upload: Upload, told: dict[str, Any]) -> None:
    """Keep what the trial told; a trial that is no longer waited for tells nothing.

    Writes no line: a trial leaves the books as they were.
    """
    Upload.objects.filter(pk=upload.pk, state=State.TRYING).update(told=told, state=State.TRIED)


@verb
def confirm(*, upload: Upload, at: datetime, by: User | None) -> Upload:
    """Have a tried file taken in; also again, when the run that took it has failed: it goes on where it stopped.

    Refuses: NotNow.
    Writes: kernel.upload.confirmed, kernel.job.entered.
    """
    row = _locked(upload, State.TRIED, State.TAKING)
    if "rows" not in row.told:
        raise NotNow
    row.state = State.TAKING
    row.run = jobs.queue(name=TAKE, at=at, by=by, params={"upload": row.pk})
    row.save(update_fields=["state", "run"])
    journal.write("kernel.upload.confirmed", at=at, by=by, subject=f"upload:{row.pk}", kind=row.kind)
    return row


@verb
def drop(*, upload: Upload, at: datetime, by: User | None) -> Upload:
    """Give an upload up before anything of it came in.

    Refuses: NotNow.
    Writes: kernel.upload.dropped.
    """
    row = _locked(upload, State.NEW, State.TRYING, State.TRIED, State.TAKING)
    if row.imports.exists():
        raise NotNow
    row.state = State.CLOSED
    row.save(update_fields=["state"])
    journal.write("kernel.upload.dropped", at=at, by=by, subject=f"upload:{row.pk}", kind=row.kind)
    return row


@verb
def drop_all(*, at: datetime) -> int:
    """Give up every upload of which nothing came in yet: somebody was erased who may stand in it; returns how many.

    Writes: kernel.upload.dropped.
    """
    waiting = Upload.objects.filter(state__in=(State.NEW, State.TRIED)).select_for_update(of=("self",)).order_by("pk")
    rows = list(waiting)
    for row in rows:
        row.state = State.CLOSED
        row.save(update_fields=["state"])
        journal.write("kernel.upload.dropped", at=at, subject=f"upload:{row.pk}", kind=row.kind)
    return len(rows)


def any_at_work() -> bool:
    """Tell whether any file is being tried or taken in."""
    return Upload.objects.filter(state__in=(State.TRYING, State.TAKING)).exists() or (
        ImportFile.objects.filter(state=ImportFile.State.RUNNING).exists()
    )


@verb
def close(*, upload: Upload) -> None:
    """Close an upload whose import has ended. Writes no line: the import writes its own."""
    Upload.objects.filter(pk=upload.pk).update(state=State.CLOSED)


@verb
def forget(*, at: datetime) -> list[str]:
    """Close the uploads nobody has touched for days; returns what their files are stored as, to be removed.

    Writes: kernel.upload.dropped.
    """
    left = Upload.objects.select_for_update(of=("self",)).select_related("run").filter(state__in=Upload.OPEN)
    stored = []
    for row in left.filter(uploaded_at__lt=at - timedelta(days=OPEN_DAYS)).order_by("pk"):
        if not at_work(row):
            row.state = State.CLOSED
            row.save(update_fields=["state"])
            journal.write("kernel.upload.dropped", at=at, subject=f"upload:{row.pk}", kind=row.kind)
            stored.append(row.stored)
    return stored
