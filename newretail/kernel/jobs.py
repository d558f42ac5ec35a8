"""What a worker does when it is woken inside a brand; the work itself is rows."""

from datetime import date
from pathlib import Path
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_noop

from newretail.kernel import books, clock, sending
from newretail.kernel.actions import answers, deliveries, exports, holidays, imports, inbox, jobs, relay, uploads
from newretail.kernel.api.inbox import items_of
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files import importing, reasons, storage
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.models import ExportFile, ImportFile, JobRun, Upload
from newretail.kernel.registry import TABLES, Counts, job
from newretail.kernel.verbadmin import files
from newretail.kernel.verbs import Refused

MOST_LINES = 500
MOST_MESSAGES = 2_000
YEARS_BACK = 3  # of the calendar that are kept filled, beside the running year and the next


@shared_task(name="kernel.perform_due")
def perform_due() -> int:
    """Enter what has fallen due by the brand's clock, then perform what waits; return how many ran.

    Beat comes every minute: a worker that is ended in the middle leaves the rest to the next one.
    """
    jobs.enter_due(at=clock.now())
    ran = 0
    while jobs.perform_next():
        ran += 1
    return ran


@shared_task(name="kernel.perform_queued")
def perform_queued() -> int:
    """Perform what was queued, the oldest first; return how many ran.

    Sent when something is queued, and every minute for what no message came for.
    """
    ran = 0
    while jobs.perform_next(jobs.QUEUED):
        ran += 1
    return ran


@shared_task(name="kernel.relay_lines")
def relay_lines() -> int:
    """Carry journal lines to their handlers, then do what is done after it; return how many were carried."""
    carried = relay.drain(at=clock.now(), most=MOST_LINES)
    for act in TABLES.after_relay:
        act(clock.now())
    return carried


@shared_task(name="kernel.send_webhooks")
def send_webhooks() -> int:
    """Send what other systems are told; return how many calls were made."""
    return sending.deliver()


@shared_task(name="kernel.work_inbox")
def work_inbox() -> int:
    """Work off what other systems sent; return how many messages were looked at."""
    worked = 0
    while worked < MOST_MESSAGES and inbox.work_one(at=clock.now(), read=items_of):
        worked += 1
    return worked


@job("fill_holidays", does=gettext_noop("fills the holiday calendar up to the end of next year"), by_hand=True)
def fill_holidays(_run: JobRun, as_of: date) -> Counts:
    """Keep the calendar filled up to the end of next year; what was edited stays."""
    return dict(holidays.fill(first_year=as_of.year - YEARS_BACK, last_year=as_of.year + 1, at=clock.now()))


class BooksDisagree(RuntimeError):
    """What is stored differs from what its sources say."""


@job(
    "verify_books",
    does=gettext_noop("proves the books: recomputes what is stored and names what differs"),
    by_hand=True,
)
def verify_books(_run: JobRun, _as_of: date) -> Counts:
    """Prove the brand's books as they stand now; a difference fails the run, with the laws and counts and no key."""
    findings = books.verify()
    if unexplained := sum(finding.count for finding in findings):
        laws = "; ".join(f"{finding.law} ({finding.count})" for finding in findings)
        raise BooksDisagree(f"unexplained={unexplained}: {laws}")
    return {"laws": len(books.LAWS), "unexplained": 0, "waiting": sum(books.explained().values())}


def _given(upload: Upload) -> importing.Given:
    path = storage.path_of(upload.stored)
    return importing.Given(upload.kind, path, upload.enrol, upload.columns, upload)


def _upload_of(run: JobRun, state: str) -> Upload:
    upload: Upload = Upload.objects.get(pk=run.params["upload"])
    if upload.state != state:
        raise uploads.NotNow
    return upload


def _refused(refusal: FileRefused | Refused) -> dict[str, Any]:
    sentence = reasons.SENTENCES[refusal.code] if isinstance(refusal, FileRefused) else refusal.sentence
    facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in refusal.facts.items()}
    return {"refused": refusal.code, "sentence": sentence, "facts": facts}


@job(uploads.TRY, does=gettext_noop("tells what taking a file in would do"))
def try_upload(run: JobRun, _as_of: date) -> Counts:
    """Tell what taking an upload in would do."""
    upload = _upload_of(run, Upload.State.TRYING)

    def report(_row: ImportFile) -> None:  # nothing is written while the trial holds its transaction
        jobs.report(run=run, done=0, of=0, at=clock.now())

    try:
        result, errors = importing.attempt(_given(upload), at=clock.now(), report=report)
    except (FileRefused, Refused) as refusal:
        uploads.tell(upload=upload, told=_refused(refusal))
        return {"refused": refusal.code}
    if result.errors_file:
        Path(result.errors_file).unlink()
    counts: Counts = {name: count for name, count in vars(result).items() if name != "errors_file"}
    first = [{"line": e.line, "column": e.column, "code": e.code, "facts": e.facts} for e in errors]
    uploads.tell(upload=upload, told={**counts, "errors": first})
    return counts


@job(uploads.TAKE, does=gettext_noop("takes a confirmed file in"))
def take_upload(run: JobRun, _as_of: date) -> Counts:
    """Take an upload in; a run whose worker died is taken up where it stopped."""
    upload = _upload_of(run, Upload.State.TAKING)
    total = int(upload.told["rows"])

    def report(row: ImportFile) -> None:
        jobs.report(run=run, done=row.rows, of=total, at=clock.now())

    try:
        result = importing.take(_given(upload), at=clock.now(), by=run.by, report=report)
    except (FileRefused, Refused, jobs.Cancelled):
        _close(upload)
        raise
    failpoint("upload.before_closed")
    _close(upload)
    return {name: count for name, count in vars(result).items() if name != "errors_file"}


def _close(upload: Upload) -> None:
    uploads.close(upload=upload)
    storage.remove(upload.stored)


@job(exports.JOB)
def export_list(run: JobRun, _as_of: date) -> Counts:
    """Write a long list as a file for the person who asked; a run that is taken up again writes it anew."""
    file = ExportFile.objects.select_related("by").get(pk=run.params["export"])

    def report(done: int, of: int) -> None:
        failpoint("export.written")
        jobs.report(run=run, done=done, of=of, at=clock.now())

    rows, size, sight = files.write(file, clock.now(), report)
    exports.finish(file=file, rows=rows, size=size, sight=sight, at=clock.now())
    return {"rows": rows}


@job("close_exports", does=gettext_noop("removes exported files whose time has run out"), by_hand=True)
def close_exports(_run: JobRun, _as_of: date) -> Counts:
    """Close exports whose time has run out and remove their files."""
    return files.sweep(clock.now())


@job(imports.UNDO, does=gettext_noop("takes back what an import brought"))
def undo_import(run: JobRun, _as_of: date) -> Counts:
    """Undo an import."""
    row = importing.undo(ImportFile.objects.get(pk=run.params["import"]), at=clock.now(), by=run.by)
    return {"rows": row.created + row.updated}


@job(
    "forget_files",
    does=gettext_noop("removes files nobody confirmed, and images of changes too old to be undone"),
    by_hand=True,
)
def forget_files(_run: JobRun, _as_of: date) -> Counts:
    """Remove what is kept of files for a time only: uploads nobody confirmed, images of what imports changed."""
    stored = uploads.forget(at=clock.now())
    for name in stored:
        storage.remove(name)
    tables = list(storage.old(storage.TABLES, clock.now()))
    for path in tables:
        path.unlink(missing_ok=True)
    forgotten = answers.forget(at=clock.now())
    told = deliveries.forget(at=clock.now()) + inbox.forget(at=clock.now())
    counts: Counts = {"files": len(stored) + len(tables), "answers": forgotten, "messages": told}
    return counts | imports.forget(at=clock.now())
