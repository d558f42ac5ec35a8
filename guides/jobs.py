"""What guides' work does by the clock: rules give tasks, tasks expire, what was sent is settled."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from guides.actions import (
    commission_extras,
    commission_months,
    commissions,
    escalations,
    leaves,
    moment_plans,
    pay_simulations,
    plan_tasks,
    pool,
    task_rules,
    tasks,
)
from guides.models import PaySimulation
from guides.queries import simulating
from guides.queries.moment_weeks import WEEK, monday
from guides.queries.trials import draft_of
from newretail.kernel import brand, clock
from newretail.kernel.actions import jobs, relay
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job

THURSDAY = 3
WHOLE = timedelta(days=366)  # longer than any task is kept
COMPUTED_FROM = 3  # the day of a month from which the one before it is computed by itself


@after_relay
def settle(at: datetime) -> None:
    """Settle what guides sent and cannot take back any more."""
    tasks.settle(at=at)
    plan_tasks.hear(at=at)


@after_relay
def hand_up(at: datetime) -> None:
    """Hand up the escalations that nobody answered in time."""
    escalations.hand_up(at=at)


@job("expire_tasks", does=gettext_noop("ends the tasks of guides whose time is over"), by_hand=True)
def expire_tasks(_run: JobRun, as_of: date) -> Counts:
    """End the tasks whose time was over before a business day began; none that may be done now."""
    expired = tasks.expire(at=min(clock.day_start(as_of), clock.now()))
    return {"expired": expired, "heard": plan_tasks.hear(at=clock.now(), back=WHOLE)}


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


@job("vest_commission", does=gettext_noop("lets commission vest whose return window has ended"), by_hand=True)
def vest_commission(_run: JobRun, as_of: date) -> Counts:
    """Let vest what is due by the start of a day; never ahead of today."""
    at = clock.now()
    return {"vested": commissions.vest(as_of=min(as_of, clock.business_day(at)), at=at)}


@job("settle_commission", does=gettext_noop("brings commission to what it should be"), by_hand=True)
def settle_commission(run: JobRun, as_of: date) -> Counts:
    """Settle what was sold, won and done on the days [from, to) it is told, month by month; else the last two days."""
    relay.drain(at=clock.now())
    first = date.fromisoformat(run.params.get("from") or (as_of - timedelta(days=2)).isoformat())
    last = date.fromisoformat(run.params.get("to") or (as_of + timedelta(days=1)).isoformat())
    counts: Counter[str] = Counter(credits=0, entries=0)
    month = first
    while month < last:
        jobs.report(run=run, done=(month - first).days, of=(last - first).days, at=clock.now())
        until = min(clock.month_after(month), last)
        for verb in (commissions.settle_days, commission_extras.settle_days):
            counts.update(verb(first=month, last=until, at=clock.now()))
        month = until
    return dict(counts)


@job(pay_simulations.JOB, does=gettext_noop("reckons what a version would have paid for past months"))
def simulate_pay(run: JobRun, _as_of: date) -> Counts:
    """Reckon a simulation that somebody asked for, month by month; a run that is taken up again begins anew."""
    simulation = PaySimulation.objects.select_related("policy").get(pk=run.params["simulation"])
    policy, first, last = simulation.policy, simulation.first, simulation.last

    def report(month: date) -> None:
        done = max((month - first).days, 0)
        jobs.report(run=run, done=done, of=(last - first).days, at=clock.now())

    told = simulating.simulate(draft_of(policy.kind, policy.terms), first=first, last=last, report=report)
    pay_simulations.tell(simulation=simulation, told=told.noted(), at=clock.now())
    return {"months": len(told.months), "guides": len(told.guides)}


@job("compute_commission", does=gettext_noop("computes the statements of commission of the month before"), by_hand=True)
def compute_commission(_run: JobRun, as_of: date) -> Counts:
    """Compute the last month that was over by a day, from the third day of the next on and until it is closed."""
    at = clock.now()
    month = clock.month_before(as_of)
    if as_of.day < COMPUTED_FROM or not commission_months.may_compute(month=month, at=at):
        return {"waits": True}
    commission_months.compute(month=month, at=at)
    return {"month": f"{month:%Y-%m}"}
