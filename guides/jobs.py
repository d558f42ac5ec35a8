"""What guides' work does by the clock: rules give tasks, tasks expire, what was sent is settled."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.actions import escalations, leaves, moment_plans, pool, task_rules, tasks
from guides.queries.moment_weeks import WEEK, monday
from newretail.kernel import brand, clock
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job

THURSDAY = 3


@after_relay
def settle(at: datetime) -> None:
    """Settle what guides sent and cannot take back any more."""
    tasks.settle(at=at)


@after_relay
def hand_up(at: datetime) -> None:
    """Hand up the escalations that nobody answered in time."""
    escalations.hand_up(at=at)


@job("expire_tasks", does=gettext_noop("ends the tasks of guides whose time is over"), by_hand=True)
def expire_tasks(_run: JobRun, as_of: date) -> Counts:
    """End the tasks whose time was over before a business day began; none that may be done now."""
    return {"expired": tasks.expire(at=min(clock.day_start(as_of), clock.now()))}


@job(
    "close_leaves",
    does=gettext_noop("gives those who are back from a leave what others still have to do for them"),
    by_hand=True,
)
def close_leaves(_run: JobRun, _as_of: date) -> Counts:
    """Give back what is still open of the leaves that are over by now."""
    return {"returned": leaves.close(at=clock.now())}


@job("give_tasks", does=gettext_noop("gives guides the tasks of the rules that look at each day"), by_hand=True)
def give_tasks(_run: JobRun, as_of: date) -> Counts:
    """Give the tasks of today; a past day's are not given late."""
    at = clock.now()
    if as_of < clock.business_day(at):
        return {"aside": True}
    return {"given": task_rules.give_daily(as_of=as_of, at=at)}


@job(
    "work_pool",
    does=gettext_noop("sends quiet customers back to the pool and gives its members to guides"),
    by_hand=True,
)
def work_pool(run: JobRun, as_of: date) -> Counts:
    """Work the pool by hand whenever asked, by night where the brand wants it; a past day is not worked late."""
    at = clock.now()
    if as_of < clock.business_day(at) or (run.due_at and brand.setting("pool_nightly") == "off"):
        return {"aside": True}
    return {"recycled": pool.recycle(at=at), "allocated": pool.allocate(at=at)}


@job(
    "plan_moments",
    does=gettext_noop("plans the posts in Moments of this week and, from Thursday, of the next"),
    by_hand=True,
)
def plan_moments(_run: JobRun, as_of: date) -> Counts:
    """Plan this week where a store has no plan of it, and from Thursday on the next; a past day is not planned late."""
    at = clock.now()
    if as_of < clock.business_day(at):
        return {"aside": True}
    weeks = [monday(as_of), monday(as_of) + WEEK] if as_of.weekday() >= THURSDAY else [monday(as_of)]
    return {"slots": sum(moment_plans.propose(week_on=week, at=at) for week in weeks)}
