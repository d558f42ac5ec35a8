"""A tree of conditions as JSON: read strictly, within limits, and written back.

A group is {"all": […]}, {"any": […]} or {"none": […]}; a condition {"field": …, "op": …, "value": …}, and what narrows
it: {"days": 90, "stores": ["SH01"], "skus": […]}.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

import members.queries.conditions.offered  # noqa: F401 - its fields are offered by being imported
from members.queries.conditions.fields import CHOSEN, DATED, FIELDS, NAMED, NUMBERED, Field
from newretail.kernel import money, sql
from newretail.kernel.verbs import Refused

DEEPEST = 5
MOST_CONDITIONS = 100
MOST_VALUES = 200
MOST_NUMBER = 10**9
MOST_DAYS = 3_660
LONGEST = 120
FIRST_YEAR, LAST_YEAR = 1990, 2099
GroupKind = Literal["all", "any", "none"]
GROUPS: tuple[GroupKind, ...] = ("all", "any", "none")
WHY: dict[str, Any] = {
    "not_an_item": _("this is neither a group nor a condition"),
    "unknown_field": _("there is no such field"),
    "unknown_word": _("there is a word here that means nothing"),
    "unknown_operator": _("the field does not take this operator"),
    "bad_value": _("the value does not fit the field"),
    "reversed": _("the span ends before it begins"),
    "empty_group": _("a group holds at least one condition"),
    "too_deep": _("groups stand within each other five deep at most"),
    "too_many": _("a tree holds 100 conditions at most, a condition 200 values"),
    "unknown_name": _("there is nothing of this name"),
    "incomplete": _("something that the field needs is not said"),
}


class BadConditions(Refused):
    """The conditions cannot be asked."""

    code = "bad_conditions"
    sentence = gettext_noop("These conditions cannot be asked: %(why)s (%(where)s).")


@dataclass(frozen=True)
class Leaf:
    """One condition: money in cents, names as they are called."""

    field: Field
    op: str
    value: Any
    narrowed: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Conditions of which all, any or none hold."""

    kind: GroupKind
    parts: tuple["Node", ...]


Node = Leaf | Group


def read(raw: object) -> Node:
    """Read a tree.

    Raises BadConditions.
    """
    left = [MOST_CONDITIONS]
    return _node(raw, "$", DEEPEST, left)


def leaves(node: Node) -> Iterator[Leaf]:
    """Give the conditions of a tree, in their order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from leaves(part)


def _bad(why: str, where: str) -> BadConditions:
    return BadConditions(why=WHY[why], where=where[:LONGEST])


def _node(raw: object, where: str, deep: int, left: list[int]) -> Node:
    if not isinstance(raw, dict):
        raise _bad("not_an_item", where)
    kind = next((kind for kind in GROUPS if kind in raw), None)
    if kind is None:
        left[0] -= 1
        if left[0] < 0:
            raise _bad("too_many", where)
        return _leaf(raw, where)
    parts = raw[kind]
    if len(raw) > 1 or not isinstance(parts, list):
        raise _bad("not_an_item", where)
    if not deep:
        raise _bad("too_deep", where)
    if not parts:
        raise _bad("empty_group", where)
    return Group(kind, tuple(_node(part, f"{where}.{kind}[{i}]", deep - 1, left) for i, part in enumerate(parts, 1)))


def _leaf(raw: dict[str, Any], where: str) -> Leaf:
    name, op = raw.get("field"), raw.get("op")
    found = FIELDS.get(name) if isinstance(name, str) else None
    if found is None:
        raise _bad("unknown_field", where)
    if op not in found.operators:
        raise _bad("unknown_operator", where)
    beside = {word: value for word, value in raw.items() if word not in ("field", "op", "value")}
    if not beside.keys() <= set(found.narrows):
        raise _bad("unknown_word", where)
    if found.needs and found.needs not in beside:
        raise _bad("incomplete", f"{where}.{found.needs}")
    narrowed = {word: _narrowing(word, value, f"{where}.{word}") for word, value in beside.items()}
    return Leaf(found, str(op), _value(found, str(op), raw.get("value"), where), narrowed)


def _narrowing(word: str, value: Any, where: str) -> Any:
    if word in NUMBERED:
        return _whole(value, where, 1, MOST_DAYS)
    if word in DATED:
        return _date(value, where)
    return _chosen(_names(value, where), CHOSEN.get(word, ()), where)


def _date(value: Any, where: str) -> date:
    try:
        read = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-01-01") else None
    except ValueError:
        read = None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise _bad("bad_value", where)
    return read


def _chosen(names: list[str], choices: Sequence[tuple[str, Any]], where: str) -> list[str]:
    if choices and not set(names) <= {code for code, _word in choices}:
        raise _bad("bad_value", where)
    return names


def _whole(value: Any, where: str, low: int = 0, high: int = MOST_NUMBER) -> int:
    if type(value) is not int or not low <= value <= high:
        raise _bad("bad_value", where)
    return value


def _cents(value: Any, where: str) -> int:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or len(text) > LONGEST:
        raise _bad("bad_value", where)
    try:
        cents = money.to_cents(text)
    except money.NotMoney:
        raise _bad("bad_value", where) from None
    return _whole(cents, where, 0, MOST_NUMBER * 100)


def _names(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise _bad("bad_value", where)
    if len(value) > MOST_VALUES:
        raise _bad("too_many", where)
    for name in value:
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not name.isprintable():
            raise _bad("bad_value", where)
    return list(dict.fromkeys(value))


def _value(found: Field, op: str, value: Any, where: str) -> Any:
    if found.kind == "flag":
        if type(value) is not bool:
            raise _bad("bad_value", where)
        return value
    if found.kind in ENDED:
        one = ENDED[found.kind]
        if op != "between":
            return one(value, where)
        if not isinstance(value, list) or len(value) != 2:
            raise _bad("bad_value", where)
        low, high = (one(end, where) for end in value)
        if low > high:
            raise _bad("reversed", where)
        return [low, high]
    return _chosen(_names(value, where), found.choices, where)


# Kinds whose values are ends: each with what reads one.
ENDED: dict[str, Callable[[Any, str], Any]] = {"number": _whole, "money": _cents, "date": _date}


WRITERS: dict[str, Callable[[Any], str]] = {"money": money.to_yuan, "date": date.isoformat}


def written(node: Node) -> dict[str, Any]:
    """Write a tree as JSON that `read` reads as the same."""
    if isinstance(node, Group):
        return {node.kind: [written(part) for part in node.parts]}
    value = node.value
    if node.field.kind in WRITERS:
        write = WRITERS[node.field.kind]
        value = [write(end) for end in value] if isinstance(value, list) else write(value)
    narrowed = {word: given.isoformat() if word in DATED else given for word, given in node.narrowed.items()}
    return {"field": node.field.name, "op": node.op, "value": value, **narrowed}


def check_names(node: Node) -> None:
    """Refuse a tree that calls stores, products, tags … by names that nothing bears.

    Raises BadConditions.
    """
    called: dict[str, set[str]] = {}
    for leaf in leaves(node):
        if leaf.field.named:
            called.setdefault(leaf.field.named, set()).update(leaf.value)
        for word, names in leaf.narrowed.items():
            if word in NAMED:
                called.setdefault(word, set()).update(names)
    for word, names in sorted(called.items()):
        one = NAMED[word]
        known = sql.rows(
            f"SELECT {one.column} FROM {one.table} WHERE {one.column} = ANY(%(names)s)", {"names": sorted(names)}
        )
        if missing := sorted(names - {name for (name,) in known}):
            raise BadConditions(why=WHY["unknown_name"], where=f"{one.word}: {', '.join(missing[:5])}"[:LONGEST])
