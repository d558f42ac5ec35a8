"""What the database itself guarantees: keys checked at once, no triggers, ledgers nobody rewrites."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from newretail.kernel.verbs import verb

OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
REWRITE = ("UPDATE", "DELETE", "TRUNCATE")


def rows(statement: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall()


def ledgers() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def may(right: str, table: str) -> bool:
    return rows("SELECT has_table_privilege(current_user, %s, %s)", table, right)[0][0]


def test_no_foreign_key_is_deferrable(brand):
    found = rows(
        "SELECT n.nspname, c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
        f" WHERE c.condeferrable AND {OURS}"
    )
    assert not found, f"the backend of newretail/db writes none; a migration by hand did: {found}"


def test_there_are_foreign_keys_to_look_at(brand):
    assert rows("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'acme'::regnamespace")[0][0]


def test_no_table_has_a_trigger(brand):
    found = rows(
        "SELECT n.nspname, k.relname, t.tgname FROM pg_trigger t JOIN pg_class k ON k.oid = t.tgrelid"
        f" JOIN pg_namespace n ON n.oid = k.relnamespace WHERE NOT t.tgisinternal AND {OURS}"
    )
    assert not found, f"a brand with triggers cannot move; write a verb, or a constraint: {found}"


def test_the_site_runs_as_a_role_without_powers(brand):
    powers = rows(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,"
        " has_schema_privilege(current_user, current_schema(), 'CREATE'),"
        " has_schema_privilege(current_user, 'public', 'CREATE'),"
        " EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        "   AND pg_has_role(current_user, relowner, 'MEMBER'))"
        " FROM pg_roles WHERE rolname = current_user"
    )[0]
    assert not any(powers), "run tests and site as the application role (docs/decisions): superuser, …, owner of tables"


def test_ledgers_cannot_be_rewritten_while_other_tables_can(brand):
    taken_back = {model._meta.db_table for model in apps.get_models() if getattr(model, "withdrawable", False)}
    rewritable = [
        f"{right} {table}"
        for table in ledgers()
        for right in REWRITE
        if may(right, table) and not (right == "DELETE" and table in taken_back)
    ]
    assert taken_back <= set(ledgers())
    assert not rewritable, f"newretail/platform/grants.py gives away a ledger: {rewritable}"
    assert may("UPDATE", "members_member")
    assert may("INSERT", "members_refund")


def test_no_table_can_be_emptied_at_once(brand):
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    found = [table for table in tables if rows("SELECT to_regclass(%s)", table)[0][0] and may("TRUNCATE", table)]
    assert not found, f"TRUNCATE goes around every guard: {found}"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_journalentry SET name = 'kernel.line.forged'",
        "UPDATE members_refund SET amount_cents = 0",
        "DELETE FROM members_phonereveal",
        "TRUNCATE members_stagechange",
        "CREATE TABLE grown (id int)",
        "SET ROLE newretail_owner",
        "SET session_replication_role = replica",
    ],
)
def test_even_a_verb_cannot(brand, statement):
    @verb
    def act() -> None:
        rows(statement)

    with pytest.raises(ProgrammingError, match=r"permission denied|must be"), transaction.atomic():
        act()
