"""The manifest of a backup: what it holds, of which state, and how to tell that it is whole."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from newretail.platform.folder import write_private
from newretail.platform.trouble import PlatformError

NAME = "manifest.json"
DATABASE, MEDIA = "database.dump", "media.tar.gz"
FORMAT = 1
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `brand` is None for a whole installation; counts and migrations stand by schema."""

    format: int
    version: str
    made_at: str
    server: int
    brand: dict[str, Any] | None
    migrations: dict[str, list[str]]
    counts: Counts
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Keep it in the backup's folder."""
        write_private(folder / NAME, json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True))

    def require_whole(self, folder: Path) -> None:
        """Compare every file with what was written.

        Refuses: PlatformError naming the first that differs.
        """
        for name, told in self.files.items():
            path = folder / name
            if not path.is_file() or fingerprint(path) != told:
                raise PlatformError(
                    f"备份不完整：{path} 缺失或已改变",
                    f"the backup is not whole: {path} is missing or has changed",
                )


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Refuses: PlatformError when the folder is no backup, or one of a format of tomorrow.
    """
    try:
        told = json.loads((folder / NAME).read_text())
        if told["format"] == FORMAT:
            return Manifest(**told)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise PlatformError(f"{folder} 不是备份", f"{folder} is no backup", f"    {error}") from error
    raise PlatformError(
        f"{folder} 由更新版本的 newretail 生成，请先升级",
        f"{folder} was made by a newer newretail: upgrade first",
    )


def fingerprint(path: Path) -> dict[str, Any]:
    """Measure a file: bytes and SHA-256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def app_version() -> str:
    """Name the version of the product that runs."""
    try:
        return version("newretail")
    except PackageNotFoundError:
        return "checkout"


def stamp(at: datetime, server: int, schemas: list[str], brand: dict[str, Any] | None) -> Manifest:
    """Describe the schemas as the transaction under way sees them."""
    return Manifest(
        format=FORMAT,
        version=app_version(),
        made_at=at.isoformat(),
        server=server,
        brand=brand,
        migrations={schema: applied(schema) for schema in schemas},
        counts={schema: counts(schema) for schema in schemas},
    )


def counts(schema: str) -> dict[str, int]:
    """Count the rows of each table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace"
            " WHERE n.nspname = %s AND relkind = 'r' ORDER BY 1",
            [schema],
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {_place(schema, table)}")
            found[table] = int(cursor.fetchone()[0])
    return found


def applied(schema: str) -> list[str]:
    """List the migrations that a schema has, as `app.name`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [_place(schema, "django_migrations")])
        if cursor.fetchone()[0] is None:
            return []
        cursor.execute(f"SELECT app || '.' || name FROM {_place(schema, 'django_migrations')} ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def unknown(manifest: Manifest) -> list[str]:
    """Name the migrations that this version of the code does not have."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or {}}
    return sorted({name for names in manifest.migrations.values() for name in names} - known)


def _place(schema: str, table: str) -> str:
    quote = connection.ops.quote_name
    return f"{quote(schema)}.{quote(table)}"
