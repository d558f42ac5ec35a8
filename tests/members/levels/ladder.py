"""A ladder of four levels and its scheme, as a brand would keep them."""

from typing import Any

from members.actions import level_schemes, levels
from members.importers import LEVELS
from members.models import Member
from newretail.kernel.actions import relay
from newretail.kernel.files.rows import batch_of
from tests import sights, world

STEPS = (("C", "普通", 1), ("S", "银卡", 2), ("G", "金卡", 3), ("B", "黑金", 4))
GROWTHS = {"C": 0, "S": 100, "G": 300, "B": 1000}


def terms(**more: Any) -> dict[str, Any]:
    """The terms of the ladder; `levels` overlays what single levels give."""
    gives = more.pop("levels", {})
    steps = [{"level": code, "growth": growth, **gives.get(code, {})} for code, growth in GROWTHS.items()]
    return {"window_months": 12, "grace_days": 30, "growth": {"per_yuan": 1}, "levels": steps, **more}


def steps() -> None:
    """Record the four levels."""
    rows = [dict(zip(("code", "name", "rank"), step, strict=True)) for step in STEPS]
    levels.record(batch=batch_of(LEVELS, rows), at=world.NOW)


def publish(**more: Any) -> Any:
    """Let a scheme count from today on."""
    scheme = level_schemes.keep(terms=terms(**more), at=world.NOW)
    level_schemes.publish(scheme=scheme, starts_on=sights.TODAY, at=world.NOW)
    return scheme


def heard(at: Any = world.NOW) -> None:
    """Let the handlers hear what happened."""
    relay.drain(at=at)


def level(number: str = "V1") -> str | None:
    """The code of a member's level."""
    found = Member.objects.select_related("level").get(member_no=number).level
    return found.code if found else None
