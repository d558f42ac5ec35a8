"""manage.py export_scores PATH --brand CODE [--as-of DATE]: every member's portrait as CSV."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from analytics.queries import exports
from newretail.kernel import clock
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
        """Write the file beside its name first, so that a half one never stands under it."""
        asked = as_of or clock.business_day(clock.now())
        draft = path.with_name(f".{path.name}.part")
        with transaction.atomic(), draft.open("w", encoding="utf-8", newline="") as file:
            written = exports.write_scores(file, as_of=asked)
        draft.replace(path)
        self.answer(as_of=asked.isoformat(), rows=written, path=str(path))
