"""The laws as prepared statements of each connection: proven after every test, planned once."""

from newretail.kernel import books, sql
from newretail.kernel.books import LAWS, Finding
from newretail.kernel.guard import writing


def broken() -> list[Finding]:
    """Return the laws that do not hold in the brand at work, as `books.verify` does."""
    held = [f"SELECT 1 WHERE EXISTS ({law.differences})" for law in LAWS.values() if law.params is None]
    asking = [law for law in LAWS.values() if law.params is not None]
    given = {ask: ask() for ask in {law.params for law in asking}}
    with writing("tests"):
        found = sql.prepared(None, " UNION ALL ".join(held))
        asked = [law for law in asking if sql.prepared(given[law.params], law.differences)]
    return books.verify() if found or asked else []
