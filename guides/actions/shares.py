"""Share materials by links that are counted: shared once for its number, opened, left, told of by other systems."""

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop

from guides.models import LinkOpen, Material, Share, Task
from guides.models.shares import LONGEST_STAY
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

TOKEN_BYTES = 12  # 96 bits
SLOT = 1800  # seconds within which one visitor counts once
KIND = "material_open"  # the kind of event by which another system tells of an opening; its subject is the token
KEEP = """
INSERT INTO guides_share (ref, token, material_id, post_id, member_id, task_id, channel, at, entry_id)
VALUES (%(ref)s, %(token)s, %(material)s, %(post)s, %(member)s, %(task)s, %(channel)s, %(at)s, %(entry)s)
ON CONFLICT (ref) DO NOTHING
"""
OPEN = """
INSERT INTO guides_linkopen (ref, share_id, key, at, visitor, member_id)
VALUES (gen_random_uuid(), %(share)s, %(key)s, %(at)s, %(visitor)s, NULL)
ON CONFLICT (share_id, key) DO NOTHING RETURNING ref
"""
STAY = """
INSERT INTO guides_linkstay (opening_id, seconds)
SELECT o.id, %(seconds)s FROM guides_linkopen o WHERE o.ref = %(ref)s
ON CONFLICT (opening_id) DO NOTHING
"""
TOLD = """
SELECT s.id AS share_id, 'event:' || e.source || ':' || e.event_no AS key, e.happened_at AS at, e.member_id,
  CASE WHEN e.data->>'seconds' ~ '^[0-9]{1,5}$' THEN least((e.data->>'seconds')::int, %(longest)s) END AS seconds
FROM members_event e JOIN guides_share s ON s.token = e.subject
WHERE e.entry_id = %(entry)s AND e.kind = %(kind)s
"""
OPEN_TOLD = """
INSERT INTO guides_linkopen (ref, share_id, key, at, visitor, member_id)
SELECT gen_random_uuid(), share_id, key, at, '', member_id FROM tmp_opened ORDER BY share_id, key
ON CONFLICT (share_id, key) DO NOTHING RETURNING (at AT TIME ZONE %(zone)s)::date
"""
STAY_TOLD = """
INSERT INTO guides_linkstay (opening_id, seconds)
SELECT o.id, t.seconds FROM tmp_opened t JOIN guides_linkopen o ON o.share_id = t.share_id AND o.key = t.key
WHERE t.seconds IS NOT NULL ORDER BY o.id ON CONFLICT (opening_id) DO NOTHING
"""


class NotToBeShared(Refused):
    """It is not there for her, or not any more."""

    code = "material_not_there"
    sentence = gettext_noop("This material cannot be shared any more; look at the list again.")


@dataclass(frozen=True)
class Visit:
    """What is known of somebody who opens a link: where from, with what; both leave a digest alone."""

    address: str
    agent: str


def token_of(ref: uuid.UUID) -> str:
    """Give the token of a share by the number its page gave it: known before it is kept, guessed by nobody."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    secret = salted_hmac("guides.share", f"{schema}:{ref}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(secret[:TOKEN_BYTES]).decode()


def _usable(code: str, post: Post, at: datetime) -> Material:
    found = Material.objects.usable_by([post], clock.business_day(at)).filter(code=code).first()
    if found is None:
        raise NotToBeShared
    return found


@verb
def share(
    *, ref: uuid.UUID, material: str, post: Post, channel: str, at: datetime, by: User | None = None,
    task: Task | None = None,
) -> Share:  # fmt: skip
    """Keep that a guide shares a material (code), for the member of a task or for anybody; a number is kept once.

    Refuses: NotToBeShared.
    Writes: guides.material.shared.
    """
    found = _usable(material, post, at)
    entry = journal.reserve()
    given = {
        "ref": str(ref), "token": token_of(ref), "material": found.pk, "post": post.pk, "channel": channel, "at": at,
        "member": task.member_id if task else None, "task": task.pk if task else None, "entry": entry,
    }  # fmt: skip
    if sql.execute(KEEP, given):
        journal.write(
            "guides.material.shared", at=at, by=by, entry_id=entry, subject=found.code, version=found.version,
            channel=channel,
        )  # fmt: skip
    return Share.objects.select_related("material").get(ref=ref)


def _digest(*parts: object) -> str:
    return salted_hmac("guides.visit", "|".join(map(str, parts)), algorithm="sha256").hexdigest()[:32]


@verb
def open_link(*, share: Share, visit: Visit, at: datetime) -> uuid.UUID | None:
    """Count that a link was opened; returns the number of the opening, None where it counted already.

    Writes no line: openings come by the thousand, each a row of its own.
    """
    day, slot = clock.business_day(at), int(at.timestamp()) // SLOT
    who = (share.token, visit.address, visit.agent)
    given = {"share": share.pk, "key": _digest(slot, *who), "visitor": _digest(day, *who), "at": at}
    found = sql.rows(OPEN, given)
    return uuid.UUID(str(found[0][0])) if found else None


@verb
def leave(*, opening: uuid.UUID, seconds: int, at: datetime) -> bool:
    """Keep how long a link's page stood open, once, while it can still be true; returns whether it was kept.

    Writes no line: it belongs to its opening.
    """
    opened = LinkOpen.objects.filter(ref=opening).first()
    if opened is None or seconds < 0:
        return False
    longest = min(LONGEST_STAY, int((at - opened.at).total_seconds()))
    return bool(sql.execute(STAY, {"ref": str(opening), "seconds": min(seconds, longest)}))


@verb
def hear(*, entry_id: int, at: datetime) -> int:
    """Take the openings that another system told of in a line of events; returns how many are new.

    Writes: guides.material.opened, where any is new.
    """
    given = {"entry": entry_id, "kind": KIND, "longest": LONGEST_STAY}
    sql.temporary("tmp_opened", TOLD, given, analyze=False)
    opened = [day for (day,) in sql.rows(OPEN_TOLD, {"zone": clock.brand_zone().key})]
    sql.execute(STAY_TOLD)
    if opened:
        days = sorted({day.isoformat() for day in opened})
        journal.write("guides.material.opened", at=at, opens=len(opened), days=days)
    return len(opened)
