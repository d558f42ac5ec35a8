"""Merge members who are one person, and take a merge back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext, gettext_noop

from members.actions import partings
from members.actions.phones import LONGEST_NOTE, TELLS_A_NUMBER, NumberInNote
from members.models import Duplicate, Member, Merge, MergeUndone
from members.queries import families, sides
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from newretail.kernel.words import in_words

# Pairs that have become one person, and pairs that were and are two again.
MET = """
UPDATE members_duplicate d SET state = 'merged', settled_at = %(at)s, settled_by_id = %(by)s, entry_id = %(entry)s
FROM members_member l, members_member h
WHERE l.id = d.low_id AND h.id = d.high_id AND d.state = 'open'
  AND coalesce(l.merged_into_id, l.id) = %(root)s AND coalesce(h.merged_into_id, h.id) = %(root)s
  AND (d.low_id = ANY(%(ids)s) OR d.high_id = ANY(%(ids)s))
"""
PARTED = """
UPDATE members_duplicate d SET state = 'dismissed', settled_at = %(at)s, settled_by_id = %(by)s, entry_id = %(entry)s
WHERE d.state = 'merged'
  AND (d.low_id = ANY(%(side)s) AND d.high_id = ANY(%(rest)s) OR d.low_id = ANY(%(rest)s) AND d.high_id = ANY(%(side)s))
"""
PAIR = """
INSERT INTO members_duplicate (low_id, high_id, rule, state, found_at, settled_at, settled_by_id, entry_id)
VALUES (least(%(one)s, %(other)s), greatest(%(one)s, %(other)s), %(rule)s, 'dismissed', %(at)s, %(at)s, %(by)s,
  %(entry)s)
ON CONFLICT (low_id, high_id) DO UPDATE SET state = 'dismissed', settled_at = excluded.settled_at,
  settled_by_id = excluded.settled_by_id, entry_id = excluded.entry_id
"""


class WhyMissing(Refused):
    """Nobody said why."""

    code = "why_missing"
    sentence = gettext_noop("Say why, in at most %(most)s characters.")


class Herself(Refused):
    """Both are one row."""

    code = "herself"
    sentence = gettext_noop("A member cannot be merged into herself.")


class MergedAlready(Refused):
    """One of the two is no root."""

    code = "merged_already"
    sentence = gettext_noop("Member %(member_no)s is merged into %(root_no)s already; look at that member.")


class UndoneAlready(Refused):
    """It was taken back before."""

    code = "undone_already"
    sentence = gettext_noop("This merge was undone already.")


class WouldFallBelowZero(Refused):
    """A side would owe what it does not have."""

    code = "would_fall_below_zero"
    sentence = gettext_noop(
        "On her own, member %(member_no)s would lack %(lacks)s of %(what)s: the other side has spent it for her. Give"
        " it back to her by an adjustment with a reason first."
    )

    def __str__(self) -> str:
        return gettext(self.sentence) % {**self.facts, "what": in_words(str(self.facts["what"]))}


def hold(ids: Iterable[int]) -> dict[int, int]:
    """Lock members in the order of their ids, so that nobody merges them or undoes it meanwhile; tell their roots.

    For verbs whose judgement needs the whole family to stay as it is.
    """
    found = sql.rows(
        "SELECT id, coalesce(merged_into_id, id) FROM members_member WHERE id = ANY(%(ids)s)"
        " ORDER BY id FOR NO KEY UPDATE",
        {"ids": list(ids)},
    )
    return dict(found)


def hold_person(member: Member) -> list[int]:
    """Lock all rows that are this person, her root first; give their ids. A merge under way is waited for."""
    held: list[int] = []
    while (ids := families.ids_of(Member.objects.get(pk=member.pk))) != held:
        hold(ids)
        held = ids
    return held


def queue() -> None:
    """Let one merge or undo of the brand go on at a time: two that cross would make a ring of pointers."""
    sql.execute("SELECT pg_advisory_xact_lock(hashtext('members.merges'), hashtext(current_schema()))")


def _families_held(*members: Member) -> list[list[int]]:
    """Lock every row of these members' families; give the ids of each as they stand under the lock."""
    queue()
    fresh = [Member.objects.get(pk=member.pk) for member in members]
    ids = [families.ids_of(member) for member in fresh]
    hold(sorted({one for family in ids for one in family}))
    return ids


def said(reason: str) -> str:
    """Give a reason without blanks around it.

    Refuses: WhyMissing, NumberInNote.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_NOTE:
        raise WhyMissing(most=LONGEST_NOTE)
    if TELLS_A_NUMBER.search(reason):
        raise NumberInNote
    return reason


def _must_be_root(pk: int) -> None:
    member = Member.objects.select_related("merged_into").get(pk=pk)
    if member.merged_into:
        raise MergedAlready(member_no=member.member_no, root_no=member.merged_into.member_no)


@verb
def merge(
    *, member: Member, into: Member, reason: str, at: datetime, by: User | None = None,
    rule: str = Duplicate.Rule.HAND,
) -> Merge:  # fmt: skip
    """Make one member live on in another: both rows stay, her numbers and identities keep leading to the person.

    Nothing moves but the pointer: orders, points and coupons keep the row by which they came. Both must be roots.
    Refuses: WhyMissing, NumberInNote, Herself, MergedAlready.
    Writes: members.member.merged.
    """
    reason = said(reason)
    if member.pk == into.pk:
        raise Herself
    side, rest = _families_held(member, into)
    _must_be_root(member.pk)
    _must_be_root(into.pk)
    entry_id = journal.reserve()
    row = Merge.objects.create(
        member=member, into=into, rule=rule, reason=reason, merged_at=at, by=by,
        member_digest=sides.digest(side), into_digest=sides.digest(rest), entry_id=entry_id,
    )  # fmt: skip
    Member.objects.filter(pk__in=side).update(merged_into=into)
    failpoint("merge.pointed")
    given = {"root": into.pk, "ids": side, "at": at, "by": by.pk if by else None, "entry": entry_id}
    sql.execute(MET, given)
    journal.write(
        "members.member.merged", at=at, by=by, subject=f"member:{into.pk}", entry_id=entry_id, rule=rule,
        member_no=member.member_no, into_no=into.member_no, left_members=sorted([*side, into.pk]),
    )  # fmt: skip
    failpoint("merge.written")
    return row


def _below(start: int, edges: dict[int, int]) -> list[int]:
    """List a member with all who were merged into her, directly or through others."""
    found = [start]
    for one in found:
        found += [child for child, parent in edges.items() if parent == one]
    return found


def _must_stand(member: Member, side: Sequence[int]) -> None:
    for what, lacks in sides.lacking(side).items():
        raise WouldFallBelowZero(member_no=member.member_no, what=what, lacks=lacks)


@verb
def undo(*, merge: Merge, reason: str, at: datetime, by: User | None = None) -> MergeUndone:
    """Take a merge back: both members stand as they would had they never been one, with what came to each since.

    Who was merged into the member before goes with her. The pair is not proposed again.
    Refuses: WhyMissing, NumberInNote, UndoneAlready, WouldFallBelowZero.
    Writes: members.merge.undone.
    """
    reason = said(reason)
    (family,) = _families_held(merge.member)
    if MergeUndone.objects.filter(merge=merge).exists():
        raise UndoneAlready
    side = _below(merge.member_id, families.live_merges(family))
    rest = [one for one in family if one not in side]
    _must_stand(merge.member, side)
    _must_stand(merge.into, rest)
    entry_id = journal.reserve()
    partings.settle_points(side=side, rest=rest, entry_id=entry_id, at=at, by=by)
    failpoint("undo.settled")
    Member.objects.filter(pk=merge.member_id).update(merged_into=None)
    Member.objects.filter(pk__in=side).exclude(pk=merge.member_id).update(merged_into=merge.member_id)
    row = MergeUndone.objects.create(
        merge=merge, reason=reason, undone_at=at, by=by, member_digest=sides.digest(side),
        into_digest=sides.digest(rest), entry_id=entry_id,
    )  # fmt: skip
    given = {"side": side, "rest": rest, "at": at, "by": by.pk if by else None, "entry": entry_id}
    sql.execute(PARTED, given)
    sql.execute(PAIR, {**given, "one": merge.member_id, "other": merge.into_id, "rule": merge.rule})
    journal.write(
        "members.merge.undone", at=at, by=by, subject=f"member:{merge.into_id}", entry_id=entry_id,
        member_no=merge.member.member_no, into_no=merge.into.member_no, left_members=sorted([*side, rest[0]]),
    )  # fmt: skip
    failpoint("undo.written")
    return row
