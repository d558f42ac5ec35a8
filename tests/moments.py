"""Moments of the small chain: materials for a week, its plan, what guides posted of it."""

from datetime import date, datetime, timedelta

from guides.actions import moment_plans, moment_receipts, moments
from guides.models import MomentPost, MomentSlot
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.rows import batch_of
from tests import serving, sharing, world

WEEK = date(2026, 6, 15)  # the Monday on which it is noon
DAY = timedelta(days=1)
CODES = {"product": ("P1", "P2", "P3", "P4", "P5"), "life": ("L1", "L2"), "brand": ("B1",)}


def stocked() -> None:
    """A content centre with a material for each slot of a week."""
    for category, codes in CODES.items():
        for code in codes:
            sharing.material(code, title=f"{category} {code}", category=category)


def propose(week_on: date = WEEK, at: datetime = world.NOW) -> int:
    """Plan a week."""
    return moment_plans.propose(week_on=week_on, at=at)


def plan(store: str = "SH01", week_on: date = WEEK) -> list[MomentSlot]:
    """The plan of a store's week, by its numbers."""
    return list(MomentSlot.objects.filter(store__code=store, week_on=week_on).order_by("nth"))


def slot(nth: int, store: str = "SH01") -> MomentSlot:
    """One slot of the week."""
    return MomentSlot.objects.get(store__code=store, week_on=WEEK, nth=nth)


def record(planned: MomentSlot, staff_no: str = "G1", at: datetime | None = None) -> MomentPost:
    """Let a guide post what a slot asks for, when it is best unless said otherwise."""
    given = {"slot": planned.ref, "at": at or planned.opens_at, "by": serving.guide(staff_no)}
    return moments.record(within=[serving.post(staff_no).pk], **given)


def undo(made: MomentPost, after: timedelta = timedelta(seconds=9)) -> MomentPost:
    """Let her take it back soon after."""
    return moments.undo(slot=made.slot.ref, within=[made.post_id], at=made.at + after, by=made.by)


def receipt(made: MomentPost, moment_id: str = "mom1", **more: object) -> dict[str, object]:
    """What the platform tells of a post."""
    code = made.material.code if made.material else ""
    usual = {"staff_no": made.by.staff_no, "material_code": code, "posted_at": made.at.isoformat()}
    return {"moment_id": moment_id, **usual, **more}


def confirm(*rows: dict[str, object], at: datetime = world.NOW) -> Outcome:
    """Take the platform's receipts."""
    return moment_receipts.confirm(batch=batch_of(moment_receipts.RECEIPTS, rows), at=at)
