"""Only verbs write: a cursor that refuses any write, COPY included, outside a verb."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg2.extensions

IN_VERB: ContextVar[str | None] = ContextVar("in_verb", default=None)
# Written by Django itself and by the login lockout; they hold nobody's books.
FREE_TABLES = {
    "django_session",
    "django_admin_log",
    "django_content_type",
    "auth_permission",
    "django_migrations",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
    "axes_accessattemptexpiration",
}
_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?!\s+(?:OF\b|SKIP\b|NOWAIT\b|$))|DELETE\s+FROM|MERGE\s+INTO"
    r"|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?:ONLY\s+)?"
    r"((?:\"[^\"]+\"|\w+)(?:\.(?:\"[^\"]+\"|\w+))?)",
    re.IGNORECASE,
)
# Whatever nobody can see into, or changes the schema; temporary tables are nobody's books.
_OPAQUE = re.compile(
    r"(?:^|;)\s*(?:DO|CALL|CREATE(?!\s+TEMP)|ALTER|DROP(?!\s+TABLE\s+IF\s+EXISTS\s+pg_temp)|GRANT|REVOKE)\b",
    re.IGNORECASE,
)


@contextmanager
def writing(verb: str) -> Iterator[None]:
    """Let what is inside write, in the name of a verb."""
    token = IN_VERB.set(verb)
    try:
        yield
    finally:
        IN_VERB.reset(token)


class WriteOutsideVerb(AssertionError):
    """Something wrote that is no verb."""


def check(statement: Any) -> None:
    """Refuse a statement that writes while no verb is under way."""
    if IN_VERB.get():
        return
    text = statement.decode("utf8", "replace") if isinstance(statement, bytes) else str(statement)
    text = _QUOTED.sub(" ", text)
    if _OPAQUE.search(text):
        raise WriteOutsideVerb(text[:160])
    for match in _WRITE.finditer(text):
        word = match.group(0).split()[0].upper()
        table = match.group(1).split(".")[-1].strip('"')
        reads = word == "COPY" and not re.search(r"\bFROM\b", text[match.end() :], re.IGNORECASE)
        locks = word == "UPDATE" and re.search(r"\bFOR\s+(NO\s+KEY\s+)?$", text[: match.start()], re.IGNORECASE)
        if not reads and not locks and table not in FREE_TABLES and not table.startswith("tmp_"):
            raise WriteOutsideVerb(f"{word} {table}: {text[:160]}")


class GuardedCursor(psycopg2.extensions.cursor):
    """A psycopg2 cursor that lets nothing but verbs write."""

    def execute(self, query: Any, args: Any = None) -> None:
        """Check, then execute."""
        check(query if isinstance(query, str | bytes) else query.as_string(self))
        return super().execute(query, args)

    def executemany(self, query: Any, args: Any) -> None:
        """Check, then execute many."""
        check(query)
        return super().executemany(query, args)

    def callproc(self, procname: Any, *args: Any) -> Any:
        """Refuse a procedure outside a verb: nobody sees what it writes."""
        if not IN_VERB.get():
            raise WriteOutsideVerb(f"procedure {procname}")
        return super().callproc(procname, *args)

    def copy_from(self, file: Any, table: str, *args: Any, **kwargs: Any) -> None:
        """Check, then copy."""
        check(f"COPY {table} FROM STDIN")
        return super().copy_from(file, table, *args, **kwargs)

    def copy_expert(self, sql: Any, file: Any, *args: Any) -> None:
        """Check, then copy."""
        check(sql if isinstance(sql, str | bytes) else sql.as_string(self))
        return super().copy_expert(sql, file, *args)
