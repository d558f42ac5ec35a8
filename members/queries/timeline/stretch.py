"""A stretch of a timeline: the newest entries before a mark, read as one statement of one limited part a strand.

Each part reads, of each row of the family, the entries of one page alone, the newest first, by an index on (member,
time): what a page costs does not grow with what happened to her. Order: time, strand, id; a mark names one entry of it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from members.models import Member
from members.queries.timeline.strands import KINDS, PLACES, STRANDS, Strand
from newretail.kernel import clock, scopes, sql
from newretail.kernel.scopes import Resource
from stores.models import sight_of, store_ids_in

SHOWN = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TINY = timedelta(microseconds=1)
PART = """
SELECT '{name}' AS strand, {place} AS place, {when} AS at, x.id, jsonb_build_object({facts}) AS facts
FROM (
  SELECT x.* FROM unnest(%({whose})s::bigint[]) f(id) {by}
  CROSS JOIN LATERAL (
    SELECT x.* FROM {table} x WHERE {mine}{span} ORDER BY x.{at} DESC, x.id DESC LIMIT %(most)s) x
  ORDER BY x.{at} DESC, x.id DESC LIMIT %(most)s) x {joins}
"""
WHOLE = "SELECT strand, at, id, facts FROM ({parts}) t ORDER BY at DESC, place, id DESC LIMIT %(most)s"


@dataclass(frozen=True)
class Mark:
    """A place in a timeline; what follows it is older, or stands later at the same instant."""

    at: datetime
    place: int = -1
    id: int = 0

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // TINY}-{self.place}-{self.id}"


def mark_of(text: str) -> Mark | None:
    """Read a mark as an address holds it, None where it is none."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        return None
    micros, place, pk = (int(part) for part in parts)
    try:
        return Mark(EPOCH + timedelta(microseconds=micros), place, pk) if place < len(STRANDS) else None
    except OverflowError:
        return None


@dataclass(frozen=True)
class Wish:
    """What is asked for of a timeline: kinds (none: all), days [since, until], and after which mark it goes on."""

    kinds: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    after: Mark | None = None

    def mark(self, at: datetime) -> Mark:
        """Give the mark that the stretch follows: the one told, else the end of the last day, else now."""
        if self.after:
            return self.after
        if self.until and self.until < clock.business_day(at):
            return Mark(clock.day_start(self.until + timedelta(days=1)), len(STRANDS))
        return Mark(at)


@dataclass(frozen=True)
class Entry:
    """One thing that happened to her."""

    strand: str
    kind: str
    at: datetime
    is_day: bool
    id: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Stretch:
    """The entries of one page, and the mark after which the earlier ones follow."""

    entries: list[Entry] = field(default_factory=list)
    earlier: Mark | None = None


@dataclass(frozen=True)
class Seen:
    """What somebody sees of a family: its rows, and the tags (ids; None: all)."""

    family: Sequence[Member]
    user: Any
    tags: Sequence[int] | None = None

    def rows_for(self, resource: Resource) -> list[int]:
        """List the ids of the rows of which this person sees a resource."""
        stores = store_ids_in(sight_of(self.user, resource, "view"))
        return [row.pk for row in self.family if stores is None or row.home_store_id in stores]

    @property
    def confined(self) -> dict[str, Sequence[int] | None]:
        """Tell to which stores and tags she is held; None: to none."""
        return {"stores": store_ids_in(sight_of(self.user, "orders", "view")), "tags": self.tags}


def kinds_for(user: Any) -> dict[str, Any]:
    """Name the kinds of entries a person may see of anybody."""
    seen = {strand.kind for strand in STRANDS if scopes.may(user, strand.resource)}
    return {kind: word for kind, word in KINDS.items() if kind in seen}


def _span(strand: Strand, mark: Mark, wish: Wish) -> str:
    """Write the condition that keeps what follows the mark, and is not older than asked for; days are held to days."""
    place, at = PLACES[strand.name], f"x.{strand.at}"
    kind = "day" if strand.day else "at"
    if place == mark.place:
        said = f" AND ({at}, x.id) < (%(mark_{kind})s, %(mark_id)s)"
    else:
        said = (
            f" AND {at} {'<=' if place > mark.place else '<'} %({'until' if place > mark.place else 'under'}_{kind})s"
        )
    return said + (f" AND {at} >= %(since_{kind})s" if wish.since else "")


def _bounds(mark: Mark) -> sql.Params:
    day = clock.business_day(mark.at)
    starts = clock.day_start(day) == mark.at
    return {
        "mark_at": mark.at, "mark_day": day, "mark_id": mark.id, "until_at": mark.at, "until_day": day,
        "under_at": mark.at, "under_day": day if starts else day + timedelta(days=1),
    }  # fmt: skip


def _part(strand: Strand, seen: Seen, mark: Mark, wish: Wish) -> str:
    mine, (what, column) = strand.mine, strand.confined or ("", "")
    if seen.confined.get(what) is not None:
        mine += f" AND {column} = ANY(%({what})s)"
    when = "x.{at}::timestamp AT TIME ZONE %(zone)s" if strand.day else "x.{at}"
    return PART.format(
        name=strand.name, place=PLACES[strand.name], when=when.format(at=strand.at), facts=strand.facts,
        whose=f"rows_{strand.resource}", by=strand.by, table=strand.table, mine=mine, span=_span(strand, mark, wish),
        at=strand.at, joins=strand.joins,
    )  # fmt: skip


def _params(seen: Seen, strands: Sequence[Strand], mark: Mark, wish: Wish) -> sql.Params:
    return {
        **{f"rows_{strand.resource}": seen.rows_for(strand.resource) for strand in strands},
        **{what: list(held) for what, held in seen.confined.items() if held is not None},
        **_bounds(mark), "family": [row.pk for row in seen.family], "most": SHOWN + 1, "zone": clock.brand_zone().key,
        "since_at": wish.since and clock.day_start(wish.since), "since_day": wish.since,
    }  # fmt: skip


def statement(seen: Seen, wish: Wish, at: datetime) -> tuple[str, sql.Params] | None:
    """Write the statement that reads a stretch, None where nothing is to be seen."""
    strands = [
        strand for strand in STRANDS
        if scopes.may(seen.user, strand.resource) and (not wish.kinds or strand.kind in wish.kinds)
    ]  # fmt: skip
    if not strands:
        return None
    mark = wish.mark(at)
    parts = [f"({_part(strand, seen, mark, wish)})" for strand in strands]
    return WHOLE.format(parts=" UNION ALL ".join(parts)), _params(seen, strands, mark, wish)


def stretch(seen: Seen, wish: Wish, *, at: datetime) -> Stretch:
    """Read what happened to a person, as somebody may see it: at most a page, the newest first."""
    asked = statement(seen, wish, at)
    rows = sql.rows(*asked) if asked else []
    entries = [_entry(*row) for row in rows[:SHOWN]]
    if len(rows) <= SHOWN:
        return Stretch(entries)
    last = entries[-1]
    return Stretch(entries, Mark(last.at, PLACES[last.strand], last.id))


def _entry(name: str, at: datetime, pk: int, facts: str) -> Entry:
    strand = STRANDS[PLACES[name]]
    return Entry(name, strand.kind, at, strand.day, pk, json.loads(facts))
