"""Levels in the tests: guides who have served since January, a table of three levels, what each sold in a month."""

from datetime import date, datetime
from typing import Any

from guides.actions import guide_levels
from guides.models import Bond, GuideAssessment, GuideLevelMove, Policy
from newretail.kernel import clock
from newretail.kernel.guard import writing
from stores.models import Post
from tests import earning, serving, world

BANDS = ((0, 8_000), (8_000, 20_000), (20_000, None))
SERVED = {"G1": "V1", "G2": "K2", "G9": "K9"}  # a customer of each guide


def shops() -> None:
    """The guides of `serving`, there since January, each with a customer of her own; credits go to who sold."""
    serving.shops()
    world.people({"member_no": "K2", "joined_at": "2026-01-01"}, {"member_no": "K9", "joined_at": "2026-01-01"})
    for guide, number in SERVED.items():
        if number != "V1":
            serving.bind(number, guide)
    with writing("tests"):
        Post.objects.filter(role=Post.Role.GUIDE).update(since=earning.FIRST)
        Bond.objects.update(began_at=clock.day_start(earning.FIRST))
    earning.publish(Policy.Kind.CREDITS, earning.CREDITS)
    earning.publish(Policy.Kind.COMMISSION, earning.SCHEME)


def table(*bands: tuple[int, int | None], **more: Any) -> dict[str, Any]:
    """The terms of a level table with these bands, in yuan."""
    levels = [
        {"level": i, "low_cents": low * 100, "high_cents": None if high is None else high * 100}
        for i, (low, high) in enumerate(bands, 1)
    ]
    return {"levels": levels, **more}


def ruled(*bands: tuple[int, int | None], starts_on: date = earning.FIRST, **more: Any) -> None:
    """Let a table count."""
    earning.publish(Policy.Kind.LEVELS, table(*(bands or BANDS), **more), starts_on=starts_on)


def sell(month: date, yuan: int, staff_no: str = "G1", member_no: str = "") -> None:
    """Let her sell for so much in a month, to a customer of hers unless said otherwise."""
    number = f"{month:%m}{staff_no}{yuan}"
    customer = member_no or SERVED[staff_no]
    earning.buy(number, f"{yuan}.00", f"{month.replace(day=10)}", staff_no=staff_no, member_no=customer)


def assess(month: date, at: datetime | None = None) -> dict[str, int]:
    """Assess a month, at its end unless said otherwise."""
    return guide_levels.assess(month=month, kpis=None, at=at or clock.day_start(clock.month_after(month)))


def outcomes(staff_no: str = "G1") -> list[tuple[int, int, int, str]]:
    """What her months said: before, reached, after, outcome."""
    rows = GuideAssessment.objects.filter(user__staff_no=staff_no).order_by("month")
    return list(rows.values_list("before", "reached", "after", "outcome"))


def level(staff_no: str = "G1") -> int:
    """Where she stands by her last move."""
    move = GuideLevelMove.objects.filter(user__staff_no=staff_no).order_by("from_at").last()
    return move.level if move else 1
