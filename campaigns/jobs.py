"""What campaigns do by the clock: segments are judged, touches that have fallen due are sent and asked about."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from campaigns.actions import dispatching, forecasts, plans, refreshing
from campaigns.channels.letters import CannotConnect
from campaigns.models import ChangedMember, ChannelSetup, Segment, SegmentVersion, TouchPlan
from campaigns.queries import planning, segments
from campaigns.queries.segments import Moment
from members.actions import touches
from members.models import Touch
from members.queries.conditions import tree
from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, job
from newretail.kernel.verbs import Refused

REFRESH, PLAN, SEND, ASK = "refresh_segments", "plan_touches", "send_touches", "ask_touches"
FORESEE = "foresee_plans"
MOST_SENT = 20_000  # by one channel in one run; the next beat goes on


@after_relay
def judge_changed(at: datetime) -> None:
    """Judge about whom something changed; let a worker judge everybody where that is due."""
    if ChangedMember.objects.exists():
        refreshing.refresh_changed(at=at)
    due = Segment.objects.filter(state=Segment.State.ACTIVE, due=True)
    if due.exists() and not JobRun.objects.filter(name=REFRESH, state__in=jobs.UNENDED).exists():
        jobs.queue(name=REFRESH, at=at)


@after_relay
def send_when_due(at: datetime) -> None:
    """Let a worker send where something has fallen due by a connected channel; doubt what nobody settled."""
    if Touch.objects.filter(claimed_at__lte=at - touches.LEASE, state=Touch.State.CLAIMED).exists():
        touches.doubt(at=at)
    connected = ChannelSetup.objects.filter(active=True).values("channel")
    due = Touch.objects.due(at).filter(channel__in=connected)
    if due.exists() and not JobRun.objects.filter(name=SEND, state__in=jobs.UNENDED).exists():
        jobs.queue(name=SEND, at=at)


@job(SEND, does=gettext_noop("sends the touches that have fallen due"), by_hand=True)
def send_touches(_run: JobRun, _as_of: date) -> Counts:
    """Send what has fallen due by each connected channel; a carrier that does not answer holds up no other.

    Whom a channel did not reach, the next of the plan is to reach.
    """
    counts: dict[str, object] = {}
    for setup in ChannelSetup.objects.filter(active=True):
        try:
            counts[setup.channel] = dispatching.send_due(setup=setup, clock=clock.now, most=MOST_SENT).total()
        except CannotConnect as error:
            counts[setup.channel] = str(error)
    counts["fallen_back"] = _fall_back()
    return counts


def _fall_back() -> int:
    """Plan the next channel where one failed."""
    live = TouchPlan.objects.filter(state=TouchPlan.State.LIVE).order_by("-priority", "code")
    return sum(plans.fall_back(plan=plan, at=clock.now()) for plan in live)


@job(PLAN, does=gettext_noop("plans the touches that fall due today"), by_hand=True)
def plan_touches(run: JobRun, as_of: date) -> Counts:
    """Plan what falls due today by each live plan; of a past day only how many each would have planned is told."""
    live = TouchPlan.objects.filter(state=TouchPlan.State.LIVE).order_by("-priority", "code")
    if as_of < clock.business_day(clock.now()):
        return {"aside": True, **{plan.code: planning.foreseen(plan, as_of).members for plan in live}}
    counts: dict[str, object] = {}
    for done, plan in enumerate(live):
        jobs.report(run=run, done=done, of=len(live), at=clock.now())
        counts[plan.code] = plans.plan_day(plan=plan, day=as_of, at=clock.now()).touches
    counts["fallen_back"] = _fall_back()
    return counts


@job(FORESEE, does=gettext_noop("counts ahead whom touch plans will be about"), by_hand=True)
def foresee_plans(run: JobRun, as_of: date) -> Counts:
    """Count the coming weeks of each plan that is submitted, approved or live; of a past day nothing is counted."""
    if as_of < clock.business_day(clock.now()):
        return {"aside": True}
    rows = TouchPlan.objects.exclude(state=TouchPlan.State.DRAFT).order_by("code")
    counts: dict[str, object] = {}
    for done, plan in enumerate(rows):
        jobs.report(run=run, done=done, of=len(rows), at=clock.now())
        counts[plan.code] = forecasts.foresee(plan=plan, day=as_of, at=clock.now())
    return counts


@job(ASK, does=gettext_noop("asks channels about touches that nobody knows of"), by_hand=True)
def ask_touches(_run: JobRun, _as_of: date) -> Counts:
    """Ask each connected channel what became of touches that are unknown."""
    touches.doubt(at=clock.now())
    counts: dict[str, object] = {}
    for setup in ChannelSetup.objects.filter(active=True):
        try:
            counts[setup.channel] = dispatching.ask_unknown(setup=setup, clock=clock.now)
        except CannotConnect as error:
            counts[setup.channel] = str(error)
    return counts


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
