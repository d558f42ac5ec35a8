"""The map of personal columns: every column of every noun, and what exporting and erasing a person do with it.

Each app says in its `holds.py` what its columns hold; a column that nobody spoke of turns the suite red.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.apps import apps
from django.db import connection, models

from newretail.kernel import sql

STRUCK = "***"
Goes = Literal["", "hers", "named"]
ALWAYS_PLAIN = frozenset({"entry_id"})


@dataclass(frozen=True)
class Entry:
    """What stands in the columns of a noun.

    `hers`: which rows `t` are of the members `ANY(%(members)s)`; empty where rows belong to no member. `who` names her:
    exported, emptied on erasing. `tells` says something of her: exported, and stays with the number that leads to
    nobody any more. `mentions` are words that may name anybody: what names her is struck out. `staff` is of the people
    who work here, `plain` of nobody. `goes`: not emptied nor struck out, the rows go that are hers, or that name her.
    """

    label: str
    hers: str
    who: tuple[str, ...]
    tells: tuple[str, ...]
    mentions: tuple[str, ...]
    staff: tuple[str, ...]
    plain: tuple[str, ...]
    goes: Goes

    @property
    def model(self) -> type[models.Model]:
        """Give the noun."""
        return apps.get_model(self.label)

    @property
    def table(self) -> str:
        """Name its table."""
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        """List the columns spoken of."""
        return (*self.who, *self.tells, *self.mentions, *self.staff, *self.plain)


MAP: dict[str, Entry] = {}


def declare(
    label: str, *, hers: str = "", who: str = "", tells: str = "", mentions: str = "", staff: str = "",
    plain: str = "", goes: Goes = "",
) -> None:  # fmt: skip
    """Say what stands in a noun's columns, each kind as names apart by blanks.

    Keys of rows, foreign keys and `entry_id` need no word; a foreign key that `tells` is exported by its name.
    """
    given = {"who": who, "tells": tells, "mentions": mentions, "staff": staff, "plain": plain}
    MAP[label] = Entry(label, hers, goes=goes, **{kind: tuple(names.split()) for kind, names in given.items()})


def of_nobody(*labels: str) -> None:
    """Say of nouns that no column of theirs speaks of a member."""
    for label in labels:
        declare(label, plain="*")


def columns_of(model: type[models.Model]) -> Iterator[str]:
    """Give the columns of a noun that need a word."""
    for field in model._meta.concrete_fields:
        if not field.primary_key and not field.is_relation and field.name not in ALWAYS_PLAIN:
            yield field.name


def unspoken() -> list[str]:
    """Name the columns that nobody spoke of."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        entry = MAP.get(model._meta.label)
        said = entry.columns if entry else ()
        if "*" not in said:
            found += [f"{model._meta.label}.{name}" for name in columns_of(model) if name not in said]
    return found


def spoken_in_vain() -> list[str]:
    """Name what the map speaks of and is not there."""
    known = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    lost = [label for label in MAP if label not in known]
    for label, entry in MAP.items():
        names = {field.name for field in known[label]._meta.concrete_fields} if label in known else set()
        lost += [f"{label}.{name}" for name in entry.columns if name != "*" and label in known and name not in names]
    return lost


def _empty(field: Any) -> str:
    return "NULL" if field.null else "''"


def _field(entry: Entry, name: str) -> Any:
    return entry.model._meta.get_field(name)


def _struck(entry: Entry, name: str) -> str:
    """Write a column with what names her struck out."""
    column = f't."{name}"'
    return f"regexp_replace({column}::text, %(names)s, '{STRUCK}', 'g')::{_field(entry, name).db_type(connection)}"


def _names_her(entry: Entry) -> str:
    return " OR ".join(f't."{name}"::text ~ %(names)s' for name in entry.mentions)


def _statements(entry: Entry) -> Iterator[tuple[str, str]]:
    """Give for a noun what is done to which of its rows, as the SQL before and behind the table's name."""
    if entry.goes == "hers":
        yield "DELETE FROM", f"t WHERE {entry.hers}"
    elif entry.hers and entry.who:
        emptied = ", ".join(f'"{name}" = {_empty(_field(entry, name))}' for name in entry.who)
        yield "UPDATE", f"t SET {emptied} WHERE {entry.hers}"
    if entry.goes == "named":
        yield "DELETE FROM", f"t WHERE {_names_her(entry)}"
    elif entry.mentions:
        struck = ", ".join(f'"{name}" = {_struck(entry, name)}' for name in entry.mentions)
        yield "UPDATE", f"t SET {struck} WHERE {_names_her(entry)}"


def erasing() -> list[str]:
    """Write the statements that erase a person from every noun of the map.

    Their parameters: `members` (ids), `values` (what her identities say), `names` (a pattern of all that names her).
    """
    return [
        f"{verb} {entry.table} {rest}" for _label, entry in sorted(MAP.items()) for verb, rest in _statements(entry)
    ]


# By what a noun that another points to is named in an export.
NAMED_BY = ("order_no", "member_no", "sku", "name", "body", "title", "code", "version", "words", "ref")


def _told(entry: Entry, name: str) -> str:
    field = _field(entry, name)
    if isinstance(field, models.BinaryField):
        return f'octet_length(t."{field.column}")'  # that there is a picture, and how large
    if not field.is_relation:
        return f't."{field.column}"'
    other = field.related_model._meta
    known = {each.name for each in other.concrete_fields}
    by = next(each for each in NAMED_BY if each in known)
    return f'(SELECT x."{by}" FROM {other.db_table} x WHERE x.id = t."{field.column}")'


@dataclass(frozen=True)
class Page:
    """All rows of one noun that are of a person, column by column."""

    model: type[models.Model]
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def told_of(members: list[int]) -> Iterator[Page]:
    """Give all that the books tell of these members (the rows of one person), noun by noun."""
    for _label, entry in sorted(MAP.items()):
        columns = (*entry.who, *entry.tells)
        if not entry.hers or not columns:
            continue
        shown = ", ".join(_told(entry, name) for name in columns)
        key = ", ".join(f't."{field.column}"' for field in entry.model._meta.pk_fields)
        rows = sql.rows(
            f"SELECT {shown} FROM {entry.table} t WHERE {entry.hers} ORDER BY {key}",
            {"members": members, "values": [], "names": ""},
        )
        if rows:
            yield Page(entry.model, columns, rows)
