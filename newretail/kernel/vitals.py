"""What a monitor asks of a brand: how its jobs stand, how long the oldest of each kind waits."""

from dataclasses import dataclass
from datetime import datetime

from newretail.kernel import sql

OLDEST: dict[str, str] = {}
# A run somebody asked for that was refused with a sentence is hers to mend: no fault of the house.
STATES = """
SELECT name, CASE WHEN state = 'failed' AND queued_at IS NOT NULL AND (failure ? 'sentence' OR failure ? 'file')
  THEN 'refused' ELSE state END, count(*) FROM kernel_jobrun
WHERE state IN ('waiting', 'running') OR ended_at > %(at)s::timestamptz - interval '1 day' GROUP BY 1, 2
"""
DONE = """
SELECT name, extract(epoch FROM %(at)s::timestamptz - max(ended_at))::float8 FROM kernel_jobrun
WHERE state = 'done' GROUP BY 1
"""


@dataclass(frozen=True)
class Vitals:
    """How a brand's work stands; times in seconds."""

    runs: dict[tuple[str, str], int]
    done: dict[str, float]
    oldest: dict[str, float]


def oldest(what: str, since: str) -> None:
    """Enter a SELECT of the instant since which the oldest of a kind has been waiting; NULL: none waits."""
    OLDEST[what] = since


def read(*, at: datetime) -> Vitals:
    """Read the brand at work."""
    given: sql.Params = {"at": at}
    ages = ", ".join(
        f"greatest(0, coalesce(extract(epoch FROM %(at)s::timestamptz - ({since})), 0))::float8"
        for since in OLDEST.values()
    )
    return Vitals(
        runs={(name, state): int(count) for name, state, count in sql.rows(STATES, given)},
        done={name: max(0.0, seconds) for name, seconds in sql.rows(DONE, given)},
        oldest=dict(zip(OLDEST, sql.rows(f"SELECT {ages}", given)[0], strict=True)) if OLDEST else {},
    )
