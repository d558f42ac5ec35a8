"""Keep how often a person is contacted at most, and the hours in which nothing goes out."""

import re
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.translation import gettext_noop

from members.models import Level, QuietHours, TouchCap, TouchChannel
from members.models.consents import CHANNELS, TOUCHING
from members.models.portraits import Stage
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

CODE = re.compile(r"[A-Za-z0-9_\-]{1,40}", re.ASCII)
LONGEST_NAME, LONGEST_DAYS, MOST_TIMES, MOST_ACTIVE = 60, 366, 1_000, 200


class BadCap(Refused):
    """A cap says over what it is counted and how much it allows."""

    code = "bad_cap"
    sentence = gettext_noop(
        "A cap has a code of 1 to 40 letters, digits, - and _, a name of 60 characters at most, 1 to 366 days where"
        " days are counted, at most 1,000 contacts, and a target that it allows. 200 caps hold at most."
    )


class BadQuietHours(Refused):
    """Quiet hours begin and end, of a channel."""

    code = "bad_quiet_hours"
    sentence = gettext_noop("Quiet hours have a channel, a beginning, and an end that is another time.")


@dataclass(frozen=True)
class Limit:
    """Whom a cap is about and what it allows; see `TouchCap`. Empty words and no level stand for all."""

    span: str
    most: int
    days: int | None = None
    channel: str = ""
    purpose: str = ""
    level: Level | None = None
    stage: str = ""
    target: int | None = None
    is_platform: bool = False


@verb
def keep(*, code: str, name: str, limit: Limit, at: datetime, by: User | None = None) -> TouchCap:
    """Keep a cap: a new one, or that with this code as it is from now on; one that was ended holds again.

    Refuses: BadCap.
    Writes: members.touch_cap.kept.
    """
    _check(code, name, limit)
    cap = TouchCap.objects.select_for_update().filter(code=code).first() or TouchCap(code=code)
    if not (cap.pk and cap.active) and TouchCap.objects.filter(active=True).count() >= MOST_ACTIVE:
        raise BadCap
    line = journal.write("members.touch_cap.kept", at=at, by=by, subject=code, most=limit.most, span=limit.span)
    cap.name, cap.active = name.strip(), True
    for word, value in vars(limit).items():
        setattr(cap, word, value)
    cap.entry_id = cap.entry_id or line.pk
    cap.save()
    return cap


def _check(code: str, name: str, limit: Limit) -> None:
    counted = limit.span in TouchCap.Span and (limit.days is not None) == (limit.span == TouchCap.Span.DAYS)
    about = limit.channel in ("", *CHANNELS) and limit.purpose in ("", *TOUCHING) and limit.stage in ("", *Stage.values)
    named = CODE.fullmatch(code) and 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable()
    allowed = 0 <= limit.most <= MOST_TIMES and 0 <= (limit.target or 0) <= limit.most
    if not (counted and about and named and allowed and limit.days in (None, *range(1, LONGEST_DAYS + 1))):
        raise BadCap


@verb
def end(*, cap: TouchCap, at: datetime, by: User | None = None) -> TouchCap:
    """Let a cap hold no longer; ended already, nothing changes.

    Writes: members.touch_cap.ended.
    """
    held = TouchCap.objects.select_for_update().get(pk=cap.pk)
    if held.active:
        journal.write("members.touch_cap.ended", at=at, by=by, subject=held.code)
        held.active = False
        held.save(update_fields=["active"])
    return held


@verb
def keep_quiet(*, channel: str, starts: time, ends: time, at: datetime, by: User | None = None) -> QuietHours:
    """Keep the quiet hours of a channel, by the brand's clock; they go over midnight where they end before they begin.

    Refuses: BadQuietHours.
    Writes: members.quiet_hours.kept.
    """
    if channel not in TouchChannel or channel not in CHANNELS or starts == ends:
        raise BadQuietHours
    line = journal.write("members.quiet_hours.kept", at=at, by=by, subject=f"channel:{channel}",
                         starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")  # fmt: skip
    kept, _new = QuietHours.objects.update_or_create(
        channel=channel, defaults={"starts": starts, "ends": ends}, create_defaults={
            "starts": starts, "ends": ends, "entry_id": line.pk,
        },
    )  # fmt: skip
    return kept


@verb
def lift_quiet(*, channel: str, at: datetime, by: User | None = None) -> bool:
    """Let a channel have no quiet hours any more; tell whether it had some.

    Writes: members.quiet_hours.lifted.
    """
    gone, _of = QuietHours.objects.filter(channel=channel).delete()
    if gone:
        journal.write("members.quiet_hours.lifted", at=at, by=by, subject=f"channel:{channel}")
    return bool(gone)
