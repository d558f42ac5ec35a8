"""On the page of a member: the segments that hold her, and those that do not, each with the way to why."""

from typing import Any

from campaigns.queries import standing
from members.models import Member
from newretail.kernel.verbadmin.panels import panel


@panel(Member, resource="segments", template="admin/campaigns/segment/of_member.html")
def segments_of_member(_user: Any, member: Member) -> dict[str, Any]:
    """Tell where the person stands."""
    places = standing.places(member)
    return {
        "member": member, "held": [place for place in places if place.since],
        "missed": [place for place in places if not place.since],
    }  # fmt: skip
