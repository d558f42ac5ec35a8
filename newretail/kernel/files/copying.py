"""Tables as CSV by COPY, whatever their size: cells that no spreadsheet runs, money in yuan, a file whole or none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.management.base import CommandError
from django.db import connection, transaction

from newretail.kernel import sql
from newretail.kernel.files import reasons

CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def safe(column: str) -> str:
    """Write a column of text so that no spreadsheet runs it: what looks like a formula gets an apostrophe."""
    return f"CASE WHEN {column} ~ '^[ \u3000]*[=+@＝＋－＠\\t\\r-]' THEN chr(39) ELSE '' END || {column}"


def yuan(column: str) -> str:
    """Write a column of cents as yuan with two decimals."""
    return f"round({column} * 0.01, 2)"


def write(file: IO[str], header: str, select: str, params: sql.Params | None = None) -> int:
    """Write what a SELECT gives as CSV, its header first; return the rows written."""
    file.write(header + "\n")
    with connection.cursor() as cursor:
        statement = cursor.mogrify(select, params).decode() if params else select
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT csv)", file)
        return int(cursor.rowcount)


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """Open a file to be written beside its name, so that no half one stands under it; only its owner may read it.

    Raises CommandError where no file of ours can stand. What is read inside is read in one transaction.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()) or not path.parent.is_dir():
        raise CommandError(reasons.both("no_place", {"path": path}), returncode=2)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with transaction.atomic(), open(os.open(draft, CREATE, 0o600), "w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
    finally:
        draft.unlink(missing_ok=True)
