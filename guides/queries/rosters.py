"""Rosters: the kinds of shifts a brand has, who works on a day, and what a day off does to what is due then."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from guides.models import Shift
from guides.queries import covering
from newretail.kernel import brand, clock, sql
from newretail.kernel.holding import span_of
from stores.models import Post

DAYS = 7
OFF = ("休", "off")  # how a day off is written
CLEARED = "-"  # nothing is planned for the day
AWAY_ON = "EXISTS (SELECT FROM guides_leave l WHERE l.post_id = {post} AND l.first_on <= {day} AND l.back_on > {day})"
# Who is off on a day: she is away, or there is no shift of hers, in a week in which anything is planned for her.
OFF_ON = f"""({AWAY_ON} OR NOT EXISTS (
      SELECT FROM guides_shift r WHERE r.post_id = {{post}} AND r.day = {{day}} AND r.name <> '')
    AND EXISTS (SELECT FROM guides_shift r WHERE r.post_id = {{post}}
      AND r.day >= date_trunc('week', {{day}})::date AND r.day < date_trunc('week', {{day}})::date + 7))"""
# When `w` (member_id, post_id, due_at, expires_at) is due: where she is off on that day, by the end of her next shift;
# who covers for her has it by its day.
NEXT_SHIFT = f"""
LEFT JOIN LATERAL (
  SELECT n.ends_at FROM (
    SELECT ((w.due_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date AS day) d
  JOIN guides_shift n ON n.post_id = w.post_id AND n.day >= d.day AND n.ends_at > w.due_at
  WHERE {OFF_ON.format(post="w.post_id", day="d.day")}
    AND NOT {AWAY_ON.format(post="w.post_id", day="n.day")} AND NOT ({covering.GOES})
  ORDER BY n.day LIMIT 1) x ON true
"""
DUE = "CASE WHEN x.ends_at IS NULL THEN w.due_at ELSE least(x.ends_at, w.expires_at) END"


@dataclass(frozen=True)
class Kind:
    """A shift of the brand: its name, and from when until when, as the clock shows it."""

    name: str
    starts: str
    ends: str


def kinds() -> list[Kind]:
    """List the shifts a brand has."""
    return [Kind(*span_of(text)) for text in brand.setting("shift_kinds")]


def written_kinds() -> str:
    """Write what may stand in a roster as JSON: the brand's shifts, a day off, nothing."""
    shifts = [{"word": each.name, "name": each.name, "starts": each.starts, "ends": each.ends} for each in kinds()]
    return json.dumps([*shifts, *({"word": word, "name": ""} for word in OFF), {"word": CLEARED, "cleared": True}])


def is_off(post: int, day: date) -> bool:
    """Tell whether a guide (the id of her post) is off on a day."""
    asked = OFF_ON.format(post="%(post)s", day="%(day)s::date")
    return bool(sql.rows(f"SELECT {asked}", {"post": post, "day": day})[0][0])


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week(first: date) -> list[date]:
    """List the days of a week."""
    return [first + timedelta(days=n) for n in range(DAYS)]


def word_of(shift: Shift) -> str:
    """Write what is planned as a roster does."""
    return shift.name or OFF[0]


@dataclass(frozen=True)
class Cell:
    """A day of somebody's week: what is planned, if anything; `over` it stays, `gone` is a shift no longer offered."""

    day: date
    shift: Shift | None
    over: bool
    gone: bool = False
    away: bool = False

    @property
    def word(self) -> str:
        """Write the plan as a roster does."""
        return word_of(self.shift) if self.shift else CLEARED

    @property
    def works(self) -> bool:
        """Tell whether she works that day."""
        return self.shift is not None and self.shift.name != "" and not self.away


@dataclass(frozen=True)
class Line:
    """Somebody's week."""

    post: Post
    cells: list[Cell]


def weeks_of(posts: Iterable[Post], first: date, at: datetime) -> list[Line]:
    """Give the week that begins on a Monday, of each of these posts."""
    posts, days, today = list(posts), week(first), clock.business_day(at)
    found = {(each.post_id, each.day): each for each in Shift.objects.filter(post__in=posts, day__in=days)}
    gone = covering.away(posts, days[0], days[-1])
    offered = {"", *(each.name for each in kinds())}

    def cell(post: Post, day: date) -> Cell:
        shift = found.get((post.pk, day))
        return Cell(day, shift, day < today, shift is not None and shift.name not in offered, (post.pk, day) in gone)

    return [Line(post, [cell(post, day) for day in days]) for post in posts]


def as_rows(posts: Sequence[Post], first: date, *, weeks_on: int) -> list[dict[str, Any]]:
    """Write the week of these posts as rows of a roster, for the week so many weeks later."""
    rows = Shift.objects.filter(post__in=posts, day__in=week(first)).select_related("post__user")
    later = timedelta(days=DAYS * weeks_on)
    return [
        {"staff_no": each.post.user.staff_no, "day": str(each.day + later), "shift": word_of(each)}
        for each in rows.order_by("post_id", "day")
    ]
