"""Rosters of the store in Shanghai: who works on which days of the week that begins today."""

from datetime import datetime, timedelta
from typing import Any

from guides.actions import leaves, shifts
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.rows import batch_of
from tests import serving, sights, world


def day(n: int) -> str:
    """The day so many days from today, a Monday, on."""
    return str(sights.TODAY + timedelta(days=n))


def record(*rows: dict[str, Any], **more: Any) -> Outcome:
    """Record rows of a roster."""
    return shifts.record(batch=batch_of(shifts.SHIFTS, rows), at=world.NOW, **more)


def week(staff_no: str, *words: str, first: int = 0) -> Outcome:
    """Plan somebody's days from today on."""
    return record(*({"staff_no": staff_no, "day": day(n), "shift": word} for n, word in enumerate(words, first)))


def away(staff_no: str, first: int = 0, days: int = 2, covers: str = "", at: datetime = world.NOW) -> leaves.Taken:
    """Let somebody be away from so many days from today on."""
    span = leaves.Span(sights.TODAY + timedelta(days=first), sights.TODAY + timedelta(days=first + days))
    named = [serving.post(covers).pk] if covers else []
    by = serving.guide("M1")
    return leaves.take(post=serving.post(staff_no), span=span, reason="病假", covers=named, at=at, by=by)
