"""How fresh the facts are: when they were counted, what waits to be counted anew."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newretail.kernel import sql

COUNTED_AT = """SELECT effective_at FROM kernel_journalentry WHERE name = 'analytics.fact.refreshed'
  ORDER BY id DESC LIMIT 1"""
# One row that stands in a union too: a word, the instant as text, the days that wait, whether news is unheard.
FRESH = f"""
SELECT 'fresh', (({COUNTED_AT}) AT TIME ZONE 'UTC')::text, '', (SELECT count(*) FROM analytics_staleday),
  EXISTS (SELECT 1 FROM kernel_pending)::int, 0"""


@dataclass(frozen=True)
class Freshness:
    """When facts were last counted, how many days wait to be counted anew, whether news has still to be heard."""

    counted_at: datetime | None
    days_waiting: int
    unheard: bool

    @property
    def is_due(self) -> bool:
        """Tell whether figures lag behind what was recorded."""
        return bool(self.days_waiting or self.unheard)


def of_row(row: tuple[Any, ...]) -> Freshness:
    """Read the row of FRESH."""
    at = datetime.fromisoformat(f"{row[1]}+00:00") if row[1] else None
    return Freshness(at, int(row[3]), bool(row[4]))


def freshness() -> Freshness:
    """Tell how fresh the facts are; one query."""
    return of_row(sql.rows(FRESH)[0])
