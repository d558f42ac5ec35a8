"""The laws as one prepared statement of each connection: proven after every test, planned once."""

from django.db import connection

from newretail.kernel import books, sql
from newretail.kernel.books import LAWS, Finding
from newretail.kernel.guard import writing

PREPARED: dict[str, int] = {}


def broken() -> list[Finding]:
    """Return the laws that do not hold in the brand at work, as `books.verify` does."""
    connection.ensure_connection()
    server_process = connection.connection.info.backend_pid
    if PREPARED.get("laws") != server_process:
        held = [f"SELECT 1 WHERE EXISTS ({law.differences})" for law in LAWS.values() if law.params is None]
        with writing("tests"):
            sql.execute(f"PREPARE laws AS {' UNION ALL '.join(held)}")
        PREPARED["laws"] = server_process
    asked = [law for law in LAWS.values() if law.params is not None and sql.rows(law.differences, law.params())]
    with writing("tests"):
        found = sql.rows("EXECUTE laws")
    return books.verify() if found or asked else []
