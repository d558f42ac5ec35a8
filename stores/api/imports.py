"""Files over the API: handed in, looked at, confirmed; what was wrong with their rows as JSON and as CSV."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_noop
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from newretail.kernel.actions import uploads
from newretail.kernel.api import asked, schema
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.views import Door
from newretail.kernel.files import importing, reader, reasons, storage
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.sheets import FileRefused, header_keys
from newretail.kernel.models import ImportFile, RowError, Upload
from newretail.kernel.scopes import Action, Resource
from newretail.kernel.views.uploads import SAMPLES, columns_behind
from stores.models import sight_of

BAD_FILE = gettext_noop("Send one file as the field `file`, its kind as `kind`, `enrol` as true or false.")
COUNTS = ("rows", "created", "updated", "skipped", "rejected", "enrolled")
TRUTHS = {"true": True, "false": False}


class UploadIn(serializers.Serializer[Any]):
    """A file on its way in."""

    file = serializers.FileField(help_text="CSV / XLSX")
    kind = serializers.ChoiceField(
        choices=["members", "orders", "order_lines", "refunds", "products", "stores", "staff"]
    )
    source = serializers.CharField(required=False, max_length=40)
    enrol = serializers.ChoiceField(choices=sorted(TRUTHS), required=False)


class CountsOut(serializers.Serializer[Any]):
    """Rows of a file by what became of them, or would."""

    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    rejected = serializers.IntegerField()
    enrolled = serializers.IntegerField()


class ImportOut(serializers.Serializer[Any]):
    """A file handed in: its number is the SHA-256 of its bytes."""

    number = serializers.CharField(source="digest")
    kind = serializers.CharField()
    source = serializers.CharField()
    file_name = serializers.CharField()
    state = serializers.CharField(help_text="new, trying, tried, taking, closed")
    uploaded_at = serializers.DateTimeField()
    trial = serializers.SerializerMethodField(help_text="试算结果 · what taking it in would do")
    result = serializers.SerializerMethodField(help_text="导入结果 · what became of it")

    def get_trial(self, row: Upload) -> dict[str, int] | None:
        """Tell what the trial told."""
        return {name: row.told[name] for name in COUNTS} if "rows" in row.told else None

    def get_result(self, row: Upload) -> dict[str, int] | None:
        """Tell what became of its rows."""
        taken = row.imports.order_by("-pk").first()
        return {name: getattr(taken, name) for name in COUNTS} if taken else None


class RowErrorOut(serializers.Serializer[Any]):
    """A row that was refused."""

    row = serializers.IntegerField(source="line")
    field = serializers.CharField(source="column")
    code = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, row: RowError) -> str:
        """Say why, in the language asked for."""
        return reasons.sentence(row.code, row.facts)


class _Imports(Door):
    resource: ClassVar[Resource] = "imports"

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name the right: bringing a file in is to run an import."""
        return "view" if method in ("GET", "HEAD", "OPTIONS") else "run"

    def seen(self, request: Request, action: Action = "view") -> QuerySet[Upload]:
        """Give the files handed in; a key confined to a store sees none."""
        rows = Upload.objects.prefetch_related("imports")
        return rows if sight_of(request.user, "imports", action).everything else rows.none()

    def found(self, request: Request, number: str, action: Action = "view") -> Upload:
        """Find the newest upload of a file."""
        row = self.seen(request, action).filter(digest=number).order_by("-uploaded_at", "-pk").first()
        if row is None:
            raise Http404
        return row


class Imports(_Imports):
    """Files handed in, and the way to hand one in."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE | {"after", "limit"}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="list_imports", parameters=[*schema.PAGE[:2], schema.FIELDS],
        responses=schema.page_of(ImportOut, "Imports"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List files in the order in which they were handed in."""
        return schema.listed(request, self.seen(request), ("uploaded_at", "digest", "kind"), ImportOut)

    @extend_schema(
        operation_id="push_import", request={"multipart/form-data": UploadIn}, parameters=[schema.ONCE],
        responses=schema.one(ImportOut, 202),
    )  # fmt: skip
    def post(self, request: Request) -> HttpResponse:
        """Hand a file in: its columns are matched by their names, and what taking it in would do is tried."""
        if not sight_of(request.user, "imports", "run").everything:
            raise Problem(403)
        given = _fields(request)
        kept = storage.keep(request.FILES["file"].chunks())
        told = "\n".join((*map(str, given.values()), kept.digest)).encode()
        try:
            return self.once(request, lambda: self._enter(request, kept, given), asked=told)
        finally:
            if not Upload.objects.filter(stored=kept.stored).exists():
                storage.remove(kept.stored)

    def _enter(self, request: Request, kept: storage.Kept, given: dict[str, Any]) -> tuple[int, Any]:
        try:
            look = reader.peek(kept.path, SAMPLES)
        except FileRefused as refusal:
            raise Problem(422, refusal.code, reasons.SENTENCES[refusal.code]) from None
        row = uploads.take(
            **given, file_name=str(request.FILES["file"].name)[:200], stored=kept.stored, digest=kept.digest,
            size=kept.size, header=look.header, sheet_name=look.sheet_name[:100], at=self.at, by=request.user,
        )  # fmt: skip
        if row.state == Upload.State.NEW:
            importer = IMPORTERS[row.kind]
            behind = [column.name if column else "" for column in columns_behind(row, importer)]
            columns = dict(zip(header_keys(row.header), behind, strict=True))
            row = uploads.map_columns(upload=row, columns=columns, sheet=importer.sheet, at=self.at, by=request.user)
        return 202, ImportOut(row).data


def _fields(request: Request) -> dict[str, Any]:
    """Read what is said of a file; anything else is refused.

    Raises Problem: bad_file.
    """
    said = {name: request.data.getlist(name) for name in request.data if name != "file"}
    kind, enrol = said.get("kind", [""])[0], said.get("enrol", ["false"])[0]
    source = said.get("source", [""])[0]
    wrong = (
        set(said) - {"kind", "source", "enrol"}
        or any(len(values) > 1 for values in said.values())
        or list(request.FILES) != ["file"]
        or len(request.FILES.getlist("file")) != 1
    )
    if wrong or kind not in IMPORTERS or enrol not in TRUTHS or len(source) > 40 or not (source + "x").isprintable():
        raise Problem(400, "bad_file", BAD_FILE, faults=[Fault("bad_file", "file", sentence=BAD_FILE)])
    return {"kind": kind, "source": source, "enrol": TRUTHS[enrol] and IMPORTERS[kind].enrols}


class OneImport(_Imports):
    """One file."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE

    @extend_schema(operation_id="get_import", parameters=[schema.FIELDS], responses=schema.one(ImportOut, 200))
    def get(self, request: Request, number: str) -> Response:
        """Tell how far a file is."""
        row = self.found(request, number)
        return Response(asked.sparse(request.query_params, ImportOut)(row).data)


class Confirm(_Imports):
    """Have a tried file taken in."""

    @extend_schema(
        operation_id="confirm_import", request=schema.Nothing, parameters=[schema.ONCE],
        responses=schema.one(ImportOut, 202),
    )  # fmt: skip
    def post(self, request: Request, number: str) -> HttpResponse:
        """Let a file in after its trial; what was refused in the trial stays out."""
        row = self.found(request, number, "run")
        return self.once(request, lambda: self._confirm(request, row))

    def _confirm(self, request: Request, row: Upload) -> tuple[int, Any]:
        schema.nothing_in(request.data)
        return 202, ImportOut(uploads.confirm(upload=row, at=self.at, by=request.user)).data


class Errors(_Imports):
    """The rows of a file that were refused."""

    queries: ClassVar[frozenset[str]] = asked.SPARSE | {"after", "limit"}

    @extend_schema(
        operation_id="list_import_errors", parameters=[*schema.PAGE[:2], schema.FIELDS],
        responses=schema.page_of(RowErrorOut, "ImportErrors"),
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        """List refused rows in the order of the file."""
        rows = RowError.objects.filter(import_file=_taken(self.found(request, number)))
        return schema.listed(request, rows, ("line", "column", "code"), RowErrorOut)


class ErrorsFile(_Imports):
    """The same as a file."""

    @extend_schema(operation_id="get_import_errors_file", responses={(200, "text/csv"): bytes, **schema.PROBLEMS})
    def get(self, request: Request, number: str) -> StreamingHttpResponse:
        """Send the refused rows as CSV: line, column, code, the reason in both languages."""
        row = _taken(self.found(request, number))
        path = importing.errors_path(row)
        return StreamingHttpResponse(
            _parts(path if path.is_file() else importing.write_errors(row)), content_type="text/csv; charset=utf-8"
        )


def _parts(path: Any) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1 << 16):
            yield part


def _taken(row: Upload) -> ImportFile:
    """Give the import that took a file in.

    Raises Http404, before it was taken.
    """
    taken = row.imports.order_by("-pk").first()
    if taken is None:
        raise Http404
    return taken
