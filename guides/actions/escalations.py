"""Take a problem up the line: raised once, answered within its time or handed up, closed by who raised or answered."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from guides.models import Escalation, EscalationMessage, Task
from guides.models.escalations import LONGEST_TITLE, LONGEST_WORDS
from members.models import Member
from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

State, Level, Kind = Escalation.State, Escalation.Level, EscalationMessage.Kind
ABOVE = {Level.MANAGER: Level.SUPERVISOR, Level.SUPERVISOR: Level.HQ}
# Who answers meanwhile is waited for, and her answer stands.
OVERDUE = """
SELECT id FROM guides_escalation WHERE state = 'open' AND level <> 'hq' AND due_at <= %(at)s ORDER BY id
FOR NO KEY UPDATE
"""
UP = "CASE e.level WHEN 'manager' THEN 'supervisor' ELSE 'hq' END"
HAND_UP = f"""
UPDATE guides_escalation e SET level = {UP}, handed_up = handed_up + 1, messages = messages + 1,
  due_at = %(at)s + %(hours)s
WHERE e.id = ANY(%(ids)s)
"""
KEEP_HANDED = """
INSERT INTO guides_escalationmessage (escalation_id, nth, kind, words, level, at, entry_id)
SELECT e.id, e.messages, 'handed_up', '', e.level, %(at)s, %(entry)s FROM guides_escalation e
WHERE e.id = ANY(%(ids)s) ORDER BY e.id
"""


class UnknownEscalation(Refused):
    """There is no such escalation within reach."""

    code = "unknown_escalation"
    sentence = gettext_noop("There is no such escalation within your reach.")


class EscalationClosed(Refused):
    """Nothing more is said about it."""

    code = "escalation_closed"
    sentence = gettext_noop("This escalation is closed; raise another one.")


class WordsMissing(Refused):
    """Nothing was said."""

    code = "words_missing"
    sentence = gettext_noop("Say what it is about: a title of at most %(title)s characters, words of at most %(most)s.")


@dataclass(frozen=True)
class Problem:
    """What is taken up, by whom (her post), about whom or what."""

    title: str
    words: str
    post: Post
    member: Member | None = None
    task: Task | None = None


def time_limit() -> timedelta:
    """Give how long each has to answer."""
    return timedelta(hours=int(brand.setting("escalation_hours")))


def _said(words: str, title: str = "-") -> str:
    plain = words.strip()
    if not plain or len(plain) > LONGEST_WORDS or not title.strip() or len(title) > LONGEST_TITLE:
        raise WordsMissing(title=LONGEST_TITLE, most=LONGEST_WORDS)
    return plain


@verb
def begin(*, ref: uuid.UUID, problem: Problem, at: datetime, by: User) -> Escalation:
    """Raise a problem, once for its number; a guide's waits for her manager, a manager's for the supervisor.

    Refuses: WordsMissing, UnknownEscalation.
    Writes: guides.escalation.raised.
    """
    words = _said(problem.words, problem.title)
    level = Level.SUPERVISOR if problem.post.role == Post.Role.MANAGER else Level.MANAGER
    hers = Escalation.objects.filter(ref=ref, post=problem.post)
    known = hers.first()
    if known:
        return known
    entry = journal.reserve()
    try:
        with transaction.atomic():
            found: Escalation = Escalation.objects.create(
                ref=ref, title=problem.title.strip(), post=problem.post, member=problem.member, task=problem.task,
                level=level, raised_at=at, due_at=at + time_limit(), messages=1, entry_id=entry,
            )  # fmt: skip
    except IntegrityError:  # another tap was quicker, or the number is another's
        known = hers.first()
        if known is None:
            raise UnknownEscalation from None
        return known
    EscalationMessage.objects.create(
        escalation=found, nth=1, kind=Kind.RAISED, words=words, level=level, at=at, by=by, entry_id=entry
    )
    journal.write(
        "guides.escalation.raised", at=at, by=by, entry_id=entry, subject=f"escalation:{found.pk}", level=level
    )  # fmt: skip
    return found


def _locked(escalation: uuid.UUID, **within: object) -> Escalation:
    found = Escalation.objects.select_for_update(no_key=True, of=("self",)).filter(ref=escalation, **within).first()
    if found is None:
        raise UnknownEscalation
    if found.state == State.CLOSED:
        raise EscalationClosed
    return found


def _keep(found: Escalation, kind: str, words: str, line: str, at: datetime, by: User) -> Escalation:
    """Keep what was said or done, and the escalation as it stands now."""
    found.messages += 1
    entry = journal.write(line, at=at, by=by, subject=f"escalation:{found.pk}", level=found.level)
    EscalationMessage.objects.create(
        escalation=found, nth=found.messages, kind=kind, words=words, level=found.level, at=at, by=by,
        entry_id=entry.pk,
    )  # fmt: skip
    found.save()
    failpoint("escalation.kept")
    return found


def _of_stores(stores: Sequence[int] | None) -> dict[str, object]:
    return {} if stores is None else {"post__store_id__in": list(stores)}


@verb
def answer(
    *, escalation: uuid.UUID, within: Sequence[int] | None, words: str, at: datetime, by: User
) -> Escalation:  # fmt: skip
    """Answer an escalation raised in these stores (None: all), whoever it waits for: it waits no more.

    Refuses: WordsMissing, UnknownEscalation, EscalationClosed.
    Writes: guides.escalation.answered.
    """
    said, found = _said(words), _locked(escalation, **_of_stores(within))
    found.state = State.ANSWERED
    return _keep(found, Kind.ANSWERED, said, "guides.escalation.answered", at, by)


@verb
def add(*, escalation: uuid.UUID, posts: Sequence[int], words: str, at: datetime, by: User) -> Escalation:
    """Ask again by a post that raised it: it waits for an answer anew, by whom it waited for last.

    Refuses: WordsMissing, UnknownEscalation, EscalationClosed.
    Writes: guides.escalation.added.
    """
    said, found = _said(words), _locked(escalation, post_id__in=list(posts))
    if found.state == State.ANSWERED:
        found.due_at = at + time_limit()
    found.state = State.OPEN
    return _keep(found, Kind.ADDED, said, "guides.escalation.added", at, by)


@verb
def close(
    *, escalation: uuid.UUID, at: datetime, by: User, posts: Sequence[int] = (), within: Sequence[int] | None = (),
    words: str = "",
) -> Escalation:  # fmt: skip
    """Close an escalation for good: by a post that raised it, or within these stores (None: all).

    Refuses: WordsMissing, UnknownEscalation, EscalationClosed.
    Writes: guides.escalation.closed.
    """
    said = _said(words) if words.strip() else ""
    found = _locked(escalation, **({"post_id__in": list(posts)} if posts else _of_stores(within)))
    found.state = State.CLOSED
    return _keep(found, Kind.CLOSED, said, "guides.escalation.closed", at, by)


@verb
def hand_up(*, at: datetime) -> int:
    """Hand those whose time is over one level up, with a time of its own; returns how many. HQ's stay where they are.

    Writes: guides.escalation.handed_up.
    """
    ids = [pk for (pk,) in sql.rows(OVERDUE, {"at": at})]
    if not ids:
        return 0
    entry = journal.reserve()
    given = {"ids": ids, "at": at, "hours": time_limit(), "entry": entry}
    failpoint("escalations.overdue")
    sql.execute(HAND_UP, given)
    sql.execute(KEEP_HANDED, given)
    journal.write("guides.escalation.handed_up", at=at, entry_id=entry, escalations=len(ids))
    return len(ids)
