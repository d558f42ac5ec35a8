"""Hand the customers of a guide over to others, in one transaction: their bonds and the tasks open for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guides.actions import bonds, tasks
from guides.actions.task_moves import MOVED
from guides.actions.tasks import Wording
from guides.models import Bond, Brief
from guides.queries import spreading
from members.models import Member
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

ASKED_DUE, ASKED_KEPT = timedelta(days=1), timedelta(days=14)
# Two that hand over the customers of one guide queue at her post; heirs are held too, so that none of them leaves.
HOLD_POSTS = """
SELECT p.id FROM stores_post p JOIN kernel_user u ON u.id = p.user_id
WHERE p.id = ANY(%(posts)s) ORDER BY p.id FOR NO KEY UPDATE OF p
"""
HEIRS = """
SELECT p.id FROM stores_post p JOIN kernel_user u ON u.id = p.user_id JOIN stores_post f ON f.id = %(post)s
WHERE p.id = ANY(%(heirs)s) AND p.id <> f.id AND p.store_id = f.store_id AND p.until IS NULL AND u.is_active
  AND p.role IN ('guide', 'manager')
"""
LEFT = "SELECT member_id FROM guides_bond WHERE post_id = %(post)s AND ended_at IS NULL"
ENDED = """
UPDATE guides_bond b SET ended_at = greatest(b.began_at, %(at)s), "end" = %(end)s, ended_by_id = %(by)s,
  end_entry_id = %(entry)s
FROM members_member m JOIN tmp_handing h ON h.root = coalesce(m.merged_into_id, m.id)
WHERE m.id = b.member_id AND b.post_id = %(post)s AND b.ended_at IS NULL
"""
# What protected her with the former guide protects her with the new one.
BEGUN = """
INSERT INTO guides_bond (member_id, post_id, source, began_at, locked_until, by_id, "end", entry_id)
SELECT b.member_id, h.post_id, %(source)s, b.ended_at, b.locked_until, %(by)s, '', %(entry)s
FROM guides_bond b JOIN members_member m ON m.id = b.member_id
JOIN tmp_handing h ON h.root = coalesce(m.merged_into_id, m.id)
WHERE b.end_entry_id = %(entry)s ORDER BY b.member_id
"""
TASKS = MOVED.format(
    chosen="""
SELECT k.id, h.post_id, k.post_id AS from_id, NULL::bigint AS covers_id, '' AS reason
FROM guides_task k JOIN members_member m ON m.id = k.member_id
JOIN tmp_handing h ON h.root = coalesce(m.merged_into_id, m.id)
WHERE k.post_id = %(post)s AND k.state IN ('open', 'checking') ORDER BY k.id FOR NO KEY UPDATE OF k"""
)
APPOINTMENTS = """
UPDATE guides_appointment a SET post_id = t.post_id, entry_id = %(entry)s
FROM (SELECT a.id, h.post_id FROM guides_appointment a JOIN members_member m ON m.id = a.member_id
      JOIN tmp_handing h ON h.root = coalesce(m.merged_into_id, m.id)
      WHERE a.post_id = %(post)s AND a.state = 'booked' AND a.starts_at > %(at)s
      ORDER BY a.id FOR NO KEY UPDATE OF a) t
WHERE a.id = t.id
"""
ENDED_POSTS = """
SELECT NULL::bigint AS member_id, m.id AS post_id, 'handover:' || f.id || ':' || f.until AS source,
  jsonb_build_object('guide', u.name, 'count', n.customers) AS facts, %(due)s::timestamptz AS due_at,
  %(until)s::timestamptz AS expires_at
FROM stores_post f JOIN kernel_user u ON u.id = f.user_id
JOIN stores_post m ON m.store_id = f.store_id AND m.role = 'manager' AND m.until IS NULL
CROSS JOIN LATERAL (SELECT count(*) AS customers FROM guides_bond b WHERE b.post_id = f.id AND b.ended_at IS NULL) n
WHERE f.until IS NOT NULL AND f.entry_id = %(line)s AND n.customers > 0
"""
ALERT = """
SELECT NULL::bigint AS member_id, b.post_id, 'parted:' || min(b.id) AS source,
  jsonb_build_object('number', %(number)s::text) AS facts, %(due)s::timestamptz AS due_at,
  %(until)s::timestamptz AS expires_at
FROM guides_bond b WHERE b.end_entry_id = %(entry)s GROUP BY b.post_id
"""
PARTED = """
UPDATE guides_bond b SET ended_at = greatest(b.began_at, %(at)s), "end" = %(end)s, ended_by_id = %(by)s,
  end_entry_id = %(entry)s
FROM members_member m
WHERE m.id = b.member_id AND b.ended_at IS NULL AND coalesce(m.merged_into_id, m.id) = %(root)s
"""


class WrongHeirs(Refused):
    """Somebody among them does not serve in the same store."""

    code = "wrong_heirs"
    sentence = gettext_noop("Choose colleagues who serve in the same store now.")


class NothingToHandOver(Refused):
    """She serves nobody."""

    code = "nothing_to_hand_over"
    sentence = gettext_noop("She serves nobody any more: her customers were handed over already.")


@dataclass(frozen=True)
class Spread:
    """To whom, and how: everybody as many (`evenly`), or who has fewest first (`load`)."""

    heirs: Sequence[int]
    rule: str = spreading.EVENLY


@dataclass(frozen=True)
class HandedOver:
    """How many customers and tasks went to others."""

    bonds: int
    tasks: int


@verb
def hand_over(*, post: Post, spread: Spread, at: datetime, by: User) -> HandedOver:
    """Hand all customers of a guide over to colleagues of her store, with what is open for them.

    Tasks that are open or wait for approval and appointments to come go along: what is approved counts for the new
    guide, what is given back is hers to do again. What was done stays.
    A hand-over twice at once happens once.
    Refuses: WrongHeirs, NothingToHandOver.
    Writes: guides.bond.handed_over.
    """
    heirs = sorted(set(spread.heirs))
    given = {
        "post": post.pk, "heirs": heirs, "posts": [post.pk, *heirs], "rule": spread.rule, "at": at, "by": by.pk,
        "end": Bond.End.HANDED_OVER, "kind": tasks.Kind.TRANSFERRED, "source": Bond.Source.HANDOVER,
    }  # fmt: skip
    sql.rows(HOLD_POSTS, given)
    if not heirs or len(sql.rows(HEIRS, given)) != len(heirs) or spread.rule not in spreading.RULES:
        raise WrongHeirs
    sql.temporary("tmp_left", LEFT, given, analyze=False)
    sql.rows(bonds.HOLD.format(table="tmp_left"))
    sql.temporary("tmp_handing", spreading.HANDING, given, analyze=False)
    failpoint("handover.spread")
    return _write(post, spread.rule, given, at, by)


def _write(post: Post, rule: str, given: sql.Params, at: datetime, by: User) -> HandedOver:
    given["entry"] = journal.reserve()
    ended = sql.execute(ENDED, given)
    if not ended:
        raise NothingToHandOver
    sql.execute(BEGUN, given)
    failpoint("handover.bound")
    moved, visits = sql.execute(TASKS, given), sql.execute(APPOINTMENTS, given)
    journal.write(
        "guides.bond.handed_over", at=at, by=by, entry_id=given["entry"], subject=f"post:{post.pk}", rule=rule,
        bonds=ended, tasks=moved, appointments=visits,
    )  # fmt: skip
    return HandedOver(ended, moved)


def _brief(wording: Wording, at: datetime) -> Brief:
    return Brief.objects.filter(**vars(wording), by=None).first() or tasks.brief(wording=wording, at=at)


@verb
def ask(*, line: int, at: datetime) -> int:
    """Ask the managers of a store, by a task, to hand over the customers of those whose posts a line ended.

    Writes: guides.brief.written, guides.task.assigned.
    """
    given = {"line": line, "due": at + ASKED_DUE, "until": at + ASKED_KEPT}
    sql.temporary("tmp_asking", ENDED_POSTS, given, analyze=False)
    if not sql.count("tmp_asking"):
        return 0
    wording = Wording(
        title=_("Hand over customers"), reason=Brief.Reason.OTHER, priority=Brief.Priority.HIGH,
        why=_("{guide} left the store: hand over {count} customers"),
    )  # fmt: skip
    return tasks.assign(table="tmp_asking", brief=_brief(wording, at), at=at)


@verb
def part(*, member: Member, at: datetime, by: User | None = None) -> int:
    """End the bond of a customer who deleted her guide, and tell the guide by a task; returns how many bonds ended.

    Writes: guides.bond.parted, guides.brief.written, guides.task.assigned.
    """
    root = member.merged_into_id or member.pk
    given: sql.Params = {
        "root": root, "number": member.member_no, "at": at, "by": by.pk if by else None, "end": Bond.End.DELETED,
        "entry": journal.reserve(), "due": at + ASKED_DUE, "until": at + ASKED_KEPT,
    }  # fmt: skip
    sql.temporary("tmp_parting", "SELECT %(root)s::bigint AS member_id", given, analyze=False)
    sql.rows(bonds.HOLD.format(table="tmp_parting"))
    ended = sql.execute(PARTED, given)
    if ended:
        subject = f"member:{root}"
        journal.write("guides.bond.parted", at=at, by=by, entry_id=given["entry"], subject=subject, bonds=ended)
        wording = Wording(
            title=_("A customer deleted you"), reason=Brief.Reason.OTHER, priority=Brief.Priority.HIGH,
            why=_("Customer {number} deleted you: think of why, and tell your manager"),
        )  # fmt: skip
        sql.temporary("tmp_alerting", ALERT, given, analyze=False)
        tasks.assign(table="tmp_alerting", brief=_brief(wording, at), at=at)
    return ended
