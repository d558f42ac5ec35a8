"""The ground of a run: a database server, the two roles, two brands made by the product's own commands."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import django
from django.apps import apps
from django.db import connections

from bench.scale import Scale
from newretail.platform.database import apply_database_rules, connect, provision, role_urls
from newretail.platform.embedded import Cluster

ROOT = Path(__file__).resolve().parent.parent
BIG, SMALL = "bench", "bench_small"
HOSTS = {BIG: "bench.localhost", SMALL: "small.bench.localhost"}
DATABASE = "newretail_bench"
Build = Callable[["Ground"], None]


class Ground:
    """A context: the server runs, `DATABASE_URL` leads to a loaded database, Django is set up."""

    def __init__(self, scale: Scale, *, home: Path | None, build: Build, say: Callable[[str], None]) -> None:
        """Name the size; `home` keeps server and loaded database for the next run, else all is thrown away."""
        self.scale, self.kept, self.build, self.say = scale, home is not None, build, say
        self.home = home or Path(tempfile.mkdtemp(prefix="newretail-bench-"))
        self.cluster: Cluster | None = None
        self.server_url = ""
        self.database = DATABASE

    def __enter__(self) -> Self:
        """Start the server and have a loaded database ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o755)
        try:
            self._start()
            self._load()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop this run's database, stop what was started, throw away what is not kept."""
        self._stop()

    @property
    def files(self) -> Path:
        """Name the folder of the files that are imported."""
        folder = self.home / "files"
        folder.mkdir(exist_ok=True)
        return folder

    def admin(self, schema: str = "public") -> Any:
        """Open a superuser's session in this run's database, for loading and for references."""
        session = connect(urlunsplit(urlsplit(self.server_url)._replace(path=f"/{self.database}")))
        with session.cursor() as cursor:
            cursor.execute(f"SET search_path = {schema}, public")
        return session

    def command(self, *words: str) -> None:
        """Run one of the product's commands."""
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def _start(self) -> None:
        self.server_url = os.environ.get("DATABASE_URL", "")
        if not self.server_url:
            self.cluster = Cluster(self.home, durable=True)
            self.server_url = self.cluster.start()

    def _server(self, *statements: str) -> list[tuple[Any, ...]]:
        session = connect(self.server_url)
        try:
            with session.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

    def _load(self) -> None:
        """Build the database, or clone one that an earlier run kept."""
        base = f"{DATABASE}_{self.scale.name}_{_state()}"
        if not self.kept:
            self._enter(self.database, new=True)
            self.build(self)
            return
        if not self._server(f"SELECT 1 FROM pg_database WHERE datname = '{base}'"):
            for (old,) in self._server(
                f"SELECT datname FROM pg_database WHERE datname ~ '^{DATABASE}_{self.scale.name}_'"
            ):
                self._server(f"DROP DATABASE {old} WITH (FORCE)")
            self.database = f"{base}_draft"
            self._enter(self.database, new=True)
            self.build(self)
            _leave()
            self._server(f"ALTER DATABASE {self.database} RENAME TO {base}")
        self.database = DATABASE
        self.say(f"cloning {base}")
        self._server(
            f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",
            f"CREATE DATABASE {DATABASE} TEMPLATE {base} OWNER newretail_owner STRATEGY FILE_COPY",
        )
        self._enter(DATABASE, new=False)

    def _enter(self, database: str, *, new: bool) -> None:
        """Point the environment and Django at a database; a new one gets its tables and brands."""
        secrets = self.home / "secret"
        urls = provision(self.server_url, database, secrets=secrets) if new else None
        urls = urls or role_urls(self.server_url, database, secrets=secrets)
        apply_database_rules(urls.owner_url)
        os.environ.update(
            DATABASE_URL=urls.app_url, DATABASE_OWNER_URL=urls.owner_url, NEWRETAIL_HOME=str(self.home),
            SECRET_KEY="bench", DJANGO_SETTINGS_MODULE="newretail.settings.base", WRITE_GUARD="",
        )  # fmt: skip
        if new:
            self.say("migrating, creating two brands")
            self.command("migrate_schemas", "-v0")
            for code in (BIG, SMALL):
                self.command("create_brand", code, "--name", code, "--domain", HOSTS[code])
        (self.home / "static").mkdir(exist_ok=True)
        django.setup()
        _point_django_at(urls.app_url)

    def _stop(self) -> None:
        if self.server_url:
            _leave()
            self._server(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        if self.cluster is not None:
            self.cluster.stop()
        if not self.kept:
            shutil.rmtree(self.home, ignore_errors=True)


def _point_django_at(url: str) -> None:
    """Lead Django's connection, whose settings were read once, to this database."""
    target = connections["default"]
    target.close()
    target.settings_dict["NAME"] = urlsplit(url).path.lstrip("/")


def _leave() -> None:
    if apps.ready:
        connections["default"].close()


def _state() -> str:
    """Tell one state of the tables and of the way they are loaded from another."""
    digest = hashlib.sha1(usedforsecurity=False)
    parts = ("*/migrations/*.py", "newretail/*/migrations/*.py", "bench/ground.py", "bench/filling.py")
    for path in sorted(found for part in parts for found in ROOT.glob(part)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def brand(code: str) -> Any:
    """Find a brand; used as a context it is the brand at work."""
    return apps.get_model("platform", "Brand").objects.get(code=code)
