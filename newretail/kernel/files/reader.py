"""The parent's side: start the child, hand on its chunks, say in words why it ended."""

import hashlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from newretail.kernel.files.sheets import FileRefused, Sheet

CHUNK_ROWS = 50_000
CHUNK_ROWS_SET = "NEWRETAIL_CHUNK_ROWS"  # in the environment: smaller chunks, for a proof or a small machine
CHECKOUT = Path(__file__).resolve().parent.parent.parent.parent


@dataclass(frozen=True)
class Batch:
    """Clean rows on their way to a verb: CSV for COPY with these columns, `line` first.

    `errors` are rows already found wrong: (line, column, code); `repeats` whether a key may stand there twice.
    """

    columns: tuple[str, ...]
    data: bytes
    rows: int
    errors: tuple[tuple[int, str, str], ...] = ()
    number: int = 1
    repeats: bool = True


def digest(path: Path) -> str:
    """Give the SHA-256 of a file: the same file is the same import."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise FileRefused("reader_died")
    return data


def _messages(pipe: IO[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    while True:
        head = json.loads(_exactly(pipe, struct.unpack(">I", _exactly(pipe, 4))[0]))
        yield head, _exactly(pipe, head["size"])
        if "end" in head:
            return


def _tell(pipe: IO[bytes], text: bytes) -> None:
    try:
        pipe.write(text)
        pipe.close()
    except BrokenPipeError:
        raise FileRefused("reader_died") from None


def chunk_rows() -> int:
    """Tell how many rows a chunk holds; an import cut off must go on with as many as it began with."""
    return int(os.environ.get(CHUNK_ROWS_SET) or CHUNK_ROWS)


@dataclass(frozen=True)
class Peek:
    """What a file looks like: its header cells and its first rows; of a workbook the sheet that is read.

    `lines` number the rows as the file does, `errors` are rows that cannot be read: (line, code).
    """

    header: list[str]
    cells: list[list[str]]
    lines: list[int]
    errors: list[tuple[int, str]]
    sheet_name: str = ""


def _child(
    what: str, path: Path, rows: int, *, sheet: Sheet | None, done: int = 0
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Run the reading child and give its messages.

    Refuses: FileRefused (the whole file), also when the child hit its limits.
    """
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "ARROW_DEFAULT_MEMORY_POOL": "system",
                   "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}  # fmt: skip
    command = [sys.executable, "-m", f"newretail.kernel.files.{what}", str(path.resolve()), str(rows), str(done)]
    child = subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    if child.stdin is None or child.stdout is None:
        raise FileRefused("reader_died")
    try:
        _tell(child.stdin, sheet.to_json().encode() if sheet else b"")
        for head, body in _messages(child.stdout):
            if "refused" in head:
                raise FileRefused(head["refused"], **head["facts"])
            yield head, body
    finally:
        child.kill()
        child.stdout.close()
        child.wait()


def peek(path: Path, rows: int, sheet: Sheet | None = None) -> Peek:
    """Look at the header and the first rows of a file; as a sheet's, its days are read as days.

    Refuses: FileRefused.
    """
    head = next(head for head, _ in _child("glance", path, rows, sheet=sheet) if "peek" in head)
    errors = [(line, code) for line, code in head["errors"]]
    return Peek(head["header"], head["cells"], head["lines"], errors, head["sheet_name"])


def batches(path: Path, sheet: Sheet, *, rows: int | None = None, done: int = 0) -> Iterator[Batch]:
    """Read a file in chunks of so many rows, leaving out the first `done` chunks.

    Refuses: FileRefused (the whole file), also when the child hit its limits.
    """
    for head, body in _child("child", path, rows or chunk_rows(), sheet=sheet, done=done):
        if "chunk" in head:
            yield Batch(
                columns=tuple(sheet.output),
                data=body,
                rows=head["rows"],
                errors=tuple((line, column, code) for line, column, code in head["errors"]),
                number=head["chunk"],
            )
