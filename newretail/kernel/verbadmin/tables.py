"""Small tables through import-export's own screens: a preview by the verb itself, rolled back, then the verb."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from re import fullmatch
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from import_export.admin import ImportMixin
from import_export.formats.base_formats import Format
from import_export.resources import Resource as BaseResource
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import BaseStorage
from unfold.contrib.import_export.forms import ImportForm

from newretail.kernel import clock
from newretail.kernel.files import reader, reasons, storage
from newretail.kernel.files.importing import IMPORTERS, Importer
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Peek
from newretail.kernel.files.rows import batch_of
from newretail.kernel.files.sheets import Column, FileRefused, match_header
from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin.base import VerbAdmin
from newretail.kernel.verbadmin.editing import cell
from newretail.kernel.verbs import Refused
from newretail.kernel.words import in_words

MOST_ROWS = 5_000
MOST_BYTES = 2 << 20
Row = dict[str, str]


class _Undone(Exception):
    """Ends a preview: what the verb did is undone."""


class TableStorage(BaseStorage):
    """Where a previewed file lies until it is confirmed: the brand's folder, a random name."""

    def _path(self) -> Path:
        name = str(self.name)
        if not fullmatch(r"[0-9a-f]{32}", name):
            raise FileRefused("no_file", path=name[:40])
        return storage.folder(storage.TABLES) / name

    def save(self, data: Any) -> None:
        """Write the file down."""
        self.name = storage.keep([data], storage.TABLES).stored

    def read(self) -> Path:
        """Tell where the file lies.

        Refuses: FileRefused, when it does not.
        """
        path = self._path()
        if not path.is_file():
            raise FileRefused("no_file", path=path.name)
        return path

    def remove(self) -> None:
        """Remove the file."""
        self._path().unlink(missing_ok=True)


class TableFile(Format):
    """A file of rows, whatever its name says: it is read by the kind's own reader, within limits, not here."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        """Name what is read."""
        return "CSV / XLSX"

    def create_dataset(self, in_stream: Path) -> Path:
        """Hand on where the file lies."""
        return in_stream

    def can_import(self) -> bool:
        """Tell that it is for reading."""
        return True


class SmallFileForm(ImportForm):
    """The first screen's form; a file that is no small table is told so."""

    def clean_import_file(self) -> Any:
        """Refuse a file beyond the limit."""
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise ValidationError(gettext("A table holds at most %(most)s MB.") % {"most": MOST_BYTES >> 20})
        return file


class _Named:
    """A column as the first screen lists it."""

    def __init__(self, name: str) -> None:
        self.column_name = name


class _Sentence(Exception):
    """What is wrong with the whole file, in words."""


def _text(value: str, column: Column) -> str:
    """Read a cell as the file reader does: blanks around it go, a key is folded."""
    text = value.strip()
    return unicodedata.normalize("NFKC", text) if column.type == "key" else text


def _in_file(wrong: RowRefusal, lines: list[int]) -> RowRefusal:
    """Give the refusal with the lines it speaks of numbered as the file numbers them."""
    first = wrong.facts.get("first_line")
    return replace(wrong, facts={**wrong.facts, "first_line": lines[first - 1]}) if isinstance(first, int) else wrong


class TableResource(BaseResource):
    """A kind of file as import-export sees it: the rows go to the kind's verb as one batch."""

    importer: ClassVar[Importer]
    rows: ClassVar[QuerySet[Any]]
    cells: ClassVar[dict[str, Callable[[Any], object]]]

    @classmethod
    def get_display_name(cls) -> str:
        """Name the kind."""
        return in_words(cls.importer.sheet.kind)

    def get_user_visible_fields(self) -> list[Any]:
        """Name the columns that are read."""
        return [_Named(f"{column.name} ({column.zh})") for column in self.importer.sheet.columns]

    def import_data(self, dataset: Any, dry_run: bool = False, **given: Any) -> Result:  # noqa: FBT001, FBT002
        """Take the rows of a file through the verb; a preview does the same and is rolled back.

        One wrong row and nothing is written: the screen shows each, and the file comes again mended.
        """
        result = Result()
        result.diff_headers = list(self._heads().values())
        try:
            look = reader.peek(dataset, MOST_ROWS + 1, self.importer.sheet)
            rows = self._read(look)
            result.total_rows = len(look.lines) + len(look.errors)
            with transaction.atomic():
                self._take(rows, look, result, given.get("user"))
                if dry_run or result.has_validation_errors():
                    raise _Undone
        except _Undone:
            pass
        except FileRefused as refusal:
            result.append_base_error(Error(_Sentence(reasons.sentence(refusal.code, refusal.facts))))
        except Refused as refusal:
            result.append_base_error(Error(_Sentence(str(refusal))))
        return result

    def _read(self, look: Peek) -> list[Row]:
        """Give the rows by column name, whatever language the header is in."""
        if len(look.lines) + len(look.errors) > MOST_ROWS:
            raise FileRefused("table_too_long", most=f"{MOST_ROWS:,}")
        if not look.lines and not look.errors:
            raise FileRefused("no_rows")
        columns = match_header(look.header, self.importer.sheet)
        return [
            {column.name: _text(text, column) for text, column in zip(cells, columns, strict=False) if column}
            for cells in look.cells
        ]

    def _take(self, rows: list[Row], look: Peek, result: Result, user: Any) -> None:
        batch = batch_of(self.importer.sheet, [{name: cell or None for name, cell in row.items()} for row in rows])
        before = self._held(rows)
        outcome: Outcome = self.importer.verb(batch=batch, at=clock.now(), by=user)
        after = self._held(rows)
        refused = {each.line: each for each in outcome.refusals}
        for number, (line, row) in enumerate(zip(look.lines, rows, strict=True), 1):
            if number in refused:
                self._refuse(result, line, row, _in_file(refused[number], look.lines))
                continue
            key = self._key(row)
            told = self._told(before.get(key), after.get(key, row))
            before[key] = after.get(key, row)  # the same key again changes nothing
            result.append_row_result(told)
            result.increment_row_result_total(told)
        for line, code in look.errors:
            self._refuse(result, line, {}, RowRefusal(line, "", code))
        result.invalid_rows.sort(key=lambda each: each.number)

    def _refuse(self, result: Result, line: int, row: Row, wrong: RowRefusal) -> None:
        """Show a row that is refused, by its line in the file."""
        sentence = reasons.sentence(wrong.code, wrong.facts)
        heads = self._heads()
        column, shown = (
            heads.get(wrong.column, NON_FIELD_ERRORS),
            {head: row.get(name, "") for name, head in heads.items()},
        )
        result.append_invalid_row(line, shown, ValidationError({column: sentence}))
        result.totals[RowResult.IMPORT_TYPE_INVALID] += 1

    def _heads(self) -> dict[str, str]:
        """Head the columns in the language at work."""
        chinese = (get_language() or "").startswith("zh")
        return {column.name: column.zh if chinese else column.name for column in self.importer.sheet.columns}

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(row.get(name, "") for name in self.importer.sheet.key)

    def _held(self, rows: list[Row]) -> dict[tuple[str, ...], Row]:
        """Give what the table holds under the rows' keys, each as a file would write it."""
        name = self.importer.sheet.key[0]
        kept = self.rows.filter(**{f"{name}__in": {row.get(name, "") for row in rows}})
        held = [{column.name: self._cell(each, column.name) for column in self.importer.sheet.columns} for each in kept]
        return {self._key(row): row for row in held}

    def _cell(self, row: Any, name: str) -> str:
        found = self.cells[name](row) if name in self.cells else cell(getattr(row, name))
        return "" if found is None else str(found)

    @staticmethod
    def _told(was: Row | None, now: Row) -> RowResult:
        """Tell of one row what the verb made of it: new, changed (from → to), or as it was."""
        told = RowResult()
        told.import_type = RowResult.IMPORT_TYPE_SKIP if was == now else RowResult.IMPORT_TYPE_UPDATE
        if was is None:
            told.import_type = RowResult.IMPORT_TYPE_NEW
        told.diff = [_shown((was or now).get(name, ""), text) for name, text in now.items()]
        return told


def _shown(was: str, now: str) -> Any:
    return now if was == now else format_html("<del>{}</del> <ins>{}</ins>", was or "—", now or "—")


class TableAdmin(ImportMixin, VerbAdmin):
    """A list whose rows also come in by file on import-export's screens: look at what would happen, then confirm.

    `kind` names the kind of file; `cells` tell how columns are written that are no plain field of the row.
    """

    kind: ClassVar[str]
    cells: ClassVar[dict[str, Callable[[Any], object]]] = {}
    offers: ClassVar[dict[str, Action]] = {"import": "change"}
    import_export_change_list_template = "admin/verb_list.html"
    import_form_class = SmallFileForm
    import_error_display = ("message",)
    tmp_storage_class = TableStorage
    skip_admin_log = True

    def table_rows(self) -> QuerySet[Any]:
        """Give the rows of the table with what their columns need."""
        related = self.list_select_related
        rows = self.model._default_manager.get_queryset()
        return rows.select_related(*related) if isinstance(related, list | tuple) and related else rows

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Ask the table of rights."""
        return self.may(request, "change")

    def get_import_formats(self) -> list[Any]:
        """Read CSV and workbooks, told apart by what they hold."""
        return [TableFile]

    def get_import_resource_classes(self, request: HttpRequest) -> list[Any]:
        """Give the one kind of file."""
        held = {"importer": IMPORTERS[self.kind], "rows": self.table_rows(), "cells": self.cells}
        return [type("Resource", (TableResource,), held)]

    def get_urls(self) -> list[URLPattern]:
        """Let the screens' addresses be known as this list's."""
        found = super().get_urls()
        for each in found:
            if str(each.name).endswith("_import"):
                cast("Any", each.callback).model_admin = self
        return found

    def process_import(self, request: HttpRequest, **given: Any) -> HttpResponseBase:
        """Do what was looked at; a file that is gone, or wrong by now, leads back to the beginning."""
        back = f"admin:{self.opts.app_label}_{self.opts.model_name}_import"
        if request.method != "POST":
            return redirect(back)
        try:
            return cast("HttpResponseBase", super().process_import(request, **given))
        except (FileRefused, ValueError):
            messages.error(request, gettext("The file is no longer there; choose it again."))
            return redirect(back)

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponseBase:
        """Say what came of it; a row that turned wrong in the meantime has stopped everything."""
        if result.has_errors() or result.has_validation_errors():
            messages.error(
                request, gettext("Nothing was taken in: the table changed meanwhile. Look at the file again.")
            )
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        return cast("HttpResponseBase", super().process_result(result, request))
