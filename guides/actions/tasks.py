"""Assign tasks to guides by the batch; a guide does them, puts them off, hands them on; all of it is kept."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_noop

from guides.actions import replies
from guides.actions.replies import Answered
from guides.actions.task_moves import ASSIGN, ASSIGN_PLAIN, MOVED
from guides.models import Brief, Task, TaskMove, TaskPhoto, TaskRule
from guides.queries import covering, planned
from members.actions import contacts, merges, touches
from members.actions.contacts import Contact
from members.actions.touches import SettledOtherwise, Settlement
from members.models import Touch
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

State, Outcome, Kind = Task.State, Task.Outcome, TaskMove.Kind
NOTHING_TO_SHOW = (Outcome.UNREACHABLE, Outcome.REFUSED)  # without the photo that a task asks for
UNDO = timedelta(seconds=10)  # what the page offers; the way to the server takes its time
UNDO_TAKEN = UNDO * 3
LONGEST_SNOOZE = timedelta(days=30)
GIVEN_BACK = timedelta(days=2)
SOURCE = "guides.task:"
COVERED = MOVED.format(chosen=covering.GIVEN)
EXPIRE = """
UPDATE guides_task SET state = 'expired', ended_at = %(at)s
WHERE id IN (SELECT id FROM guides_task WHERE state = 'open' AND expires_at <= %(at)s
             ORDER BY id FOR UPDATE SKIP LOCKED)
"""
# Who takes one back at this moment is waited for.
DUE_TO_SETTLE = """
SELECT ref FROM members_touch
WHERE state = 'claimed' AND claimed_at <= %(before)s AND source LIKE %(source)s ORDER BY id FOR UPDATE
"""


class UnknownTask(Refused):
    """There is no such task of hers."""

    code = "unknown_task"
    sentence = gettext_noop("This task is not yours, or is gone.")


class NotToBeDone(Refused):
    """The task has ended."""

    code = "task_ended"
    sentence = gettext_noop("This task is %(state)s already.")


class TaskExpired(Refused):
    """Its time is over, also before the night has ended it."""

    code = "task_expired"
    sentence = gettext_noop("This task could be done until %(until)s; what is recorded later does not count.")


class GivenAlready(Refused):
    """Its like stands there: it would be there twice."""

    code = "given_already"
    sentence = gettext_noop("The same task was given already; look at the list again.")


class TooLateToUndo(Refused):
    """What was done stands."""

    code = "too_late_to_undo"
    sentence = gettext_noop("It can be undone for 10 seconds only.")


class AskFirst(Refused):
    """A task with a survey is not done by a message alone."""

    code = "ask_first"
    sentence = gettext_noop("Ask the questions and record what she answers; put the task off while you wait for her.")


class BadDay(Refused):
    """A task cannot be put off until then."""

    code = "bad_snooze"
    sentence = gettext_noop("Put it off by 30 days at most, and to a time before the task expires.")


class NotWaiting(Refused):
    """The task does not wait for approval."""

    code = "not_waiting"
    sentence = gettext_noop("This task does not wait for approval: it is %(state)s.")


class WrongColleague(Refused):
    """The colleague holds no post in the same store."""

    code = "wrong_colleague"
    sentence = gettext_noop("Hand it to a colleague who serves in the same store.")


class PhotoMissing(Refused):
    """The task asks for a photo, and there is none."""

    code = "photo_missing"
    sentence = gettext_noop("This task asks for a photo: hand one in first.")


@dataclass(frozen=True)
class Result:
    """What came of a task: the outcome, by which channel she was touched, what the guide notes, what was answered."""

    outcome: str
    channel: str = "wecom"
    note: str = ""
    answered: Answered = field(default_factory=Answered)


@dataclass(frozen=True)
class Wording:
    """What a brief says; see `Brief`."""

    title: str
    reason: str
    purpose: str = "care"
    why: str = ""
    words: str = ""
    priority: int = 5
    coupon_plan_id: int | None = None
    material_id: int | None = None
    survey_id: int | None = None
    wants_evidence: bool = False
    wants_approval: bool = False


@verb
def brief(*, wording: Wording, at: datetime, by: User | None = None) -> Brief:
    """Write a brief for tasks to be assigned.

    Writes: guides.brief.written.
    """
    line = journal.write("guides.brief.written", at=at, by=by, reason=wording.reason)
    return Brief.objects.create(**vars(wording), written_at=at, by=by, entry_id=line.pk)


@verb
def assign(*, table: str, brief: Brief, at: datetime, rule: TaskRule | None = None, by: User | None = None) -> int:
    """Assign tasks of a temporary table (member_id, post_id, source, facts, due_at, expires_at); returns how many.

    A source gives a member one task, ever, and a rule has one open task for her; who was erased is left out. What is
    due on a guide's day off is due by the end of her next shift, before it expires; what is for a customer of who is
    away then goes to who covers for her, at once and by its day.
    Writes: guides.task.assigned.
    """
    entry = journal.reserve()
    given = {"brief": brief.pk, "rule": rule and rule.pk, "at": at, "entry": entry, "by": by and by.pk,
             "zone": clock.brand_zone().key, "shown": rule.shown_before_due if rule else None}  # fmt: skip
    served = sql.execute(ASSIGN.format(table=table), given)
    assigned = served + sql.execute(ASSIGN_PLAIN.format(table=table), given)
    if served:
        sql.execute(COVERED, {**given, "kind": Kind.COVERED})
    if assigned:
        journal.write(
            "guides.task.assigned", at=at, by=by, entry_id=entry, subject=f"brief:{brief.pk}",
            reason=brief.reason, rule=rule.code if rule else "", tasks=assigned,
        )  # fmt: skip
    failpoint("tasks.assigned")
    return assigned


def _locked(task: UUID, within: list[int]) -> Task:
    """Lock a task of these posts (ids)."""
    rows = Task.objects.select_related("brief", "member", "post").select_for_update(no_key=True, of=("self",))
    found = rows.filter(ref=task, post_id__in=within).first()
    if found is None:
        raise UnknownTask
    return found


def _open(task: UUID, within: list[int]) -> Task:
    found = _locked(task, within)
    if found.state != State.OPEN:
        raise NotToBeDone(state=found.get_state_display())
    return found


def open_one(task: UUID, within: list[int], at: datetime) -> Task:
    """Lock a task of these posts (ids) that can still be done.

    Refuses: UnknownTask, NotToBeDone, TaskExpired.
    """
    found = _open(task, within)
    if found.expires_at <= at:
        raise TaskExpired(until=found.expires_at.astimezone(clock.brand_zone()).strftime("%Y-%m-%d %H:%M"))
    return found


def _move(task: Task, kind: str, line: str, at: datetime, by: User | None, **told: object) -> None:
    """Keep what happened to a task, and the task as it is now."""
    task.moves += 1
    reason = task.brief.reason
    entry = journal.write(line, at=at, by=by, subject=f"task:{task.pk}", reason=reason, outcome=told.get("outcome", ""))
    TaskMove.objects.create(task=task, nth=task.moves, kind=kind, at=at, by=by, entry_id=entry.pk, **told)
    try:
        task.save()
    except IntegrityError:  # the rule gave another meanwhile, or the colleague has hers of this source
        raise GivenAlready from None
    failpoint("task.moved")


def _judge_evidence(task: Task, outcome: str) -> None:
    """Ask for the photo of a task; of one that was given back for one handed in since."""
    if not task.brief.wants_evidence or outcome in NOTHING_TO_SHOW:
        return
    photos = TaskPhoto.objects.filter(task=task)
    returned = task.history.filter(kind=Kind.RETURNED).order_by("nth").last()
    if not (photos.filter(taken_at__gte=returned.at) if returned else photos).exists():
        raise PhotoMissing


@verb
def complete(*, task: UUID, within: list[int], result: Result, at: datetime, by: User) -> Task:
    """Record what came of a task of these posts; what says that she was touched goes through the gate of consent.

    A task that asks for a photo is done with one; one with a survey by her answers, or by saying why there are none.
    Refuses: UnknownTask, NotToBeDone, TaskExpired, PhotoMissing, AskFirst, QuestionOpen, BadAnswer, MayNotBeTouched.
    Writes: guides.task.done, guides.survey.answered, members.touch.made.
    """
    found = open_one(task, within, at)
    _judge_evidence(found, result.outcome)
    if found.brief.survey_id and found.member_id:
        _answer(found, result, at, by)
    if found.member and result.outcome in Task.TOUCHED and not _was_planned(found, at):
        source = f"{SOURCE}{found.pk}.{found.moves + 1}"
        contacts.make(contact=Contact(found.member, result.channel, found.brief.purpose, source), at=at, by=by)
    found.state = State.CHECKING if found.brief.wants_approval else State.DONE
    found.outcome, found.note, found.ended_at = result.outcome, result.note, at
    _move(found, Kind.DONE, "guides.task.done", at, by, outcome=result.outcome)
    return found


def _was_planned(task: Task, at: datetime) -> bool:
    """Tell whether a touch waits for this task, after judging it: then it is that one that is made."""
    ref = planned.ref_of(task)
    return ref is not None and contacts.may_be_made(ref=ref, at=at)


def _answer(task: Task, result: Result, at: datetime, by: User) -> None:
    """Keep the answers a task asks for."""
    if result.outcome == Outcome.REPLIED:
        replies.keep(task=task, answered=result.answered, at=at, by=by)
    elif result.outcome not in Task.UNANSWERED:
        raise AskFirst


@verb
def undo(*, task: UUID, within: list[int], at: datetime, by: User) -> Task:
    """Take back what she just did: the task is to be done again, the touch never happened, answers do not count.

    Refuses: UnknownTask, TooLateToUndo, GivenAlready.
    Writes: guides.task.undone, members.touch.settled.
    """
    found = _locked(task, within)
    undone = (State.CHECKING,) if found.brief.wants_approval else (State.DONE,)
    if found.state not in undone or not _just_done(found, at):
        raise TooLateToUndo
    made = Touch.objects.filter(source=f"{SOURCE}{found.pk}.{found.moves}", member=found.member_id).first()
    if made:
        _take_back(made, at, by)
    _reopen(found, at)
    _move(found, Kind.UNDONE, "guides.task.undone", at, by)
    return found


def _just_done(task: Task, at: datetime) -> bool:
    recent = task.ended_at is not None and at - task.ended_at <= UNDO_TAKEN
    return recent and TaskMove.objects.filter(task=task, nth=task.moves, kind=Kind.DONE).exists()


def _take_back(touch: Touch, at: datetime, by: User) -> None:
    try:
        touches.settle(results=[Settlement(touch.ref, Touch.State.FAILED, Touch.Reason.TAKEN_BACK)], at=at, by=by)
    except SettledOtherwise:  # it was settled as sent meanwhile
        raise TooLateToUndo from None


def _reopen(task: Task, at: datetime) -> None:
    replies.take_back(task=task, at=at)
    task.state, task.outcome, task.note, task.ended_at = State.OPEN, "", "", None


def _checking(task: UUID, within: list[int]) -> Task:
    found = _locked(task, within)
    if found.state != State.CHECKING:
        raise NotWaiting(state=found.get_state_display())
    return found


@verb
def approve(*, task: UUID, within: list[int], at: datetime, by: User) -> Task:
    """Approve what was done: the task stands as done when she did it.

    Refuses: UnknownTask, NotWaiting.
    Writes: guides.task.approved.
    """
    found = _checking(task, within)
    found.state = State.DONE
    _move(found, Kind.APPROVED, "guides.task.approved", at, by)
    return found


@verb
def give_back(*, task: UUID, within: list[int], reason: str, at: datetime, by: User) -> Task:
    """Give a task back to be done again, for a reason that is kept; she has two days at least. Her touch happened.

    Refuses: UnknownTask, NotWaiting, WhyMissing, NumberInNote.
    Writes: guides.task.returned.
    """
    found, why = _checking(task, within), merges.said(reason)
    _reopen(found, at)
    found.expires_at = max(found.expires_at, at + GIVEN_BACK)
    _move(found, Kind.RETURNED, "guides.task.returned", at, by, reason=why)
    return found


@verb
def snooze(*, task: UUID, within: list[int], until: datetime, at: datetime, by: User) -> Task:
    """Put a task off: it comes back to the list at that time; due and expiry stay.

    Refuses: UnknownTask, NotToBeDone, TaskExpired, BadDay.
    Writes: guides.task.snoozed.
    """
    found = open_one(task, within, at)
    if not at < until < min(at + LONGEST_SNOOZE, found.expires_at):
        raise BadDay
    found.snoozed_until = until
    _move(found, Kind.SNOOZED, "guides.task.snoozed", at, by)
    return found


@verb
def transfer(*, task: UUID, within: list[int], to: Post, reason: str, at: datetime, by: User) -> Task:
    """Hand a task on to a colleague of the same store, for a reason that is kept.

    Refuses: UnknownTask, NotToBeDone, TaskExpired, WhyMissing, NumberInNote, WrongColleague, GivenAlready.
    Writes: guides.task.transferred.
    """
    found, why = open_one(task, within, at), merges.said(reason)
    if to.store_id != found.post.store_id or to.pk == found.post_id or to.until is not None:
        raise WrongColleague
    former, found.post, found.covers, found.snoozed_until = found.post, to, None, None
    _move(found, Kind.TRANSFERRED, "guides.task.transferred", at, by, from_post=former, to_post=to, reason=why)
    return found


@verb
def cancel(*, task: UUID, within: list[int], reason: str, at: datetime, by: User) -> Task:
    """Cancel a task that nobody is to do any more, for a reason that is kept.

    Refuses: UnknownTask, NotToBeDone, WhyMissing, NumberInNote.
    Writes: guides.task.cancelled.
    """
    found, why = _open(task, within), merges.said(reason)
    found.state, found.ended_at = State.CANCELLED, at
    _move(found, Kind.CANCELLED, "guides.task.cancelled", at, by, reason=why)
    return found


@verb
def expire(*, at: datetime) -> int:
    """End the tasks whose time is over; returns how many.

    Writes: guides.task.expired.
    """
    expired = sql.execute(EXPIRE, {"at": at})
    if expired:
        journal.write("guides.task.expired", at=at, tasks=expired)
    return expired


@verb
def settle(*, at: datetime) -> int:
    """Settle the touches of tasks that can no longer be undone: they were sent; returns how many.

    Writes: members.touch.settled.
    """
    found = sql.rows(DUE_TO_SETTLE, {"before": at - UNDO_TAKEN, "source": f"{SOURCE}%"})
    if found:
        touches.settle(results=[Settlement(ref, Touch.State.SENT) for (ref,) in found], at=at)
    return len(found)
