"""Moments of the demo: last week and this one are planned; guides posted most of it, some late, some not at all."""

from datetime import datetime, timedelta

from guides.actions import moment_plans, moments
from guides.models import MomentPost, MomentSlot
from guides.queries.moment_weeks import WEEK, monday
from newretail.demo import logins
from newretail.kernel import clock
from stores.models import Post

GUIDES = 24
HABITS = 9  # of so many slots a guide leaves one out, and is late with one


def post(*, at: datetime) -> int:
    """Plan both weeks, and let guides of some stores post; how many posts there are."""
    if MomentSlot.objects.exists():
        return 0
    this = monday(clock.business_day(at))
    for week_on in (this - WEEK, this):
        moment_plans.propose(week_on=week_on, at=min(at, clock.day_start(week_on) + timedelta(hours=2)))
    for holder in _guides():
        for slot in MomentSlot.objects.filter(store=holder.store_id).order_by("week_on", "nth"):
            _post(holder, slot, at)
    return MomentPost.objects.count()


def _guides() -> list[Post]:
    """Take the guides of the busiest store, then others."""
    guides = Post.objects.filter(role="guide", until__isnull=True).select_related("user").order_by("pk")
    own = list(guides.filter(store=logins.busiest()))
    return [*own, *guides.exclude(pk__in=[each.pk for each in own])][:GUIDES]


def _post(holder: Post, slot: MomentSlot, at: datetime) -> None:
    habit = (holder.pk * 7 + slot.nth * 5) % HABITS
    when = slot.opens_at + timedelta(minutes=(holder.pk * 13 + slot.nth * 29) % 140)
    when += timedelta(hours=3) if habit == 1 else timedelta()
    if habit == 0 or when > at or when >= clock.day_start(slot.week_on + WEEK):
        return
    moments.record(slot=slot.ref, within=[holder.pk], at=when, by=holder.user)
