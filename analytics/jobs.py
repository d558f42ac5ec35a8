"""Jobs of analytics: each for any day, by hand or by night; a past day is computed aside."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from analytics.actions import facts, figures, standings
from analytics.actions import scores as verbs
from analytics.models import StaleDay
from analytics.queries import guide_kpis, learning, scores
from guides.actions import guide_levels
from newretail.kernel import clock
from newretail.kernel.actions import jobs, relay
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job
from stores.actions import weights as day_weights
from stores.queries import targets as target_plans
from stores.queries import weights

ASSESSED_THROUGH = 5  # the day of a month through which the one before it is assessed by itself
FRESH_DAYS = 5  # so many days at a time between two relays; the others wait for the next


def _aside(as_of: date) -> bool:
    live = verbs.live_day()
    return as_of < clock.business_day(clock.now()) or bool(live and live > as_of)


def _compute_aside(as_of: date) -> Counts:
    with transaction.atomic():
        cuts = scores.build_portrait(as_of)
        return {"aside": True, "scored": cuts.scored, **scores.count_aside()}


@job("score_rfm", does=gettext_noop("scores members by recency, frequency and money"), by_hand=True)
def score_rfm(run: JobRun, as_of: date) -> Counts:
    """Score every member; incremental when the live portrait stands, in full the first time or when told `full`."""
    relay.drain(at=clock.now())
    jobs.report(run=run, done=1, of=2, at=clock.now())
    if _aside(as_of):
        return _compute_aside(as_of)
    act = verbs.score if run.params.get("full") or verbs.live_day() is None else verbs.rescore
    return dict(act(as_of=as_of, at=clock.now()))


@job("move_lifecycle", does=gettext_noop("moves members whose lifecycle stage has changed"), by_hand=True)
def move_lifecycle(run: JobRun, as_of: date) -> Counts:
    """Move members through the lifecycle; told `from`, live through the weeks since that day first."""
    relay.drain(at=clock.now())
    if _aside(as_of):
        return _compute_aside(as_of)
    moved = 0
    first = day = date.fromisoformat(run.params["from"]) if run.params.get("from") else as_of
    while day < as_of:
        jobs.report(run=run, done=(day - first).days, of=(as_of - first).days + 7, at=clock.now())
        moved += verbs.move_lifecycle(as_of=day, at=clock.now())["moved"]
        day = min(day + timedelta(days=7), as_of)
    counts = verbs.move_lifecycle(as_of=as_of, at=clock.now())
    return {**counts, "moved": moved + counts["moved"]}


@job("refresh_facts", does=gettext_noop("counts days anew where orders or members changed"), by_hand=True)
def refresh_facts(run: JobRun, as_of: date) -> Counts:
    """Count stale days anew, or the days [from, to) that were asked for."""
    relay.drain(at=clock.now())
    jobs.report(run=run, done=1, of=2, at=clock.now())
    if run.params.get("from"):
        first = date.fromisoformat(run.params["from"])
        last = date.fromisoformat(run.params.get("to") or as_of.isoformat())
        counts = facts.refresh(first=first, last=last, at=clock.now())
    else:
        facts.mark_opened(at=clock.now())
        counts = facts.refresh_stale(at=clock.now())
    stores = standings.count(as_of=clock.business_day(clock.now()), at=clock.now())
    return {**counts, "stores": stores}


@after_relay
def freshen(at: datetime) -> None:
    """Keep the day's facts fresh: count the newest stale days anew, unless a counting is under way."""
    if StaleDay.objects.exists():
        facts.refresh_stale(at=at, most=FRESH_DAYS)


@job("measure_retention", does=gettext_noop("measures how many core customers stayed"), by_hand=True)
def measure_retention(_run: JobRun, as_of: date) -> Counts:
    """Measure the retention of core customers."""
    return dict(figures.measure_retention(as_of=as_of, at=clock.now()))


@job("learn_weights", does=gettext_noop("learns once a month how much each weekday and festival counts"), by_hand=True)
def learn_weights(run: JobRun, as_of: date) -> Counts:
    """Learn the weights of days once a month, or when told `full`; a past day is computed aside."""
    month = target_plans.month_of(as_of)
    counts: Counts = {}
    for metric in learning.VALUES:
        at = weights.learned_at(metric)
        if at and clock.business_day(at) >= month and not run.params.get("full"):
            continue
        found = learning.learned(metric, as_of)
        aside = as_of < clock.business_day(clock.now())
        counts[metric] = len(found) if aside else day_weights.keep_learned(metric=metric, learned=found, at=clock.now())
    return counts


@job("assess_guides", does=gettext_noop("assesses guides' levels by the sales of the month before"), by_hand=True)
def assess_guides(run: JobRun, as_of: date) -> Counts:
    """Assess the calendar month before a day: by itself in the first days of the next, by hand on any of its days."""
    relay.drain(at=clock.now())
    at, month = clock.now(), clock.month_before(as_of)
    late = run.due_at is not None and as_of.day > ASSESSED_THROUGH
    if late or not guide_levels.may_assess(month=month, at=at):
        return {"waits": True}
    with transaction.atomic():
        guide_kpis.lay("tmp_guide_kpis", month=month)
        return {"month": f"{month:%Y-%m}", **guide_levels.assess(month=month, kpis="tmp_guide_kpis", at=at)}
