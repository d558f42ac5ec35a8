"""The rows in which people write conditions: three lists, all, any and none of which hold; the tree that they make."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.queries.conditions import tree
from members.queries.conditions.fields import FIELDS, OPERATOR_WORDS, Field

SHOWN = 3
ROWS = 8  # of each list; beyond it, and deeper, a tree comes by the API or a file of it
LISTS: dict[str, Any] = {
    "all": _("all of these hold"), "any": _("at least one of these holds"), "none": _("none of these holds"),
}  # fmt: skip
LONGEST = 2_000
NARROWED = ("skus", "categories", "stores", "channels")


@dataclass(frozen=True)
class Row:
    """One condition as it is written: lists are parted by semicolons, a span by a dash."""

    field: str = ""
    op: str = ""
    value: str = ""
    days: str = ""
    skus: str = ""
    categories: str = ""
    stores: str = ""
    channels: str = ""


Written = dict[str, list[Row]]


def fields() -> list[dict[str, Any]]:
    """List what may be asked, with operators and values in words."""
    return [
        {
            "name": field.name, "word": field.word, "operators": [OPERATOR_WORDS[op] for op in field.operators],
            "choices": [label for _code, label in field.choices], "money": field.kind == "money",
        }
        for field in FIELDS.values()
        if _fits(field)
    ]  # fmt: skip


def _fits(field: Field) -> bool:
    """Tell whether a row can say what is asked of the field."""
    return field.kind != "date" and not field.needs


def posted(given: Mapping[str, Any]) -> Written:
    """Read the rows of a form."""
    names = Row.__dataclass_fields__
    return {
        kind: [
            Row(**{name: str(given.get(f"{kind}-{i}-{name}", "")).strip()[:LONGEST] for name in names})
            for i in range(ROWS)
        ]
        for kind in LISTS
    }  # fmt: skip


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else text


def _value(field: Field | None, row: Row) -> Any:
    kind = field.kind if field else ""
    if kind in ("number", "money"):
        read = _number if kind == "number" else str
        ends = [read(end.strip()) for end in row.value.replace("–", "-").split("-")]
        return ends if row.op == "between" else read(row.value)
    if kind == "flag":
        return row.value.lower() in ("1", "yes", "true", "是", "")
    codes = {str(label): code for code, label in field.choices} if field else {}
    return [codes.get(part, part) for part in _parts(row.value)]


def _condition(row: Row) -> dict[str, Any]:
    field = FIELDS.get(row.field)
    narrowed = {name: _parts(getattr(row, name)) for name in NARROWED if getattr(row, name)}
    days = {"days": _number(row.days)} if row.days else {}
    return {"field": row.field, "op": row.op, "value": _value(field, row), **days, **narrowed}


def conditions(written: Written) -> dict[str, Any] | None:
    """Make the tree of the rows that say something; None where none does."""
    made = {kind: [_condition(row) for row in rows if row.field] for kind, rows in written.items()}
    parts = [*made["all"], *({kind: made[kind]} for kind in ("any", "none") if made[kind])]
    return {"all": parts} if parts else None


def _row(leaf: tree.Leaf) -> Row:
    raw = tree.written(leaf)
    value = raw["value"]
    labels = {code: str(label) for code, label in leaf.field.choices}
    if leaf.op == "between":
        text = "-".join(str(end) for end in value)
    elif isinstance(value, list):
        text = ";".join(labels.get(part) or part for part in value)
    else:
        text = str(value)
    row = Row(leaf.field.name, leaf.op, text, str(raw.get("days", "")))
    return replace(row, **{name: ";".join(raw[name]) for name in NARROWED if name in raw})


def rows(conditions: object) -> Written | None:
    """Write a tree as rows; None where it is deeper or longer than rows can say."""
    found: Written = {kind: [] for kind in LISTS}
    node = tree.read(conditions) if conditions is not None else tree.Group("all", ())
    for kind, leaf in _flat(node):
        if kind is None or not isinstance(leaf, tree.Leaf) or len(found[kind]) == ROWS or not _said(leaf):
            return None
        found[kind].append(_row(leaf))
    return {kind: [*some, *[Row()] * (ROWS - len(some))] for kind, some in found.items()}


def _said(leaf: tree.Leaf) -> bool:
    return _fits(leaf.field) and leaf.narrowed.keys() <= {"days", *NARROWED}


def parted(listed: list[Row]) -> tuple[list[Row], int]:
    """Give a list's rows, and how many of them stand open: the filled and one more, three at least."""
    filled = max((i for i, row in enumerate(listed, 1) if row.field), default=0)
    return listed, max(SHOWN, min(filled + 1, ROWS))


def _flat(node: tree.Node) -> Iterator[tuple[str | None, tree.Node]]:
    if isinstance(node, tree.Leaf):
        yield "all", node
        return
    if node.kind != "all":
        yield from ((node.kind, part) for part in node.parts)
        return
    seen: set[str] = set()
    for part in node.parts:
        if isinstance(part, tree.Leaf):
            yield "all", part
        elif part.kind in seen or part.kind == "all":
            yield None, part
        else:
            seen.add(part.kind)
            yield from ((part.kind, one) for one in part.parts)
