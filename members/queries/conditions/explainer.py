"""Why conditions hold of one member or not: each with her value, judged apart from the statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from members.models import Member
from members.queries import families
from members.queries.conditions.compiler import BESIDE, Compiler, check_dated, holds
from members.queries.conditions.tree import Leaf, Node, leaves
from newretail.kernel import sql


@dataclass(frozen=True)
class Told:
    """A group or a condition as it stands with her: whether it holds, her value, and what the group is made of."""

    node: Node
    held: bool
    value: Any = None
    parts: tuple["Told", ...] = ()


def why(
    node: Node, member: Member, as_of: date, *, until: datetime | None = None, past: bool = False
) -> Told:  # fmt: skip
    """Tell of each condition her value as of the start of a business day, and whether it holds; see `compiler.ask`.

    Raises NotDated.
    """
    if past:
        check_dated(node)
    compiler = Compiler(as_of, until=until, past=past)
    return _told(node, iter(_values(list(leaves(node)), member, compiler)))


def _values(asked: list[Leaf], member: Member, compiler: Compiler) -> list[Any]:
    compiler.family = compiler.bind(families.ids_of(member))
    root = compiler.bind(families.root_of(member).pk)
    columns = ", ".join(f"{_value(leaf, compiler)} AS v{i}" for i, leaf in enumerate(asked))
    return list(sql.rows(f"SELECT {columns} FROM {BESIDE} WHERE m.id = {root}", compiler.params)[0])


def _value(leaf: Leaf, compiler: Compiler) -> str:
    value = compiler.value(leaf)
    if leaf.field.over == "member":
        return value
    if leaf.field.kind == "set":
        return f"ARRAY(SELECT DISTINCT ({value})::text FROM {compiler.rows(leaf)} ORDER BY 1)"
    measured = f"(SELECT {value} FROM {compiler.rows(leaf)} HAVING count(*) > 0)"
    nothing = "false" if leaf.field.kind == "flag" else "0"
    return f"coalesce({measured}, {nothing})" if leaf.field.zero else measured


def _told(node: Node, values: Iterator[Any]) -> Told:
    if isinstance(node, Leaf):
        value = next(values)
        return Told(node, holds(node, value), value)
    parts = tuple(_told(part, values) for part in node.parts)
    held = [part.held for part in parts]
    judged = {"all": all(held), "any": any(held), "none": not any(held)}
    return Told(node, judged[node.kind], parts=parts)
