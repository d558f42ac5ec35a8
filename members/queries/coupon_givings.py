"""To whom a plan gives by itself: who joined, has a birthday, reached a level, on a day of the month."""

from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate
from django.db.models import Q, QuerySet

from members.models import CouponPlan
from members.queries import birthdays
from newretail.kernel import clock, sql

GivenOn = CouponPlan.GivenOn


@dataclass(frozen=True)
class Wishes:
    """A SELECT of (member_id, key), and what a key is a key of."""

    source: str
    select: str
    params: sql.Params


# Of members who are one person, the row in which she lives on; no lower than the plan's level, if it has one.
OF_WHOM = """
FROM members_member m LEFT JOIN members_level l ON l.id = m.level_id
WHERE m.merged_into_id IS NULL AND (%(rank)s::int IS NULL OR l.rank >= %(rank)s)
"""
BOUGHT = """
 AND (%(since)s::timestamptz IS NULL OR EXISTS (SELECT 1 FROM members_order o
   WHERE o.member_id = m.id AND o.paid_at >= %(since)s AND o.refunded_cents < o.amount_cents))
"""
# A solar birthday comes once a year, a lunar one once a lunar year: two of these may begin in one year.
BORN = """
SELECT m.id AS member_id, CASE m.birthday_calendar WHEN 'lunar' THEN %(lunar)s ELSE %(solar)s END::text AS key
""" + OF_WHOM + """
 AND (m.birthday_calendar = 'solar' AND m.birth_month * 100 + m.birth_day = ANY(%(solar_days)s)
   OR m.birthday_calendar = 'lunar' AND m.birth_month * 100 + m.birth_day = ANY(%(lunar_days)s))
""" + BOUGHT  # fmt: skip
MONTHLY = "SELECT m.id AS member_id, %(key)s::text AS key" + OF_WHOM + BOUGHT
JOINED = (
    "SELECT m.id AS member_id, ''::text AS key" + OF_WHOM + " AND m.entry_id = %(entry)s AND m.joined_at >= %(opened)s"
)
LEVEL = "SELECT m.id AS member_id, %(key)s::text AS key" + OF_WHOM + BOUGHT


def _giving(given_on: str, day: date) -> QuerySet[CouponPlan]:
    """Give the active plans that give on this, and are not over on a day."""
    rows = CouponPlan.objects.filter(state=CouponPlan.State.ACTIVE, given_on=given_on)
    begun = Q(first_on__isnull=True) | Q(first_on__lte=day)
    return rows.filter(Q(last_on__isnull=True) | Q(last_on__gte=day), begun).select_related("for_level").order_by("id")


def _whom(plan: CouponPlan, day: date) -> sql.Params:
    since = clock.day_start(day - timedelta(days=plan.bought_days)) if plan.bought_days else None
    return {"rank": plan.for_level.rank if plan.for_level else None, "since": since}


def of_day(day: date) -> list[tuple[CouponPlan, Wishes]]:
    """List what plans give on a business day: for birthdays, on a day of the month, to who has reached a level."""
    lunar = LunarDate.from_solar(day).year
    solar_days = [month * 100 + number for month, number in birthdays.solar_dates([day])]
    lunar_days = [month * 100 + number for month, number in birthdays.lunar_dates([day])]
    born = {"solar": str(day.year), "lunar": f"L{lunar}", "solar_days": solar_days, "lunar_days": lunar_days}
    found = [
        (plan, Wishes(GivenOn.BIRTHDAY, BORN, {**_whom(plan, day), **born})) for plan in _giving(GivenOn.BIRTHDAY, day)
    ]
    key = {"key": f"{day:%Y-%m}"}
    found += [
        (plan, Wishes(GivenOn.MONTHLY, MONTHLY, {**_whom(plan, day), **key}))
        for plan in _giving(GivenOn.MONTHLY, day).filter(given_day=day.day)
    ]
    found += [
        (plan, Wishes(GivenOn.LEVEL_UP, LEVEL, {**_whom(plan, day), "key": plan.for_level.code}))
        for plan in _giving(GivenOn.LEVEL_UP, day)
        if plan.for_level
    ]
    return found


def of_line(entry_id: int, day: date) -> list[tuple[CouponPlan, Wishes]]:
    """List what plans give to those who joined by a journal line, since the plan was opened."""
    return [
        (plan, Wishes(GivenOn.JOINED, JOINED, {**_whom(plan, day), "entry": entry_id, "opened": plan.opened_at}))
        for plan in _giving(GivenOn.JOINED, day)
    ]
