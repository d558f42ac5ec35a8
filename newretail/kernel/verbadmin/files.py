"""Long lists as files of the brand: written by a worker with the rights of the person who asked, removed in time."""

import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation

from newretail.kernel import clock, masking
from newretail.kernel.actions import exports
from newretail.kernel.files import storage
from newretail.kernel.models import ExportFile, Upload, User
from newretail.kernel.verbadmin import export
from newretail.kernel.verbadmin.paging import capped_count


def path_of(file: ExportFile) -> Path:
    """Tell where a file lies."""
    return storage.folder(storage.EXPORTS) / file.stored


def admin_of(noun: str) -> Any:
    """Find the list of a noun, known as members.member."""
    return admin.site._registry[apps.get_model(noun)]


def asking(words: str, by: User) -> HttpRequest:
    """Ask for a list again as a person asked for it."""
    request = HttpRequest()
    request.method, request.path = "GET", ""
    request.GET = QueryDict(words)
    request.user = by
    request.tenant = connection.tenant  # type: ignore[attr-defined]
    return request


def sight_of(noun: str, user: Any) -> str:
    """Say in short what a person sees of a noun: which rows, by the question the database is asked, and how much."""
    rows: Any = apps.get_model(noun)._default_manager.get_queryset()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    try:
        seen = rows.query.sql_with_params()
    except EmptyResultSet:  # no row at all
        seen = ()
    return hashlib.sha256(repr((seen, masking.reader(user))).encode()).hexdigest()


def write(file: ExportFile, at: datetime, report: Callable[[int, int], None]) -> tuple[int, int, str]:
    """Write a list into its file; `report` hears (rows done, rows of). Return rows, bytes and what its owner sees.

    Refuses: NoRight, when the person may not export the list any more.
    """
    listing, request, path = admin_of(file.noun), asking(file.words, file.by), path_of(file)
    if not (listing.may(request, "export") and listing.may(request, "view")):
        raise exports.NoRight
    sight = sight_of(file.noun, file.by)
    eyes = masking.reader(file.by)
    with masking.before(eyes), translation.override(file.language), timezone.override(clock.brand_zone()):
        listed = listing.get_changelist_instance(request)
        total = capped_count(listed.queryset, exports.FILE_MOST_ROWS)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "w+b") as out:
                to_write = listing.to_write(request, listed)
                rows = export.write(to_write, out, file.format, at, lambda done: report(done, total))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return rows, path.stat().st_size, sight


def sweep(at: datetime) -> dict[str, object]:
    """Close what has run out and remove its files, and files that no open row names; return counts."""
    closed = exports.close_ended(at=at)
    kept = set(ExportFile.objects.filter(closed=False).values_list("stored", flat=True))
    strays = {path for path in storage.old(storage.EXPORTS, at) if path.name not in kept}
    ended = {path for path in storage.folder(storage.EXPORTS).iterdir() if path.name in closed}
    for path in strays | ended:
        path.unlink(missing_ok=True)
    return {"closed": len(closed), "removed": len(strays | ended)}


def remove_closed() -> int:
    """Remove at once what closed rows name: exports, uploads, and tables that were looked at; returns how many."""
    exported = set(ExportFile.objects.filter(closed=True).values_list("stored", flat=True))
    handed_in = set(Upload.objects.filter(state=Upload.State.CLOSED).values_list("stored", flat=True))
    gone = [path for path in storage.folder(storage.EXPORTS).iterdir() if path.name in exported]
    gone += [path for path in storage.folder(storage.UPLOADS).iterdir() if path.name in handed_in]
    gone += list(storage.folder(storage.TABLES).iterdir())
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
