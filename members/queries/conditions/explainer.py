"""Why conditions hold of one member or not: each with her value, judged apart from the statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from members.models import Member
from members.queries import families
from members.queries.conditions.compiler import BESIDE, CARRIED, OVER, Compiler, holds
from members.queries.conditions.tree import Leaf, Node, leaves
from newretail.kernel import sql


@dataclass(frozen=True)
class Told:
    """A group or a condition as it stands with her: whether it holds, her value, and what the group is made of."""

    node: Node
    held: bool
    value: Any = None
    parts: tuple["Told", ...] = ()


def why(node: Node, member: Member, as_of: date) -> Told:
    """Tell of each condition her value as of the start of a business day, and whether it holds."""
    return _told(node, iter(_values(list(leaves(node)), member, as_of)))


def _values(asked: list[Leaf], member: Member, as_of: date) -> list[Any]:
    compiler = Compiler(as_of)
    family = compiler.bind(families.ids_of(member))
    root = compiler.bind(families.root_of(member).pk)
    columns = ", ".join(f"{_value(leaf, compiler, family)} AS v{i}" for i, leaf in enumerate(asked))
    return list(sql.rows(f"SELECT {columns} FROM {BESIDE} WHERE m.id = {root}", compiler.params)[0])


def _value(leaf: Leaf, compiler: Compiler, family: str) -> str:
    if leaf.field.over == "member":
        return leaf.field.value
    if leaf.field.over == "tags":
        carried = CARRIED.format(a=compiler.bind(leaf.value))
        return f"ARRAY(SELECT DISTINCT w.name FROM {carried} AND k.member_id = ANY({family}) ORDER BY 1)"
    measured = (
        f"SELECT {leaf.field.value} FROM {OVER[leaf.field.over]}"
        f" WHERE o.member_id = ANY({family}) AND {compiler.bought(leaf)} HAVING count(*) > 0"
    )
    return f"coalesce(({measured}), 0)" if leaf.field.zero else f"({measured})"


def _told(node: Node, values: Iterator[Any]) -> Told:
    if isinstance(node, Leaf):
        value = next(values)
        return Told(node, holds(node, value), value)
    parts = tuple(_told(part, values) for part in node.parts)
    held = [part.held for part in parts]
    judged = {"all": all(held), "any": any(held), "none": not any(held)}
    return Told(node, judged[node.kind], parts=parts)
