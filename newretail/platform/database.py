"""The two database roles: the owner migrates and creates brands, the other runs the site."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import extensions, sql

from newretail.platform.folder import kept_secret
from newretail.platform.trouble import PlatformError, tail

OWNER = "newretail_owner"
APP = "newretail_app"
CONNECT_SECONDS = 10
OLDEST_SERVER = 180000
LOCALE = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' ENCODING 'UTF8'"
FIT = ("b C.UTF-8", "UTF8")
UNFIT = (
    "数据库 {name} 的排序规则不是 builtin C.UTF-8（UTF8）：排序与查找的结果可能不同，升级系统后索引可能失效。"
    "建议以 TEMPLATE template0 {locale} 重建",
    "the database {name} does not use the builtin locale C.UTF-8 with UTF8: order and search may differ, and indexes"
    " may break when the system is upgraded; better make it anew with TEMPLATE template0 {locale}",
)
LOCK_KEY = 0x6E6577  # one provisioning at a time per database

PER_DATABASE = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {app}",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {app}",
    "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO {app}",
    # What is prepared is prepared to be planned once (`newretail.kernel.sql.prepared`).
    "ALTER DATABASE {database} SET plan_cache_mode TO force_generic_plan",
)
# A suite drops databases under open sessions and empties tables without regard to foreign keys.
FOR_DEVELOPMENT = (
    "GRANT pg_signal_backend TO {owner}",
    "GRANT SET ON PARAMETER session_replication_role TO {owner}",
)


@dataclass(frozen=True)
class Urls:
    """The addresses of one database for its two roles."""

    owner_url: str
    app_url: str


@dataclass(frozen=True)
class Wish:
    """A role as it should be."""

    name: str
    password: str
    create_databases: bool = False


def role_urls(admin_url: str, database: str, *, secrets: Path) -> Urls:
    """Give the two roles' addresses of a database on the server of `admin_url`."""
    owner, app = kept_secret(secrets, OWNER), kept_secret(secrets, APP)
    return Urls(
        owner_url=_with_login(admin_url, OWNER, owner, database),
        app_url=_with_login(admin_url, APP, app, database),
    )


def provision(admin_url: str, database: str, *, secrets: Path, dev: bool = False) -> Urls:
    """Make the two roles and the database as they should be; run again, it changes nothing.

    `secrets` is the folder that keeps the roles' passwords. `dev` lets the owner create databases,
    end sessions and switch off foreign key checks, for suites only.

    Refuses: PlatformError when the server cannot be reached or `admin_url` may not do this.
    """
    urls = role_urls(admin_url, database, secrets=secrets)
    owner, app = Wish(OWNER, kept_secret(secrets, OWNER), create_databases=dev), Wish(APP, kept_secret(secrets, APP))
    connection = connect(admin_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
            for wish in (owner, app):
                _make_role(connection, cursor, wish)
            _make_database(cursor, database)
            for statement in FOR_DEVELOPMENT if dev else ():
                _run(cursor, statement)
            for wish, url in ((owner, urls.owner_url), (app, urls.app_url)):
                if not answers(url):
                    _set_password(connection, cursor, wish)
    except psycopg2.Error as error:
        raise _refused(admin_url, error) from error
    finally:
        connection.close()
    apply_database_rules(urls.owner_url)
    return urls


def apply_database_rules(owner_url: str) -> None:
    """Divide the rights on one database between its roles, and say how it plans; run by its owner, once per database.

    What a template database grants on itself is not cloned, so a clone needs this again.
    """
    connection = connect(owner_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s), current_database()", [LOCK_KEY])
            database = str(cursor.fetchone()[1])  # type: ignore[index]
            for statement in PER_DATABASE:
                _run(cursor, statement, database=database)
    except psycopg2.Error as error:
        raise _refused(owner_url, error) from error
    finally:
        connection.close()


def require_fit(url: str) -> str:
    """See that a given server can carry the site; give a sentence about what had better be otherwise, or nothing.

    Refuses: PlatformError when it cannot be reached, or is older than PostgreSQL 18.
    """
    connection = connect(url)
    try:
        if connection.server_version < OLDEST_SERVER:
            version = connection.server_version // 10000
            raise PlatformError(
                f"{_server(url)} 是 PostgreSQL {version}，需要 18 或更新版本",
                f"{_server(url)} is PostgreSQL {version}; 18 or newer is needed",
            )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datlocprovider::text || ' ' || coalesce(datlocale, datcollate), pg_encoding_to_char(encoding)"
                " FROM pg_database WHERE datname = current_database()"
            )
            found = cursor.fetchone()
    finally:
        connection.close()
    name = database_of(url)
    return "" if found == FIT else "\n".join(sentence.format(name=name, locale=LOCALE) for sentence in UNFIT)


def may_create_roles(url: str) -> bool:
    """Say whether this login could make the two roles; neither of the two ever can.

    Refuses: PlatformError when the server cannot be reached.
    """
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
            )
            found = cursor.fetchone()
            return bool(found and found[0])
    finally:
        connection.close()


def answers(url: str) -> bool:
    """Say whether the server takes this login."""
    try:
        connect(url).close()
    except PlatformError:
        return False
    return True


def database_of(url: str) -> str:
    """Name the database that an address leads to."""
    return unquote(urlsplit(url).path.lstrip("/")) or "postgres"


def connect(url: str) -> extensions.connection:
    """Open a session in which each statement stands for itself.

    Refuses: PlatformError naming the server, never the password.
    """
    address = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    try:
        connection = psycopg2.connect(address, connect_timeout=CONNECT_SECONDS)
    except psycopg2.OperationalError as error:
        raise _unreachable(url, error) from error
    connection.autocommit = True
    return connection


def _make_role(connection: extensions.connection, cursor: extensions.cursor, wish: Wish) -> None:
    """Create the role, or take away what it should not have."""
    cursor.execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname = %s",
        [wish.name],
    )
    found = cursor.fetchone()
    if found is None:
        _run(cursor, "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE", role=wish.name)
        _set_password(connection, cursor, wish)
        found = (False, False, False, True)
    wanted = (False, False, wish.create_databases, True)
    words = ("SUPERUSER", "CREATEROLE", "CREATEDB", "LOGIN")
    for word, is_so, should_be in zip(words, found, wanted, strict=True):
        if is_so != should_be:
            _run(cursor, f"ALTER ROLE {{role}} {'' if should_be else 'NO'}{word}", role=wish.name)


def _make_database(cursor: extensions.cursor, database: str) -> None:
    """Create the database, or give it to the owner role."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not cursor.fetchone()[0]:  # type: ignore[index]
        _run(cursor, "GRANT {owner} TO CURRENT_USER")  # only a member may give things to a role
    cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [database])
    found = cursor.fetchone()
    if found is None:
        _run(cursor, f"CREATE DATABASE {{database}} OWNER {{owner}} TEMPLATE template0 {LOCALE}", database=database)
    elif found[0] != OWNER:
        _run(cursor, "ALTER DATABASE {database} OWNER TO {owner}", database=database)


def _set_password(connection: extensions.connection, cursor: extensions.cursor, wish: Wish) -> None:
    """Set the role's password; only its scram verifier travels to the server and its log."""
    verifier = extensions.encrypt_password(wish.password, wish.name, connection, "scram-sha-256")
    change = sql.SQL("ALTER ROLE {} PASSWORD {}")
    cursor.execute(change.format(sql.Identifier(wish.name), sql.Literal(verifier)))


def _run(cursor: extensions.cursor, statement: str, **names: str) -> None:
    known = {"owner": OWNER, "app": APP, **names}
    parts = {key: sql.Identifier(name) for key, name in known.items()}
    cursor.execute(sql.SQL(statement).format(**parts))


def _with_login(url: str, role: str, password: str, database: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(role, safe='')}:{quote(password, safe='')}@{place}"
    return urlunsplit(SplitResult("postgres", login, "/" + quote(database), parts.query, ""))


def _server(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.username or ''}@{parts.hostname or ''}:{parts.port or 5432}/{database_of(url)}"


def _unreachable(url: str, error: Exception) -> PlatformError:
    return PlatformError(
        f"连不上数据库 {_server(url)}。请检查 DATABASE_URL 与服务器",
        f"cannot reach the database {_server(url)}: check DATABASE_URL and the server",
        tail(str(error)),
    )


def _refused(url: str, error: Exception) -> PlatformError:
    return PlatformError(
        f"数据库拒绝为 {_server(url)} 建立两个角色",
        f"the database refused to set up the two roles for {_server(url)}",
        tail(str(error)),
    )
