"""The chain as a tree of places: the brand, its regions, their stores, their guides; orders of no store beside them."""

from dataclasses import dataclass, field
from typing import NamedTuple

from newretail.kernel import masking, sql
from stores.models import Post, Region, Store, Target
from stores.models.places import Sight

Kind = Target.Kind


class Place(NamedTuple):
    """A place by its kind and its row; brand and online have no row."""

    kind: str
    pk: int = 0


BRAND, ONLINE = Place(Kind.BRAND), Place(Kind.ONLINE)


def place_of(thing: Region | Store | Post | None) -> Place:
    """Name the place that a region, a store or a guide's post is; nothing is the brand."""
    if isinstance(thing, Store):
        return Place(Kind.STORE, thing.pk)
    if isinstance(thing, Region):
        return Place(Kind.REGION, thing.pk)
    return Place(Kind.GUIDE, thing.pk) if isinstance(thing, Post) else BRAND


@dataclass(frozen=True)
class Node:
    """A place as people know it: its name outside the house, what it is called, the place above it."""

    place: Place
    code: str
    name: str
    above: Place | None
    store_id: int | None = None
    region_id: int | None = None
    ended: bool = False

    @property
    def key(self) -> str:
        """Name it at the doors: "store:SH01"."""
        return f"{self.place.kind}:{self.code}" if self.code else str(self.place.kind)

    @property
    def called(self) -> str:
        """Call it by its name, or by its kind where it has none."""
        return self.name or str(Kind(self.place.kind).label)


@dataclass(frozen=True)
class Chain:
    """All places, each after the one above it."""

    nodes: dict[Place, Node]
    below: dict[Place, list[Place]] = field(default_factory=dict)

    def by_key(self) -> dict[str, Place]:
        """Find places by their names at the doors."""
        return {node.key: place for place, node in self.nodes.items()}


# Regions, stores, and beside each store its guides: posts that stand, and ended ones that bear a target.
PLACES = """
SELECT r.id, r.name, s.id, s.code, s.name, p.id, coalesce(nullif(u.staff_no, ''), u.username), u.name, p.until
FROM stores_region r FULL JOIN stores_store s ON s.region_id = r.id
LEFT JOIN stores_post p ON p.store_id = s.id AND p.role = 'guide'
  AND (p.until IS NULL OR EXISTS (SELECT 1 FROM stores_target t WHERE t.kind = 'guide' AND t.post_id = p.id))
LEFT JOIN kernel_user u ON u.id = p.user_id
ORDER BY r.name, s.code, u.staff_no, p.id
"""


def chain() -> Chain:
    """Read the chain, regions by name, stores by code, guides by number; one query."""
    nodes: dict[Place, Node] = {BRAND: Node(BRAND, "", "", None), ONLINE: Node(ONLINE, "", "", BRAND)}
    for region_id, region, store_id, code, name, *guide in sql.rows(PLACES):
        above = BRAND
        if region_id is not None:
            above = Place(Kind.REGION, region_id)
            nodes.setdefault(above, Node(above, region, region, BRAND, region_id=region_id))
        if store_id is None:
            continue
        store = Place(Kind.STORE, store_id)
        nodes.setdefault(store, Node(store, code, name, above, store_id, region_id))
        post_id, number, called, until = guide
        if post_id is not None:
            post, shown = Place(Kind.GUIDE, post_id), masking.eyes().staff(called, number)
            nodes[post] = Node(post, f"{code}/{number}", shown, store, store_id, region_id, ended=until is not None)
    below: dict[Place, list[Place]] = {}
    for place, node in nodes.items():
        if node.above is not None:
            below.setdefault(node.above, []).append(place)
    return Chain(nodes, below)


def within(sight: Sight, node: Node) -> bool:
    """Tell whether a place lies in a sight: its store, its region, or everything."""
    return sight.reaches(node.store_id, node.region_id)


def beneath(sight: Sight, node: Node) -> bool:
    """Tell whether a place lies beneath what a sight names: stores and guides of its regions, guides of its stores."""
    if sight.everything:
        return True
    guide = node.place.kind == Kind.GUIDE
    return (node.region_id in sight.region_ids and (guide or node.place.kind == Kind.STORE)) or (
        guide and node.store_id in sight.store_ids
    )
