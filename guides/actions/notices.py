"""Send a notice to everybody it is for, in one step; it is read once, and who has not read it is reminded."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.actions.tasks import Wording
from guides.models import Brief, Notice, NoticeFile, NoticeReceipt
from guides.models.notices import MOST_REMINDERS
from guides.queries import notices as asked
from guides.queries.notices import Audience
from members.actions import merges
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Store

REMIND_AGAIN = timedelta(hours=4)
TASK_KEPT = timedelta(days=7)  # after it was due
# Who withdraws waits for what is being delivered, and is waited for: no task is given of what was withdrawn meanwhile.
DELIVERING = "SELECT pg_advisory_xact_lock_shared(hashtextextended('guides.notice', 0))"
WITHDRAWING = DELIVERING.replace("_shared", "")
# A reader's twin on its way is waited for; who has her receipt keeps it.
DELIVER = f"""
INSERT INTO guides_noticereceipt (notice_id, post_id, delivered_at, reminders, entry_id)
SELECT w.notice_id, w.post_id, %(at)s, 0, %(entry)s FROM ({asked.READERS.format(notices=asked.KEPT)}) w
ORDER BY w.notice_id, w.post_id ON CONFLICT DO NOTHING
"""
READ = """
UPDATE guides_noticereceipt SET read_at = greatest(delivered_at, %(at)s), read_entry_id = %(entry)s
WHERE id IN (SELECT id FROM guides_noticereceipt
             WHERE notice_id = %(notice)s AND post_id = ANY(%(posts)s) AND read_at IS NULL
             ORDER BY id FOR NO KEY UPDATE)
"""
REMIND = """
UPDATE guides_noticereceipt SET reminders = reminders + 1, last_reminded_at = %(at)s
WHERE id IN (SELECT r.id FROM guides_noticereceipt r JOIN stores_post p ON p.id = r.post_id
             WHERE r.notice_id = %(notice)s AND r.read_at IS NULL
               AND NOT EXISTS (SELECT FROM guides_noticewithdrawal x WHERE x.notice_id = r.notice_id)
               AND r.reminders < %(most)s AND p.until IS NULL
               AND (r.last_reminded_at IS NULL OR r.last_reminded_at <= %(before)s)
               AND (%(within)s::bigint[] IS NULL OR p.store_id = ANY(%(within)s))
             ORDER BY r.id FOR NO KEY UPDATE OF r)
"""
WITHDRAW = """
INSERT INTO guides_noticewithdrawal (notice_id, reason, at, by_id, entry_id)
VALUES (%(notice)s, %(reason)s, %(at)s, %(by)s, %(entry)s) ON CONFLICT (notice_id) DO NOTHING
"""
# The task that came with a notice goes with it, where nobody has done it yet.
CANCEL = """
WITH gone AS (
  UPDATE guides_task SET state = 'cancelled', ended_at = %(at)s, moves = moves + 1
  WHERE id IN (SELECT id FROM guides_task WHERE source = %(source)s AND state = 'open' ORDER BY id FOR NO KEY UPDATE)
  RETURNING id, moves)
INSERT INTO guides_taskmove (task_id, nth, kind, at, by_id, outcome, reason, entry_id)
SELECT id, moves, 'cancelled', %(at)s, %(by)s, '', %(reason)s, %(entry)s FROM gone ORDER BY id
"""
GIVEN = """
SELECT NULL::bigint AS member_id, r.post_id, 'guides.notice:' || r.notice_id AS source, '{}'::jsonb AS facts,
  %(due)s::timestamptz AS due_at, %(expires)s::timestamptz AS expires_at
FROM guides_noticereceipt r WHERE r.entry_id = %(entry)s AND r.notice_id = %(notice)s
"""


class NobodyToTell(Refused):
    """Nobody holds a post there."""

    code = "nobody_to_tell"
    sentence = gettext_noop("Nobody it is for holds a post there.")


class OutOfReach(Refused):
    """It would reach beyond the sender's stores."""

    code = "notice_out_of_reach"
    sentence = gettext_noop("You send notices to your own stores alone.")


class NotToBeSent(Refused):
    """It says nothing, or its time is over before it begins."""

    code = "bad_notice"
    sentence = gettext_noop("A notice needs a title, a text and a day to come until which it is in force.")


class UnknownNotice(Refused):
    """No such notice reached her."""

    code = "unknown_notice"
    sentence = gettext_noop("There is no such notice for you.")


class NotTheSender(Refused):
    """Somebody else sent it."""

    code = "not_the_sender"
    sentence = gettext_noop("Only who sent a notice withdraws it.")


class AlreadyWithdrawn(Refused):
    """It was withdrawn, or its time is over."""

    code = "notice_not_in_force"
    sentence = gettext_noop("This notice is not in force any more.")


class NobodyToRemind(Refused):
    """Everybody has read it, or was reminded often enough or a moment ago."""

    code = "nobody_to_remind"
    sentence = gettext_noop(
        "Nobody is to be reminded: who has not read it was reminded within %(hours)s hours, or %(most)s times already."
    )


@dataclass(frozen=True)
class Told:
    """What a notice says, and until when; `due_days` gives everybody a task of its title, due so many days on."""

    title: str
    body: str
    until: datetime
    must_read: bool = False
    due_days: int | None = None


@dataclass(frozen=True)
class Attached:
    """A file that comes with a notice, looked into already."""

    name: str
    kind: str
    content: bytes


def _judge(told: Told, audience: Audience, within: Sequence[int] | None, at: datetime) -> None:
    if not told.title.strip() or not told.body.strip() or told.until <= at:
        raise NotToBeSent
    if within is None:
        return
    if audience.kind == Notice.Audience.BRAND:
        raise OutOfReach
    wished = set(audience.stores) if audience.kind == Notice.Audience.STORES else set(
        Store.objects.filter(region_id__in=audience.regions).values_list("pk", flat=True)
    )  # fmt: skip
    if not wished <= set(within):
        raise OutOfReach


@verb
def send(
    *, ref: uuid.UUID, told: Told, audience: Audience, within: Sequence[int] | None, at: datetime, by: User,
    files: Sequence[Attached] = (),
) -> Notice:  # fmt: skip
    """Send a notice to everybody who holds a post it is for, within these stores (None: all); once for its number.

    With `due_days` each gets a task of the same title.
    Refuses: NotToBeSent, OutOfReach, NobodyToTell.
    Writes: guides.notice.sent, guides.brief.written, guides.task.assigned.
    """
    _judge(told, audience, within, at)
    known = Notice.objects.filter(ref=ref).first()
    if known:
        return known
    entry = journal.reserve()
    try:
        with transaction.atomic():
            notice = _keep(ref, told, audience, files, {"sent_at": at, "by": by, "entry_id": entry})
    except IntegrityError:  # another tap was quicker
        return Notice.objects.get(ref=ref)
    receipts = sql.execute(DELIVER, {"at": at, "entry": entry, "notice": notice.pk})
    if not receipts:
        raise NobodyToTell
    journal.write(
        "guides.notice.sent", at=at, by=by, entry_id=entry, subject=f"notice:{notice.pk}", receipts=receipts
    )  # fmt: skip
    failpoint("notice.sent")
    _give_tasks(notice, entry, at)
    return notice


def _keep(
    ref: uuid.UUID, told: Told, audience: Audience, files: Sequence[Attached], made: dict[str, object]
) -> Notice:  # fmt: skip
    brief = _brief(told, made) if told.due_days is not None else None
    notice: Notice = Notice.objects.create(
        ref=ref, title=told.title, body=told.body, must_read=told.must_read, until=told.until, due_days=told.due_days,
        audience=audience.kind, readers=audience.readers, brief=brief, **made,
    )  # fmt: skip
    if audience.kind == Notice.Audience.REGIONS:
        notice.regions.set(audience.regions)
    if audience.kind == Notice.Audience.STORES:
        notice.stores.set(audience.stores)
    NoticeFile.objects.bulk_create(
        NoticeFile(notice=notice, nth=nth, size=len(each.content), **vars(each)) for nth, each in enumerate(files, 1)
    )
    return notice


def _brief(told: Told, made: dict[str, object]) -> Brief:
    why = " ".join(told.body.split())
    shown = why if len(why) <= 200 else f"{why[:199]}…"
    wording = Wording(title=told.title, reason=Brief.Reason.NOTICE, purpose="service", why=shown.replace("{", "｛"))
    return tasks.brief(wording=wording, at=made["sent_at"], by=made["by"])  # type: ignore[arg-type]


def _give_tasks(notice: Notice, entry: int, at: datetime) -> None:
    """Give the task of a notice to those whom this line told of it."""
    if notice.brief is None:
        return
    due = at + timedelta(days=notice.due_days or 0)
    given = {"due": due, "expires": due + TASK_KEPT, "entry": entry, "notice": notice.pk}
    sql.temporary("tmp_noticed", GIVEN, given, analyze=False)
    tasks.assign(table="tmp_noticed", brief=notice.brief, at=at, by=notice.by)


@verb
def deliver(*, at: datetime) -> int:
    """Give the notices in force to those who hold a post they are for and have no receipt; returns how many receipts.

    Writes: guides.notice.delivered, guides.task.assigned.
    """
    sql.rows(DELIVERING)
    entry = journal.reserve()
    receipts = sql.execute(DELIVER, {"at": at, "entry": entry, "notice": None})
    if not receipts:
        return 0
    failpoint("notice.received")
    journal.write("guides.notice.delivered", at=at, entry_id=entry, receipts=receipts)
    failpoint("notice.delivered")
    for notice in Notice.objects.filter(brief__isnull=False, receipts__entry_id=entry).distinct().order_by("pk"):
        _give_tasks(notice, entry, at)
    return receipts


@verb
def read(*, notice: uuid.UUID, posts: Sequence[int], at: datetime, by: User) -> int:
    """Keep that somebody has read a notice, by all her posts it reached; read again, it stays as it was.

    Refuses: UnknownNotice.
    Writes: guides.notice.read.
    """
    found = NoticeReceipt.objects.filter(notice__ref=notice, post_id__in=posts).values_list("notice_id").first()
    if found is None:
        raise UnknownNotice
    entry = journal.reserve()
    receipts = sql.execute(READ, {"at": at, "entry": entry, "notice": found[0], "posts": list(posts)})
    if receipts:
        journal.write(
            "guides.notice.read", at=at, by=by, entry_id=entry, subject=f"notice:{found[0]}", receipts=receipts
        )  # fmt: skip
    return receipts


@verb
def remind(*, notice: Notice, within: Sequence[int] | None, at: datetime, by: User) -> int:
    """Remind those in these stores (None: all) who have not read a notice; returns how many.

    Nobody is reminded more than `MOST_REMINDERS` times of one notice, nor again within `REMIND_AGAIN`.
    Refuses: NobodyToRemind.
    Writes: guides.notice.reminded.
    """
    given = {"notice": notice.pk, "at": at, "before": at - REMIND_AGAIN, "most": MOST_REMINDERS,
             "within": None if within is None else list(within)}  # fmt: skip
    reminded = sql.execute(REMIND, given) if notice.until > at else 0
    if not reminded:
        raise NobodyToRemind(hours=REMIND_AGAIN.seconds // 3600, most=MOST_REMINDERS)
    journal.write("guides.notice.reminded", at=at, by=by, subject=f"notice:{notice.pk}", receipts=reminded)
    failpoint("notice.reminded")
    return reminded


@verb
def withdraw(*, notice: Notice, reason: str, at: datetime, by: User) -> int:
    """Take a notice back, for a reason that its readers see: nobody has to read it, the tasks that came with it end.

    Returns how many tasks ended.
    Refuses: NotTheSender, AlreadyWithdrawn, WhyMissing, NumberInNote.
    Writes: guides.notice.withdrawn.
    """
    if notice.by_id != by.pk:
        raise NotTheSender
    sql.rows(WITHDRAWING)
    entry = journal.reserve()
    given = {"notice": notice.pk, "source": f"guides.notice:{notice.pk}", "reason": merges.said(reason), "at": at,
             "by": by.pk, "entry": entry}  # fmt: skip
    if notice.until <= at or not sql.execute(WITHDRAW, given):
        raise AlreadyWithdrawn
    failpoint("notice.withdrawn")
    ended = sql.execute(CANCEL, given)
    journal.write("guides.notice.withdrawn", at=at, by=by, entry_id=entry, subject=f"notice:{notice.pk}", tasks=ended)
    return ended
