"""The month of plans on one board: what is planned each day, for whom, how often a member is touched, what collides."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from campaigns.models import PlanForecast, TouchPlan
from newretail.kernel import clock, sql

BY_GUIDE = "t.source LIKE 'guides.%%' OR t.post_id IS NOT NULL"
# Touches of the month by who speaks: machines to groups, guides one to one, also where a plan asks them to.
BY_MEMBER = f"""
SELECT t.member_id, count(*) FILTER (WHERE {BY_GUIDE}) AS single,
  count(*) FILTER (WHERE NOT ({BY_GUIDE})) AS grouped
FROM members_touch t WHERE t.planned_for >= %(first)s AND t.planned_for < %(until)s
  AND t.state NOT IN ('suppressed', 'failed', 'refused', 'over_quota') GROUP BY t.member_id
"""
SPLIT = f"""
SELECT count(*) FILTER (WHERE grouped > 0), count(*) FILTER (WHERE single > 0),
  count(*) FILTER (WHERE single + grouped = 1), count(*) FILTER (WHERE single + grouped = 2),
  count(*) FILTER (WHERE single + grouped = 3), count(*) FILTER (WHERE single + grouped BETWEEN 4 AND 5),
  count(*) FILTER (WHERE single + grouped > 5), coalesce(sum(single + grouped), 0) FROM ({BY_MEMBER}) b
"""
DAYS = """
SELECT t.day, count(*) FROM members_touch t WHERE t.planned_for >= %(first)s AND t.planned_for < %(until)s
  AND t.state <> 'suppressed' GROUP BY t.day
"""
GROUP_SHARE = 70  # of a hundred members touched by plans or guides: PRODUCT, the monthly plan
TIMES = ("1", "2", "3", "4–5", "6+")


@dataclass(frozen=True)
class Day:
    """A day of the month: touches in the ledger, members expected by each plan; `collides` where several plans meet."""

    day: date
    touches: int
    expected: list[tuple[TouchPlan, int]]

    @property
    def members(self) -> int:
        """Give how many members are expected in all."""
        return sum(number for _plan, number in self.expected)

    @property
    def collides(self) -> bool:
        """Tell whether several plans are about somebody on this day."""
        return len(self.expected) > 1


@dataclass(frozen=True)
class Board:
    """A month: its weeks of days (None outside), load by segment, split of members, how often each was touched."""

    first: date
    weeks: list[list[Day | None]]
    segments: list[tuple[str, int]]
    grouped: int
    single: int
    times: list[tuple[str, int]]
    touches: int

    @property
    def group_share(self) -> float | None:
        """Give the share of members touched by groups, of both kinds together."""
        both = self.grouped + self.single
        return self.grouped / both if both else None

    @property
    def collisions(self) -> list[Day]:
        """List the days on which several plans meet."""
        return [day for week in self.weeks for day in week if day and day.collides]


def board(first: date, at: datetime) -> Board:
    """Lay out the month that begins on a day: the ledger up to today, forecasts from today on."""
    last = clock.month_end(first)
    given = {"first": clock.day_start(first), "until": clock.day_start(last + timedelta(days=1))}
    told = dict(sql.rows(DAYS, given))
    expected: dict[date, list[tuple[TouchPlan, int]]] = defaultdict(list)
    load: dict[str, int] = defaultdict(int)
    ahead = PlanForecast.objects.filter(day__gte=max(first, clock.business_day(at)), day__lte=last)
    for row in ahead.select_related("plan__segment").order_by("day", "-plan__priority", "plan__code"):
        expected[row.day].append((row.plan, row.members))
        load[row.plan.segment.name if row.plan.segment else ""] += row.members
    days: list[Day | None] = [None] * first.weekday()
    days += [
        Day(day, told.get(day, 0), expected[day])
        for day in (first + timedelta(days=nth) for nth in range((last - first).days + 1))
    ]
    days += [None] * (-len(days) % 7)
    grouped, single, *times, touches = sql.rows(SPLIT, given)[0]
    return Board(
        first, [days[nth : nth + 7] for nth in range(0, len(days), 7)], sorted(load.items(), key=lambda each: -each[1]),
        grouped, single, list(zip(TIMES, times, strict=True)), int(touches),
    )  # fmt: skip
