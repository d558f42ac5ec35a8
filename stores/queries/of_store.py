"""What a store and its guides aim at in a span of days, in every metric at once."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from newretail.kernel import sql
from stores.models import Store

Days = dict[date, int]
AIMS = """
SELECT p.metric, p.month, t.post_id, t.days FROM stores_target t JOIN stores_targetplan p ON p.id = t.plan_id
WHERE t.store_id = %(store)s AND t.kind IN ('store', 'guide')
  AND p.month > %(since)s::date - 31 AND p.month < %(until)s AND NOT EXISTS (
    SELECT FROM stores_targetplan n WHERE n.month = p.month AND n.metric = p.metric AND n.version > p.version)
"""


@dataclass(frozen=True)
class Aims:
    """Targets by day: the store's by metric, its guides' by metric and post; a day without one is absent."""

    store: dict[str, Days] = field(default_factory=dict)
    guides: dict[tuple[str, int], Days] = field(default_factory=dict)

    def within(self, since: date, until: date) -> "Aims":
        """Narrow to the days of [since, until)."""

        def days(amounts: Days) -> Days:
            return {day: amount for day, amount in amounts.items() if since <= day < until}

        return Aims(
            {metric: days(found) for metric, found in self.store.items()},
            {of: days(found) for of, found in self.guides.items()},
        )


def aims(store: Store, *, since: date, until: date) -> Aims:
    """Read what a store and its guides aim at on the days of [since, until); one query.

    Cents, persons or basis points; the newest version of each month counts.
    """
    found = Aims()
    for metric, month, post, days in sql.rows(AIMS, {"store": store.pk, "since": since, "until": until}):
        own = found.guides.setdefault((metric, post), {}) if post else found.store.setdefault(metric, {})
        for number, amount in enumerate(days):
            day = month + timedelta(days=number)
            if since <= day < until:
                own[day] = amount
    return found
