"""The suite's ground: a real PostgreSQL and Valkey, a template database cloned per worker, two brands, the guard on."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from newretail.platform.database import apply_database_rules, provision, role_urls
from newretail.platform.embedded import Cluster
from newretail.platform.embedded_valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
BRANDS = (("acme", "localhost"), ("beta", "second.localhost"))
SEEDED = {"django_content_type", "auth_permission", "django_migrations"}  # rows that migrations put there
GROUND: dict[str, Any] = {}
# To autovacuum a test's rows, which are never committed, are none: the planner would be told that its tables are empty.
LEFT_ALONE = """
DO $$ DECLARE held record; BEGIN
  FOR held IN SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('acme', 'beta') AND c.relname LIKE 'members\\_%'
  LOOP EXECUTE format('ALTER TABLE %I.%I SET (autovacuum_enabled = off)', held.nspname, held.relname); END LOOP;
END $$
"""


def _hash() -> str:
    parts = ["*/migrations/*.py", "*/models/*.py", "newretail/*/migrations/*.py", "newretail/*/models/*.py",
             "newretail/platform/*.py", "tests/conftest.py"]  # fmt: skip
    digest = hashlib.sha1(usedforsecurity=False)
    for path in sorted(found for part in parts for found in ROOT.glob(part)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _run_sql(url: str, *statements: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _start_servers() -> None:
    """Start what the environment does not give; the folder is thrown away at the end."""
    home = Path(tempfile.mkdtemp(prefix="newretail-tests-"))
    home.chmod(0o755)
    GROUND["home"] = home
    admin = os.environ.get("DATABASE_URL")
    if not admin:
        GROUND["cluster"] = Cluster(home, durable=False)
        admin = GROUND["cluster"].start()
    if not os.environ.get("REDIS_URL"):
        GROUND["valkey"] = Valkey(home)
        os.environ["REDIS_URL"] = GROUND["valkey"].start()
    GROUND["admin"] = admin


def _build_template(admin: str, home: Path) -> str:
    """Build the template by the product's own commands, as the owner role, once per state of the models."""
    name = f"newretail_tpl_{_hash()}"
    if _run_sql(admin, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        provision(admin, name, secrets=home / "secret", dev=True)
        return name
    draft = f"{name}_{os.getpid()}"
    urls = provision(admin, draft, secrets=home / "secret", dev=True)
    environment = {**os.environ, "DATABASE_URL": urls.app_url, "DATABASE_OWNER_URL": urls.owner_url,
                   "NEWRETAIL_HOME": str(home), "SECRET_KEY": "tests",
                   "WRITE_GUARD": "", "DJANGO_SETTINGS_MODULE": "newretail.settings.base"}  # fmt: skip
    commands = [["migrate_schemas", "-v0"]]
    commands += [["create_brand", code, "--name", code, "--domain", host] for code, host in BRANDS]
    for command in commands:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    _run_sql(urls.owner_url, LEFT_ALONE)
    try:
        _run_sql(admin, f"ALTER DATABASE {draft} RENAME TO {name}")
    except psycopg2.errors.DuplicateDatabase:  # another run was quicker
        _run_sql(admin, f"DROP DATABASE {draft}")
    return name


def pytest_configure(config: pytest.Config) -> None:
    """Start the ground once, in the process that leads the run."""
    if hasattr(config, "workerinput"):
        GROUND.update(config.workerinput["ground"], home=Path(config.workerinput["ground"]["home"]))
        os.environ["REDIS_URL"] = GROUND["redis"]
    os.environ.setdefault("SECRET_KEY", "tests only")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Lay the ground before xdist starts its workers."""
    if hasattr(session.config, "workerinput"):
        return
    _start_servers()
    (GROUND["home"] / "secret").mkdir(mode=0o700, exist_ok=True)
    GROUND["template"] = _build_template(GROUND["admin"], GROUND["home"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the ground is."""
    node.workerinput["ground"] = {
        "admin": GROUND["admin"], "home": str(GROUND["home"]), "template": GROUND["template"],
        "redis": os.environ["REDIS_URL"], "pid": os.getpid(),
    }  # fmt: skip


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take the ground away."""
    if hasattr(session.config, "workerinput"):
        return
    for server in ("valkey", "cluster"):
        if server in GROUND:
            GROUND[server].stop()
    if "home" in GROUND:
        shutil.rmtree(GROUND["home"], ignore_errors=True)


@pytest.fixture(scope="session")
def database_urls(worker_id: str) -> Iterator[Any]:
    """A clone of the template for this worker: addresses of its two roles."""
    name = f"test_{GROUND.get('pid', os.getpid())}_{worker_id}"
    urls = role_urls(GROUND["admin"], name, secrets=GROUND["home"] / "secret")
    _run_sql(
        GROUND["admin"],
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} TEMPLATE {GROUND['template']} OWNER newretail_owner STRATEGY FILE_COPY",
    )
    apply_database_rules(urls.owner_url)
    yield urls
    _run_sql(GROUND["admin"], f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _open_drawer(connection: Any, **_: Any) -> None:
    """Make the connection's schema of temporary tables, outside every test.

    One that a test's rollback takes away changes the search path twice: each prepared statement is planned anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE tmp_drawer (); DROP TABLE IF EXISTS pg_temp.tmp_drawer")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, database_urls: Any) -> Iterator[None]:
    """Point Django at the clone, as the application role."""
    import environ
    from django.conf import settings
    from django.db import connections
    from django.db.backends.signals import connection_created

    given = environ.Env.db_url_config(database_urls.app_url)
    for target in (connections["default"].settings_dict, settings.DATABASES["default"]):
        target.update({key: given[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    GROUND["owner_url"] = database_urls.owner_url
    connection_created.connect(_open_drawer)
    yield
    with django_db_blocker.unblock():
        connections["default"].close()


def _empty_brands() -> None:
    """Empty the non-empty tables of the brands, as the owner and without regard to foreign keys."""
    if "tables" not in GROUND:
        names = ", ".join(f"'{code}'" for code, _ in BRANDS)
        found = _run_sql(
            GROUND["owner_url"],
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            f" WHERE c.relkind = 'r' AND n.nspname IN ({names})",
        )
        GROUND["tables"] = [f'"{s}"."{t}"' for s, t in found if t not in SEEDED]
    tables = GROUND["tables"]
    full = _run_sql(GROUND["owner_url"], f"SELECT {', '.join(f'EXISTS (SELECT FROM {t})' for t in tables)}")[0]
    deletes = [f"DELETE FROM {table}" for table, filled in zip(tables, full, strict=True) if filled]
    if deletes:
        _run_sql(GROUND["owner_url"], "SET session_replication_role = replica", *deletes)


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    """What one test asked for too often is not held against the next: the clock of many stands still."""
    from django.core.cache import caches

    caches["counters"].clear()


@pytest.fixture(scope="session", autouse=True)
def _own_teardown() -> None:
    """Django's flush is refused to the application role: tests that commit are cleaned up by the owner."""
    from django.db import connections
    from django.test import TransactionTestCase

    def teardown(self: Any) -> None:
        connections["default"].close()
        _empty_brands()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _first_language() -> Iterator[None]:
    """Each test begins in the site's first language: what a request switched to ends with its test."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def brand(request: pytest.FixtureRequest, db: None) -> Iterator[Any]:
    """The brand acme at work; its host is localhost. After the test its books agree, unless it breaks them on purpose."""
    from django.db import connection

    from newretail.platform.models import Brand
    from tests.laws import prepared

    found = Brand.objects.get(code="acme")
    connection.set_tenant(found)
    yield found
    connection.set_tenant(found)
    if not connection.needs_rollback and not request.node.get_closest_marker("books_may_break"):
        assert prepared.broken() == []
    connection.set_schema_to_public()


@pytest.fixture
def noon(brand: Any) -> Iterator[Any]:
    """The brand acme at `world.NOW`, where the clock stands still unless the test moves it."""
    import time_machine

    from tests import world

    with time_machine.travel(world.NOW, tick=False) as clock:
        yield clock


@pytest.fixture(scope="module")
def long_noon(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The noon of a module: what is built in it stands before each of its tests, and goes when they have run."""
    from tests import lasting

    with lasting.at_noon(django_db_blocker):
        yield


@pytest.fixture(scope="module")
def long_trade(long_noon: None) -> None:
    """The small trade of `sights`, at the noon of a module."""
    from tests import sights

    sights.trade()


@pytest.fixture
def traded(noon: Any) -> None:
    """The small trade of `sights`, at noon."""
    from tests import sights

    sights.trade()


@pytest.fixture
def other_brand(db: None) -> Any:
    """The brand beta, not at work; its host is second.localhost."""
    from newretail.platform.models import Brand

    return Brand.objects.get(code="beta")
