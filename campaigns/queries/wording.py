"""Conditions in words, as a shop's people read them: a tree in lines, one condition in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.queries.conditions.explainer import Told
from members.queries.conditions.fields import NARROW_WORDS, OPERATOR_WORDS, Field
from members.queries.conditions.tree import Leaf, Node, written

GROUP_WORDS: dict[str, Any] = {
    "all": _("all of these hold"), "any": _("at least one of these holds"), "none": _("none of these holds"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a tree: how deep it stands, what it says, and of one member whether it holds and her value."""

    deep: int
    says: str
    is_group: bool = False
    held: bool | None = None
    hers: str = ""


def value(field: Field, given: Any) -> str:
    """Write a value of a field: choices by their names, lists and spans joined; what is not known as a dash."""
    if given is None or given == []:
        return "—"
    if field.kind == "flag":
        return str(_("yes") if given else _("no"))
    if isinstance(given, list | tuple | set):
        parts = [value(field, part) for part in given]
        return " – ".join(parts) if field.kind in ("number", "money") else "、".join(sorted(parts))
    labels = {str(code): str(label) for code, label in field.choices}
    return labels.get(str(given), str(given))


def leaf(one: Leaf) -> str:
    """Write one condition as a sentence: its field, how it is compared, with what, and what narrows it."""
    raw = written(one)
    narrowed = "；".join(
        f"{NARROW_WORDS.get(word, word)} {'、'.join(map(str, given)) if isinstance(given, list) else given}"
        for word, given in raw.items()
        if word not in ("field", "op", "value")
    )
    compared = "—" if one.field.kind == "flag" else OPERATOR_WORDS[one.op]
    said = f"{one.field.word} {compared} {value(one.field, raw['value'])}"
    return f"{said}（{narrowed}）" if narrowed else said


def lines(node: Node, deep: int = 0) -> Iterator[Line]:
    """Write a tree in lines, each group before what it is made of."""
    if isinstance(node, Leaf):
        yield Line(deep, leaf(node))
        return
    yield Line(deep, str(GROUP_WORDS[node.kind]), is_group=True)
    for part in node.parts:
        yield from lines(part, deep + 1)


def told(one: Told, deep: int = 0) -> Iterator[Line]:
    """Write an explanation in lines, each with whether it holds, and with her value."""
    if isinstance(one.node, Leaf):
        yield Line(deep, leaf(one.node), held=one.held, hers=_hers(one.node.field, one.value))
        return
    yield Line(deep, str(GROUP_WORDS[one.node.kind]), is_group=True, held=one.held)
    for part in one.parts:
        yield from told(part, deep + 1)


def _hers(field: Field, given: Any) -> str:
    return f"{int(given) / 100:.2f}" if field.kind == "money" and given is not None else value(field, given)
