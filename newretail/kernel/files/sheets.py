"""What a file of a kind looks like: its columns, their names in both languages, their types."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


def plain(header: str) -> str:
    """Write a header as names are written: `Staff no.` is `staff_no`."""
    return header.strip().strip("\ufeff").strip().lower().rstrip(".").replace(" ", "_")


@dataclass(frozen=True)
class Column:
    """One column: `type` is a name in `columns.READERS`; `also` are further accepted headers."""

    name: str
    zh: str
    type: str = "key"
    required: bool = False
    limit: int = 64
    default: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def headers(self) -> set[str]:
        """List every header this column answers to, written as names are."""
        return {plain(text) for text in (self.name, self.zh, *self.also)}

    @property
    def output(self) -> list[str]:
        """Name the columns that a chunk carries for this one."""
        return [part.format(name=self.name) for part in OUTPUT.get(self.type, ("{name}",))]


@dataclass(frozen=True)
class Sheet:
    """A kind of file; `key` names the columns that identify a row, `any_case` those in which a and A are one.

    `named` says which column stands behind each header of one file (`header_keys`); without it headers speak for
    themselves.
    """

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    any_case: tuple[str, ...] = ()
    named: dict[str, str] | None = None

    def to_json(self) -> str:
        """Write the sheet down for the child process."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Sheet":
        """Read a sheet written by `to_json`."""
        raw: dict[str, Any] = json.loads(text)
        columns = tuple(Column(**{**each, "also": tuple(each["also"])}) for each in raw["columns"])
        return cls(raw["kind"], columns, tuple(raw["key"]), tuple(raw["any_case"]), raw["named"])

    @property
    def output(self) -> list[str]:
        """Name the columns that a chunk carries, in order: line, dup_of, then each column's own."""
        return ["line", "dup_of", *(name for column in self.columns for name in column.output)]


# Types that give more than one output column, or another name.
OUTPUT: dict[str, tuple[str, ...]] = {
    "money": ("{name}_cents",),
    "name": ("{name}", "{name}_pinyin"),
    "birthday": ("birth_year", "birth_month", "birth_day"),
}


class FileRefused(Exception):
    """The whole file cannot be read; `code` and `facts` say why."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)


def header_keys(cells: list[str]) -> list[str]:
    """Give each header cell a name of its own: trimmed, in lower case, a repeated one numbered."""
    keys: list[str] = []
    times: dict[str, int] = {}
    for cell in cells:
        key = cell.strip().strip("\ufeff").strip().lower()
        times[key] = times.get(key, 0) + 1
        keys.append(f"{key}#{times[key]}" if times[key] > 1 else key)
    return keys


def guess(cells: list[str], sheet: Sheet) -> list[Column | None]:
    """Find the column that each header cell names by itself; the first of two wins."""
    by_header = {text: column for column in sheet.columns for text in column.headers}
    found: list[Column | None] = []
    for key in header_keys(cells):
        column = by_header.get(plain(key))
        found.append(None if column in found else column)
    return found


def missing_columns(names: set[str], sheet: Sheet) -> list[Column]:
    """Name the columns that must be there and are not."""
    return [c for c in sheet.columns if c.required and not c.default and c.name not in names]


def match_header(cells: list[str], sheet: Sheet) -> list[Column | None]:
    """Find the column behind each header cell; unknown headers are passed over.

    Refuses the file when a column stands twice (also in two languages) or a required one is missing.
    """
    if sheet.named is None:
        by_header = {text: column for column in sheet.columns for text in column.headers}
        found = [by_header.get(plain(cell)) for cell in cells]
    else:
        by_name = {column.name: column for column in sheet.columns}
        found = [by_name.get(sheet.named.get(key, "")) for key in header_keys(cells)]
    named = [column.name for column in found if column]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise FileRefused("header_twice", columns=", ".join(twice))
    missing = missing_columns(set(named), sheet)
    if missing:
        raise FileRefused("header_missing", columns=", ".join(column.name for column in missing))
    return found
