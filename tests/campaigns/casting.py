"""Segments the tests speak of, over the small trade of `sights`."""

from datetime import datetime
from typing import Any

from campaigns.actions import refreshing, segments
from campaigns.models import Segment, SegmentMember, SegmentVersion
from campaigns.queries.segments import Moment
from members.queries.conditions import tree
from newretail.kernel.actions import relay
from tests import world

OFTEN = {"field": "orders.count", "op": "at_least", "value": 2}
RICH = {"field": "orders.amount", "op": "at_least", "value": "100"}
SHANGHAI = {"field": "member.store", "op": "one_of", "value": ["SH01"]}
CLOCKED = {"field": "orders.count", "op": "at_least", "value": 1, "days": 5}


def keep(conditions: Any, code: str = "often", at: datetime = world.NOW, **more: Any) -> SegmentVersion:
    """Keep a segment."""
    return segments.keep(**{"code": code, "name": "常客", "conditions": conditions, "at": at, **more})


def kept(conditions: Any, code: str = "often", at: datetime = world.NOW) -> Segment:
    """A segment that has judged everybody."""
    version = keep(conditions, code, at)
    refreshing.refresh(version=version, at=at)
    return Segment.objects.get(code=code)


def whom(code: str = "often") -> list[str]:
    """Who stands in a segment, by number."""
    held = SegmentMember.objects.filter(segment__code=code)
    return sorted(held.values_list("member__member_no", flat=True))


def beat(at: datetime = world.NOW) -> int:
    """What a beat of the relay does: lines are carried, then whoever changed is judged."""
    relay.drain(at=at)
    return refreshing.refresh_changed(at=at)


def read(conditions: Any) -> tree.Node:
    """Read conditions."""
    return tree.read(conditions)


def now(at: datetime = world.NOW) -> Moment:
    """The moment of an instant."""
    return Moment.now(at)
