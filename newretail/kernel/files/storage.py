"""Where uploaded files lie until their import has ended: a folder per brand, random names, read by the site alone."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

UPLOAD_MOST_BYTES = 200 << 20  # of one uploaded file
UPLOADS, TABLES, EXPORTS = "uploads", "tables", "exports"  # folders of a brand
STRAY_AFTER = timedelta(hours=25)  # a file that no row names is left alone so long: it may be in the making


@dataclass(frozen=True)
class Kept:
    """A file as it lies here: its name, SHA-256 and size."""

    stored: str
    digest: str
    size: int
    path: Path


def folder(name: str) -> Path:
    """Give a folder of the brand at work, made when it is not there."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    made = Path(settings.MEDIA_ROOT) / schema / name
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made


def path_of(stored: str) -> Path:
    """Tell where an uploaded file of this brand lies."""
    return folder(UPLOADS) / stored


def keep(parts: Iterable[bytes], place: str = UPLOADS) -> Kept:
    """Write a file down under a random name."""
    stored, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
    path = folder(place) / stored
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for part in parts:
            file.write(part)
            digest.update(part)
            size += len(part)
    return Kept(stored, digest.hexdigest(), size, path)


def remove(stored: str) -> None:
    """Remove an uploaded file; one that is gone already is gone."""
    path_of(stored).unlink(missing_ok=True)


def old(place: str, at: datetime) -> Iterator[Path]:
    """Give the files of a folder that have lain there too long to be in the making."""
    for path in sorted(folder(place).iterdir()):
        if at.timestamp() - path.stat().st_mtime > STRAY_AFTER.total_seconds():
            yield path
