"""Rosters of the demo: guides of each store work early and late in turn, one is away; customers come."""

from datetime import datetime, timedelta

from guides.actions import appointments, leaves, shifts
from guides.actions.appointments import Slot
from guides.actions.leaves import Span
from guides.models import Appointment, Leave, Shift
from guides.queries import rosters
from members.models import Member
from newretail.demo import logins
from newretail.kernel import clock, sql
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import User
from stores.models import Post

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
# Some customers of each guide, today and tomorrow, on the hour; nobody is expected on a day off.
EXPECTED = """
SELECT b.member_id, b.post_id, d.day::date, b.nth FROM (
  SELECT member_id, post_id, row_number() OVER (PARTITION BY post_id ORDER BY member_id %% 89, member_id) AS nth
  FROM guides_bond WHERE ended_at IS NULL) b
JOIN generate_series(%(today)s::date, %(today)s::date + 1, interval '1 day') d(day)
  ON b.nth = 1 + (d.day::date - %(today)s::date) * 2 OR b.nth = 2 + (d.day::date - %(today)s::date) * 2
JOIN guides_shift s ON s.post_id = b.post_id AND s.day = d.day AND s.name <> ''
JOIN stores_post p ON p.id = b.post_id
WHERE p.store_id = %(store)s AND NOT EXISTS (
  SELECT FROM guides_leave l WHERE l.post_id = b.post_id AND l.first_on <= d.day AND l.back_on > d.day)
ORDER BY b.post_id, b.nth
"""
NOTES = ("想看新品", "取预订的货", "")


def leave(*, at: datetime) -> int:
    """Let a guide of the busiest store be away for three days; who signs in covers: how many tasks she has of hers."""
    store = logins.busiest()
    manager = User.objects.filter(posts__store=store, posts__role="manager", posts__until__isnull=True).first()
    guides = Post.objects.filter(store=store, role="guide", until__isnull=True).order_by("user__staff_no")[:2]
    if manager is None or len(guides) < 2 or Leave.objects.exists():
        return 0
    covers, away = guides
    today = clock.business_day(at)
    span = Span(today, today + timedelta(days=3))
    return leaves.take(post=away, span=span, reason="病假", covers=[covers.pk], at=at, by=manager).tasks


def expect(*, at: datetime) -> int:
    """Book visits of today and tomorrow with the guides of the busiest store; how many there are."""
    if Appointment.objects.exists():
        return 0
    today = clock.business_day(at)
    before = clock.day_start(today) - timedelta(hours=6)
    store = logins.busiest()
    posts = {post.pk: post for post in Post.objects.filter(store=store).select_related("user")}
    for member, post, day, nth in sql.rows(EXPECTED, {"today": today, "store": store.pk}):
        starts = clock.day_start(day) + timedelta(hours=13 + 3 * (nth % 2))
        slot = Slot(posts[post], starts, starts + timedelta(hours=1))
        who = Member.objects.get(pk=member)
        appointments.book(
            source="demo", number=f"{post}-{day}-{nth}", member=who, slot=slot, note=NOTES[nth % 3], at=before, by=None
        )
    return Appointment.objects.count()


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
