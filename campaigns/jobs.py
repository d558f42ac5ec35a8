"""What campaigns do by the clock: segments are judged at midnight, and within a minute of a change."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from campaigns.actions import refreshing
from campaigns.models import ChangedMember, Segment, SegmentVersion
from campaigns.queries import segments
from campaigns.queries.segments import Moment
from members.queries.conditions import tree
from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job
from newretail.kernel.verbs import Refused

REFRESH = "refresh_segments"


@after_relay
def judge_changed(at: datetime) -> None:
    """Judge about whom something changed; let a worker judge everybody where that is due."""
    if ChangedMember.objects.exists():
        refreshing.refresh_changed(at=at)
    due = Segment.objects.filter(state=Segment.State.ACTIVE, due=True)
    if due.exists() and not JobRun.objects.filter(name=REFRESH, state__in=jobs.UNENDED).exists():
        jobs.queue(name=REFRESH, at=at)


@job(REFRESH, does=gettext_noop("judges everybody by the conditions of segments"), by_hand=True)
def refresh_segments(run: JobRun, as_of: date) -> Counts:
    """Judge everybody by each active segment; of a past day only how many each would have held is told."""
    fresh = segments.kept_fresh()
    if as_of < clock.business_day(clock.now()):
        return {"aside": True, **{version.segment.code: _held(version, as_of) for version in fresh}}
    counts = {"segments": 0, "entered": 0, "left": 0}
    for version in fresh:
        jobs.report(run=run, done=counts["segments"], of=len(fresh), at=clock.now())
        moved = refreshing.refresh(version=version, at=clock.now())
        counts["segments"] += 1
        counts["entered"] += moved.entered
        counts["left"] += moved.left
    return {**counts}


def _held(version: SegmentVersion, as_of: date) -> int | str:
    """Count whom a segment held at the start of a past day, or say why that cannot be told."""
    try:
        return segments.count(tree.read(version.conditions), Moment.of(as_of, clock.now()))
    except Refused as refusal:
        return refusal.code
