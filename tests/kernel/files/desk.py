"""Where the proofs hand files in: bytes on disk, taken by the product, told as counts and refusals."""

import io
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newretail.kernel.files import child, importing, reader
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.sheets import FileRefused, Sheet
from newretail.kernel.models import ImportFile, RowError
from tests import world

Refusal = tuple[int, str, str]


@dataclass(frozen=True)
class Taken:
    """What came of a file: its counts, its refusals as (line, column, code)."""

    result: importing.Result
    refusals: list[Refusal]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Give created, updated, skipped, rejected."""
        return self.result.created, self.result.updated, self.result.skipped, self.result.rejected

    @property
    def codes(self) -> list[str]:
        """Give the reasons in the order of the file."""
        return [code for _, _, code in self.refusals]


def write(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    """Put a file on disk; text becomes UTF-8."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def take(folder: Path, kind: str, content: str | bytes, *, enrol: bool = False) -> Taken:
    """Take a file of this content into the brand at work."""
    result = importing.take_file(kind, write(folder, content), at=world.NOW, enrol=enrol)
    newest = ImportFile.objects.latest("id")
    refusals = RowError.objects.filter(import_file=newest).order_by("line", "id")
    return Taken(result, list(refusals.values_list("line", "column", "code")))


def rows(header: str, lines: Sequence[str]) -> str:
    """Write a file of a header and lines."""
    return "\n".join((header, *lines)) + "\n"


def stay_here(monkeypatch: Any) -> None:
    """Let files be read within this process as long as a test runs: a child takes half a second to begin."""
    monkeypatch.setattr(child, "limit", lambda path: None)
    monkeypatch.setattr(reader, "batches", read_here)


def read_here(path: Path, sheet: Sheet, *, rows: int | None = None, done: int = 0) -> Iterator[Batch]:
    """Read a file by the child's own code and protocol, within this process."""
    out, given, died = io.BytesIO(), sys.stdin, ""
    sys.stdin = io.StringIO(sheet.to_json())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what the child leaves open ends with it
        try:
            child.main([str(path), str(rows or reader.chunk_rows()), str(done)], out)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - whatever the child dies of
            died = repr(error)[:200]
        finally:
            sys.stdin = given
    if died:
        raise FileRefused("reader_died", why=died)
    out.seek(0)
    for head, body in reader._messages(out):
        if "refused" in head:
            raise FileRefused(head["refused"], **head["facts"])
        if "chunk" in head:
            errors = tuple((line, column, code) for line, column, code in head["errors"])
            yield Batch(tuple(sheet.output), body, head["rows"], errors, head["chunk"])
