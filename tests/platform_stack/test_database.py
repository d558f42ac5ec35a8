"""Two roles share a database: the owner changes its shape, the application role only rows."""

import psycopg2
import pytest
from psycopg2 import errors

from newretail.platform.database import (
    APP,
    OWNER,
    Urls,
    apply_database_rules,
    connect,
    may_create_roles,
    provision,
    role_urls,
)
from newretail.platform.embedded import Cluster
from newretail.platform.trouble import PlatformError

ROLES = (
    "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
    " WHERE rolname LIKE 'newretail%' ORDER BY rolname"
)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Ask the server one question."""
    connection = connect(url)
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def ledger(urls: Urls) -> str:
    """Make a table as the owner, as a migration would."""
    connection = connect(urls.owner_url)
    connection.cursor().execute("CREATE SCHEMA brand; CREATE TABLE brand.ledger (id serial, v int)")
    connection.close()
    return "brand.ledger"


def test_provisioning_again_changes_nothing(cluster: Cluster, urls: Urls) -> None:
    state = f"SELECT xmin::text, oid::text FROM pg_authid WHERE rolname IN ('{OWNER}', '{APP}')"
    before = rows(cluster.url, state)
    assert provision(cluster.url, "shop", secrets=cluster.home / "secret") == urls
    assert rows(cluster.url, state) == before


def test_neither_role_rules_the_server(cluster: Cluster, urls: Urls) -> None:
    assert rows(cluster.url, ROLES) == [
        (APP, False, False, False, True),
        (OWNER, False, False, False, True),
    ]
    assert rows(urls.owner_url, "SELECT current_user, current_database()") == [(OWNER, "shop")]
    assert not may_create_roles(urls.owner_url)
    assert may_create_roles(cluster.url)


def test_the_application_role_adds_and_reads_rows(urls: Urls, ledger: str) -> None:
    assert rows(urls.app_url, f"INSERT INTO {ledger} (v) VALUES (7) RETURNING v") == [(7,)]
    assert (7,) in rows(urls.app_url, f"SELECT v FROM {ledger}")
    assert rows(urls.app_url, "CREATE TEMPORARY TABLE t AS SELECT 1; SELECT count(*) FROM t") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE SCHEMA other",
        "CREATE TABLE brand.other ()",
        "CREATE TABLE public.other ()",
        "DROP TABLE brand.ledger",
        "TRUNCATE brand.ledger",
        "UPDATE brand.ledger SET v = 0",
        "DELETE FROM brand.ledger",
        "SELECT setval('brand.ledger_id_seq', 1)",
        f"SET ROLE {OWNER}",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_role_changes_no_shape_and_no_past(urls: Urls, ledger: str, statement: str) -> None:
    connection = connect(urls.app_url)
    with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedTable)):
        connection.cursor().execute(statement)
    connection.close()


def test_a_password_that_differs_is_set_to_the_kept_one(cluster: Cluster, urls: Urls) -> None:
    connection = connect(cluster.url)
    connection.cursor().execute(f"ALTER ROLE {APP} PASSWORD 'another'")
    connection.close()
    with pytest.raises(PlatformError, match=r"连不上数据库.* / cannot reach the database"):
        connect(urls.app_url)
    provision(cluster.url, "shop", secrets=cluster.home / "secret")
    assert rows(urls.app_url, "SELECT current_user") == [(APP,)]


def test_no_sentence_shows_a_password(urls: Urls) -> None:
    secret = urls.app_url.split(":")[2].split("@")[0]
    with pytest.raises(PlatformError) as refusal:
        connect(urls.app_url.replace("/shop", "/missing"))
    assert "missing" in str(refusal.value)
    assert secret not in str(refusal.value)


def test_a_clone_is_closed_again_by_the_database_rules(cluster: Cluster, urls: Urls) -> None:
    connection = connect(cluster.url)
    connection.cursor().execute(f"CREATE DATABASE clone TEMPLATE template0 OWNER {OWNER}")
    connection.close()
    clone = role_urls(cluster.url, "clone", secrets=cluster.home / "secret")
    apply_database_rules(clone.owner_url)
    apply_database_rules(clone.owner_url)
    rights = "SELECT has_database_privilege('public', 'clone', 'CONNECT')"
    assert rows(clone.app_url, rights) == [(False,)]
    connect(clone.owner_url).cursor().execute("CREATE TABLE later (v int)")
    assert rows(clone.app_url, "INSERT INTO later VALUES (1) RETURNING v") == [(1,)]


def test_only_a_development_owner_may_end_sessions_and_skip_foreign_keys(
    own_cluster: Cluster,
) -> None:
    urls = provision(own_cluster.url, "dev", secrets=own_cluster.home / "secret", dev=True)
    connection = connect(urls.owner_url)
    cursor = connection.cursor()
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("CREATE DATABASE extra")
    cursor.execute("SELECT pg_has_role('pg_signal_backend', 'MEMBER')")
    assert cursor.fetchone() == (True,)
    connection.close()
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        connect(urls.app_url).cursor().execute("SET session_replication_role = replica")
