"""What a store and its guides aim at in a span of days, in every metric at once."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from stores.models import Store, Target, TargetPlan

Days = dict[date, int]


@dataclass(frozen=True)
class Aims:
    """Targets by day: the store's by metric, its guides' by metric and post; a day without one is absent."""

    store: dict[str, Days] = field(default_factory=dict)
    guides: dict[tuple[str, int], Days] = field(default_factory=dict)


def aims(store: Store, *, since: date, until: date) -> Aims:
    """Read what a store and its guides aim at on the days of [since, until); one query.

    Cents, persons or basis points; the newest version of each month counts.
    """
    newer = TargetPlan.objects.filter(
        month=OuterRef("plan__month"), metric=OuterRef("plan__metric"), version__gt=OuterRef("plan__version")
    )
    rows = Target.objects.filter(
        ~Exists(newer), store=store, kind__in=(Target.Kind.STORE, Target.Kind.GUIDE),
        plan__month__gt=since - timedelta(days=31), plan__month__lt=until,
    ).select_related("plan")  # fmt: skip
    found = Aims()
    for row in rows:
        metric = row.plan.metric
        own = found.guides.setdefault((metric, row.post_id), {}) if row.post_id else found.store.setdefault(metric, {})
        for number, amount in enumerate(row.days):
            day = row.plan.month + timedelta(days=number)
            if since <= day < until:
                own[day] = amount
    return found
