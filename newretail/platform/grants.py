"""What the application role may do, table by table: no UPDATE, DELETE or TRUNCATE on ledgers and journal.

Of a ledger that is `withdrawable` rows never change either, but go when the import that brought them is undone. The
columns that a ledger names `erasable` are words about people: they are struck out when a person is erased.
"""

from django.apps import apps
from django.conf import settings
from django.db import connection, models

APP_ROLE = "newretail_app"
READ_ONLY = {"django_migrations"}


def _is_ledger(model: type[models.Model]) -> bool:
    return bool(getattr(model, "append_only", False))


def table_kinds() -> tuple[set[str], set[str], set[str]]:
    """Sort the tables of all models into (ledgers, those of them whose rows may be withdrawn, plain tables)."""
    ledgers: set[str] = set()
    withdrawable: set[str] = set()
    plain: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            (ledgers if _is_ledger(model) else plain).add(model._meta.db_table)
            if getattr(model, "withdrawable", False):
                withdrawable.add(model._meta.db_table)
    return ledgers, withdrawable, plain


def erasable_columns() -> dict[str, tuple[str, ...]]:
    """Give the columns of ledgers in which a person may be struck out, by table."""
    found: dict[str, tuple[str, ...]] = {}
    for model in apps.get_models():
        columns: tuple[str, ...] = getattr(model, "erasable", ())
        if columns and _is_ledger(model):
            found[model._meta.db_table] = columns
    return found


def apply(schema: str) -> None:
    """Grant the application role its rights in one schema; run by the owner after each migration.

    A table nobody classified keeps SELECT and INSERT only: it fails closed.
    """
    role = getattr(settings, "APP_ROLE", APP_ROLE)
    _ledgers, withdrawable, plain = table_kinds()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
        if cursor.fetchone() is None:
            return  # one role only (a server where roles may not be made): nothing to divide
        cursor.execute(
            "SELECT relname FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace"
            " WHERE n.nspname = %s AND relkind IN ('r', 'p')",
            [schema],
        )
        present = {row[0] for row in cursor.fetchall()}

        def statement(text: str, tables: set[str]) -> None:
            names = ", ".join(f"{quote(schema)}.{quote(name)}" for name in sorted(tables & present))
            if names:
                cursor.execute(text.format(names=names, role=quote(role)))

        cursor.execute(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {quote(schema)} TO {quote(role)}")
        statement("REVOKE ALL ON {names} FROM {role}", present)
        statement("GRANT SELECT ON {names} TO {role}", present)
        statement("GRANT INSERT ON {names} TO {role}", present - READ_ONLY)
        # MAINTAIN lets an import end with VACUUM (ANALYZE); it reads and changes no row.
        statement("GRANT UPDATE, DELETE, MAINTAIN ON {names} TO {role}", plain - READ_ONLY)
        statement("GRANT DELETE ON {names} TO {role}", withdrawable)
        for table, columns in erasable_columns().items():
            named = ", ".join(quote(column) for column in columns)
            statement(f"GRANT UPDATE ({named}) ON {{names}} TO {{role}}", {table})
        statement("GRANT MAINTAIN ON {names} TO {role}", present - READ_ONLY)
