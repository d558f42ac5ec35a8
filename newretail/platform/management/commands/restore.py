"""manage.py restore FOLDER: put a backup back into an empty database, or one brand beside the others."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from newretail.platform import restoring


class Command(BaseCommand):
    """Restore a backup and verify the books."""

    help = "Restore a backup into an empty database (a brand: where it is not), then verify the books."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup's folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, then tell brand by brand; exit 1 when books differ."""
        found = restoring.put_back(options["folder"].resolve())
        for brand, unexplained in found.items():
            self.stdout.write(f"{brand}: unexplained={unexplained}")
        if any(found.values()):
            sys.exit(1)
