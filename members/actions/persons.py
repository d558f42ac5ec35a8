"""What is done at a person's own wish: her data as a file, and her erasure from everything the brand holds."""

import re
import secrets
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy, gettext_noop

from members.actions import gift_endings, links, tombstones
from members.actions.members import take_seats
from members.models import ConsentLink, Identity, Member, PersonFile, PersonRequest, Tombstone, Touch
from members.queries import families
from newretail.kernel import clock, holidays, personal, sql
from newretail.kernel.actions import exports, jobs, journal, uploads
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

KEPT = timedelta(hours=24)  # a file of a person can be fetched so long
WORKING_DAYS = 15  # within so many a request is answered
EXPORT_JOB, FORGET_JOB = "export_person", "forget_erased"
LEAST_NAME, LEAST_VALUE = 2, 4  # shorter words say too little to be struck out wherever they stand
REASONS = ("request", "authority", "account_closed")
# What an employee was to send she never will.
SUPPRESS = """
UPDATE members_touch SET state = CASE state WHEN 'waiting' THEN 'refused' ELSE 'suppressed' END, reason = 'erased',
  held_until = NULL, settled_at = %(at)s
WHERE state IN ('planned', 'held', 'waiting') AND member_id = ANY(%(members)s)
"""


class AlreadyErased(Refused):
    """There is nobody any more."""

    code = "already_erased"
    sentence = gettext_noop("This person was erased already.")


class UnderWay(Refused):
    """Something that holds her is on its way."""

    code = "under_way"
    sentence = gettext_noop("This must end first: %(what)s. Try again in some minutes.")


class NoReason(Refused):
    """Nobody said what for."""

    code = "no_reason"
    sentence = gettext_noop("Choose a reason.")


class NotToBeFetched(Refused):
    """It is not written yet, was fetched already, or its time has run out."""

    code = "not_to_be_fetched"
    sentence = gettext_noop("This file cannot be fetched: it is not written yet, was fetched already, or has run out.")


class AskedAlready(Refused):
    """The same request is open."""

    code = "asked_already"
    sentence = gettext_noop("You have asked for this already; we are working on it.")


class NotOpen(Refused):
    """It was answered already."""

    code = "not_open"
    sentence = gettext_noop("This request was answered already.")


def _hold(member: Member) -> list[Member]:
    """Lock all rows that are this person, the one she lives on in among them."""
    take_seats(0)  # whoever brings members in queues here
    root = Member.objects.get(pk=member.pk)
    ids = families.ids_of(root)
    held = list(Member.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    if all(row.erased_at for row in held):
        raise AlreadyErased
    return held


def _refuse_under_way(ids: list[int]) -> None:
    """Refuse while something that holds her is read or written: it would bring her back."""
    if Touch.objects.filter(member__in=ids, state=Touch.State.CLAIMED).exists():
        raise UnderWay(what=gettext_lazy("a touch on its way"))
    if not gift_endings.none_in_hand(ids):
        raise UnderWay(what=gettext_lazy("a gift order at a till"))
    if uploads.any_at_work():
        raise UnderWay(what=gettext_lazy("an import"))
    if exports.any_at_work():
        raise UnderWay(what=gettext_lazy("an export"))


def _known_by(rows: list[Member]) -> list[tuple[str, str]]:
    """List all by which she was known: identities, and phones that are none."""
    ids = [row.pk for row in rows]
    found = list(Identity.objects.filter(member__in=ids).order_by("kind", "value").values_list("kind", "value"))
    return found + [("phone", row.phone) for row in rows if row.phone and ("phone", row.phone) not in found]


def names_of(rows: list[Member], known: list[tuple[str, str]]) -> str:
    """Write a pattern of all words that name her, phones in the ways people write them."""
    words = {row.name.strip() for row in rows if len(row.name.strip()) >= LEAST_NAME}
    patterns = {re.escape(word) for word in words}
    for kind, value in known:
        if kind == Identity.Kind.PHONE:
            patterns.add("[ -]?".join(re.escape(digit) for digit in value.removeprefix("+86")))
        elif len(value) >= LEAST_VALUE:
            patterns.add(re.escape(value))
    # Nothing is named by a word that is thrown away.
    return "|".join(sorted(patterns, key=len, reverse=True)) or secrets.token_hex(16)


@verb
def erase(*, member: Member, reason: str, at: datetime, by: User | None = None, restored: bool = False) -> int:
    """Erase a person: all that names her goes, her books stay under a number that leads to nobody.

    By the map of personal columns (`holds.py` of each app). A tombstone for each identity keeps her away; what was
    planned for her is suppressed, gifts she has ordered are not kept for her, links to her page are dead. Exports and
    uploads that wait are closed, for they may hold her; their files go by the job that is queued with it. Nothing is
    under way in a database just `restored`.
    Returns how many tombstones were laid.
    Refuses: NoReason, AlreadyErased, UnderWay.
    Writes: members.person.erased, members.gift_order.cancelled, members.points.reversed, members.consent_link.revoked,
    kernel.export.closed, kernel.upload.dropped, kernel.job.entered.
    """
    if reason not in REASONS:
        raise NoReason
    rows = _hold(member)
    ids, root = [row.pk for row in rows], next(row for row in rows if row.merged_into_id is None)
    if not restored:
        _refuse_under_way(ids)
    known = _known_by(rows)
    entry_id = journal.reserve()
    laid = tombstones.lay(root, known, at=at, entry_id=entry_id)
    failpoint("erase.laid")
    exports.close_all(at=at)
    uploads.drop_all(at=at)
    given = {"members": ids, "values": [value for _kind, value in known], "names": names_of(rows, known)}
    for statement in personal.erasing():
        sql.execute(statement, given)
    failpoint("erase.emptied")
    Member.objects.filter(pk__in=ids).update(erased_at=at)
    suppressed = sql.execute(SUPPRESS, {"members": ids, "at": at})
    gift_endings.cancel_all(members=ids, at=at, by=by)
    for row in rows:
        if ConsentLink.objects.open(at).filter(member=row).exists():
            links.revoke(member=row, at=at, by=by)
    PersonFile.objects.filter(member__in=ids).update(closed=True)
    PersonRequest.objects.filter(member__in=ids, state="open").update(state="done", ended_at=at)
    jobs.queue(name=FORGET_JOB, at=at, by=by)
    journal.write(
        "members.person.erased", at=at, by=by, subject=f"member:{root.pk}", entry_id=entry_id, reason=reason,
        rows=len(rows), tombstones=laid, suppressed=suppressed, left_members=[root.pk],
    )  # fmt: skip
    failpoint("erase.written")
    return laid


def reapply(*, at: datetime) -> int:
    """Erase again those whom a restored backup knows although they were erased; returns how many."""
    found = tombstones.back_again()
    for pk in found:
        erase(member=Member.objects.get(pk=pk), reason="request", at=at, restored=True)
    return len(found)


def write_down_erasures() -> int:
    """Write each erasure of the books down beside the database, where it is not yet; returns how many there are."""
    by_member: dict[int, list[Tombstone]] = {}
    for stone in Tombstone.objects.select_related("member").order_by("pk"):
        by_member.setdefault(stone.member_id, []).append(stone)
    for stones in by_member.values():
        tombstones.write_down(stones[0].member, [stone.digest for stone in stones], stones[0].erased_at)
    return len(by_member)


@verb
def ask_file(*, member: Member, reason: str, at: datetime, by: User) -> PersonFile:
    """Have all that is held of a member written as a file, for one person to fetch once.

    Refuses: NoReason, AlreadyErased.
    Writes: members.person.asked, kernel.job.entered.
    """
    if reason not in PersonFile.Reason.values:
        raise NoReason
    root = families.root_of(Member.objects.select_related("merged_into").get(pk=member.pk))
    held = Member.objects.select_for_update(no_key=True).get(pk=root.pk)
    if held.erased_at:
        raise AlreadyErased
    line = journal.write("members.person.asked", at=at, by=by, subject=f"member:{held.pk}", reason=reason)
    file = PersonFile.objects.create(
        member=held, reason=reason, stored=secrets.token_hex(16), asked_at=at, ends_at=at + KEPT, by=by,
        entry_id=line.pk,
    )  # fmt: skip
    file.run = jobs.queue(name=EXPORT_JOB, at=at, by=by, params={"file": file.pk})
    file.save(update_fields=["run"])
    return file


@verb
def finish_file(*, file: PersonFile, size: int, at: datetime) -> PersonFile:
    """Say that a person's file is written; from now on it can be fetched.

    Refuses: AlreadyErased.
    Writes: members.person.written.
    """
    held = PersonFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if held.closed:
        raise AlreadyErased
    held.size, held.written_at, held.ends_at = size, at, at + KEPT
    held.save(update_fields=["size", "written_at", "ends_at"])
    journal.write("members.person.written", at=at, by=held.by, subject=f"member:{held.member_id}", size=size)
    return held


@verb
def fetch_file(*, file: PersonFile, at: datetime, by: User) -> PersonFile:
    """Write down that a person's file is fetched: by who asked for it, once, while its time lasts.

    Refuses: NotToBeFetched.
    Writes: members.person.exported.
    """
    held = PersonFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if not held.ready(at) or held.by_id != by.pk:
        raise NotToBeFetched
    held.fetched_at = at
    held.save(update_fields=["fetched_at"])
    journal.write(
        "members.person.exported", at=at, by=by, subject=f"member:{held.member_id}", reason=held.reason
    )  # fmt: skip
    PersonRequest.objects.filter(member=held.member_id, kind="export", state="open").update(
        state="done", ended_at=at, by=by
    )
    return held


@verb
def close_files(*, at: datetime) -> int:
    """Close the files of persons that were fetched or have run out; returns how many.

    Writes: members.person.closed.
    """
    over = PersonFile.objects.filter(closed=False)
    ended = [row.pk for row in over.order_by("pk").select_for_update() if row.fetched_at or row.ends_at <= at]
    if ended:
        PersonFile.objects.filter(pk__in=ended).update(closed=True)
        journal.write("members.person.closed", at=at, files=len(ended))
    return len(ended)


def due_on(at: datetime) -> date:
    """Give the last of the working days within which a request is answered."""
    first = clock.business_day(at)
    off = holidays.days_off(first, first + timedelta(days=4 * WORKING_DAYS))
    days = (first + timedelta(days=number) for number in range(1, 4 * WORKING_DAYS))
    return [day for day in days if day not in off][WORKING_DAYS - 1]


@verb
def request(*, member: Member, kind: str, at: datetime) -> PersonRequest:
    """Take down that a member asks for her data, or to be erased.

    Refuses: AlreadyErased, AskedAlready.
    Writes: members.request.made.
    """
    held = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if held.erased_at:
        raise AlreadyErased
    if PersonRequest.objects.filter(member=held, kind=kind, state="open").exists():
        raise AskedAlready
    line = journal.write("members.request.made", at=at, subject=f"member:{held.pk}", kind=kind)
    return PersonRequest.objects.create(
        member=held, kind=PersonRequest.Kind(kind), asked_at=at, due_on=due_on(at), entry_id=line.pk
    )  # fmt: skip


@verb
def refuse(*, asked: PersonRequest, answer: str, at: datetime, by: User) -> PersonRequest:
    """Refuse a member's request with the reason she is told.

    Refuses: NotOpen, NoReason.
    Writes: members.request.refused.
    """
    held = PersonRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if held.state != "open":
        raise NotOpen
    if not answer.strip():
        raise NoReason
    held.state, held.answer, held.ended_at, held.by = PersonRequest.State.REFUSED, answer.strip()[:200], at, by
    held.save(update_fields=["state", "answer", "ended_at", "by"])
    journal.write("members.request.refused", at=at, by=by, subject=f"member:{held.member_id}", kind=held.kind)
    return held
