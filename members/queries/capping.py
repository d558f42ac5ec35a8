"""Questions about caps: how a member stands with those that are about her, and who is touched too little."""

from dataclasses import dataclass
from datetime import datetime

from members.models import Member, TouchCap
from members.queries import families, gating
from newretail.kernel import sql

OF_HER = f"""
SELECT c.id, (SELECT count(*) {gating.COUNTED}) FROM members_touchcap c
CROSS JOIN members_member r LEFT JOIN members_portrait p ON p.member_id = r.id
WHERE c.active AND r.id = %(root)s AND {gating.WHOM} ORDER BY c.code
"""
UNDER = f"""
SELECT r.id, n.told, count(*) OVER () FROM members_touchcap c
CROSS JOIN members_member r LEFT JOIN members_portrait p ON p.member_id = r.id
CROSS JOIN LATERAL (SELECT count(*) AS told {gating.COUNTED}) n
WHERE c.id = %(cap)s AND r.merged_into_id IS NULL AND r.erased_at IS NULL AND {gating.WHOM} AND n.told < c.target
ORDER BY n.told, r.seat LIMIT %(most)s
"""


@dataclass(frozen=True)
class Stands:
    """How often she was contacted of what a cap counts, by now."""

    cap: TouchCap
    told: int

    @property
    def is_full(self) -> bool:
        """Tell whether it lets nothing more through."""
        return self.told >= self.cap.most


@dataclass(frozen=True)
class Under:
    """Whom a cap's target says to contact more: how many in all, and the least contacted with their numbers."""

    members: int
    least: list[tuple[Member, int]]


def standing(member: Member, at: datetime) -> list[Stands]:
    """Tell of each cap that is about a member how often she was contacted, by the code of the cap."""
    given = {**gating.given(at), "root": families.root_of(member).pk}
    found = dict(sql.rows(OF_HER, given))
    caps = TouchCap.objects.filter(pk__in=found).select_related("level").order_by("code")
    return [Stands(cap, found[cap.pk]) for cap in caps]


def under_touched(cap: TouchCap, at: datetime, most: int) -> Under:
    """List whom a cap with a target is about and who was contacted less often than that, the least first."""
    rows = sql.rows(UNDER, {**gating.given(at), "cap": cap.pk, "most": most})
    members = Member.objects.in_bulk([pk for pk, _told, _all in rows])
    return Under(rows[0][2] if rows else 0, [(members[pk], told) for pk, told, _all in rows])
