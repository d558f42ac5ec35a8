"""Before-images: what rows were like before an import changed them, so that it can be undone exactly.

Created rows are found by the id of the journal line they carry; where a table carries none, and where rows were changed
or removed, an image is kept beside the import for as long as it may be undone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_noop

from newretail.kernel import sql
from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import Refused

KEEPING: ContextVar[bool] = ContextVar("keeping", default=False)


class ChangedSince(Refused):
    """Rows of the import are no longer as it left them."""

    code = "changed_since"
    sentence = gettext_noop("%(count)s rows of this import (%(noun)s) were changed since; undo what came later first.")


class StillNeeded(Refused):
    """Other rows stand upon those of the import."""

    code = "still_needed"
    sentence = gettext_noop("Other rows depend on what this import brought: %(what)s. Undo what came later first.")


@dataclass(frozen=True)
class Trail:
    """What a kind of import leaves, so that it can be taken back.

    `creates`: tables whose new rows carry its line, those that point to others first. `counted`: of which of them the
    line tells how many, by the name of the fact: fewer mean that somebody changed them since. `made`: tables whose new
    rows a SELECT names. `words`: small tables that grow beside. `keeps`: which rows `k` are about to change.
    """

    creates: tuple[str, ...] = ()
    counted: tuple[tuple[str, str], ...] = ()
    made: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    keeps: tuple[tuple[str, str], ...] = ()


NO_TRAIL = Trail()
IMAGED = 'SELECT row_id FROM kernel_beforeimage WHERE entry_id = %(entry)s AND "table" = %(table)s'


@cache
def _model(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _carries_line(table: str) -> bool:
    return any(field.column == "entry_id" for field in _model(table)._meta.concrete_fields)


@contextmanager
def kept() -> Iterator[None]:
    """Keep before-images of what happens here."""
    token = KEEPING.set(True)
    try:
        yield
    finally:
        KEEPING.reset(token)


def keep(table: str, where: str, params: sql.Params) -> None:
    """Keep the rows `k` of a table for which `where` holds as they are, locked; called right before they change."""
    if not KEEPING.get():
        return
    mine = " AND k.entry_id <> %(entry)s" if _carries_line(table) else ""
    sql.execute(
        'INSERT INTO kernel_beforeimage (entry_id, "table", row_id, before)'
        f" SELECT %(entry)s, %(table)s, k.id, to_jsonb(k) FROM {table} k WHERE {where}{mine} ORDER BY k.id"
        " FOR NO KEY UPDATE ON CONFLICT DO NOTHING",
        {**params, "table": table},
    )


def begin(trail: Trail) -> dict[str, int]:
    """Note how far the tables of words reach, before the batch adds to them."""
    if not KEEPING.get():
        return {}
    return {table: int(sql.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]) for table in trail.words}


def keep_changing(trail: Trail, params: sql.Params) -> None:
    """Keep what the batch is about to change."""
    for table, where in trail.keeps:
        keep(table, where, params)


def settle(trail: Trail, params: sql.Params, reached: dict[str, int]) -> None:
    """Note what the batch made, and how it left the rows it changed; what it did not change needs no image."""
    if not KEEPING.get():
        return
    news = [*trail.made, *((table, f"SELECT id FROM {table} WHERE id > {most}") for table, most in reached.items())]
    for table, select in news:
        sql.execute(
            'INSERT INTO kernel_beforeimage (entry_id, "table", row_id)'
            f" SELECT %(entry)s, %(table)s, id FROM ({select}) s ORDER BY id ON CONFLICT DO NOTHING",
            {**params, "table": table},
        )
    for table in _imaged(params):
        sql.execute(
            "UPDATE kernel_beforeimage b SET after = md5(to_jsonb(t)::text)"
            f' FROM {table} t WHERE b.entry_id = %(entry)s AND b."table" = %(table)s AND t.id = b.row_id',
            {**params, "table": table},
        )
    sql.execute("DELETE FROM kernel_beforeimage WHERE entry_id = %(entry)s AND after = md5(before::text)", params)


def _imaged(params: sql.Params) -> list[str]:
    found = sql.rows('SELECT DISTINCT "table" FROM kernel_beforeimage WHERE entry_id = %(entry)s ORDER BY 1', params)
    return [table for (table,) in found]


def gone(table: str) -> str:
    """Name the temporary table of ids of the rows that a withdrawal removes from a table."""
    return f"tmp_gone_{table}"


def prepare(trail: Trail, entry_id: int) -> sql.Params:
    """Find and lock what a line brought, and check that it is as it left it: nothing changed since, nobody needs it.

    Returns the parameters of what follows.
    Refuses: ChangedSince, StillNeeded.
    """
    params: sql.Params = {"entry": entry_id}
    for table in trail.creates:
        new = f"SELECT id FROM {table} t WHERE entry_id = %(entry)s AND NOT EXISTS ({IMAGED} AND row_id = t.id)"
        _collect(table, new, params)
    for table, _ in trail.made:
        _collect(table, f"SELECT s.row_id AS id FROM ({IMAGED} AND before IS NULL) s", params)
    entry = JournalEntry.objects.filter(pk=entry_id).first()
    for table, fact in trail.counted:
        count = int(entry.facts.get(fact, 0)) if entry else 0
        found = sql.count(gone(table))
        if found != count:
            raise ChangedSince(count=abs(count - found), noun=_noun(table))
    _check_unchanged(trail, params)
    _check_unneeded(trail)
    return params


def _collect(table: str, select: str, params: sql.Params) -> None:
    sql.temporary(gone(table), select, {**params, "table": table})
    if not getattr(_model(table), "append_only", False):  # what never changes needs no lock
        sql.execute(f"SELECT 1 FROM {table} WHERE id IN (SELECT id FROM {gone(table)}) ORDER BY id FOR UPDATE")


def _noun(table: str) -> str:
    return str(_model(table)._meta.verbose_name_plural)


def _check_unchanged(trail: Trail, params: sql.Params) -> None:
    for table in _imaged(params):
        if table in trail.words:
            continue
        given = {**params, "table": table}
        sql.execute(f"SELECT 1 FROM {table} WHERE id IN ({IMAGED}) ORDER BY id FOR UPDATE", given)
        changed = sql.rows(
            f"SELECT count(*) FROM kernel_beforeimage b LEFT JOIN {table} t ON t.id = b.row_id"
            ' WHERE b.entry_id = %(entry)s AND b."table" = %(table)s'
            " AND b.after IS DISTINCT FROM md5(to_jsonb(t)::text)",
            given,
        )[0][0]
        if changed:
            raise ChangedSince(count=int(changed), noun=_noun(table))


def _going(trail: Trail) -> list[str]:
    return [*trail.creates, *(table for table, _ in trail.made)]


@dataclass(frozen=True)
class Pointing:
    """A table that points to another: by which column, the noun of its rows, which of them are derived."""

    table: str
    column: str
    noun: str
    derived: str = ""


def _pointing(table: str) -> Iterator[Pointing]:
    """Give the tables that point to a table, those of many-to-many fields among them."""
    for relation in _model(table)._meta.related_objects:
        model, column = relation.related_model, relation.field.column
        noun = str(model._meta.verbose_name_plural)
        if isinstance(relation, models.ManyToManyRel) and relation.through:
            yield Pointing(relation.through._meta.db_table, relation.field.m2m_reverse_name(), noun)
        elif model._meta.managed and column:
            yield Pointing(model._meta.db_table, column, noun, getattr(model, "derived", ""))


def _check_unneeded(trail: Trail) -> None:
    going, needed = _going(trail), []
    for table in going:
        for each in _pointing(table):
            mine = f" AND id NOT IN (SELECT id FROM {gone(each.table)})" if each.table in going else ""
            if each.derived:
                mine += f" AND NOT ({each.derived})"
            count = sql.count(f"{each.table} WHERE {each.column} IN (SELECT id FROM {gone(table)}){mine}")
            if count:
                needed.append(f"{each.noun} {count:,}")
    if needed:
        raise StillNeeded(what=" · ".join(sorted(set(needed))))


def take_back(trail: Trail, params: sql.Params) -> dict[str, int]:
    """Remove what was made, put back what was there, forget the images; returns counts: removed, restored."""
    removed = sum(_remove(table) for table in _going(trail))
    restored = 0
    for table in _imaged(params):
        if table not in trail.words:
            restored += _put_back(table, {**params, "table": table})
    for table in trail.words:
        unused = " AND ".join(
            f"NOT EXISTS (SELECT FROM {each.table} p WHERE p.{each.column} = w.id)" for each in _pointing(table)
        )
        sql.execute(f"DELETE FROM {table} w WHERE w.id IN ({IMAGED}) AND {unused}", {**params, "table": table})
    sql.execute("DELETE FROM kernel_beforeimage WHERE entry_id = %(entry)s", params)
    return {"removed": removed, "restored": restored}


def _remove(table: str) -> int:
    for each in _pointing(table):
        if each.derived:
            sql.execute(f"DELETE FROM {each.table} WHERE {each.column} IN (SELECT id FROM {gone(table)})")
    return sql.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM {gone(table)})")


def _put_back(table: str, params: sql.Params) -> int:
    columns = [f'"{field.column}"' for field in _model(table)._meta.concrete_fields]
    names, values = ", ".join(columns), ", ".join(f"r.{column}" for column in columns)
    images = 'b.entry_id = %(entry)s AND b."table" = %(table)s AND b.before IS NOT NULL'
    changed = sql.execute(
        f"UPDATE {table} t SET ({names}) = (SELECT {values} FROM jsonb_populate_record(t, b.before) r)"
        f" FROM kernel_beforeimage b WHERE {images} AND t.id = b.row_id",
        params,
    )
    return changed + sql.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM kernel_beforeimage b,"
        f" jsonb_populate_record(NULL::{table}, b.before) r"
        f" WHERE {images} AND NOT EXISTS (SELECT FROM {table} t WHERE t.id = b.row_id) ORDER BY b.row_id",
        params,
    )
