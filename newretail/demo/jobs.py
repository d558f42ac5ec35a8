"""The demo's own job: each night it adds the day that has passed."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext_noop

from newretail.demo import load
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, job
from newretail.platform.home import state_home


def _quiet(_name: str, _text: str) -> None:
    """Say nothing: the run's row tells."""


def tick(today: date) -> int:
    """Add the demo orders of the days since the last one, up to yesterday; how many."""
    return load.tick(state_home() / "demo", until=today, say=_quiet)


@job(load.REPLAY, does=gettext_noop("adds the day that has passed to the demo"), by_hand=True)
def replay_day(_run: JobRun, as_of: date) -> Counts:
    """Add the days before the as-of day to the demo brand; other brands have nothing to add."""
    here = connection.schema_name == load.BRAND  # type: ignore[attr-defined]
    return {"orders": tick(as_of) if here else 0}
