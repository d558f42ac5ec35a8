"""A tree of conditions as one statement: every value bound, every operator from a table, set-based.

As of day D is the start of the business day D: facts before it count, "within N days" are the N days before it. A
question of today may ask for the facts until now. What was given back whole counts in nothing. A person is her root:
what a merged row bought and carries is hers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_noop

from members.models import Member
from members.queries import birthdays
from members.queries.conditions.fields import SOURCES, Field, Source
from members.queries.conditions.tree import Leaf, Node, leaves
from newretail.kernel import clock, sql
from newretail.kernel.verbs import Refused

COMPARED: dict[str, str] = {
    "at_least": "{v} >= {a}",
    "at_most": "{v} <= {a}",
    "on_or_after": "{v} >= {a}",
    "on_or_before": "{v} <= {a}",
    "is": "{v} = {a}",
    "between": "{v} BETWEEN {a} AND {b}",
}
JOINED: dict[str, str] = {"all": " AND ", "any": " OR ", "none": " OR "}
BESIDE = """
members_member m LEFT JOIN members_portrait p ON p.member_id = m.id LEFT JOIN members_level v ON v.id = m.level_id
LEFT JOIN stores_store h ON h.id = m.home_store_id LEFT JOIN stores_region g ON g.id = h.region_id
"""
MERGED = "SELECT EXISTS (SELECT FROM members_member WHERE merged_into_id IS NOT NULL)"
ROOT = "coalesce(x.merged_into_id, x.id)"
FAMILIES = """
SELECT r.member_id FROM {within} r
UNION ALL SELECT f.id FROM members_member f JOIN {within} r ON f.merged_into_id = r.member_id
"""
# What orders and lines were given back: as it stands, and as it was known at a past instant.
NOW = {"refunded": "o.refunded_cents", "known": ""}
THEN = {
    "refunded": "(SELECT coalesce(sum(f.amount_cents), 0) FROM members_refund f"
    " WHERE f.order_id = o.id AND f.refunded_at < %(until)s)",
    "known": " AND f.refunded_at < %(until)s",
}
YEAR = 366  # days ahead in which every birthday comes once, but for that of 29 February, which is kept on the 28th


class NotDated(Refused):
    """Of a past day these conditions cannot be asked."""

    code = "not_dated"
    sentence = gettext_noop("Of a past day this cannot be told, for it has no history: %(fields)s.")


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


class _Words(dict[str, str]):
    """What stands for the words in braces of a source; birthdays are looked up where they are asked for."""

    def __init__(self, compiler: "Compiler", given: dict[str, str]) -> None:
        super().__init__(given)
        self.compiler = compiler

    def __missing__(self, word: str) -> str:
        """Bind the coming birthdays, day by day."""
        columns = zip(("calendars", "months", "days", "ahead"), birthdays_after(self.compiler.as_of), strict=True)
        self.update({name: self.compiler.bind(list(values)) for name, values in columns})
        return self[word]


@lru_cache(maxsize=16)
def birthdays_after(day: date) -> tuple[tuple[Any, ...], ...]:
    """Give calendars, months, days and days ahead of all birthdays that come within a year, as columns."""
    found = []
    for ahead in range(YEAR):
        one = [day + timedelta(days=ahead)]
        found += [(Member.Calendar.SOLAR.value, *on, ahead) for on in birthdays.solar_dates(one)]
        found += [(Member.Calendar.LUNAR.value, *on, ahead) for on in birthdays.lunar_dates(one)]
    return tuple(zip(*found, strict=True))


class Compiler:
    """Writes conditions as SQL, binding each value under a name of its own.

    `until`: facts before this instant count. `within`: a temporary table of member_id, of roots; nobody else is looked
    at. `past`: answers are those of then; what has no history is refused.
    """

    def __init__(
        self, as_of: date, *, until: datetime | None = None, within: str | None = None, past: bool = False
    ) -> None:  # fmt: skip
        self.as_of, self.within, self.past = as_of, within, past
        until = until or clock.day_start(as_of)
        self.params: sql.Params = {"today": as_of, "until": until, "zone": clock.brand_zone().key}
        self.merged = bool(sql.rows(MERGED)[0][0])
        self.family = ""

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
        if leaf.field.over != "member":
            return self._set(leaf) if leaf.field.kind == "set" else self._measured(leaf)
        value = self.value(leaf)
        if leaf.op in ("one_of", "none_of"):
            known = f"coalesce({value} = ANY({self.bind(leaf.value)}), false)"
            return f"NOT {known}" if leaf.op == "none_of" else known
        return f"coalesce({self._compared(leaf, value)}, false)"

    def value(self, leaf: Leaf) -> str:
        """Write the value of a field: of then where a past day is asked about."""
        asked = leaf.field
        words = _Words(self, THEN if self.past else NOW)
        if asked.needs:
            words[asked.needs] = self.bind(leaf.narrowed[asked.needs])
        return ((self.past and asked.past) or asked.value).format_map(words)

    def _compared(self, leaf: Leaf, value: str) -> str:
        low, high = leaf.value if leaf.op == "between" else (leaf.value, None)
        ends = {"a": self.bind(low), "b": self.bind(high) if high is not None else ""}
        return COMPARED[leaf.op].format(v=value, **ends)

    def _measured(self, leaf: Leaf) -> str:
        """Ask those who have rows; where nothing would do as well, leave out those who fail."""
        fails = leaf.field.zero and holds(leaf, nothing(leaf.field))
        having = self._compared(leaf, self.value(leaf))
        found = f"{self._hers(leaf)} GROUP BY 1 HAVING {'NOT ' if fails else ''}({having})"
        return f"m.id {'NOT ' if fails else ''}IN ({found})"

    def _set(self, leaf: Leaf) -> str:
        value = self.value(leaf)
        every = f" HAVING count(DISTINCT {value}) = {self.bind(len(leaf.value))}" if leaf.op == "all_of" else ""
        found = f"{self._hers(leaf)} AND {value} = ANY({self.bind(leaf.value)}) GROUP BY 1{every}"
        return f"m.id {'NOT ' if leaf.op == 'none_of' else ''}IN ({found})"

    def _hers(self, leaf: Leaf) -> str:
        """Write the SELECT of the roots that have rows which the condition looks at."""
        member = self.source(leaf.field).member
        if not self.merged:
            return f"SELECT {member} FROM {self.rows(leaf)}"
        among = self.rows(leaf, beside=f" JOIN members_member x ON x.id = {member}")
        return f"SELECT {ROOT} FROM {among}"

    def source(self, asked: Field) -> Source:
        """Give where a field's rows stand; of a past day, where they stood."""
        source = SOURCES[asked.over]
        return source.past if self.past and source.past else source

    def rows(self, leaf: Leaf, beside: str = "") -> str:
        """Write FROM what and WHERE a condition looks: rows that count, in its window, of those asked about."""
        source = self.source(leaf.field)
        words = _Words(self, THEN if self.past else NOW)
        words["among"] = self._among(source.inner, " AND ") if source.inner else ""
        parts = [f"{source.member} IS NOT NULL", source.counts.format_map(words), *self._narrowed(leaf, source)]
        if source.at:
            parts.append(f"{source.at} < %(until)s")
        if not source.inner:
            parts += [among for among in [self._among(source.member)] if among]
        return f"{source.rows.format_map(words)}{beside} WHERE {' AND '.join(parts)}"

    def _among(self, column: str, before: str = "") -> str:
        if self.family:
            return f"{before}{column} = ANY({self.family})"
        if not self.within:
            return ""
        whom = FAMILIES if self.merged else "SELECT member_id FROM {within}"
        return f"{before}{column} IN ({whom.format(within=self.within)})"

    def _narrowed(self, leaf: Leaf, source: Source) -> list[str]:
        return [self._narrowing(word, value, source) for word, value in leaf.narrowed.items()]

    def _narrowing(self, word: str, value: Any, source: Source) -> str:
        if word == "days":
            return f"{source.at} >= {self.bind(clock.day_start(self.as_of - timedelta(days=value)))}"
        if word in ("from", "to"):
            return f"{source.at} {'>=' if word == 'from' else '<'} {self.bind(clock.day_start(value))}"
        return source.narrows[word].format(a=self.bind(value))


JUDGED: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": lambda value, given: bool(value >= given),
    "at_most": lambda value, given: bool(value <= given),
    "on_or_after": lambda value, given: bool(value >= given),
    "on_or_before": lambda value, given: bool(value <= given),
    "is": lambda value, given: bool(value == given),
    "between": lambda value, given: bool(given[0] <= value <= given[1]),
    "one_of": lambda value, given: value in given,
    "any_of": lambda value, given: bool(set(value) & set(given)),
    "all_of": lambda value, given: set(given) <= set(value),
}


def nothing(asked: Field) -> Any:
    """Give what who has no rows has."""
    return False if asked.kind == "flag" else 0


def holds(leaf: Leaf, value: Any) -> bool:
    """Judge a value by the condition as the statement does; None is not known."""
    if leaf.op == "none_of":
        known = value if isinstance(value, list) else [value]
        return not set(known) & set(leaf.value)
    if value is None:
        return False
    return JUDGED[leaf.op](value, leaf.value)


def check_dated(node: Node) -> None:
    """Refuse conditions that have no history.

    Raises NotDated.
    """
    lost = dict.fromkeys(str(leaf.field.word) for leaf in leaves(node) if not leaf.field.dated)
    if lost:
        raise NotDated(fields="、".join(lost))


def ask(
    node: Node, as_of: date, *, until: datetime | None = None, within: str | None = None, past: bool = False
) -> Asked:  # fmt: skip
    """Compile a tree as of the start of a business day, or with the facts `until` an instant of it.

    `within`: a temporary table of member_id (roots) to look at alone. `past`: by the answers of then.
    Raises NotDated.
    """
    if past:
        check_dated(node)
    compiler = Compiler(as_of, until=until, within=within, past=past)
    where = compiler.node(node)
    if within:
        where = f"m.id IN (SELECT member_id FROM {within}) AND {where}"
    return Asked(as_of, where, compiler.params)


def count(asked: Asked) -> int:
    """Count whom the conditions hold of."""
    return int(sql.rows(f"SELECT count(*) FROM ({asked.members}) s", asked.params)[0][0])


def sample(asked: Asked, most: int) -> list[int]:
    """Give the ids of the newest of whom the conditions hold."""
    found = sql.rows(f"{asked.members} ORDER BY m.seat DESC LIMIT {int(most)}", asked.params)
    return [pk for (pk,) in found]
