"""A tree of conditions as one statement: every value bound, every operator from a table, set-based.

As of day D is the start of the business day D: orders before it count, "within N days" are the N days before it. What
was given back whole counts in nothing. A person is her root: what a merged row bought and carries is hers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from members.queries.conditions.tree import Leaf, Node
from newretail.kernel import clock, sql

COMPARED: dict[str, str] = {
    "at_least": "{v} >= {a}",
    "at_most": "{v} <= {a}",
    "is": "{v} = {a}",
    "between": "{v} BETWEEN {a} AND {b}",
}
JOINED: dict[str, str] = {"all": " AND ", "any": " OR ", "none": " OR "}
BESIDE = """
members_member m LEFT JOIN members_portrait p ON p.member_id = m.id LEFT JOIN members_level v ON v.id = m.level_id
LEFT JOIN stores_store h ON h.id = m.home_store_id LEFT JOIN stores_region g ON g.id = h.region_id
"""
MERGED = "SELECT EXISTS (SELECT FROM members_member WHERE merged_into_id IS NOT NULL)"
COUNTS = "NOT (o.refunded_cents > 0 AND o.refunded_cents >= o.amount_cents)"
LINE_COUNTS = """
NOT (o.refunded_cents > 0 AND l.amount_cents > 0 AND l.amount_cents <= coalesce((SELECT sum(f.amount_cents)
  FROM members_refund f WHERE f.order_id = o.id AND f.line_no = l.line_no), 0))
"""
OVER = {
    "orders": "members_order o",
    "lines": "members_order o JOIN members_orderline l ON l.order_id = o.id"
    " JOIN stores_product d ON d.id = l.product_id",
}
NARROWED: dict[str, str] = {
    "days": "o.paid_at >= {a}",
    "channels": "o.channel_id IN (SELECT id FROM stores_channel WHERE code = ANY({a}))",
    "stores": "o.store_id IN (SELECT id FROM stores_store WHERE code = ANY({a}))",
    "skus": "d.sku = ANY({a})",
    "categories": "d.category_id IN (SELECT id FROM stores_category WHERE name = ANY({a}))",
}
CARRIED = """
members_membertag k JOIN members_tag w ON w.id = k.tag_id
WHERE w.name = ANY({a}) AND (k.expires_on IS NULL OR k.expires_on > %(today)s)
"""


@dataclass
class Asked:
    """A tree compiled as of a day: `where` holds of the members `m` it holds of; values are in `params`."""

    as_of: date
    where: str
    params: sql.Params

    @property
    def members(self) -> str:
        """Write the SELECT of the ids of those it holds of, merged rows left out."""
        return f"SELECT m.id AS member_id FROM {BESIDE} WHERE m.merged_into_id IS NULL AND {self.where}"


class Compiler:
    """Writes conditions as SQL, binding each value under a name of its own."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.params: sql.Params = {"today": as_of, "until": clock.day_start(as_of), "zone": clock.brand_zone().key}
        self.merged = bool(sql.rows(MERGED)[0][0])

    def bind(self, value: Any) -> str:
        """Bind a value; give the placeholder that stands for it."""
        name = f"c{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def node(self, node: Node) -> str:
        """Write a node as a condition that is true or false, never null."""
        if isinstance(node, Leaf):
            return self.leaf(node)
        inside = JOINED[node.kind].join(self.node(part) for part in node.parts)
        return f"NOT ({inside})" if node.kind == "none" else f"({inside})"

    def leaf(self, leaf: Leaf) -> str:
        """Write one condition."""
        over = leaf.field.over
        if over == "tags":
            return self._tags(leaf)
        if over != "member":
            return self._measured(leaf)
        if leaf.op in ("one_of", "none_of"):
            known = f"coalesce({leaf.field.value} = ANY({self.bind(leaf.value)}), false)"
            return f"NOT {known}" if leaf.op == "none_of" else known
        return f"coalesce({self._compared(leaf, leaf.field.value)}, false)"

    def _compared(self, leaf: Leaf, value: str) -> str:
        low, high = leaf.value if leaf.op == "between" else (leaf.value, None)
        ends = {"a": self.bind(low), "b": self.bind(high) if high is not None else ""}
        return COMPARED[leaf.op].format(v=value, **ends)

    def _measured(self, leaf: Leaf) -> str:
        """Ask those who bought; where nothing bought would do as well, leave out those who fail."""
        fails = leaf.field.zero and holds(leaf, 0)
        having = self._compared(leaf, leaf.field.value)
        root, beside = ("coalesce(x.merged_into_id, x.id)", " JOIN members_member x ON x.id = o.member_id")
        if not self.merged:
            root, beside = "o.member_id", ""
        found = (
            f"SELECT {root} FROM {OVER[leaf.field.over]}{beside} WHERE o.member_id IS NOT NULL AND {self.bought(leaf)}"
            f" GROUP BY 1 HAVING {'NOT ' if fails else ''}({having})"
        )
        return f"m.id {'NOT ' if fails else ''}IN ({found})"

    def bought(self, leaf: Leaf) -> str:
        """Write which orders, or lines of them, a measure looks at."""
        parts = ["o.paid_at < %(until)s", COUNTS]
        if leaf.field.over == "lines":
            parts.append(LINE_COUNTS)
        for word, value in leaf.narrowed.items():
            since = clock.day_start(self.as_of - timedelta(days=value)) if word == "days" else value
            parts.append(NARROWED[word].format(a=self.bind(since)))
        return " AND ".join(parts)

    def _tags(self, leaf: Leaf) -> str:
        root, beside = ("coalesce(x.merged_into_id, x.id)", "JOIN members_member x ON x.id = k.member_id WHERE")
        if not self.merged:
            root, beside = "k.member_id", "WHERE"
        carried = CARRIED.format(a=self.bind(leaf.value)).replace("WHERE", beside)
        every = f" HAVING count(DISTINCT k.tag_id) = {self.bind(len(leaf.value))}" if leaf.op == "all_of" else ""
        return f"m.id {'NOT ' if leaf.op == 'none_of' else ''}IN (SELECT {root} FROM {carried} GROUP BY 1{every})"


JUDGED: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, given: bool(value >= given),
    "at_most": lambda value, given: bool(value <= given),
    "is": lambda value, given: bool(value == given),
    "between": lambda value, given: bool(given[0] <= value <= given[1]),
    "one_of": lambda value, given: value in given,
    "any_of": lambda value, given: bool(set(value) & set(given)),
    "all_of": lambda value, given: set(given) <= set(value),
}


def holds(leaf: Leaf, value: Any) -> bool:
    """Judge a value by the condition as the statement does; None is not known."""
    if leaf.op == "none_of":
        known = value if isinstance(value, list) else [value]
        return not set(known) & set(leaf.value)
    if value is None:
        return False
    return JUDGED[leaf.op](value, leaf.value)


def ask(node: Node, as_of: date) -> Asked:
    """Compile a tree as of the start of a business day."""
    compiler = Compiler(as_of)
    return Asked(as_of, compiler.node(node), compiler.params)


def count(asked: Asked) -> int:
    """Count whom the conditions hold of."""
    return int(sql.rows(f"SELECT count(*) FROM ({asked.members}) s", asked.params)[0][0])


def sample(asked: Asked, most: int) -> list[int]:
    """Give the ids of the newest of whom the conditions hold."""
    found = sql.rows(f"{asked.members} ORDER BY m.seat DESC LIMIT {int(most)}", asked.params)
    return [pk for (pk,) in found]
