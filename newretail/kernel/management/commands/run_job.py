"""manage.py run_job NAME --brand CODE [--as-of DATE]: run a job by hand; its last line is JSON of its counts."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.inbrand import BrandCommand, day


class Command(BrandCommand):
    """Run a job now, as of a day; today unless told otherwise."""

    help = "Run a job: score_rfm, move_lifecycle, refresh_facts, measure_retention."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the job and its day."""
        super().add_arguments(parser)
        parser.add_argument("name")
        parser.add_argument("--as-of", type=day, default=None, help="a day as 2026-01-31; today by default")
        parser.add_argument("--full", action="store_true", help="score_rfm: look at every member")
        parser.add_argument("--from", dest="first", type=day, help="refresh_facts: the first day")
        parser.add_argument("--to", dest="last", type=day, help="refresh_facts: the day after the last")

    def work(
        self, *, name: str, as_of: date | None, full: bool, first: date | None, last: date | None, **_: Any
    ) -> None:
        """Enter the run, perform it, print its counts."""
        params = {"full": full, "from": first and first.isoformat(), "to": last and last.isoformat()}
        run = jobs.enter(
            name=name,
            as_of=as_of or clock.business_day(clock.now()),
            at=clock.now(),
            params={key: value for key, value in params.items() if value},
        )
        if run is None:  # only a scheduled run may exist already
            raise CommandError(name)
        run = jobs.perform(run=run)
        if run.state == run.State.CANCELLED:
            raise CommandError(str(run.get_state_display()))
        self.answer(job=name, as_of=run.as_of.isoformat(), run=run.pk, **run.counts)
