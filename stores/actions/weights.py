"""Set the weights of days by hand, and keep those learned from history."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.actions import targets
from stores.models import DayWeight, Metric, Store
from stores.models.places import Sight, sight_of
from stores.models.targets import MOST_WEIGHT
from stores.queries.weights import Learned

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}(\.season)?", re.ASCII)
MOST_KINDS = 100


class BadWeight(Refused):
    """The weight, or the kind of day, is none."""

    code = "bad_weight"
    sentence = gettext_noop("A weight lies between 0 and %(most)s %%; check %(kind)s.")


class NoWeights(Refused):
    """Rates do not fall on days."""

    code = "no_weights"
    sentence = gettext_noop("A rate is the same on each day; it has no weights.")


class NotYourStore(Refused):
    """The place is out of reach."""

    code = "not_your_store"
    sentence = gettext_noop("You set weights of your own stores only.")


KEEP = """
INSERT INTO stores_dayweight AS w (metric, store_id, kind, weight_bp, source, seen, set_at, entry_id)
SELECT %(metric)s, store_id, kind, weight_bp, 'learned', seen, %(at)s, %(entry)s
FROM unnest(%(stores)s::bigint[], %(kinds)s::text[], %(weights)s::int[], %(seen)s::int[])
  AS n(store_id, kind, weight_bp, seen)
ORDER BY store_id, kind
ON CONFLICT (metric, store_id, kind, source) DO UPDATE SET weight_bp = excluded.weight_bp, seen = excluded.seen,
  set_at = excluded.set_at, entry_id = excluded.entry_id
"""


def _check(metric: str, weights: Mapping[str, int | None], reason: str) -> None:
    if metric not in Metric.values or not Metric(metric).additive:
        raise NoWeights
    for kind, weight in weights.items():
        if not KIND.fullmatch(kind) or len(weights) > MOST_KINDS or not 0 <= (weight or 0) <= MOST_WEIGHT:
            raise BadWeight(kind=kind[:50], most=MOST_WEIGHT // 100)
    if not reason.strip():
        raise targets.NeedsReason
    if len(reason) > targets.MOST_REASON:
        raise targets.ReasonTooLong(most=targets.MOST_REASON)


def _check_reach(store: Store | None, by: User | None) -> None:
    sight = sight_of(by, "targets", "change") if by else Sight(everything=True)
    if not (sight.reaches(store.pk, store.region_id) if store else sight.everything):
        raise NotYourStore


@verb
def put(
    *,
    metric: str,
    store: Store | None,
    weights: Mapping[str, int | None],
    reason: str,
    at: datetime,
    by: User | None = None,
) -> list[str]:
    """Set weights of kinds of days at a store, or for the whole brand; None gives back to what was learned.

    This month and those to come fall on their days anew, days gone by as they were: each gets a new version.
    Returns the months that did.
    Refuses: NoWeights, BadWeight, NotYourStore, NothingChanged, NeedsReason, ReasonTooLong.
    Writes: stores.weight.put.
    """
    _check(metric, weights, reason)
    targets.lock()
    _check_reach(store, by)
    mine = DayWeight.objects.filter(metric=metric, store=store, source=DayWeight.Source.SET)
    were = dict(mine.values_list("kind", "weight_bp"))
    changed = {kind: weight for kind, weight in weights.items() if were.get(kind) != weight}
    if not changed:
        raise targets.NothingChanged
    line = journal.reserve()
    mine.filter(kind__in=changed).delete()
    of = {"metric": metric, "store": store, "source": DayWeight.Source.SET, "set_at": at, "by": by, "entry_id": line}
    DayWeight.objects.bulk_create(
        [DayWeight(kind=kind, weight_bp=bp, **of) for kind, bp in sorted(changed.items()) if bp is not None]
    )
    today = clock.business_day(at)
    months = targets.fall_anew(metric=metric, today=today, reason=reason.strip(), at=at, by=by, entry_id=line)
    facts: dict[str, Any] = {
        "metric": metric,
        "store": store.code if store else "",
        "kinds": sorted(changed),
        "months": months,
    }
    journal.write("stores.weight.put", at=at, by=by, entry_id=line, **facts)
    return months


@verb
def keep_learned(*, metric: str, learned: Sequence[Learned], at: datetime) -> int:
    """Keep what history tells of the weights; what somebody set stays, versions planned already stay.

    Returns how many weights there are.
    Writes: stores.weight.learned.
    """
    targets.lock()
    entry_id = journal.reserve()
    kept = sql.execute(
        KEEP,
        {
            "metric": metric, "at": at, "entry": entry_id,
            "stores": [each.store_id for each in learned], "kinds": [each.kind for each in learned],
            "weights": [each.weight_bp for each in learned], "seen": [each.seen for each in learned],
        },
    )  # fmt: skip
    journal.write("stores.weight.learned", at=at, entry_id=entry_id, metric=metric, kept=kept)
    return kept
