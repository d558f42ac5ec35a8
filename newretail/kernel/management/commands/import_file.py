"""manage.py import_file KIND PATH --brand CODE [--enrol] [--dry-run]: take a CSV file in."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from newretail.kernel import clock
from newretail.kernel.files import importing, reasons
from newretail.kernel.inbrand import BrandCommand
from newretail.kernel.models import ImportFile


class Command(BrandCommand):
    """Import a file; its last line is JSON of the counts of the file's own rows."""

    help = "Import a CSV file: orders, order_lines, refunds, members, stores, products or staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take kind and path."""
        super().add_arguments(parser)
        parser.add_argument("kind")
        parser.add_argument("path", type=Path)
        parser.add_argument("--enrol", action="store_true", help="make members of unknown payers")
        parser.add_argument("--dry-run", action="store_true", help="count and check, write nothing")

    def work(self, *, kind: str, path: Path, enrol: bool, dry_run: bool, **_: Any) -> None:
        """Import, or only try."""
        if kind not in importing.IMPORTERS:
            known = ", ".join(sorted(importing.IMPORTERS))
            raise CommandError(f"没有这种文件 / Unknown kind: {kind} ({known})", returncode=2)
        if not path.is_file():
            raise CommandError(reasons.both("no_file", {"path": path}), returncode=2)
        at = clock.now()
        if dry_run:
            result = importing.try_file(kind, path, at=at, enrol=enrol)
        else:
            result = importing.take_file(kind, path, at=at, enrol=enrol, report=self._report)
        self.answer(**asdict(result))

    def _report(self, row: ImportFile) -> None:
        self.stderr.write(f"{row.kind}: {row.rows:,} rows, {row.rejected:,} rejected")
