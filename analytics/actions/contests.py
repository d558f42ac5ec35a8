"""Keep contests between guides: written as drafts, published with frozen rules, closed once with final standings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from analytics.models import Contest, StaleDay
from analytics.models.contests import LONGEST_PRIZE, MOST_PRIZES
from analytics.queries.contests import PRIZED
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

State = Contest.State
LONGEST = timedelta(days=366)
# Two people who write a contest of one code at once queue here.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('analytics.contest:' || %(code)s, 0))"
END = f"""
INSERT INTO analytics_conteststanding (contest_id, post_id, place, rank, score, prize, entry_id)
SELECT contest_id, post_id, place, rank, score, prize, %(entry)s FROM ({PRIZED}) z ORDER BY post_id
"""


class BadContest(Refused):
    """Its days, its name or its prizes make no contest."""

    code = "bad_contest"
    sentence = gettext_noop(
        "A contest needs a name, days that follow each other within a year, and one to %(most)s prizes."
    )


class UnknownContest(Refused):
    """There is no such contest."""

    code = "unknown_contest"
    sentence = gettext_noop("There is no contest %(contest)s.")


class ContestFrozen(Refused):
    """It was published: its rules stand."""

    code = "contest_frozen"
    sentence = gettext_noop("This contest is %(state)s: its rules stand as they were published.")


class NotRunning(Refused):
    """It is a draft, or closed already."""

    code = "contest_not_running"
    sentence = gettext_noop("Only a published contest can be closed; this one is %(state)s.")


class NotOver(Refused):
    """Its days are not over, or are being counted."""

    code = "contest_not_over"
    sentence = gettext_noop("A contest is closed when its last day is over and all its days are counted.")


@dataclass(frozen=True)
class Rules:
    """What a contest counts, of whom, when, and what the first ranks win; no region is the whole brand."""

    code: str
    name: str
    metric: str
    first_day: date
    last_day: date
    prizes: Sequence[str]
    grouping: str = Contest.Grouping.ALL
    region_id: int | None = None


def _judge(rules: Rules) -> None:
    whole = rules.name.strip() and 1 <= len(rules.prizes) <= MOST_PRIZES
    whole = whole and all(0 < len(prize.strip()) <= LONGEST_PRIZE for prize in rules.prizes)
    if not whole or not timedelta(0) <= rules.last_day - rules.first_day < LONGEST:
        raise BadContest(most=MOST_PRIZES)


@verb
def keep(*, rules: Rules, at: datetime, by: User | None = None) -> Contest:
    """Keep a draft under its code; what was published is not changed any more.

    Refuses: BadContest, ContestFrozen.
    Writes: analytics.contest.kept.
    """
    _judge(rules)
    sql.rows(LOCK, {"code": rules.code})
    contest = Contest.objects.filter(code=rules.code).first() or Contest(code=rules.code)
    if contest.state != State.DRAFT:
        raise ContestFrozen(state=contest.get_state_display())
    for name, value in vars(rules).items():
        setattr(contest, name, value)
    contest.name, contest.prizes = rules.name.strip(), [prize.strip() for prize in rules.prizes]
    return _kept(contest, "analytics.contest.kept", at, by)


def _kept(contest: Contest, line: str, at: datetime, by: User | None) -> Contest:
    entry = journal.write(line, at=at, by=by, subject=f"contest:{contest.code}", metric=contest.metric)
    contest.entry_id, contest.by = entry.pk, by or contest.by
    contest.save()
    return contest


def _locked(code: str) -> Contest:
    sql.rows(LOCK, {"code": code})
    contest = Contest.objects.filter(code=code).first()
    if contest is None:
        raise UnknownContest(contest=code)
    return contest


@verb
def publish(*, code: str, at: datetime, by: User | None = None) -> Contest:
    """Publish a draft: guides see it from now on, and its rules are frozen.

    Refuses: UnknownContest, ContestFrozen.
    Writes: analytics.contest.published.
    """
    contest = _locked(code)
    if contest.state != State.DRAFT:
        raise ContestFrozen(state=contest.get_state_display())
    contest.state, contest.published_at = State.PUBLISHED, at
    return _kept(contest, "analytics.contest.published", at, by)


@verb
def close(*, code: str, at: datetime, by: User | None = None) -> int:
    """Close a contest whose days are over: final standings and prizes are written, once; returns how many.

    What is refunded later moves the days of guides, and no standing.
    Refuses: UnknownContest, NotRunning, NotOver.
    Writes: analytics.contest.closed.
    """
    contest = _locked(code)
    if contest.state != State.PUBLISHED:
        raise NotRunning(state=contest.get_state_display())
    waits = StaleDay.objects.filter(day__range=(contest.first_day, contest.last_day)).exists()
    if waits or clock.business_day(at) <= contest.last_day:
        raise NotOver
    contest.state, contest.closed_at = State.CLOSED, at
    closed = _kept(contest, "analytics.contest.closed", at, by)
    ended = sql.execute(END, {"contests": [closed.pk], "entry": closed.entry_id})
    failpoint("contest.closed")
    return ended
