"""manage.py export_scores PATH --brand CODE [--as-of DATE]: every member's portrait as CSV."""

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from analytics.queries import exports
from newretail.kernel import clock
from newretail.kernel.actions import exports as takings
from newretail.kernel.actions.jobs import FutureDay
from newretail.kernel.files import copying
from newretail.kernel.inbrand import BrandCommand, day


class Command(BrandCommand):
    """Export scores as of a day; the last line is JSON."""

    help = "Write member_no,last_day,frequency,monetary,r,f,m,group,stage,relationship,super as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path and the day."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)
        parser.add_argument("--as-of", type=day, default=None, help="a day as 2026-01-31; today by default")

    def work(self, *, path: Path, as_of: date | None, **_: Any) -> None:
        """Write the file whole, or not at all."""
        at = clock.now()
        asked = as_of or clock.business_day(at)
        if asked > clock.business_day(at):
            raise FutureDay(day=asked)
        with copying.whole(path) as file:
            written = exports.write_scores(file, as_of=asked)
            takings.take(noun="scores", filters=["as_of"], rows=written, at=at, by=None, most=sys.maxsize)
        self.answer(as_of=asked.isoformat(), rows=written, path=str(path))
