"""Rosters of the demo: the guides of each store work early and late in turn, this week and the two beside it."""

from datetime import datetime, timedelta

from guides.actions import shifts
from guides.models import Shift
from guides.queries import rosters
from newretail.kernel import clock, sql
from newretail.kernel.files.rows import batch_of

WEEKS = 2
# In turn, so that somebody is there each day: two days early, two days late, one day off; a manager is off on Mondays.
PLANNED = """
SELECT u.staff_no, d.day::date::text, CASE WHEN p.role = 'manager'
    THEN CASE WHEN extract(isodow FROM d.day) = 1 THEN %(off)s ELSE %(early)s END
  ELSE (ARRAY[%(early)s, %(early)s, %(late)s, %(late)s, %(off)s])[
    1 + (d.day::date - DATE '2000-01-03' + 2 * p.nth) %% 5]
  END
FROM (SELECT *, row_number() OVER (PARTITION BY store_id, role ORDER BY id) AS nth FROM stores_post
      WHERE until IS NULL AND role IN ('guide', 'manager') AND store_id IS NOT NULL) p
JOIN kernel_user u ON u.id = p.user_id
CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') d(day)
WHERE u.is_active AND u.staff_no IS NOT NULL
ORDER BY u.staff_no, d.day
"""


def plan(*, at: datetime) -> int:
    """Plan the shifts of this week and the next, as managers did on Monday; how many there are."""
    if Shift.objects.exists():
        return 0
    monday = rosters.monday(clock.business_day(at))
    early, late = [each.name for each in rosters.kinds()][:2]
    given = {
        "first": monday, "last": monday + timedelta(days=7 * WEEKS - 1), "early": early, "late": late,
        "off": rosters.OFF[0],
    }  # fmt: skip
    rows = [dict(zip(("staff_no", "day", "shift"), row, strict=True)) for row in sql.rows(PLANNED, given)]
    shifts.record(batch=batch_of(shifts.SHIFTS, rows), at=clock.day_start(monday))
    return Shift.objects.count()
