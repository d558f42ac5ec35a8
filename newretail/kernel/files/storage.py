"""Where uploaded files lie until their import has ended: a folder per brand, random names, read by the site alone."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

UPLOAD_MOST_BYTES = 200 << 20  # of one uploaded file


@dataclass(frozen=True)
class Kept:
    """A file as it lies here: its name, SHA-256 and size."""

    stored: str
    digest: str
    size: int

    @property
    def path(self) -> Path:
        """Tell where it lies."""
        return path_of(self.stored)


def folder(name: str) -> Path:
    """Give a folder of the brand at work, made when it is not there."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    made = Path(settings.MEDIA_ROOT) / schema / name
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made


def path_of(stored: str) -> Path:
    """Tell where a file of this brand lies."""
    return folder("uploads") / stored


def keep(parts: Iterable[bytes]) -> Kept:
    """Write a file down under a random name."""
    stored, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
    handle = os.open(path_of(stored), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for part in parts:
            file.write(part)
            digest.update(part)
            size += len(part)
    return Kept(stored, digest.hexdigest(), size)


def remove(stored: str) -> None:
    """Remove a file; one that is gone already is gone."""
    path_of(stored).unlink(missing_ok=True)
