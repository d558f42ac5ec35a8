"""Statements of ours, put together from our own constants with every value bound: run, read, kept aside for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Params = dict[str, Any]


def execute(statement: str, params: Params | None = None) -> int:
    """Run a statement of ours; return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def rows(statement: str, params: Params | None = None) -> list[tuple[Any, ...]]:
    """Run a query of ours; return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def together(questions: dict[str, str], params: Params | None = None) -> dict[str, list[dict[str, Any]]]:
    """Ask several SELECTs in one round trip; each gives its rows by column, as JSON writes their values."""
    if not questions:
        return {}
    parts = [f"(SELECT coalesce(json_agg(r), '[]')::text FROM ({select}) r)" for select in questions.values()]
    found = rows(f"SELECT {', '.join(parts)}", params)[0]
    return {name: json.loads(part) for name, part in zip(questions, found, strict=True)}


def count(table: str) -> int:
    """Count the rows of a table of ours, of those alone that a WHERE behind its name leaves."""
    return int(rows(f"SELECT count(*) FROM {table}")[0][0])


def temporary(name: str, select: str, params: Params | None = None, *, analyze: bool = True) -> None:
    """Keep what a SELECT gives in a temporary table until the transaction ends, with fresh statistics if wanted."""
    execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {select}", params)
    if analyze:
        execute(f"ANALYZE pg_temp.{name}")


@contextmanager
def planned(settings: dict[str, str]) -> Iterator[None]:
    """Run what is inside under planner settings of its own, inside a transaction."""
    for name, value in settings.items():
        execute(f"SET LOCAL {name} = '{value}'")
    yield
    for name in settings:
        execute(f"SET LOCAL {name} TO DEFAULT")


def vacuum(*tables: str) -> None:
    """Leave tables ready to be read by index alone; outside every transaction."""
    if connection.in_atomic_block:
        return
    for table in tables:
        execute(f"VACUUM (ANALYZE) {table}")
