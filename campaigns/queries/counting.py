"""Counts by bits: each condition a string of bits, a tree of them one expression, many counts one statement."""

from collections.abc import Iterator, Sequence
from datetime import date

from campaigns.models import SeatMap
from campaigns.queries import seats, segments
from members.queries.conditions import tree
from members.queries.conditions.tree import Leaf, Node
from newretail.kernel import sql

EVERYBODY = segments.digest({})
HELD = "(SELECT s.seats FROM campaigns_seatmap s WHERE s.digest = {})"
JOINED = {"all": " & ", "any": " | ", "none": " | "}


def wanted(nodes: Sequence[Node]) -> dict[str, Leaf | None]:
    """Give the conditions whose bits a count of these trees needs, by their digests; None stands for everybody."""
    found: dict[str, Leaf | None] = {EVERYBODY: None}
    for node in nodes:
        found |= {segments.digest(segments.condition(leaf)): leaf for leaf in tree.leaves(node)}
    return found


def drawn(digests: Sequence[str], day: date) -> set[str]:
    """Tell which of these conditions have their bits as of a day."""
    width = seats.width()
    rows = SeatMap.objects.filter(digest__in=list(digests), as_of=day, width=width)
    return set(rows.values_list("digest", flat=True))


class _Bits:
    """Writes trees as expressions over bits, each condition bound once."""

    def __init__(self) -> None:
        self.params: sql.Params = {"everybody": EVERYBODY}
        self.everybody = HELD.format("%(everybody)s")

    def of(self, node: Node) -> str:
        """Write a tree; what is none of something is one of everybody alive."""
        if isinstance(node, Leaf):
            name = f"d{segments.digest(segments.condition(node))[:16]}"
            self.params[name] = segments.digest(segments.condition(node))
            return HELD.format(f"%({name})s")
        inside = JOINED[node.kind].join(self.of(part) for part in node.parts)
        return f"({self.everybody} & ~({inside}))" if node.kind == "none" else f"({inside})"


def question(nodes: Sequence[Node]) -> tuple[str, sql.Params]:
    """Write the statement that counts how many alive each tree holds of, with its parameters."""
    bits = _Bits()
    columns = ", ".join(f"bit_count({bits.of(node)} & {bits.everybody})" for node in nodes)
    return f"SELECT {columns}", bits.params


def counts(nodes: Sequence[Node]) -> list[int]:
    """Count how many alive each tree holds of; the bits of all its conditions are drawn already."""
    return [int(count) for count in sql.rows(*question(nodes))[0]]


def parts(node: Node) -> Iterator[Node]:
    """Give a tree and all its groups and conditions, each before what it is made of."""
    yield node
    if not isinstance(node, Leaf):
        for part in node.parts:
            yield from parts(part)


def everybody() -> int:
    """Count everybody alive by bits."""
    return int(sql.rows(f"SELECT bit_count({HELD.format('%(digest)s')})", {"digest": EVERYBODY})[0][0])
