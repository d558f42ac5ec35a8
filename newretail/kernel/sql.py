"""Statements of ours, put together from our own constants with every value bound: run, read, kept aside for a while."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count as numbers
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model

from newretail.kernel import guard

Params = dict[str, Any]
M = TypeVar("M", bound=Model)
NAMED = re.compile(r"%\((\w+)\)s")
# How each connection to the server calls the statements it has prepared; they go when it goes.
_PREPARED: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
_NUMBERS = numbers(1)


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


def prepared(params: Params | None, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one round trip, each planned once by its connection; return the rows of the last.

    It is for what every request asks: PostgreSQL plans that for longer than it runs. A parameter has the type that the
    statement gives it, so one that stands alone in a list of columns needs a cast. Another brand has it planned anew.
    """
    for statement in statements:
        guard.check(statement)
    connection.ensure_connection()
    held = _PREPARED.setdefault(connection.connection, {})
    new = {statement: _introduced(statement) for statement in statements if statement not in held}
    calls = ["; ".join(new[statement]) if statement in new else held[statement] for statement in statements]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(calls), params)
        held.update({statement: parts[-1] for statement, parts in new.items()})
        return list(cursor.fetchall()) if cursor.description else []


def _introduced(statement: str) -> list[str]:
    """Prepare a statement under a name that is never given again, then call it; a setting is sent as it is."""
    if statement.startswith("SET "):
        return [statement]
    name, given = f"newretail_{next(_NUMBERS)}", list(dict.fromkeys(NAMED.findall(statement)))
    text = NAMED.sub(lambda match: f"${given.index(match[1]) + 1}", statement)
    listed = ", ".join(f"%({each})s" for each in given)
    return [f"PREPARE {name} AS {text}", f"EXECUTE {name}({listed})" if given else f"EXECUTE {name}"]


def instances(model: type[M], rest: str, params: Params) -> list[M]:
    """Read rows of a model as every request does; `rest` is what follows the table `t` in a prepared statement."""
    names, columns, converters = _row_of(model)
    found = [list(row) for row in prepared(params, f"SELECT {columns} FROM {model._meta.db_table} t {rest}")]
    for row in found:
        for place, convert in converters:
            row[place] = convert(row[place], None, connection)
    return [model.from_db(connection.alias, names, row) for row in found]


@cache
def _row_of(model: type[Model]) -> tuple[list[str], str, list[tuple[int, Any]]]:
    """Give a model's fields, its columns, and what makes values of those that the driver reads otherwise."""
    fields = model._meta.concrete_fields
    converters = [(place, each) for place, field in enumerate(fields) for each in field.get_db_converters(connection)]
    return [field.attname for field in fields], ", ".join(f"t.{field.column}" for field in fields), converters


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
