"""Importing in the browser: hand a file in, match its columns, see what it would do, let it in."""

import re
from typing import Any, cast

from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from newretail.kernel import clock, scopes
from newretail.kernel.actions import jobs, uploads
from newretail.kernel.doors import scoped
from newretail.kernel.files import reader, reasons, storage
from newretail.kernel.files.importing import IMPORTERS, Importer
from newretail.kernel.files.sheets import Column, FileRefused, guess, header_keys
from newretail.kernel.forms import UploadForm
from newretail.kernel.models import ColumnMapping, ImportFile, Upload, User
from newretail.kernel.verbs import Refused
from newretail.kernel.words import in_words

SAMPLES = 3
FORM_ROOM = 1 << 20  # what a form may hold beside its file
LONG_NUMBER = re.compile(r"(?<=[0-9]{3})[0-9](?=[0-9]{4})", re.ASCII)


def _show(request: HttpRequest, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    runs = scopes.may(request.user, "imports", "run")
    context = {**admin.site.each_context(request), "perms_run": runs, **more}
    return TemplateResponse(request, f"imports/{template}.html", context, status=status)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@scoped("imports", "run")
def _new(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(request.POST or None, request.FILES or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            return _enter(request, form.cleaned_data)
        except FileRefused as refusal:
            form.add_error("file", reasons.sentence(refusal.code, refusal.facts))
    given = form.is_bound
    sources = ColumnMapping.objects.exclude(source="").order_by("source").values_list("source", flat=True)
    return _show(
        request,
        "new",
        step=1,
        status=422 if given else 200,
        title=_("Import a file"),
        form=form,
        sources=sources.distinct()[:100],
        most=f"{storage.UPLOAD_MOST_BYTES >> 20} MB",
        enrolling=[kind for kind, importer in IMPORTERS.items() if importer.enrols],
    )


def _enter(request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
    """Keep the file, look into it, enter it; what cannot be read is not kept."""
    file: UploadedFile[bytes] = given.pop("file")
    kept = storage.keep(file.chunks())
    try:
        look = reader.peek(kept.path, SAMPLES)
        upload = uploads.take(
            **given,
            file_name=file.name or "",
            stored=kept.stored,
            digest=kept.digest,
            size=kept.size,
            header=look.header,
            sheet_name=look.sheet_name[:100],
            at=clock.now(),
            by=_user(request),
        )
    except FileRefused:
        storage.remove(kept.stored)
        raise
    if upload.stored != kept.stored:
        storage.remove(kept.stored)
        messages.info(request, _("This file had been handed in already; here it is."))
    return redirect("imports:upload", upload.pk)


@csrf_exempt
def new(request: HttpRequest) -> HttpResponseBase:
    """Take a file; one that says it is too large is refused before it is read."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not said.isdigit() or int(said) > storage.UPLOAD_MOST_BYTES + FORM_ROOM:
        return _show(
            request, "too_big", status=413, step=1, title=_("Import a file"), most=storage.UPLOAD_MOST_BYTES >> 20
        )
    return csrf_protect(_new)(request)


def _masked(cell: str) -> str:
    """Hide the middle of phone numbers and their like."""
    return LONG_NUMBER.sub("*", cell[:60])


def columns_behind(upload: Upload, importer: Importer) -> list[Column | None]:
    """Find the column behind each header: as chosen before for this upload, for its source, or as they say."""
    known = upload.columns
    if not known:
        kept = ColumnMapping.objects.filter(kind=upload.kind, source=upload.source).first()
        known = kept.columns if kept else {}
    by_name = {column.name: column for column in importer.sheet.columns}
    keys, said = header_keys(upload.header), guess(upload.header, importer.sheet)
    taken = {known[key] for key in keys if key in known}
    return [
        by_name.get(known[key]) if key in known else (None if column and column.name in taken else column)
        for key, column in zip(keys, said, strict=True)
    ]


@scoped("imports", "run")
def columns(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let somebody say which column stands behind each header."""
    upload = get_object_or_404(Upload, pk=pk)
    if upload.state not in (Upload.State.NEW, Upload.State.TRYING, Upload.State.TRIED) or uploads.at_work(upload):
        return redirect("imports:upload", pk)
    importer, refusal = IMPORTERS[upload.kind], ""
    keys = header_keys(upload.header)
    chosen = [column.name if column else "" for column in columns_behind(upload, importer)]
    if request.method == "POST":
        chosen = [request.POST.get(f"column_{number}", "") for number in range(len(keys))]
        try:
            uploads.map_columns(
                upload=upload,
                columns=dict(zip(keys, chosen, strict=True)),
                sheet=importer.sheet,
                at=clock.now(),
                by=_user(request),
            )
        except Refused as refused:
            refusal = str(refused)
        else:
            return redirect("imports:upload", pk)
    look = reader.peek(storage.path_of(upload.stored), SAMPLES)
    return _show(
        request,
        "columns",
        step=2,
        status=422 if refusal else 200,
        title=_("Match the columns"),
        upload=upload,
        kind=in_words(upload.kind),
        refusal=refusal,
        rows=_rows(upload.header, chosen, look.cells),
        columns=importer.sheet.columns,
    )


def _rows(header: list[str], chosen: list[str], samples: list[list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "header": cell.strip().strip("\ufeff"),
            "chosen": chosen[number],
            "samples": [_masked(row[number]) for row in samples if number < len(row)],
        }
        for number, cell in enumerate(header)
    ]


@scoped("imports", "view")
def page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show where an upload stands, and what can be done with it."""
    upload = get_object_or_404(Upload.objects.select_related("run", "by"), pk=pk)
    taken: ImportFile | None = upload.imports.order_by("-pk").first()
    if upload.state == Upload.State.CLOSED and taken:
        return redirect("admin:kernel_importfile_change", taken.pk)
    if upload.state == Upload.State.NEW:
        return redirect("imports:columns", pk)
    told = upload.told
    errors = [{**e, "says": reasons.sentence(e["code"], e["facts"])} for e in told.get("errors", ())]
    names = {column.name: column for column in IMPORTERS[upload.kind].sheet.columns}
    for error in errors:
        column = names.get(error["column"])
        error["column"] = f"{column.zh} · {column.name}" if column else ""
    return _show(
        request,
        "page",
        step=4 if upload.state == Upload.State.TAKING else 3,
        title=upload.file_name,
        upload=upload,
        kind=in_words(upload.kind),
        run=upload.run,
        at_work=uploads.at_work(upload),
        taken=taken,
        told=told,
        refused=_(told["sentence"]) % told["facts"] if "refused" in told else "",
        errors=errors,
    )


def _deed(request: HttpRequest, pk: int, verb: Any) -> HttpResponse:
    """Let a verb act on an upload; what it refuses is said on the page."""
    upload = get_object_or_404(Upload.objects.select_related("run"), pk=pk)
    try:
        verb(upload)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("imports:upload", pk)


@require_POST
@scoped("imports", "run")
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let the file in."""
    return _deed(request, pk, lambda upload: uploads.confirm(upload=upload, at=clock.now(), by=_user(request)))


@require_POST
@scoped("imports", "run")
def cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask the run that works on the file to stop."""

    def stop(upload: Upload) -> None:
        if upload.run is None:
            raise jobs.HasEnded
        jobs.cancel(run=upload.run, at=clock.now(), by=_user(request))

    return _deed(request, pk, stop)


@require_POST
@scoped("imports", "run")
def drop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the file up."""

    def give_up(upload: Upload) -> None:
        uploads.drop(upload=upload, at=clock.now(), by=_user(request))
        storage.remove(upload.stored)

    answer = _deed(request, pk, give_up)
    gone = not Upload.objects.filter(pk=pk).exclude(state=Upload.State.CLOSED).exists()
    return redirect("admin:kernel_importfile_changelist") if gone else answer
