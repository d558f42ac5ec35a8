"""Let somebody be away: others of her store cover for her customers' tasks; bonds stay hers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop

from guides.actions import handovers, tasks
from guides.actions.task_moves import MOVED
from guides.models import Leave
from guides.queries import covering
from members.actions import merges
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

LONGEST = timedelta(days=180)
# Who gives her a task at this moment is waited for; who gives one later waits for us, and finds her away.
ALONE = "SELECT id FROM stores_post WHERE id = %(post)s FOR UPDATE"


class BadLeave(Refused):
    """Nobody is away like that."""

    code = "bad_leave"
    sentence = gettext_noop("A leave begins today or later, within a year, and lasts 180 days at most.")


class AwayAlready(Refused):
    """She is away on some of these days."""

    code = "away_already"
    sentence = gettext_noop("She is away already on some of these days.")


class NobodyCovers(Refused):
    """There is nobody to do it."""

    code = "nobody_covers"
    sentence = gettext_noop("Nobody else of this store is there on these days: choose who covers.")


class UnknownLeave(Refused):
    """There is no such leave, or it is over."""

    code = "unknown_leave"
    sentence = gettext_noop("There is no such leave in your stores, or it is over.")


@dataclass(frozen=True)
class Span:
    """From which day on she is away, and the day on which she is back."""

    first_on: date
    back_on: date


@dataclass(frozen=True)
class Taken:
    """The leave, and how many tasks went to who covers."""

    leave: Leave
    tasks: int


@verb
def take(
    *, post: Post, span: Span, reason: str, covers: Sequence[int], at: datetime, by: User
) -> Taken:  # fmt: skip
    """Let a guide be away: her customers' open tasks due by then go to who covers (posts of her store), in turn.

    Without anybody named, to those who work then by the roster. What is given later for those days goes to them too.
    Refuses: BadLeave, WhyMissing, NumberInNote, AwayAlready, WrongHeirs, NobodyCovers.
    Writes: guides.leave.taken.
    """
    today, why = clock.business_day(at), merges.said(reason)
    if not today <= span.first_on < span.back_on <= span.first_on + LONGEST or span.first_on > today + 2 * LONGEST:
        raise BadLeave
    named = sorted(set(covers))
    given = {"post": post.pk, "heirs": named, "posts": [post.pk, *named]}
    sql.rows(handovers.HOLD_POSTS, given)
    sql.rows(ALONE, given)
    if Leave.objects.filter(post=post, first_on__lt=span.back_on, back_on__gt=span.first_on).exists():
        raise AwayAlready
    if len(sql.rows(handovers.HEIRS, given)) != len(named):
        raise handovers.WrongHeirs
    chosen = named or covering.at_hand(post, span.first_on, span.back_on)
    if not chosen:
        raise NobodyCovers
    entry = journal.reserve()
    leave = Leave.objects.create(post=post, **vars(span), reason=why, taken_at=at, by=by, entry_id=entry)
    leave.covers.set(chosen)
    since, until = clock.day_start(span.first_on), clock.day_start(span.back_on)
    handed = sql.execute(
        MOVED.format(chosen=covering.HANDED),
        {"post": post.pk, "covers": chosen, "since": since, "until": until, "at": at, "by": by.pk, "entry": entry,
         "kind": tasks.Kind.COVERED, "reason": why},
    )  # fmt: skip
    failpoint("leave.handed")
    subject = f"post:{post.pk}"
    journal.write(
        "guides.leave.taken", at=at, by=by, entry_id=entry, subject=subject, days=(until - since).days, tasks=handed
    )
    return Taken(leave, handed)


@verb
def end(*, leave: UUID, within: list[int] | None, at: datetime, by: User) -> Taken:
    """End a leave early: she is back today, and what others have still to do for her is hers again.

    `within`: stores (ids) beyond which no leave is there.
    Refuses: UnknownLeave.
    Writes: guides.leave.ended.
    """
    rows = Leave.objects.select_related("post").select_for_update(no_key=True, of=("self",))
    found = rows.filter(ref=leave, ended_at__isnull=True, back_on__gt=clock.business_day(at)).first()
    if found is None or (within is not None and found.post.store_id not in within):
        raise UnknownLeave
    entry = journal.reserve()
    back = sql.execute(
        MOVED.format(chosen=covering.RETURNED),
        {"post": found.post_id, "at": at, "by": by.pk, "entry": entry, "kind": tasks.Kind.TRANSFERRED},
    )
    found.back_on, found.ended_at, found.end_entry_id = max(clock.business_day(at), found.first_on), at, entry
    found.save()
    journal.write("guides.leave.ended", at=at, by=by, entry_id=entry, subject=f"post:{found.post_id}", tasks=back)
    return Taken(found, back)


@verb
def close(*, at: datetime) -> int:
    """Close the leaves that are over: what others still have to do for those who are back is theirs again; how many.

    Writes: guides.leave.closed.
    """
    entry = journal.reserve()
    back = sql.execute(
        MOVED.format(chosen=covering.OVER),
        {"at": at, "zone": clock.brand_zone().key, "by": None, "entry": entry, "kind": tasks.Kind.TRANSFERRED},
    )
    if back:
        journal.write("guides.leave.closed", at=at, entry_id=entry, tasks=back)
    return back
