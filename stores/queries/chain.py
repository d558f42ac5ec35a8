"""The chain as a tree of places: the brand, its regions, their stores, their guides; orders of no store beside them."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q

from newretail.kernel import staging
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


PLACES = """
SELECT r.id, r.name, s.id, s.code, s.name FROM stores_region r FULL JOIN stores_store s ON s.region_id = r.id
ORDER BY r.name, s.code
"""


def chain() -> Chain:
    """Read the chain: open guides' posts, and posts that ended but bear a target; two queries."""
    nodes: dict[Place, Node] = {BRAND: Node(BRAND, "", "", None), ONLINE: Node(ONLINE, "", "", BRAND)}
    for region_id, region, store_id, code, name in staging.rows(PLACES):
        if region_id is not None:
            nodes.setdefault(
                Place(Kind.REGION, region_id),
                Node(Place(Kind.REGION, region_id), region, region, BRAND, region_id=region_id),
            )
        if store_id is not None:
            above = BRAND if region_id is None else Place(Kind.REGION, region_id)
            place = Place(Kind.STORE, store_id)
            nodes[place] = Node(place, code, name, above, store_id, region_id)
    for post in _guides():
        above = Place(Kind.STORE, post.store_id or 0)
        region_id = nodes[above].region_id
        code = f"{post.store.code if post.store else ''}/{post.user.staff_no or post.user.username}"
        nodes[place_of(post)] = Node(
            place_of(post), code, post.user.name, above, post.store_id, region_id, ended=post.until is not None
        )
    below: dict[Place, list[Place]] = {}
    for place, node in nodes.items():
        if node.above is not None:
            below.setdefault(node.above, []).append(place)
    return Chain(nodes, below)


def _guides() -> Any:
    aimed = Q(until__isnull=True) | Q(pk__in=Target.objects.filter(kind=Kind.GUIDE).values("post_id"))
    guides = Post.objects.filter(aimed, role=Post.Role.GUIDE).select_related("user", "store")
    return guides.order_by("store__code", "user__staff_no")


def within(sight: Sight, node: Node) -> bool:
    """Tell whether a place lies in a sight: its store, its region, or everything."""
    return sight.everything or node.store_id in sight.store_ids or node.region_id in sight.region_ids


def beneath(sight: Sight, node: Node) -> bool:
    """Tell whether a place lies beneath what a sight names: stores and guides of its regions, guides of its stores."""
    if sight.everything:
        return True
    guide = node.place.kind == Kind.GUIDE
    return (node.region_id in sight.region_ids and (guide or node.place.kind == Kind.STORE)) or (
        guide and node.store_id in sight.store_ids
    )
