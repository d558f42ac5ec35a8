"""Appointments as a guide and her manager look at them; how many a guide has at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from guides.models import Appointment
from newretail.kernel import clock, sql

SHOWN = 100
DAY = timedelta(days=1)
State = Appointment.State
# The most that take place at one instant of a span: it is reached where one of them begins, or the span itself does.
AT_ONCE = """
WITH beside AS (
  SELECT starts_at, ends_at FROM guides_appointment
  WHERE post_id = %(post)s AND state IN ('booked', 'arrived') AND id <> %(but)s
    AND starts_at < %(ends)s AND ends_at > %(starts)s)
SELECT coalesce(max(n), 0) FROM (
  SELECT count(*) AS n FROM (SELECT DISTINCT greatest(starts_at, %(starts)s) AS instant FROM beside) i
  JOIN beside b ON b.starts_at <= i.instant AND b.ends_at > i.instant GROUP BY i.instant) t
"""
# What is booked for a customer, by the ids of her rows, with these posts.
HERS = """
SELECT a.ref, a.starts_at, a.ends_at, a.note, a.state FROM guides_appointment a
WHERE a.member_id = ANY(%(family)s) AND a.post_id = ANY(%(posts)s) AND a.state = 'booked' ORDER BY a.starts_at, a.id
"""


@dataclass(frozen=True)
class Shown:
    """An appointment in a list: its slot is over and nobody said what became of it; it is today."""

    row: Appointment
    over: bool
    today: bool

    @property
    def name(self) -> str:
        """Call her as her guide does."""
        return self.row.member.name or self.row.member.member_no


def at_once(post: int, starts: datetime, ends: datetime, *, but: int = 0) -> int:
    """Count how many appointments of a guide take place at once at most, in a span, one of them left out."""
    return int(sql.rows(AT_ONCE, {"post": post, "starts": starts, "ends": ends, "but": but})[0][0])


def shown(rows: Iterable[Appointment], at: datetime) -> list[Shown]:
    """Say of each whether it is today, and whether it waits for an answer."""
    today = clock.business_day(at)
    return [
        Shown(each, each.state == State.BOOKED and each.ends_at <= at, clock.business_day(each.starts_at) <= today)
        for each in rows
    ]


def ahead(rows: QuerySet[Appointment], at: datetime, *, days: int) -> list[Shown]:
    """List what is booked from today on for so many days, what was left open before, and what ended today."""
    start = clock.day_start(clock.business_day(at))
    wanted = Q(state=State.BOOKED, starts_at__lt=start + days * DAY) | Q(
        state__in=[State.ARRIVED, State.NO_SHOW], starts_at__gte=start, starts_at__lt=start + DAY
    )
    found = rows.filter(wanted, member__erased_at__isnull=True).select_related("member", "post__user", "post__store")
    return shown(found.order_by("starts_at", "id")[:SHOWN], at)


@dataclass(frozen=True)
class Visits:
    """What the page of the day shows: the visits of today, with what nobody settled before, and those of tomorrow."""

    today: list[Shown]
    tomorrow: list[Shown]


def visits(posts: Sequence[int], at: datetime) -> Visits:
    """Give the visits to these posts."""
    found = ahead(Appointment.objects.filter(post__in=posts), at, days=2)
    return Visits([each for each in found if each.today], [each for each in found if not each.today])


def read(rows: Iterable[dict[str, Any]], at: datetime) -> list[Shown]:
    """Read what `HERS` gave as JSON."""
    instants = ("starts_at", "ends_at")
    made = [Appointment(**{**row, **{name: datetime.fromisoformat(row[name]) for name in instants}}) for row in rows]
    return shown(made, at)
