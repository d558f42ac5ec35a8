"""What the home page shows to a person: within her sight, from small tables only, at the same cost at any size."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import DateTimeField, Value

from analytics.queries import standing as stands
from analytics.queries import trading as trades
from analytics.queries.standing import Retention, Standing
from analytics.queries.trading import Trading
from members.models import ScoreCut
from newretail.kernel import brand, nights
from newretail.kernel.models import JobRun
from stores import queries as places

LAST_RUNS = 6
FACTS_JOB = "refresh_facts"


@dataclass(frozen=True)
class Freshness:
    """How old the figures are: the day of the newest scoring; the day before which facts are counted, and when."""

    scored_as_of: date | None
    facts_until: date | None
    facts_at: datetime | None


@dataclass(frozen=True)
class Home:
    """The home page of one person; what is brand-wide is None for those who see only some stores."""

    whole_brand: bool
    freshness: Freshness
    retention: list[Retention]
    standing: Standing | None
    trading: Trading | None
    lately: list[JobRun]

    @property
    def runs(self) -> list[JobRun]:
        """Give the newest runs, the newest first."""
        return self.lately[: -LAST_RUNS - 1 : -1]

    phase: str


def home(user: Any, *, today: date) -> Home:
    """Gather the home page as of a business day.

    Who sees no place gets an empty page; who sees some stores gets what their days tell, nothing brand-wide.
    """
    sight = places.sight_of(user)
    fresh = Freshness(None, None, None) if sight.nothing else freshness()
    held = brand.in_force("programme_phase", "month_first_day")
    part = Home(sight.everything, fresh, [], None, None, [], held["programme_phase"])
    if sight.nothing:
        return part
    trading = trades.trading(
        until=_counted_until(fresh, today), store_ids=places.store_ids_in(sight), month_begins=held["month_first_day"]
    )
    if not sight.everything:
        return replace(part, trading=trading)
    return replace(
        part,
        retention=stands.retention(),
        standing=stands.standing(),
        trading=trading,
        lately=nights.lately(today, LAST_RUNS),
    )


def freshness() -> Freshness:
    """Tell how old the figures are; one query over two tables."""
    runs = JobRun.objects.filter(name=FACTS_JOB, state=JobRun.State.DONE).order_by("-as_of", "-id")
    cuts = ScoreCut.objects.order_by("-id")
    never = Value(None, DateTimeField())
    newest = runs.values_list(Value("facts"), "as_of", "ended_at")[:1].union(
        cuts.values_list(Value("scores"), "as_of", never)[:1], all=True
    )
    found = {what: (day, at) for what, day, at in newest}
    facts_until, facts_at = found.get("facts", (None, None))
    return Freshness(found["scores"][0] if "scores" in found else None, facts_until, facts_at)


def facts_until(today: date) -> date:
    """Give the day before which facts are counted, today at the latest."""
    return _counted_until(freshness(), today)


def _counted_until(fresh: Freshness, today: date) -> date:
    return min(fresh.facts_until or today, today)
