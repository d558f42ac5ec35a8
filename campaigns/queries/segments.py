"""Questions about segments: their conditions, which depend on which, whom they hold of on a day."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Segment, SegmentVersion
from members.queries.conditions import compiler, tree
from members.queries.conditions.tree import Leaf, Node
from newretail.kernel import clock, sql

ALIVE = "m.merged_into_id IS NULL AND m.erased_at IS NULL"


def newest(segment: Segment) -> SegmentVersion:
    """Give the conditions of a segment as they were kept last."""
    return segment.versions.latest("version")


def standing() -> QuerySet[SegmentVersion]:
    """Give the newest version of every segment, with the segment, by its code."""
    return (
        SegmentVersion.objects.select_related("segment").order_by("segment__code", "-version").distinct("segment__code")
    )


def kept_fresh() -> list[SegmentVersion]:
    """Give the newest version of each active segment, so that each comes after those it asks for."""
    rows = {row.segment.code: row for row in standing() if row.segment.state == Segment.State.ACTIVE}
    ordered: dict[str, SegmentVersion] = {}

    def add(code: str) -> None:
        if code in rows and code not in ordered:
            for other in sorted(asked_for(rows[code].conditions) - {code}):
                add(other)
            ordered[code] = rows[code]

    for code in sorted(rows):
        add(code)
    return list(ordered.values())


def asked_for(conditions: object) -> set[str]:
    """Name the segments whose members conditions ask for."""
    return {
        code for leaf in tree.leaves(tree.read(conditions)) if leaf.field.named == "segments" for code in leaf.value
    }


def asks_itself(code: str, conditions: object) -> bool:
    """Tell whether with these conditions the segment would, through whatever others, ask for itself."""
    asked = {row.segment.code: asked_for(row.conditions) for row in standing()}
    asked[code] = asked_for(conditions)
    seen: set[str] = set()
    ahead = set(asked[code])
    while ahead:
        other = ahead.pop()
        seen.add(other)
        ahead |= asked.get(other, set()) - seen
    return code in seen


@dataclass(frozen=True)
class Moment:
    """When conditions are asked: as of a business day, facts before an instant counting.

    Today all facts until now count; as of a past day those before its start.
    """

    as_of: date
    until: datetime
    past: bool = False

    @classmethod
    def now(cls, at: datetime) -> "Moment":
        """Give the moment of an instant."""
        return cls(clock.business_day(at), at)

    @classmethod
    def of(cls, day: date | None, at: datetime) -> "Moment":
        """Give the start of a past day; of today, or of none, the instant itself."""
        return cls(day, clock.day_start(day), past=True) if day and day < clock.business_day(at) else cls.now(at)


def whom(node: Node, moment: Moment, within: str | None = None) -> tuple[str, sql.Params]:
    """Write the SELECT of member_id and seat of the persons alive whom conditions hold of, with its parameters.

    `within`: a temporary table of member_id to look at alone.
    """
    asked = compiler.ask(node, moment.as_of, until=moment.until, within=within, past=moment.past)
    select = f"""
SELECT m.id AS member_id, m.seat FROM members_member m JOIN ({asked.members}) asked ON asked.member_id = m.id
WHERE {ALIVE}"""
    return select, asked.params


def count(node: Node, moment: Moment) -> int:
    """Count exactly whom conditions hold of."""
    select, params = whom(node, moment)
    return int(sql.rows(f"SELECT count(*) FROM ({select}) found", params)[0][0])


def sample(node: Node, moment: Moment, most: int) -> list[int]:
    """Give the ids of the newest of whom conditions hold."""
    select, params = whom(node, moment)
    return [pk for pk, _seat in sql.rows(f"{select} ORDER BY m.seat DESC LIMIT {int(most)}", params)]


def digest(condition: dict[str, Any]) -> str:
    """Give what a condition is known by, however its words are ordered."""
    return hashlib.sha256(json.dumps(condition, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def condition(leaf: Leaf) -> dict[str, Any]:
    """Write one condition as JSON."""
    return tree.written(leaf)
