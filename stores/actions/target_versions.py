"""Go back to a former version of a month's targets: by a new one that equals it."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.actions import targets
from stores.actions.targets import Draft
from stores.models import TargetPlan
from stores.queries import targets as aims


class UnknownVersion(Refused):
    """The month has no such version."""

    code = "unknown_version"
    sentence = gettext_noop("This month has no version %(version)s in this metric.")


@verb
def go_back(
    *,
    month: date,
    metric: str,
    version: int,
    reason: str,
    at: datetime,
    base: int | None = None,
    by: User | None = None,
) -> TargetPlan:
    """Make a new version equal to a former one, also of its days gone by; version 0 is the time before the first.

    What lies between stays as history. The other rules are those of `plan`.
    Refuses: UnknownVersion, ClosedMonth, MonthFarOff, UnknownPlace, NotYours, BadAmount, NeedsReason, ReasonTooLong,
    Stale, NothingChanged.
    Writes: stores.target.planned.
    """
    targets.lock()
    then = aims.versions(month, metric).filter(version=version).first()
    if then is None and version:
        raise UnknownVersion(version=version)
    was, now = (aims.set_amounts(aims.targets_of(each)) for each in (then, aims.in_force(month, metric)))
    amounts = {place: was.get(place) for place in {**now, **was} if was.get(place) != now.get(place)}
    return targets.plan(draft=Draft(month, metric, amounts, reason, base, confirmed=True, gone_from=then), at=at, by=by)
