"""Jobs of analytics: each for any day, by hand or by night; a past day is computed aside."""

from datetime import date

from newretail.kernel import clock
from newretail.kernel.actions import relay
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, job
from newretail.kernel.verbs import verb

from analytics.actions import facts, figures
from analytics.actions import scores as verbs
from analytics.queries import scores


def _aside(as_of: date) -> bool:
    live = verbs.live_day()
    return as_of < clock.business_day(clock.now()) or bool(live and live > as_of)


@verb
def _compute_aside(as_of: date) -> dict[str, object]:
    cuts = scores.build_portrait(as_of)
    standing = scores.count_aside()
    return {"aside": True, "scored": cuts.scored, **standing}


@job("score_rfm")
def score_rfm(run: JobRun, as_of: date) -> Counts:
    """Score every member; incremental when the live portrait stands, in full the first time or when told `full`."""
    relay.drain(at=clock.now())
    if _aside(as_of):
        return _compute_aside(as_of)
    act = verbs.score if run.params.get("full") or verbs.live_day() is None else verbs.rescore
    return dict(act(as_of=as_of, at=clock.now()))


@job("move_lifecycle")
def move_lifecycle(_run: JobRun, as_of: date) -> Counts:
    """Move members through the lifecycle."""
    relay.drain(at=clock.now())
    if _aside(as_of):
        return _compute_aside(as_of)
    return dict(verbs.move_lifecycle(as_of=as_of, at=clock.now()))


@job("refresh_facts")
def refresh_facts(run: JobRun, as_of: date) -> Counts:
    """Count stale days anew, or the days [from, to) that were asked for."""
    relay.drain(at=clock.now())
    if run.params.get("from"):
        first = date.fromisoformat(run.params["from"])
        last = date.fromisoformat(run.params.get("to") or as_of.isoformat())
        return dict(facts.refresh(first=first, last=last, at=clock.now()))
    return dict(facts.refresh_stale(at=clock.now()))


@job("measure_retention")
def measure_retention(_run: JobRun, as_of: date) -> Counts:
    """Measure the retention of core customers."""
    return dict(figures.measure_retention(as_of=as_of, at=clock.now()))
