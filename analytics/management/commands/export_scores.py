"""manage.py export_scores PATH --brand CODE [--as-of DATE]: every member's portrait as CSV."""

import os
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from analytics.queries import exports
from newretail.kernel import clock
from newretail.kernel.actions import exports as takings
from newretail.kernel.actions.jobs import FutureDay
from newretail.kernel.files import reasons
from newretail.kernel.inbrand import BrandCommand, day

CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class Command(BrandCommand):
    """Export scores as of a day; the last line is JSON."""

    help = "Write member_no,last_day,frequency,monetary,r,f,m,group,stage,relationship,super as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path and the day."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)
        parser.add_argument("--as-of", type=day, default=None, help="a day as 2026-01-31; today by default")

    def work(self, *, path: Path, as_of: date | None, **_: Any) -> None:
        """Write the file beside its name first, so that no half one stands under it; only its owner may read it."""
        at = clock.now()
        asked = as_of or clock.business_day(at)
        if asked > clock.business_day(at):
            raise FutureDay(day=asked)
        if path.is_symlink() or (path.exists() and not path.is_file()) or not path.parent.is_dir():
            raise CommandError(reasons.both("no_place", {"path": path}), returncode=2)
        draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with transaction.atomic(), open(os.open(draft, CREATE, 0o600), "w", encoding="utf-8", newline="") as file:
                written = exports.write_scores(file, as_of=asked)
                takings.take(noun="scores", filters=["as_of"], rows=written, at=at, by=None, most=sys.maxsize)
            draft.replace(path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from None
        finally:
            draft.unlink(missing_ok=True)
        self.answer(as_of=asked.isoformat(), rows=written, path=str(path))
